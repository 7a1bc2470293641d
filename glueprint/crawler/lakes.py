"""Tables of lake formats below an S3 target: a crawl of S3 does not know which of their files are current."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .specification import ObjectEntry

_MARKS = (
    (re.compile(r"(?P<table>(?:.*/)?)_delta_log/[^/]+\.json"), "Delta Lake"),
    (re.compile(r"(?P<table>(?:.*/)?)metadata/[^/]+\.metadata\.json"), "Iceberg"),
    (re.compile(r"(?P<table>(?:.*/)?)\.hoodie/hoodie\.properties"), "Hudi"),
)
"""The metadata file of each format (its specification names it)."""


def lake_tables(objects: Iterable[ObjectEntry]) -> dict[str, str]:
    """Return the tables of lake formats among some objects: folder (empty or ending with a slash) and format."""
    found: dict[str, str] = {}
    for entry in objects:
        if entry.key.endswith((".json", "/hoodie.properties")):
            for mark, name in _MARKS:
                match = mark.fullmatch(entry.key)
                if match is not None:
                    found[match["table"]] = name
    return found


def lake_warning(bucket: str, folder: str, name: str) -> str:
    """Return the warning about such a table."""
    return (
        f"s3://{bucket}/{folder} is a table of {name}: its files are crawled one by one, with rows that the "
        f"table has deleted; crawlers of {name} tables are not supported locally (AWS Glue has them)"
    )
