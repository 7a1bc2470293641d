"""Names of tables, partition keys and columns (docs/facts/crawlers.md#table-names)."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from glueprint.crawler.naming import (
    MAX_TABLE_NAME_LENGTH,
    distinct_names,
    distinct_partition_values,
    hive_level_flags,
    partition_keys,
    table_base_name,
    table_names,
)

LOCATIONS = st.lists(
    st.text(alphabet="aB/-é=", min_size=1, max_size=8).map(lambda path: f"s3://b/x{path.strip('/')}/"),
    unique_by=lambda location: location.rstrip("/"),
    max_size=8,
)


@given(LOCATIONS, st.text(alphabet="Ab_", max_size=5), st.booleans())
def test_table_names_are_distinct_and_stable(locations: list[str], prefix: str, taken: bool) -> None:
    """Names are all different, lower case and short enough, and a second crawl gives the same ones."""
    existing = (
        {prefix.lower() + table_base_name(location): "s3://elsewhere/" for location in locations} if taken else {}
    )
    names = table_names(locations, prefix, existing)
    assert len(set(names)) == len(names)
    assert not set(names) & set(existing)
    assert all(name.startswith(prefix.lower()) and re.fullmatch("[a-z0-9_]*", name) for name in names)
    assert table_names(locations, prefix, {**existing, **dict(zip(names, locations, strict=True))}) == names


@given(st.text(min_size=1, max_size=400))
def test_long_names_are_cut(folder: str) -> None:
    """A table's name has at most 128 characters, with its hash too
    (docs/facts/crawlers.md#table-names: longer is truncated)."""
    location = f"s3://b/{folder.replace('/', '') or 'x'}/"
    (name,) = table_names([location], "", {})
    (clash,) = table_names([location], "", {name: "s3://other/"})
    assert len(name) <= MAX_TABLE_NAME_LENGTH
    assert len(clash) <= MAX_TABLE_NAME_LENGTH
    assert clash != name


@given(
    st.lists(
        st.lists(st.sampled_from(["a=1", "A=2", "b=1", "plain", "=x", "y"]), min_size=2, max_size=2), min_size=1
    ),
    st.sets(st.sampled_from(["a", "b", "partition_0", "c"])),
)
def test_partition_keys_are_distinct_from_columns_and_each_other(
    folders: list[list[str]], columns: set[str]
) -> None:
    """However folders are called, no key repeats a column or another key (choice: docs/fidelity/crawler.md)."""
    keys = partition_keys(folders, columns)
    assert len(keys) == 2
    assert len({*keys, *columns}) == 2 + len(columns)


@given(st.lists(st.sampled_from(["a", "A", "a_1", "b", ""])))
def test_columns_read_by_position_stay_apart(names: list[str]) -> None:
    """Columns of CSV keep their number and order, and no name is there twice (Hive refuses duplicates)."""
    result = distinct_names(names)
    assert len(result) == len(set(result)) == len(names)
    assert all(new.startswith(old.lower()) for new, old in zip(result, names, strict=True))


@given(st.sets(st.sampled_from(["k=a b", "k=a%20b", "k=a%2520b", "K=a b", "K=a%20b", "k=c"]), min_size=1))
def test_each_folder_is_a_partition_of_its_own(names: set[str]) -> None:
    """The catalog has one partition for each list of values (CreatePartition's AlreadyExistsException): folders
    whose names mean the same value must not share one, or rows are lost.
    """
    folders = [(name,) for name in names]
    values = distinct_partition_values(folders, hive_level_flags(folders))
    assert len(set(values.values())) == len(names)
