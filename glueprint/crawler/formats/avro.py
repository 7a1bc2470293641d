"""Avro container files: the schema is in their header (DG:add-classifier)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.facts.hive_types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    STRING,
    TIMESTAMP,
    Array,
    GlueType,
    MapOf,
    Primitive,
    Struct,
    decimal,
    field_name,
)
from glueprint.facts.serdes import AVRO

from ..inspection import Columns, FileFormat, FileProblem, FileSchema, Inspection
from .source import MEGABYTE, Source

_PRIMITIVES: dict[str, Primitive] = {
    "null": STRING,
    "boolean": BOOLEAN,
    "int": INT,
    "long": BIGINT,
    "float": FLOAT,
    "double": DOUBLE,
    "bytes": BINARY,
    "string": STRING,
    "enum": STRING,
    "fixed": BINARY,
}

_LOGICAL: dict[str, Primitive] = {
    "date": DATE,
    "timestamp-millis": TIMESTAMP,
    "timestamp-micros": TIMESTAMP,
    "local-timestamp-millis": TIMESTAMP,
    "local-timestamp-micros": TIMESTAMP,
    "uuid": STRING,
}


class AvroClassifier:
    """Built-in ``avro``."""

    name = "avro"

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        if not source.head.startswith(b"Obj\x01"):
            return None
        import fastavro

        with source.open() as file:
            try:
                blocks = fastavro.block_reader(file)
                literal = json.loads(blocks.metadata["avro.schema"])
                records, whole = _counted(blocks, file)
            except Exception as error:
                # fastavro has no exception for broken input: its parts raise various ones.
                raise FileProblem(f"its Avro data cannot be read: {type(error).__name__}: {error}") from error
            read = file.tell()
        if not whole:
            records = max(1, records * source.size // max(1, read))
        schema = FileSchema(
            FileFormat(self.name, "none", AVRO),
            _columns(literal),
            (("avro.schema.literal", json.dumps(literal, separators=(",", ":"), ensure_ascii=False)),),
        )
        return Inspection(schema, records, source.size, self.name)


def _counted(blocks: Any, file: Any) -> tuple[int, bool]:
    """Return the number of records of the first blocks, up to a megabyte, and whether these are all."""
    records = 0
    for block in blocks:
        records += block.num_records
        if file.tell() > MEGABYTE:
            return records, False
    return records, True


def _columns(schema: Any) -> Columns:
    if not isinstance(schema, Mapping) or schema.get("type") != "record":
        raise FileProblem("its Avro schema is not a record")
    kind = _Schemas().type_of(schema)
    fields = kind.fields if isinstance(kind, Struct) else ()
    columns: dict[str, GlueType] = {}
    for name, part in fields:
        columns.setdefault(name.lower(), part)
    return tuple(columns.items())


class _Schemas:
    """Converts schemas to types and remembers named ones. A type that contains itself has no Hive type and becomes
    a string.
    """

    def __init__(self) -> None:
        self._named: dict[str, GlueType] = {}

    def type_of(self, schema: Any) -> GlueType:
        match schema:
            case str():
                return _PRIMITIVES.get(schema) or self._named.get(schema.rpartition(".")[2], STRING)
            case list():
                choices = [choice for choice in schema if choice != "null"]
                return self.type_of(choices[0]) if len(choices) == 1 else STRING
            case {"logicalType": "decimal", "precision": int(precision)}:
                return decimal(precision, int(schema.get("scale", 0)))
            case {"logicalType": str(logical)} if logical in _LOGICAL:
                return _LOGICAL[logical]
            case {"type": "array", "items": items}:
                return Array(self.type_of(items))
            case {"type": "map", "values": values}:
                return MapOf(STRING, self.type_of(values))
            case {"type": "record", "fields": list(fields)}:
                return self._record(str(schema.get("name", "")), fields)
            case {"type": "enum" | "fixed" as kind}:
                return self._remembered(str(schema.get("name", "")), _PRIMITIVES[kind])
            case {"type": inner}:
                return self.type_of(inner)
            case _:
                raise FileProblem(f"its Avro schema has a part that cannot be read: {str(schema)[:80]}")

    def _record(self, name: str, fields: list[Any]) -> GlueType:
        self._remembered(name, STRING)
        kind = Struct(tuple((field_name(part["name"]), self.type_of(part["type"])) for part in fields))
        return self._remembered(name, kind)

    def _remembered(self, name: str, kind: GlueType) -> GlueType:
        self._named[name.rpartition(".")[2]] = kind
        return kind
