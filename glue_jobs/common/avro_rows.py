"""Reading Avro files as rows of one schema."""

import struct
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import Any, Dict, Iterator, List, Tuple

import pyarrow as pa

from glue_jobs.common.avro_blocks import AvroBytes, BrokenAvro, Decoder, list_of, map_of, read_blocks, read_header
from glue_jobs.common.object_streams import UnreadableFile, byte_parts
from glue_jobs.common.pieces import Piece
from glue_jobs.common.record_rows import RECORDS_AT_ONCE, Numbered, lower_names, records_to_rows
from glue_jobs.common.row_batches import Rows, Target
from glue_jobs.common.type_merging import TypesDiffer, merge_types

_EPOCH = datetime(1970, 1, 1)
Names = Dict[str, Tuple[pa.DataType, Decoder]]


def read_avro_rows(s3: Any, bucket: str, piece: Piece, target: Target) -> Iterator[Rows]:
    """The rows of a file.

    Raises:
        UnreadableFile: the file is broken.
        TypesDiffer: a union of types, which the target refuses.
    """
    try:
        records = _avro_records(s3, bucket, piece, target)
        while True:
            some = list(islice(records, RECORDS_AT_ONCE))
            if not some:
                return
            yield records_to_rows(some, target, [])
    except (BrokenAvro, LookupError, ValueError, struct.error) as error:
        raise UnreadableFile("{}: {}".format(piece.file.key, error)) from error


def avro_schema(s3: Any, bucket: str, piece: Piece, target: Target) -> pa.Schema:
    """The schema that a file states.

    Raises:
        UnreadableFile: the file is broken, or its records have no fields.
        TypesDiffer: a union of types, which the target refuses.
    """
    try:
        schema, _, _, _ = read_header(_PartReader(byte_parts(s3, bucket, piece.file)).read)
        found, _ = _AvroTypes(target).of(schema, "")
    except (BrokenAvro, LookupError, ValueError) as error:
        raise UnreadableFile("{}: {}".format(piece.file.key, error)) from error
    if not pa.types.is_struct(found):
        raise UnreadableFile("{}: its records have no fields".format(piece.file.key))
    return pa.schema(
        [(found.field(index).name.lower(), found.field(index).type) for index in range(found.num_fields)]
    )


def _avro_records(s3: Any, bucket: str, piece: Piece, target: Target) -> Iterator[Numbered]:
    reader = _PartReader(byte_parts(s3, bucket, piece.file))
    schema, codec, sync, rest = read_header(reader.read)
    _, decode = _AvroTypes(target).of(schema, "")
    number = 0
    for count, body in read_blocks(reader.read, rest, codec, sync):
        source = AvroBytes(body)
        for _ in range(count):
            number += 1
            yield "record {}".format(number), lower_names(decode(source))
        if source.at != len(body):
            raise BrokenAvro("the block of record {} has bytes left over".format(number))


