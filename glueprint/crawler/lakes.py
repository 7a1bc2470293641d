"""Tables of lake formats below an S3 target: a crawler of S3 sees their files and not which of them count."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .specification import ObjectEntry

_MARKS = (
    (re.compile(r"(?P<table>(?:.*/)?)_delta_log/[^/]+\.json"), "Delta Lake"),
    (re.compile(r"(?P<table>(?:.*/)?)metadata/[^/]+\.metadata\.json"), "Iceberg"),
    (re.compile(r"(?P<table>(?:.*/)?)\.hoodie/hoodie\.properties"), "Hudi"),
)
"""What each format keeps beside a table's data, named in its specification."""


def lake_tables(objects: Iterable[ObjectEntry]) -> dict[str, str]:
    """The tables of lake formats among some objects: folder (empty, or with a slash at its end) and format."""
    found: dict[str, str] = {}
    for entry in objects:
        if entry.key.endswith((".json", "/hoodie.properties")):
            for mark, name in _MARKS:
                match = mark.fullmatch(entry.key)
                if match is not None:
                    found[match["table"]] = name
    return found


def lake_warning(bucket: str, folder: str, name: str) -> str:
    """What a person should know of such a table."""
    return (
        f"s3://{bucket}/{folder} is a table of {name}: its files are crawled as they lie, with the rows that it "
        f"has deleted; crawlers of {name} tables are not here (AWS Glue has them)"
    )
