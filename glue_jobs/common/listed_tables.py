"""The tables that a run reads: chosen by names and patterns, and frozen in a manifest."""

import json
import re
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Iterable, List, Sequence, Tuple

from glue_jobs.common.locations import split_location


@dataclass(frozen=True)
class ListedTable:
    """A table of a database or of the Data Catalog.

    Attributes:
        schema: its schema; for the Data Catalog its database. Empty if the source has no schemas.
        name: its name, in the source's own spelling.
        size: bytes as far as the source knows them; 0 if it does not.
    """

    schema: str
    name: str
    size: int = 0

    @property
    def full_name(self) -> str:
        """``schema.name``."""
        return "{}.{}".format(self.schema, self.name) if self.schema else self.name


@dataclass(frozen=True)
class TableManifest:
    """The tables of one run.

    Attributes:
        source: the connection, or the database of the Data Catalog.
        checked_at: when they were listed, ISO 8601 in UTC.
        tables: in the order of their names.
    """

    source: str
    checked_at: str
    tables: Tuple[ListedTable, ...]


class NamesCollide(Exception):
    """Two source tables would have one name in the destination."""


def choose_tables(
    found: Iterable[ListedTable], wanted: Sequence[str], excluded: Sequence[str], default_schema: str
) -> Tuple[List[ListedTable], List[str]]:
    """The tables that are wanted, and the entries of ``wanted`` that no table matches.

    Args:
        found: all tables of the source.
        wanted: names or patterns (``*``, ``?``, ``[a-c]``), case-sensitive: ``schema.table``, or ``table`` for a
            table of the default schema.
        excluded: names or patterns of tables that are left out.
        default_schema: such as ``public``.
    """
    tables = [table for table in found if not _matches_any(table, excluded, default_schema)]
    chosen = [table for table in tables if _matches_any(table, wanted, default_schema)]
    missing = [
        entry for entry in wanted if not any(_matches_any(table, [entry], default_schema) for table in chosen)
    ]
    return sorted(chosen, key=lambda table: table.full_name), missing


def _matches_any(table: ListedTable, patterns: Sequence[str], default_schema: str) -> bool:
    names = [table.full_name] if table.schema != default_schema else [table.full_name, table.name]
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def destination_names(tables: Sequence[ListedTable], prefix: str, default_schema: str) -> "dict[str, ListedTable]":
    """The tables by the names that they get in the Data Catalog.

    A table of the default schema keeps its name, another one is named ``schema_table``; in lower case, with ``_``
    for what is neither a letter nor a digit.

    Raises:
        NamesCollide: two tables would have the same name; nothing may depend on which one comes first.
    """
    names: "dict[str, ListedTable]" = {}
    for table in tables:
        plain = table.name if table.schema in ("", default_schema) else table.full_name
        name = prefix + re.sub(r"[^a-z0-9_]", "_", plain.lower())
        if name in names:
            raise NamesCollide(
                "The tables {} and {} would both be named {}; exclude one of them, or take it with another "
                "workflow.".format(names[name].full_name, table.full_name, name)
            )
        names[name] = table
    return names


def write_table_manifest(s3: Any, location: str, manifest: TableManifest) -> None:
    """Write the manifest to an S3 object, with one PutObject: it is complete or not there at all."""
    bucket, key = split_location(location)
    body = json.dumps(asdict(manifest), sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def read_table_manifest(s3: Any, location: str) -> TableManifest:
    """Return the manifest in an S3 object.

    Raises:
        ValueError: the object is not a manifest of tables.
    """
    bucket, key = split_location(location)
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    try:
        data = json.loads(text)
        tables = tuple(ListedTable(**entry) for entry in data.pop("tables"))
        return TableManifest(tables=tables, **data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest of tables: {}".format(error)) from error