class _PartReader:
    """Reads parts of bytes, some at a time."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        if not self._waiting:
            self._waiting = next(self._parts, b"")
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data


class _AvroTypes:
    """The Arrow types and decoders of Avro schemas."""

    def __init__(self, target: Target) -> None:
        self._resolve = target.resolve
        self._names: Names = {}

    def of(self, schema: Any, column: str) -> Tuple[pa.DataType, Decoder]:
        """The type of a schema, and the decoder of its values.

        Raises:
            BrokenAvro: it is not a schema.
            TypesDiffer: a union of types that is refused.
        """
        if isinstance(schema, list):
            return self._union(schema, column)
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, (dict, list)):
            return self.of(kind, column)
        if kind in self._names:
            return self._names[kind]
        if kind == "array":
            found, decode = self.of(schema["items"], column + "[]")
            return pa.list_(found), list_of(decode)
        if kind == "map":
            found, decode = self.of(schema["values"], column + ".value")
            return pa.map_(pa.string(), found), map_of(decode)
        if kind in ("record", "error"):
            return self._record(schema, column)
        if kind == "enum":
            symbols = schema["symbols"]
            return self._named(schema, pa.string(), lambda source: symbols[source.long()])
        if kind == "fixed":
            size = schema["size"]
            return self._named(schema, *_logical(schema, pa.binary(), lambda source: source.take(size)))
        if kind not in _PRIMITIVES:
            raise BrokenAvro("{} is not a type".format(kind))
        found, decode = _PRIMITIVES[kind]
        return _logical(schema, found, decode) if isinstance(schema, dict) else (found, decode)

    def _named(self, schema: Any, found: pa.DataType, decode: Decoder) -> Tuple[pa.DataType, Decoder]:
        name = schema["name"]
        space = schema.get("namespace", "")
        for key in {name, name.rpartition(".")[2], "{}.{}".format(space, name)}:
            self._names[key] = (found, decode)
        return found, decode

    def _record(self, schema: Any, column: str) -> Tuple[pa.DataType, Decoder]:
        prefix = column + "." if column else ""
        fields = [(field["name"], *self.of(field["type"], prefix + field["name"])) for field in schema["fields"]]

        def decode(source: AvroBytes) -> Dict[str, Any]:
            return {name: read(source) for name, _, read in fields}

        return self._named(schema, pa.struct([(name, found) for name, found, _ in fields]), decode)

    def _union(self, branches: List[Any], column: str) -> Tuple[pa.DataType, Decoder]:
        members = [self.of(branch, column) for branch in branches]
        found = pa.null()
        for member, _ in members:
            found = merge_types(column, found, member, self._resolve)
        return found, lambda source: members[source.long()][1](source)


def _logical(schema: Dict[str, Any], found: pa.DataType, decode: Decoder) -> Tuple[pa.DataType, Decoder]:
    """The type and decoder of a logical type; those of the type below where it is unknown."""
    name = schema.get("logicalType")
    if name == "decimal":
        scale = schema.get("scale", 0)
        if schema["precision"] > 38:
            raise TypesDiffer("decimal({},{}) has too many digits".format(schema["precision"], scale))

        def decimal_of(source: AvroBytes) -> Decimal:
            return Decimal(int.from_bytes(decode(source), "big", signed=True)).scaleb(-scale)

        return pa.decimal128(schema["precision"], scale), decimal_of
    if name == "date":
        return pa.date32(), lambda source: date(1970, 1, 1) + timedelta(days=decode(source))
    for prefix, zone in (("timestamp-", timezone.utc), ("local-timestamp-", None)):
        units = {prefix + "millis": 1000, prefix + "micros": 1}
        if name in units:
            moment = _moment_after(_EPOCH.replace(tzinfo=zone), units[name], decode)
            return pa.timestamp("us", "UTC" if zone else None), moment
    if name in ("time-millis", "time-micros"):
        factor = 1000 if name == "time-millis" else 1
        return pa.string(), lambda source: str((_EPOCH + timedelta(microseconds=decode(source) * factor)).time())
    return found, decode


def _moment_after(start: datetime, factor: int, decode: Decoder) -> Decoder:
    return lambda source: start + timedelta(microseconds=decode(source) * factor)


_PRIMITIVES: Dict[str, Tuple[pa.DataType, Decoder]] = {
    "null": (pa.null(), lambda source: None),
    "boolean": (pa.bool_(), lambda source: source.take(1) != b"\0"),
    "int": (pa.int32(), AvroBytes.long),
    "long": (pa.int64(), AvroBytes.long),
    "float": (pa.float32(), lambda source: struct.unpack("<f", source.take(4))[0]),
    "double": (pa.float64(), lambda source: struct.unpack("<d", source.take(8))[0]),
    "bytes": (pa.binary(), AvroBytes.blob),
    "string": (pa.string(), AvroBytes.text),
}
