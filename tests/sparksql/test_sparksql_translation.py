"""Conversion between Glue's structures and Hive's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.databases import names_matching

NAMES = st.text(alphabet="abcé_1 ", min_size=1, max_size=8)
TEXTS = st.dictionaries(NAMES, NAMES, max_size=3)
COLUMNS = st.lists(
    st.fixed_dictionaries({"Name": NAMES, "Type": NAMES}, optional={"Comment": NAMES}), max_size=3
)
MOMENTS = st.integers(1, 2**31 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
STORAGE = st.fixed_dictionaries(
    {
        "Columns": COLUMNS,
        "Location": NAMES,
        "InputFormat": NAMES,
        "OutputFormat": NAMES,
        "Compressed": st.booleans(),
        "NumberOfBuckets": st.integers(-1, 9),
        "SerdeInfo": st.fixed_dictionaries(
            {"SerializationLibrary": NAMES, "Parameters": TEXTS}, optional={"Name": NAMES}
        ),
        "BucketColumns": st.lists(NAMES, max_size=2),
        "SortColumns": st.lists(
            st.fixed_dictionaries({"Column": NAMES, "SortOrder": st.integers(0, 1)}), max_size=2
        ),
        "Parameters": TEXTS,
        "StoredAsSubDirectories": st.booleans(),
    }
)
TABLES = st.fixed_dictionaries(
    {
        "Name": NAMES,
        "Retention": st.integers(0, 9),
        "StorageDescriptor": STORAGE,
        "PartitionKeys": COLUMNS,
        "Parameters": TEXTS,
        "TableType": st.sampled_from(["EXTERNAL_TABLE", "MANAGED_TABLE", "VIRTUAL_VIEW"]),
    },
    optional={
        "Owner": NAMES,
        "LastAccessTime": MOMENTS,
        "ViewOriginalText": NAMES,
        "ViewExpandedText": NAMES,
    },
)


@given(TABLES)
def test_a_table_survives_a_round_trip(table: dict[str, Any]) -> None:
    """A table that Spark reads and writes back unchanged does not change in Glue (Amazon's converters)."""
    converted = translation.table_from_glue({**table, "DatabaseName": "db"})
    assert translation.table_to_glue(converted) == table


@given(st.lists(NAMES, max_size=3), STORAGE, TEXTS)
def test_a_partition_survives_a_round_trip(
    values: list[str], storage: dict[str, Any], parameters: dict[str, str]
) -> None:
    """The same for partitions."""
    partition = {"Values": values, "StorageDescriptor": storage, "Parameters": parameters}
    assert translation.partition_to_glue(translation.partition_from_glue(partition, "db", "t")) == partition


def test_names_that_match_a_pattern() -> None:
    """``*`` is any text, ``|`` divides alternatives, and case does not matter (Spark's SHOW TABLES LIKE)."""
    names = ["orders", "order_items", "customers"]
    assert names_matching(names, "ORD*") == ["orders", "order_items"]
    assert names_matching(names, "orders|cust*") == ["orders", "customers"]
    assert names_matching(names, None) == names_matching(names, ".*") == names
