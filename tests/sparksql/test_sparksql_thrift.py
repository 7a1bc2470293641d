"""Thrift's binary protocol: round trips, and the bytes of the specification."""

# ruff: noqa: RUF009 - thrift_field() makes dataclass fields

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.sparksql import thrift
from glueprint.runtime.sparksql.hive import FIELDS, FieldSchema, Partition, StorageDescriptor, Table
from glueprint.runtime.sparksql.thrift import thrift_field

TEXT = st.text(max_size=20)
TEXT_MAPS = st.dictionaries(TEXT, TEXT, max_size=3)
COLUMNS = st.lists(st.builds(FieldSchema, TEXT, TEXT, st.none() | TEXT), max_size=3).map(tuple)
NUMBERS = st.integers(-(1 << 31), (1 << 31) - 1)
STORAGES = st.builds(
    StorageDescriptor,
    cols=COLUMNS,
    location=st.none() | TEXT,
    compressed=st.booleans(),
    num_buckets=NUMBERS,
    parameters=TEXT_MAPS,
)
TABLES = st.builds(
    Table,
    table_name=TEXT,
    create_time=NUMBERS,
    sd=st.none() | STORAGES,
    partition_keys=COLUMNS,
    parameters=TEXT_MAPS,
)
PARTITIONS = st.builds(Partition, values=st.lists(TEXT, max_size=3).map(tuple), sd=STORAGES)


def written(kind: thrift.Kind, value: Any) -> bytes:
    """``value`` on the wire."""
    out = bytearray()
    kind.write(out, value)
    return bytes(out)


@given(st.one_of(TABLES, PARTITIONS))
def test_structs_survive_a_round_trip(value: Any) -> None:
    """A struct that was written is read as the same struct (Thrift's specification)."""
    kind = thrift.StructOf(type(value))
    stream = io.BytesIO(written(kind, value))
    assert kind.read(stream) == value
    assert stream.read() == b""


def test_the_bytes_of_the_specification() -> None:
    """A column has the bytes that Thrift's binary protocol prescribes: type, number, length, text, stop."""
    column = FieldSchema("a", "int", None)
    assert written(thrift.StructOf(FieldSchema), column) == (
        b"\x0b\x00\x01\x00\x00\x00\x01a" b"\x0b\x00\x02\x00\x00\x00\x03int" b"\x00"
    )
    assert written(FIELDS, [column])[:5] == b"\x0c\x00\x00\x00\x01"


@dataclass(frozen=True)
class _Wide:
    gone: Any = thrift_field(1, thrift.MapOf(thrift.STRING, thrift.ListOf(thrift.STRING)))
    also: Any = thrift_field(2, thrift.StructOf(FieldSchema))
    flag: Any = thrift_field(3, thrift.BOOL)
    kept: Any = thrift_field(7, thrift.I64)


@dataclass(frozen=True)
class _Narrow:
    flag: Any = thrift_field(3, thrift.STRING)
    kept: Any = thrift_field(7, thrift.I64)


@given(st.dictionaries(TEXT, st.lists(TEXT), max_size=3), COLUMNS, NUMBERS)
def test_unknown_fields_are_skipped(gone: dict[str, list[str]], columns: Any, kept: int) -> None:
    """A field that is unknown to the reader, or of another type, is skipped (Thrift: versions differ)."""
    value = _Wide(gone, columns[0] if columns else None, True, kept)
    stream = io.BytesIO(written(thrift.StructOf(_Wide), value))
    assert thrift.StructOf(_Narrow).read(stream) == _Narrow(None, kept)


def test_headers_of_calls() -> None:
    """The name and number of a call are read; one-way calls expect no reply (Thrift's specification, message
    types).
    """
    call = b"\x80\x01\x00\x01\x00\x00\x00\x09get_table\x00\x00\x00\x05"
    assert thrift.read_header(io.BytesIO(call)) == thrift.CallHeader("get_table", 5, expects_reply=True)
    farewell = b"\x80\x01\x00\x04\x00\x00\x00\x08shutdown\x00\x00\x00\x06"
    assert not thrift.read_header(io.BytesIO(farewell)).expects_reply
    with pytest.raises(EOFError):
        thrift.read_header(io.BytesIO(b""))


@given(st.binary(min_size=8, max_size=60))
def test_data_that_is_not_thrift_is_refused(noise: bytes) -> None:
    """Bytes of another protocol raise one of two errors; nothing waits for gigabytes."""
    stream = io.BytesIO(noise)
    with pytest.raises((EOFError, thrift.ProtocolError)):
        _read_calls(stream)


def _read_calls(stream: io.BytesIO) -> None:
    while True:
        thrift.read_header(stream)
        thrift.StructOf(Table).read(stream)
