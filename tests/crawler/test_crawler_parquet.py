"""Parquet footers taken apart (docs/decisions/crawler-reading.md): the schema's bytes and the row count."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawler_trees import parquet
from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.formats.parquet_footer import NoFooter, parse_footer, read_footer, rows_after
from glueprint.crawler.result import CrawlResult

TABLES = {
    "flat": pa.table({"a": [1, 2, 3], "b": ["x", "y", None]}),
    "nested": pa.table({"s": [{"x": [1, 2], "m": {"k": 1.5}}], "l": [[[1]]]}),
    "no rows": pa.table({"a": pa.array([], pa.int64())}),
    "decimals and times": pa.table(
        {"d": pa.array([None], pa.decimal128(20, 5)), "t": pa.array([0], pa.timestamp("ns"))}
    ),
    "wide": pa.table({f"c{number}": [number] for number in range(500)}),
    "no columns": pa.table({}),
}


def footer_of(table: pa.Table, **options: object) -> bytes:
    """The footer that pyarrow writes for a table."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    data = buffer.getvalue()
    return data[-8 - int.from_bytes(data[-8:-4], "little") : -8]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_row_counts_agree_with_pyarrow(table: pa.Table) -> None:
    """The count found is the table's, for files of any schema (parquet.thrift, FileMetaData.num_rows)."""
    footer = footer_of(table)
    found = parse_footer(footer)
    assert found.rows == table.num_rows
    assert rows_after(footer, found.schema) == table.num_rows


def test_equal_schemas_have_equal_bytes_and_others_do_not() -> None:
    """Row count, statistics and row groups do not matter; names and types do."""
    schema = parse_footer(footer_of(pa.table({"a": [1], "b": [2.0]}))).schema
    more = footer_of(pa.table({"a": list(range(5000)), "b": [0.5] * 5000}), row_group_size=100)
    assert rows_after(more, schema) == 5000
    for other in ({"a": [1], "c": [2.0]}, {"a": [1], "b": [2]}, {"a": [1]}, {"a": [1], "b": [2.0], "c": [1]}):
        assert rows_after(footer_of(pa.table(other)), schema) is None


@given(st.binary(max_size=200), st.integers(0, 300))
def test_no_bytes_are_misread_without_an_error(noise: bytes, cut: int) -> None:
    """Bytes that are no footer, or half of one, are refused in one way only (hostile files)."""
    for data in (noise, footer_of(TABLES["nested"])[:cut] + noise):
        try:
            found = parse_footer(data)
        except NoFooter:
            continue
        assert data.startswith(found.schema)


def test_a_footer_larger_than_one_read_is_read_whole(tmp_path: Path) -> None:
    """Footers over 64 KiB are fetched by their length."""
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table({f"column_{number:05}": ["x" * 50] for number in range(2000)}), path)
    with path.open("rb") as file:
        footer = read_footer(file.fileno())
    assert len(footer) > 1 << 16
    assert parse_footer(footer).rows == 1


def test_files_of_one_schema_share_a_decoding_and_keep_their_counts(crawled: Callable[..., CrawlResult]) -> None:
    """Each file's own rows are counted though only the first is decoded."""
    (table,) = crawled({f"data/{rows}.parquet": parquet(shared=list(range(rows))) for rows in (1, 10, 100)}).tables
    assert dict(table.parameters)["recordCount"] == "111"
