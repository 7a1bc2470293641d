"""Names of partitions (Hive, FileUtils.escapePathName; Spark, ExternalCatalogUtils)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.facts.partition_names import (
    DEFAULT_PARTITION,
    folder_name,
    key_and_value,
    partition_name,
    values_in_folders,
    values_of,
)

TEXTS = st.text(min_size=1, max_size=6)


def test_folders_of_partitions() -> None:
    """As Hive and Spark escape them (Spark, ``ExternalCatalogUtils.escapePathName``)."""
    assert folder_name("a b", "x/y:z") == "a b=x%2Fy%3Az"
    assert folder_name("p", None) == folder_name("p", "") == f"p={DEFAULT_PARTITION}"


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_names_of_partitions_lead_back_to_values(values: list[str]) -> None:
    """The values are read from a partition's name as they went in (Hive's makePartName and its reverse)."""
    keys = [f"k{number}" for number in range(len(values))]
    name = partition_name(keys, values)
    assert values_of(name) == values
    assert values_in_folders(keys, name.split("/")) == tuple(values)
    assert values_in_folders([*keys, "other"], name.split("/")) is None


@given(TEXTS, TEXTS)
def test_a_folder_is_read_as_it_was_written(key: str, value: str) -> None:
    """Key and value survive the escapes."""
    assert key_and_value(folder_name(key, value)) == (key, value)


def test_other_folders_have_no_key() -> None:
    """A crawler takes only ``key=value`` for a key (DG:crawler-s3-folder-table-partition)."""
    assert key_and_value("2024") is None
    assert key_and_value("=2024") is None
    assert key_and_value("year=") == ("year", "")


def test_names_are_escaped_as_hive_does() -> None:
    """Colons, slashes, percent signs are escaped, spaces are not; null has its own name (FileUtils, Hive 2.3)."""
    assert partition_name(["day", "c"], ["1:2/3 %", ""]) == "day=1%3A2%2F3 %25/c=__HIVE_DEFAULT_PARTITION__"


def test_every_key_has_a_value() -> None:
    """Hive refuses a partition without a value for each key (Warehouse.makePartName)."""
    with pytest.raises(ValueError, match="1 values for 2 partition keys"):
        partition_name(["a", "b"], ["1"])
