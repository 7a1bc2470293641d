"""Splitting rows by partition, types, and what a folder's name says."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common import partitioned_parquet
from glue_jobs.common.crawled_table import CrawledTable, UnusableTable, crawled_table
from glue_jobs.common.hive_types import arrow_type, type_problem
from glue_jobs.common.partition_folders import DEFAULT_PARTITION, escape_value, partition_folder
from glue_jobs.common.partitioned_parquet import MAX_OPEN_FILES, PartitionedWriter, split_by_partition

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.sampled_from(["", "a", "b/c", None]), st.integers())
)


def expected_text(value: Any) -> str:
    """A key's value as Hive writes it."""
    return DEFAULT_PARTITION if value is None or value == "" else str(value)


@given(ROWS.map(lambda rows: [(a, b, c % 2**31) for a, b, c in rows]))
def test_splitting_agrees_with_a_dictionary_of_lists(rows: list[tuple[Any, Any, int]]) -> None:
    """Each row comes out once, in its partition, in order; null and empty are Hive's default partition."""
    schema = pa.schema([("k", pa.int64()), ("value", pa.int64()), ("t", pa.string())])
    columns = [[row[0] for row in rows], [row[2] for row in rows], [row[1] for row in rows]]
    batch = pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
    model: dict[tuple[str, ...], list[int]] = {}
    for key, text, value in rows:
        model.setdefault((expected_text(key), expected_text(text)), []).append(value)
    found = {values: part.column("value").to_pylist() for values, part in split_by_partition(batch, ["k", "t"])}
    assert found == model


def test_many_partitions_need_few_open_files(tmp_path: Path) -> None:
    """Files are closed and new ones opened when too many are open; no row is lost (MAX_OPEN_FILES)."""
    count = MAX_OPEN_FILES + 50
    batch = pa.RecordBatch.from_pydict({"k": list(range(count)), "v": list(range(count))})
    writer = PartitionedWriter(str(tmp_path), ["k"], "part-00000")
    for _ in range(2):
        writer.write(batch)
    parts = writer.close()
    assert sum(part.rows for part in parts) == 2 * count
    assert len({part.name for part in parts}) == len(parts)
    assert {part.values for part in parts} == {(str(number),) for number in range(count)}
    assert pq.read_table(parts[0].path).column_names == ["v"]


@given(st.text(min_size=1))
def test_a_folders_name_holds_any_value(value: str) -> None:
    """The escaped value has no slash and reads back as it was (Hive, FileUtils.escapePathName)."""
    folder = partition_folder(["k"], [value])
    assert folder.count("/") == 1
    assert unquote(folder[2:-1], errors="surrogatepass") == value or "%" not in escape_value(value)


def table(keys: tuple[tuple[str, str], ...]) -> CrawledTable:
    """A crawled table with these partition keys."""
    return CrawledTable("t", "in/", (("a", "string"),), keys, "csv", ",", True)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("in/Year=2013/month=01/a.csv", ("2013", "01")),
        ("in/2013/01/a.csv", ("2013", "01")),
        ("in/year=a%2Fb/month=__HIVE_DEFAULT_PARTITION__/deep/a.csv", ("a/b", None)),
    ],
)
def test_folders_say_the_partitions_values(key: str, values: tuple[str | None, ...]) -> None:
    """key=value folders and plain ones, as a crawler reads them (docs/facts/crawlers.md#partition-keys)."""
    assert table((("year", "string"), ("month", "string"))).folder_values(key) == values


def test_a_file_above_the_partitions_is_an_error() -> None:
    """It would have no value for the key (docs/facts/crawlers.md#partition-keys)."""
    with pytest.raises(UnusableTable, match=r"in/a\.csv lies above"):
        table((("year", "string"),)).folder_values("in/a.csv")


def test_a_name_for_a_column_and_a_key_is_an_error() -> None:
    """Athena refuses such a table too (HIVE_INVALID_METADATA); the message names what to rename."""
    with pytest.raises(UnusableTable, match="year in s3://b/in/"):
        crawled_table(
            {
                "Name": "t",
                "Parameters": {"classification": "csv"},
                "PartitionKeys": [{"Name": "year", "Type": "string"}],
                "StorageDescriptor": {"Location": "s3://b/in/", "Columns": [{"Name": "year", "Type": "bigint"}]},
            }
        )


@pytest.mark.parametrize("kind", ["json", "UNKNOWN", ""])
def test_other_formats_are_refused_by_name(kind: str) -> None:
    """CSV and Parquet are what the blueprint loads (blueprint.cfg, Location)."""
    with pytest.raises(UnusableTable, match="only csv and parquet"):
        crawled_table(
            {
                "Name": "t",
                "Parameters": {"classification": kind},
                "StorageDescriptor": {"Location": "s3://b/in/", "Columns": []},
            }
        )


@pytest.mark.parametrize(
    ("hive", "arrow"),
    [
        ("bigint", pa.int64()),
        ("DOUBLE", pa.float64()),
        ("decimal(10, 2)", pa.decimal128(10, 2)),
        ("varchar(20)", pa.string()),
        ("array<struct<A:int,b:map<string,decimal(5,1)>>>", None),
    ],
)
def test_hive_types_become_arrow_types(hive: str, arrow: pa.DataType | None) -> None:
    """The catalogue's types are Hive's (docs/facts/catalog.md#shapes)."""
    nested = pa.list_(pa.struct([("A", pa.int32()), ("b", pa.map_(pa.string(), pa.decimal128(5, 1)))]))
    assert arrow_type(hive) == (arrow if arrow is not None else nested)


@pytest.mark.parametrize("hive", ["interval", "array<>", "map<int>", "struct<a>", ""])
def test_unknown_types_are_named(hive: str) -> None:
    """The message holds the type that cannot be loaded (hive_types.type_problem)."""
    assert "not a column type" in type_problem(hive)


@pytest.mark.parametrize(("limit", "groups"), [(partitioned_parquet.MAX_BUFFERED_BYTES, 1), (0, 50)])
def test_small_batches_make_few_row_groups(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: int, groups: int
) -> None:
    """Rows of many small files are written together, up to a bound on memory (PartitionedWriter)."""
    monkeypatch.setattr(partitioned_parquet, "MAX_BUFFERED_BYTES", limit)
    writer = PartitionedWriter(str(tmp_path), ["k"], "part-00000")
    for number in range(50):
        writer.write(pa.RecordBatch.from_pydict({"k": ["a"], "value": [number]}))
    (part,) = writer.close()
    assert part.rows == 50
    assert pq.read_metadata(part.path).num_row_groups == groups
    assert pq.read_table(part.path, partitioning=None).column("value").to_pylist() == list(range(50))
