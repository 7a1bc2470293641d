"""Glue's structures as Hive's, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.databases import matching

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
def test_a_table_comes_back_as_it_was(table: dict[str, Any]) -> None:
    """What Spark reads and writes back unchanged stays as it is in Glue (Amazon's converters)."""
    told = translation.table_from_glue({**table, "DatabaseName": "db"})
    assert translation.table_to_glue(told) == table


@given(st.lists(NAMES, max_size=3), STORAGE, TEXTS)
def test_a_partition_comes_back_as_it_was(
    values: list[str], storage: dict[str, Any], parameters: dict[str, str]
) -> None:
    """The same for partitions."""
    partition = {"Values": values, "StorageDescriptor": storage, "Parameters": parameters}
    assert translation.partition_to_glue(translation.partition_from_glue(partition, "db", "t")) == partition


def test_names_that_fit_a_pattern() -> None:
    """``*`` stands for anything and ``|`` for a choice, and case does not matter (Spark's SHOW TABLES LIKE)."""
    names = ["orders", "order_items", "customers"]
    assert matching(names, "ORD*") == ["orders", "order_items"]
    assert matching(names, "orders|cust*") == ["orders", "customers"]
    assert matching(names, None) == matching(names, ".*") == names
