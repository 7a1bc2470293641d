"""Partitions of tables."""

from __future__ import annotations

import time
from typing import Any

import pytest
from catalog_harness import Catalog

from glueprint.local.glue.catalog.partitions import Partitions

STORAGE = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://b/t/dt=1/", "Compressed": False}


@pytest.fixture(autouse=True)
def _table(catalog: Catalog) -> None:
    catalog.partitioned(("dt", "string"), ("hour", "int"))


def _get(catalog: Catalog, *values: str) -> dict[str, Any]:
    answer = catalog.call("GetPartition", DatabaseName="db", TableName="t", PartitionValues=list(values))
    return dict(answer["Partition"])


def test_partition_is_read_back_after_a_restart(catalog: Catalog) -> None:
    """All members of PartitionInput come back, values in their own case (service model, ``Partition``)."""
    given = {"Values": ["MiXed/ü", "1"], "Parameters": {"a": "b"}, "LastAccessTime": 5.0}
    given["StorageDescriptor"] = STORAGE
    catalog.call("CreatePartition", DatabaseName="DB", TableName="T", PartitionInput=given)
    catalog.reopen()
    found = _get(catalog, "MiXed/ü", "1")
    assert given.items() <= found.items()
    assert (found["DatabaseName"], found["TableName"], found["CatalogId"]) == ("db", "t", "123456789012")
    assert found["CreationTime"] == catalog.clock.now()


def test_values_must_be_as_many_as_keys(catalog: Catalog) -> None:
    """AWS's text (apache/hudi #6281)."""
    for values in (["a"], ["a", "1", "x"], []):
        error = catalog.refused(
            "CreatePartition", DatabaseName="db", TableName="t", PartitionInput={"Values": values}
        )
        assert error.code == "InvalidInputException"
        assert error.message == "The number of partition keys do not match the number of partition values"


def test_a_second_partition_of_the_same_values_is_refused(catalog: Catalog) -> None:
    """AWS's text (dbt-athena #464)."""
    catalog.add(["a", "1"])
    error = catalog.refused(
        "CreatePartition", DatabaseName="db", TableName="t", PartitionInput={"Values": ["a", "1"]}
    )
    assert (error.code, error.message) == ("AlreadyExistsException", "Partition already exists.")


