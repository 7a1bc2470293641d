"""Partition indexes and their states."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_harness import Catalog

TABLE = {"DatabaseName": "db", "TableName": "t"}


@pytest.fixture(autouse=True)
def _table(catalog: Catalog) -> None:
    catalog.partitioned(("dt", "string"), ("hour", "int"), ("x", "double"))


def _create(catalog: Catalog, name: str, *keys: str) -> None:
    catalog.call("CreatePartitionIndex", **TABLE, PartitionIndex={"IndexName": name, "Keys": list(keys)})


def _indexes(catalog: Catalog) -> list[dict[str, Any]]:
    return list(catalog.call("GetPartitionIndexes", **TABLE)["PartitionIndexDescriptorList"])


def _states(catalog: Catalog) -> dict[str, str]:
    return {index["IndexName"]: index["IndexStatus"] for index in _indexes(catalog)}


def test_an_index_is_created_then_active(catalog: Catalog) -> None:
    """CREATING, then ACTIVE (service model, ``PartitionIndexDescriptor``), after a restart too."""
    _create(catalog, "i", "hour", "dt")
    assert _states(catalog) == {"i": "CREATING"}
    catalog.clock.advance(2)
    catalog.reopen()
    assert _indexes(catalog) == [
        {
            "IndexName": "i",
            "Keys": [{"Name": "hour", "Type": "int"}, {"Name": "dt", "Type": "string"}],
            "IndexStatus": "ACTIVE",
        }
    ]


def test_an_index_is_deleting_then_gone(catalog: Catalog) -> None:
    """DELETING, then no more (service model), after a restart too; its name is free again."""
    _create(catalog, "i", "dt")
    catalog.clock.advance(2)
    catalog.call("DeletePartitionIndex", **TABLE, IndexName="i")
    assert _states(catalog) == {"i": "DELETING"}
    catalog.clock.advance(2)
    catalog.reopen()
    assert _states(catalog) == {}
    _create(catalog, "i", "hour")


def test_one_index_at_a_time(catalog: Catalog) -> None:
    """AWS's text (aws-cdk #24813): code that does not wait fails there, so it fails here."""
    _create(catalog, "index2", "dt")
    text = "Index index2 is in CREATING state. Only 1 index can be created or deleted simultaneously per table."
    request = {"PartitionIndex": {"IndexName": "j", "Keys": ["hour"]}}
    assert catalog.refused("CreatePartitionIndex", **TABLE, **request).message == text
    refused = catalog.refused("DeletePartitionIndex", **TABLE, IndexName="index2")
    assert (refused.code, refused.message) == ("ConflictException", text)


@pytest.mark.parametrize(
    ("name", "keys", "code", "message"),
    [
        (
            "j",
            ["nosuchcol"],
            "InvalidInputException",
            "IndexKeys not a part of PartitionColumns. Verify the indexKeys : [nosuchcol]",
        ),
        ("dup", ["hour"], "AlreadyExistsException", "Partition Index dup already exists with the same name."),
        ("j", ["dt"], "AlreadyExistsException", "Partition Index j already exists with the same keys."),
    ],
)
def test_refusals_are_those_of_aws(catalog: Catalog, name: str, keys: list[str], code: str, message: str) -> None:
    """Measured on AWS (floci #3551)."""
    _create(catalog, "dup", "dt")
    catalog.clock.advance(2)
    error = catalog.refused(
        "CreatePartitionIndex", **TABLE, PartitionIndex={"IndexName": name, "Keys": keys}
    )
    assert (error.code, error.message) == (code, message)


def test_three_indexes_are_the_most(catalog: Catalog) -> None:
    """The fourth is refused in AWS's words (floci #3551; developer guide: at most 3)."""
    for name, keys in (("a", ["dt"]), ("b", ["hour"]), ("c", ["dt", "hour"])):
        _create(catalog, name, *keys)
        catalog.clock.advance(2)
    error = catalog.refused(
        "CreatePartitionIndex", **TABLE, PartitionIndex={"IndexName": "d", "Keys": ["hour", "dt"]}
    )
    assert error.code == "ResourceNumberLimitExceededException"
    assert error.message == "Partition index limit exceeded. Maximum: 3"


@pytest.mark.parametrize("keys", [["x"], ["dt", "DT"]])
def test_keys_that_cannot_be_indexed(catalog: Catalog, keys: list[str]) -> None:
    """Only strings, integers and dates (developer guide, "Creating partition indexes"), each once."""
    error = catalog.refused("CreatePartitionIndex", **TABLE, PartitionIndex={"IndexName": "i", "Keys": keys})
    assert error.code == "InvalidInputException"


def test_an_index_over_invalid_values_fails(catalog: Catalog) -> None:
    """FAILED, with the partitions that do not fit (service model, ``BackfillErrors``); it can be deleted."""
    catalog.add(["a", "seven", "1"], ["a", "8", "1"])
    keys = [{"Name": name, "Type": "string"} for name in ("dt", "hour", "x", "later")]
    keys[1]["Type"] = "int"
    catalog.call("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys})
    catalog.add(["a", "9", "1", "z"])
    _create(catalog, "i", "hour", "later")
    assert "BackfillErrors" not in _indexes(catalog)[0]
    catalog.clock.advance(2)
    (index,) = _indexes(catalog)
    assert index["IndexStatus"] == "FAILED"
    assert index["BackfillErrors"] == [
        {"Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": [{"Values": ["a", "seven", "1"]}]},
        {"Code": "MISSING_PARTITION_VALUE_ERROR", "Partitions": [{"Values": ["a", "8", "1"]}]},
    ]
    catalog.call("DeletePartitionIndex", **TABLE, IndexName="i")


def test_a_table_is_created_with_indexes(catalog: Catalog) -> None:
    """CreateTable.PartitionIndexes: several at once, active as the table is empty (service model)."""
    catalog.call(
        "CreateTable",
        DatabaseName="db",
        TableInput={"Name": "u", "PartitionKeys": [{"Name": "a", "Type": "int"}, {"Name": "b", "Type": "date"}]},
        PartitionIndexes=[{"IndexName": "i", "Keys": ["a"]}, {"IndexName": "j", "Keys": ["A", "B"]}],
    )
    catalog.reopen()
    found = catalog.call("GetPartitionIndexes", DatabaseName="db", TableName="u")["PartitionIndexDescriptorList"]
    assert {index["IndexName"]: index["IndexStatus"] for index in found} == {"i": "ACTIVE", "j": "ACTIVE"}


def test_a_refused_index_refuses_the_table(catalog: Catalog) -> None:
    """CreateTable is atomic."""
    catalog.refused(
        "CreateTable",
        DatabaseName="db",
        TableInput={"Name": "u"},
        PartitionIndexes=[{"IndexName": "i", "Keys": ["a"]}],
    )
    catalog.refused("GetTable", DatabaseName="db", Name="u")


def test_deleting_an_unknown_index(catalog: Catalog) -> None:
    """EntityNotFoundException (floci #3551, measured on AWS)."""
    error = catalog.refused("DeletePartitionIndex", **TABLE, IndexName="i")
    assert error.code == "EntityNotFoundException"
