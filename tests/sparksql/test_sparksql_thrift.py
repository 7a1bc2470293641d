"""Thrift's binary protocol: what is written can be read, and looks as the specification says."""

# ruff: noqa: RUF009 - at() makes dataclass fields

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.sparksql import thrift
from glueprint.runtime.sparksql.hive import FIELDS, FieldSchema, Partition, StorageDescriptor, Table
from glueprint.runtime.sparksql.thrift import at

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
def test_structs_survive_the_wire(value: Any) -> None:
    """A struct that was written reads as the same (Thrift's specification: both sides agree on the fields)."""
    kind = thrift.StructOf(type(value))
    stream = io.BytesIO(written(kind, value))
    assert kind.read(stream) == value
    assert stream.read() == b""


def test_the_bytes_of_the_specification() -> None:
    """A column is the bytes that Thrift's binary protocol prescribes: type, number, length, text, stop."""
    column = FieldSchema("a", "int", None)
    assert written(thrift.StructOf(FieldSchema), column) == (
        b"\x0b\x00\x01\x00\x00\x00\x01a" b"\x0b\x00\x02\x00\x00\x00\x03int" b"\x00"
    )
    assert written(FIELDS, [column])[:5] == b"\x0c\x00\x00\x00\x01"


@dataclass(frozen=True)
class _Wide:
    gone: Any = at(1, thrift.MapOf(thrift.STRING, thrift.ListOf(thrift.STRING)))
    also: Any = at(2, thrift.StructOf(FieldSchema))
    flag: Any = at(3, thrift.BOOL)
    kept: Any = at(7, thrift.I64)


@dataclass(frozen=True)
class _Narrow:
    flag: Any = at(3, thrift.STRING)
    kept: Any = at(7, thrift.I64)


@given(st.dictionaries(TEXT, st.lists(TEXT), max_size=3), COLUMNS, NUMBERS)
def test_unknown_fields_are_passed_over(gone: dict[str, list[str]], columns: Any, kept: int) -> None:
    """A field that the reader does not know, or of another type, does not stop it (Thrift: versions differ)."""
    value = _Wide(gone, columns[0] if columns else None, True, kept)
    stream = io.BytesIO(written(thrift.StructOf(_Wide), value))
    assert thrift.StructOf(_Narrow).read(stream) == _Narrow(None, kept)


def test_heads_of_calls() -> None:
    """Name and number of a call are read; one way calls want no answer (Thrift's specification, message types)."""
    call = b"\x80\x01\x00\x01\x00\x00\x00\x09get_table\x00\x00\x00\x05"
    assert thrift.read_head(io.BytesIO(call)) == thrift.Head("get_table", 5, wants_answer=True)
    farewell = b"\x80\x01\x00\x04\x00\x00\x00\x08shutdown\x00\x00\x00\x06"
    assert not thrift.read_head(io.BytesIO(farewell)).wants_answer
    with pytest.raises(EOFError):
        thrift.read_head(io.BytesIO(b""))


@given(st.binary(min_size=8, max_size=60))
def test_what_is_not_thrift_is_refused(noise: bytes) -> None:
    """Bytes of another protocol end in one of two errors, never in a wait for gigabytes or another exception."""
    stream = io.BytesIO(noise)
    with pytest.raises((EOFError, thrift.ProtocolError)):
        _read_calls(stream)


def _read_calls(stream: io.BytesIO) -> None:
    while True:
        thrift.read_head(stream)
        thrift.StructOf(Table).read(stream)