def test_batch_create_lists_existing_partitions_and_creates_the_others(catalog: Catalog) -> None:
    """Errors by item, an empty list without any (floci #1311, measured on AWS)."""
    catalog.add(["a", "1"])
    request = {"DatabaseName": "db", "TableName": "t"}
    inputs = [{"Values": ["a", "1"]}, {"Values": ["b", "1"]}, {"Values": ["c"]}]
    errors = catalog.call("BatchCreatePartition", **request, PartitionInputList=inputs)["Errors"]
    assert [(error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        (["a", "1"], "AlreadyExistsException"),
        (["c"], "InvalidInputException"),
    ]
    catalog.reopen()
    assert catalog.values() == [["a", "1"], ["b", "1"]]
    inputs = [{"Values": ["d", "1"]}]
    assert catalog.call("BatchCreatePartition", **request, PartitionInputList=inputs) == {"Errors": []}


def test_update_replaces_all_but_values_and_creation(catalog: Catalog) -> None:
    """UpdatePartition replaces the definition, after a restart too (service model)."""
    catalog.add(["a", "1"])
    created = _get(catalog, "a", "1")["CreationTime"]
    catalog.clock.advance(5)
    catalog.call(
        "UpdatePartition",
        DatabaseName="db",
        TableName="t",
        PartitionValueList=["a", "1"],
        PartitionInput={"Values": ["a", "1"], "StorageDescriptor": STORAGE},
    )
    catalog.reopen()
    found = _get(catalog, "a", "1")
    assert (found["StorageDescriptor"], found["CreationTime"]) == (STORAGE, created)


def test_update_cannot_change_values(catalog: Catalog) -> None:
    """"The Values property can't be changed" (service model, ``UpdatePartition.PartitionInput``)."""
    catalog.add(["a", "1"])
    request = {"DatabaseName": "db", "TableName": "t", "PartitionValueList": ["a", "1"]}
    error = catalog.refused("UpdatePartition", **request, PartitionInput={"Values": ["b", "1"]})
    assert error.code == "InvalidInputException"
    assert catalog.values() == [["a", "1"]]


def test_batch_update_lists_missing_partitions(catalog: Catalog) -> None:
    """Each error has the requested values; the others are updated (floci #1311, measured on AWS)."""
    catalog.add(["a", "1"])
    entries = [
        {"PartitionValueList": values, "PartitionInput": {"Values": values, "Parameters": {"new": "1"}}}
        for values in (["a", "1"], ["b", "1"])
    ]
    errors = catalog.call("BatchUpdatePartition", DatabaseName="db", TableName="t", Entries=entries)["Errors"]
    assert [(error["PartitionValueList"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        (["b", "1"], "EntityNotFoundException")
    ]
    catalog.reopen()
    assert _get(catalog, "a", "1")["Parameters"] == {"new": "1"}


def test_delete_and_batch_delete(catalog: Catalog) -> None:
    """A missing partition is an error, in a batch one of its list; the others are deleted (service model)."""
    catalog.add(["a", "1"], ["b", "1"], ["c", "1"])
    request = {"DatabaseName": "db", "TableName": "t"}
    catalog.call("DeletePartition", **request, PartitionValues=["a", "1"])
    again = catalog.refused("DeletePartition", **request, PartitionValues=["a", "1"])
    assert again.code == "EntityNotFoundException"
    wanted = [{"Values": ["b", "1"]}, {"Values": ["x", "1"]}]
    errors = catalog.call("BatchDeletePartition", **request, PartitionsToDelete=wanted)["Errors"]
    assert [error["PartitionValues"] for error in errors] == [["x", "1"]]
    catalog.reopen()
    assert catalog.values() == [["c", "1"]]


def test_a_missing_partition(catalog: Catalog) -> None:
    """Text as moto's tests have it from AWS."""
    error = catalog.refused("GetPartition", DatabaseName="db", TableName="t", PartitionValues=["x", "1"])
    assert (error.code, error.message) == ("EntityNotFoundException", "Cannot find partition.")


def test_batch_get_leaves_out_what_is_missing(catalog: Catalog) -> None:
    """In the order of the request; missing ones are neither errors nor unprocessed (moto #2320, seen on AWS)."""
    catalog.add(["a", "1"], ["b", "1"])
    wanted = [{"Values": ["b", "1"]}, {"Values": ["x", "1"]}, {"Values": ["a", "1"]}]
    answer = catalog.call("BatchGetPartition", DatabaseName="db", TableName="t", PartitionsToGet=wanted)
    assert [partition["Values"] for partition in answer["Partitions"]] == [["b", "1"], ["a", "1"]]
    assert answer["UnprocessedKeys"] == []


@pytest.mark.parametrize(
    ("operation", "member", "size"),
    [
        ("BatchCreatePartition", "PartitionInputList", 101),
        ("BatchDeletePartition", "PartitionsToDelete", 26),
        ("BatchGetPartition", "PartitionsToGet", 1001),
    ],
)
def test_batches_have_their_limits(catalog: Catalog, operation: str, member: str, size: int) -> None:
    """At most 100, 25, 1,000 items (service model, list lengths; the code is AWS's: boto3 #3229)."""
    items = [{"Values": [str(number), "1"]} for number in range(size)]
    error = catalog.refused(operation, DatabaseName="db", TableName="t", **{member: items})
    assert error.code == "ValidationException"
    assert str(size - 1) in error.message


def test_pages_stay_stable_while_partitions_are_deleted(catalog: Catalog) -> None:
    """A listing in pages shows each partition that stays once, though others are deleted meanwhile."""
    catalog.add(*(["d", f"{number}"] for number in range(9)))
    first = catalog.call("GetPartitions", DatabaseName="db", TableName="t", MaxResults=3)
    seen = [partition["Values"][1] for partition in first["Partitions"]]
    for hour in seen[:2]:
        catalog.call("DeletePartition", DatabaseName="db", TableName="t", PartitionValues=["d", hour])
    rest = catalog.values(NextToken=first["NextToken"])
    assert sorted(seen + [values[1] for values in rest]) == [f"{number}" for number in range(9)]


def test_each_partition_is_in_one_segment(catalog: Catalog) -> None:
    """Each partition is in exactly one segment (service model, ``Segment``: "non-overlapping")."""
    catalog.add(*(["d", f"{number}"] for number in range(40)))
    for total in (1, 4, 10):
        parts = [
            catalog.values(Segment={"SegmentNumber": number, "TotalSegments": total}) for number in range(total)
        ]
        assert sorted(values for part in parts for values in part) == sorted(catalog.values())
        assert total == 1 or max(map(len, parts)) < 40
    refused = catalog.refused(
        "GetPartitions", DatabaseName="db", TableName="t", Segment={"SegmentNumber": 4, "TotalSegments": 4}
    )
    assert refused.code == "InvalidInputException"


def test_expression_segment_and_pages_together(catalog: Catalog) -> None:
    """A filter, a segment and pages of two find what the filter and segment find at once."""
    catalog.add(*(["d", f"{number}"] for number in range(30)))
    selection: dict[str, Any] = {
        "Expression": "hour >= 10",
        "Segment": {"SegmentNumber": 0, "TotalSegments": 2},
    }
    complete = catalog.values(**selection)
    assert 0 < len(complete) < 20
    paged, request = [], dict(selection, MaxResults=2)
    while True:
        answer = catalog.call("GetPartitions", DatabaseName="db", TableName="t", **request)
        paged += [partition["Values"] for partition in answer["Partitions"]]
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert paged == complete


def test_column_schema_can_be_left_out(catalog: Catalog) -> None:
    """ExcludeColumnSchema leaves the columns out, and nothing else (service model)."""
    given = {"Values": ["a", "1"], "StorageDescriptor": STORAGE}
    catalog.call("CreatePartition", DatabaseName="db", TableName="t", PartitionInput=given)
    request = {"DatabaseName": "db", "TableName": "t", "ExcludeColumnSchema": True}
    found = catalog.call("GetPartitions", **request)["Partitions"][0]
    assert found["StorageDescriptor"] == {"Location": "s3://b/t/dt=1/", "Compressed": False}


def test_values_of_every_character_are_kept(catalog: Catalog) -> None:
    """Partition values have no pattern in the model: any text is found again, and two texts are two values."""
    texts = [" ", "a=b/c", '"', "'", "\\", "\u2028", "\U0001f600", "\ud800", "%00", "\x00", "é", "e\u0301"]
    catalog.add(*([text, "1"] for text in texts))
    catalog.reopen()
    assert sorted(values[0] for values in catalog.values()) == sorted(texts)
    assert all(_get(catalog, text, "1")["Values"] == [text, "1"] for text in texts)


def test_ten_thousand_partitions_are_fast(catalog: Catalog) -> None:
    """Inserted as a crawl does, listed and filtered: the limit is many times what it takes."""
    inputs = [
        {"Values": [f"d{number:05}", f"{number % 24}"], "StorageDescriptor": STORAGE} for number in range(10_000)
    ]
    partitions = catalog.family(Partitions)
    start = time.process_time()
    errors = catalog.database.write(
        lambda tx: partitions.insert_many(tx, catalog.context, "db", "t", inputs)
    )
    assert errors == []
    found = catalog.values(Expression="hour = 7 AND dt < 'd05000'")
    assert len(found) == len(range(7, 5000, 24))
    seen, request = 0, {"DatabaseName": "db", "TableName": "t"}
    while True:
        answer = catalog.call("GetPartitions", **request)
        seen += len(answer["Partitions"])
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert seen == 10_000
    assert time.process_time() - start < 10


def test_a_crawl_changes_partitions_in_its_own_transaction(catalog: Catalog) -> None:
    """Other parts of the server use the methods that take a transaction."""
    partitions = catalog.family(Partitions)
    catalog.add(["a", "1"], ["b", "2"])
    entries = [(["a", "1"], {"Values": ["a", "1"], "Parameters": {"x": "y"}})]
    catalog.database.write(lambda tx: partitions.replace_many(tx, catalog.context, "db", "t", entries))
    gone = catalog.database.write(
        lambda tx: partitions.delete_many(tx, catalog.context, "db", "t", [["b", "2"], ["z", "1"]])
    )
    assert [error["PartitionValues"] for error in gone] == [["z", "1"]]
    catalog.reopen()
    assert _get(catalog, "a", "1")["Parameters"] == {"x": "y"}
