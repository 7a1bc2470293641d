"""The catalogue cannot import Glueprint: the facts of Glue that it repeats are the same ones."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common import crawled_table, partition_folders
from glue_jobs.common.hive_types import arrow_type
from glue_jobs.common.storage_formats import SNAPPY_PARQUET
from glueprint.crawler.formats.arrow_types import glue_type
from glueprint.facts import globs, hive_types, serdes
from glueprint.facts.partition_names import DEFAULT_PARTITION, folder_name

ROOT = Path(__file__).parents[2]


def test_partitions_are_named_alike() -> None:
    """Hive's escapes and its name of a null (Hive, FileUtils.escapePathName)."""
    assert crawled_table.DEFAULT_PARTITION == DEFAULT_PARTITION
    for letter in map(chr, range(1, 0x250)):
        assert partition_folders.escape_value(letter) == folder_name("k", letter)[2:]


def test_globs_are_one_file() -> None:
    """A crawler's exclude patterns and a blueprint's file patterns are one dialect."""
    for room in ("glue_jobs", "layouts"):
        assert (ROOT / room / "common/globs.py").read_bytes() == Path(globs.__file__).read_bytes()


def test_parquet_tables_are_described_alike() -> None:
    """SerDe and formats of a published table are a crawler's (docs/facts/crawlers.md#formats)."""
    assert SNAPPY_PARQUET.serde == serdes.DEFAULT_SERDES[SNAPPY_PARQUET.classification]
    formats = serdes.FileFormats(SNAPPY_PARQUET.input_format, SNAPPY_PARQUET.output_format)
    assert formats == serdes.file_formats(SNAPPY_PARQUET.serde)


SIMPLE = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "date", "timestamp"]
TYPES = st.recursive(
    st.one_of(
        st.sampled_from([hive_types.Primitive(name) for name in [*SIMPLE, "binary"]]),
        st.builds(hive_types.decimal, st.integers(10, 38), st.integers(0, 9)),
    ),
    lambda inner: st.one_of(
        st.builds(hive_types.Array, inner),
        st.builds(hive_types.MapOf, inner, inner),
        st.lists(st.tuples(st.sampled_from("aBc"), inner), min_size=1, unique_by=lambda part: part[0]).map(
            lambda fields: hive_types.Struct(tuple(fields))
        ),
    ),
    max_leaves=6,
)


@given(TYPES)
def test_column_types_are_read_alike(kind: hive_types.GlueType) -> None:
    """The type that a crawler writes for a Parquet column is the type that the load reads it with."""
    assert glue_type(arrow_type(str(kind))) == kind


TYPES = st.recursive(
    st.sampled_from(["boolean", "tinyint", "bigint", "double", "string", "date", "decimal(10,2)", "char(3)"]).map(
        hive_types.Primitive
    ),
    lambda inner: (
        inner.map(hive_types.Array)
        | inner.map(lambda kind: hive_types.MapOf(hive_types.STRING, kind))
        | st.dictionaries(st.sampled_from("abcD"), inner, min_size=1).map(
            lambda fields: hive_types.Struct(tuple(fields.items()))
        )
    ),
    max_leaves=5,
)


def in_arrow(kind: hive_types.GlueType) -> pa.DataType:
    """The Arrow type with the same parts."""
    match kind:
        case hive_types.Array(element):
            return pa.list_(in_arrow(element))
        case hive_types.MapOf(key, value):
            return pa.map_(in_arrow(key), in_arrow(value))
        case hive_types.Struct(fields):
            return pa.struct([(name, in_arrow(part)) for name, part in fields])
        case _:
            return arrow_type(str(kind))


@given(TYPES)
def test_types_are_read_alike(kind: hive_types.GlueType) -> None:
    """The catalogue's parser finds the parts that Glueprint's has written."""
    assert arrow_type(str(kind)) == in_arrow(kind)
