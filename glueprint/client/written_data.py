"""What a job run wrote to S3: the objects that are new or changed, as data sets with rows and a schema.

A data set is a folder without its partition folders (``k=v``). Parquet, ORC, CSV and JSON lines are read, which
needs pyarrow (``glueprint[local]`` installs it); of others, objects and bytes are known.
"""

from __future__ import annotations

import gzip
import io
import posixpath
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.client.objects import Location, StoredObject, listing

MAX_COMPARED_ROWS = 200_000
"""Rows of larger data sets are counted, but not compared."""
_FORMATS = ("parquet", "orc", "csv", "json")
_EXTENSIONS = {"jsonl": "json", "tsv": "csv"}

Snapshot = Mapping[str, str]
"""The version of each object, by its location."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Objects below one folder.

    Attributes:
        location: the folder, ``s3://bucket/folder/``.
        format: of its files; empty if they have several or it is not known.
        objects: how many.
        size: bytes.
        rows: how many; None if they cannot be read.
        schema: type by column; empty if it cannot be read.
        content: how often each row occurs, as text; empty if there are too many, or they cannot be read.
        problem: why the files cannot be read.
    """

    location: str
    format: str
    objects: int
    size: int
    rows: int | None = None
    schema: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, int] = field(default_factory=dict, repr=False)
    problem: str | None = None


def snapshot(s3: Any) -> dict[str, str]:
    """Return what all buckets contain now."""
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return {str(one.location): _version(one) for name in names for one in listing(s3, Location(name))}


def written_since(s3: Any, before: Snapshot, ignored_bucket: str) -> list[DataSet]:
    """Return what was written since ``before``, sorted by location; empty objects do not count.

    Args:
        s3: an S3 client.
        before: what was there.
        ignored_bucket: a bucket that does not count.
    """
    folders: dict[str, list[StoredObject]] = {}
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"] == ignored_bucket:
            continue
        for one in listing(s3, Location(bucket["Name"])):
            if one.size and before.get(str(one.location)) != _version(one):
                folders.setdefault(_folder(one.location), []).append(one)
    return [_data_set(s3, folder, folders[folder]) for folder in sorted(folders)]


def _version(one: StoredObject) -> str:
    return f"{one.etag} {one.modified.isoformat()}"


def _folder(location: Location) -> str:
    """Return the folder without partition folders."""
    parts = location.key.split("/")[:-1]
    keys = next((at for at, part in enumerate(parts) if "=" in part), len(parts))
    return str(Location(location.bucket, "".join(f"{part}/" for part in parts[:keys])))


def _data_set(s3: Any, folder: str, found: list[StoredObject]) -> DataSet:
    formats = {_format(one.location.key) for one in found}
    format = formats.pop() if len(formats) == 1 else ""
    size = sum(one.size for one in found)
    plain = DataSet(folder, format, len(found), size)
    if format not in _FORMATS:
        return plain
    rows, schema, content = 0, dict[str, str](), Counter[str]()
    try:
        for one in found:  # one after the other: only a file is in memory at a time
            table = _read(s3, one.location, format)
            rows += table.num_rows
            schema |= {column.name: str(column.type) for column in table.schema}
            if rows <= MAX_COMPARED_ROWS:
                content.update(map(_row_text, table.to_pylist()))
    except ImportError:
        return replace(plain, problem="pyarrow is not installed")
    except (OSError, ValueError) as error:
        return replace(plain, problem=str(error).splitlines()[0])
    return replace(plain, rows=rows, schema=schema, content=content if rows <= MAX_COMPARED_ROWS else {})


def _row_text(row: Mapping[str, Any]) -> str:
    """Return a row as text that does not depend on the order of its columns."""
    return ", ".join(f"{name}={row[name]!r}" for name in sorted(row))


def _format(key: str) -> str:
    """Return the format that the extensions of a key name: ``part-0.snappy.parquet``, ``a.json.gz``."""
    for extension in reversed(posixpath.basename(key).split(".")[1:]):
        name = _EXTENSIONS.get(extension, extension)
        if name in _FORMATS:
            return name
    return ""


def _read(s3: Any, location: Location, format: str) -> Any:
    """Return one object as an Arrow table.

    Raises:
        ImportError: pyarrow is not installed.
        ValueError, OSError: it is not of that format.
    """
    body = s3.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    if location.key.endswith(".gz"):
        body = gzip.decompress(body)
    source = io.BytesIO(body)
    if format == "parquet":
        from pyarrow import parquet

        return parquet.read_table(source)
    if format == "orc":
        from pyarrow import orc

        return orc.read_table(source)
    if format == "csv":
        from pyarrow import csv

        return csv.read_csv(source)
    from pyarrow import json

    return json.read_json(source)
