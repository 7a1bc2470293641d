"""Writing the rows of a query as the files of a table: CTAS, INSERT INTO, UNLOAD."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from glueprint.facts.partition_names import partition_name
from glueprint.facts.serdes import AVRO, JSON, LAZY_SIMPLE, ORC, PARQUET
from glueprint.query.errors import QueryError
from glueprint.query.statements.field_texts import field_text
from glueprint.query.statements.session import Session
from glueprint.query.types import Type, literal, quoted

MAX_PARTITIONS = 100
"""The partitions that one statement writes (Athena user guide, "Use CTAS and INSERT INTO to work around the 100
partition limit")."""

FORMATS = {"PARQUET": PARQUET, "ORC": ORC, "AVRO": AVRO, "JSON": JSON, "TEXTFILE": LAZY_SIMPLE}
_COMPRESSIONS = {
    "PARQUET": ("GZIP", "SNAPPY", "ZSTD", "NONE", "UNCOMPRESSED", "LZ4"),
    "ORC": ("ZLIB", "SNAPPY", "ZSTD", "LZ4", "NONE"),
    "AVRO": ("DEFLATE", "GZIP", "SNAPPY", "BZIP2", "NONE"),
    "JSON": ("GZIP", "ZSTD", "BZIP2", "NONE"),
    "TEXTFILE": ("GZIP", "ZSTD", "BZIP2", "NONE"),
}
_DEFAULTS = {"PARQUET": "GZIP", "ORC": "ZLIB", "AVRO": "DEFLATE", "JSON": "GZIP", "TEXTFILE": "GZIP"}
_SUFFIXES = {"GZIP": ".gz", "ZSTD": ".zst", "BZIP2": ".bz2"}


@dataclass(frozen=True, slots=True)
class Format:
    """How files are written."""

    name: str
    compression: str
    delimiter: str = "\x01"
    null: str = "\\N"

    @classmethod
    def of(cls, properties: Mapping[str, str | tuple[str, ...]], default: str = "PARQUET") -> Format:
        """Return the format of the properties of CTAS or UNLOAD.

        Raises:
            QueryError: the format or compression is not one.
        """
        name = str(properties.get("format", default)).upper()
        name = {"TEXT": "TEXTFILE"}.get(name, name)
        if name not in FORMATS:
            raise QueryError(
                "INVALID_TABLE_PROPERTY",
                f"Invalid value for format: {name}; it is one of {', '.join(FORMATS)}",
            )
        given = next(
            (
                properties[key]
                for key in ("write_compression", "compression", f"{name.lower()}_compression")
                if key in properties
            ),
            None,
        )
        compression = str(given or _DEFAULTS[name]).upper()
        if compression not in _COMPRESSIONS[name]:
            raise QueryError(
                "NOT_SUPPORTED",
                f"The compression {compression} of {name} is not supported by the local Athena",
            )
        delimiter = str(properties.get("field_delimiter", "\x01"))
        return cls(name, compression, {"\\t": "\t"}.get(delimiter, delimiter))


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, and the values of its partition."""

    uri: str
    values: tuple[str | None, ...]


def write_rows(
    session: Session,
    form: Format,
    columns: Sequence[tuple[str, Type]],
    keys: Sequence[tuple[str, Type]],
    location: str,
) -> list[Written]:
    """Write the rows of ``__result`` below a location, a folder for each partition.

    Raises:
        QueryError: they have more than a hundred partitions.
    """
    folder = location if location.endswith("/") else f"{location}/"
    if not keys:
        return [Written(_write(session, form, columns, "", folder, 0), ())]
    listed = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name, _ in keys)
    found = session.connection.execute(f"SELECT DISTINCT {listed} FROM __result ORDER BY ALL").fetchall()
    if len(found) > MAX_PARTITIONS:
        raise QueryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MAX_PARTITIONS} open writers for partitions/buckets",
        )
    written = []
    for number, values in enumerate(found):
        tests = [
            f"CAST({quoted(name)} AS VARCHAR) IS NOT DISTINCT FROM"
            f" {'NULL' if value is None else literal(value)}"
            for (name, _), value in zip(keys, values, strict=True)
        ]
        where = f" WHERE {' AND '.join(tests)}"
        part = partition_name([name for name, _ in keys], list(values))
        written.append(
            Written(_write(session, form, columns, where, f"{folder}{part}/", number), tuple(values))
        )
    return written


def _write(
    session: Session, form: Format, columns: Sequence[tuple[str, Type]], where: str, folder: str, number: int
) -> str:
    suffix = _SUFFIXES.get(form.compression, "") if form.name in ("JSON", "TEXTFILE") else ""
    name = f"{session.id.replace('-', '_')}_{number:05d}"
    path = session.temporary / f"{name}{suffix}"
    query = f"SELECT {', '.join(quoted(column) for column, _ in columns)} FROM __result{where}"
    _WRITERS[form.name](session.connection, query, path, form, columns)
    uri = session.objects.upload(path, f"{folder}{name}{suffix}")
    path.unlink()
    return uri


def _parquet(
    connection: Any, query: str, path: Path, form: Format, columns: Sequence[tuple[str, Type]]
) -> None:
    codec = {"NONE": "UNCOMPRESSED", "LZ4": "LZ4_RAW"}.get(form.compression, form.compression)
    connection.execute(
        f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION {literal(codec)})"
    )


def _orc(connection: Any, query: str, path: Path, form: Format, columns: Sequence[tuple[str, Type]]) -> None:
    from pyarrow import orc

    codec = {"NONE": "UNCOMPRESSED"}.get(form.compression, form.compression)
    orc.write_table(_arrow(connection, query), str(path), compression=codec.lower())


def _arrow(connection: Any, query: str) -> Any:
    return connection.sql(query).to_arrow_table()


def _avro(connection: Any, query: str, path: Path, form: Format, columns: Sequence[tuple[str, Type]]) -> None:
    import fastavro

    codecs = {"GZIP": "deflate", "NONE": "null", "ZSTD": "zstandard", "BZIP2": "bzip2"}
    schema = {
        "type": "record",
        "name": "row",
        "fields": [{"name": name, "type": ["null", _avro_type(kind, name)]} for name, kind in columns],
    }
    with path.open("wb") as file:
        fastavro.writer(
            file,
            fastavro.parse_schema(schema),
            _records(connection, query, columns),
            codec=codecs.get(form.compression, form.compression.lower()),
        )


def _records(connection: Any, query: str, columns: Sequence[tuple[str, Type]]) -> Any:
    cursor = connection.execute(query)
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            yield {name: value for (name, _), value in zip(columns, row, strict=True)}


def _avro_type(kind: Type, name: str) -> Any:
    if kind.name == "array":
        return {"type": "array", "items": ["null", _avro_type(kind.args[0], f"{name}_item")]}
    if kind.name == "map":
        return {"type": "map", "values": ["null", _avro_type(kind.args[1], f"{name}_value")]}
    if kind.name == "row":
        fields = [
            {"name": field, "type": ["null", _avro_type(one, f"{name}_{field}")]} for field, one in kind.args
        ]
        return {"type": "record", "name": f"{name}_row", "fields": fields}
    if kind.name == "decimal":
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.args[0], "scale": kind.args[1]}
    plain = {
        "boolean": "boolean",
        "tinyint": "int",
        "smallint": "int",
        "integer": "int",
        "bigint": "long",
        "real": "float",
        "double": "double",
        "varbinary": "bytes",
        "date": {"type": "int", "logicalType": "date"},
        "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
    }
    return plain.get(kind.name, "string")


def _lines(
    connection: Any, query: str, path: Path, form: Format, columns: Sequence[tuple[str, Type]]
) -> None:
    with _opened(path, form.compression) as file:
        for record in _records(connection, query, columns):
            if form.name == "JSON":
                line = json.dumps(
                    {key: value for key, value in record.items() if value is not None},
                    default=_json,
                    ensure_ascii=False,
                )
            else:
                line = form.delimiter.join(
                    field_text(record[name], kind, form.null) for name, kind in columns
                )
            file.write(f"{line}\n".encode())


def _opened(path: Path, compression: str) -> Any:
    import bz2
    import gzip

    if compression == "GZIP":
        return gzip.open(path, "wb")
    if compression == "BZIP2":
        return bz2.open(path, "wb")
    if compression == "ZSTD":
        import io

        import cramjam

        class _Compressed(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    path.write_bytes(bytes(cramjam.zstd.compress(self.getvalue())))
                super().close()

        return _Compressed()
    return path.open("wb")


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return str(value)


_WRITERS = {"PARQUET": _parquet, "ORC": _orc, "AVRO": _avro, "JSON": _lines, "TEXTFILE": _lines}
