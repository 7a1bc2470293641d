"""Changes to the Data Catalog and to tags, and how they are read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operations_changes_table import ARN, change_by, check_gone, create_job
from operations_harness import Operations


def _database(glue: Operations, name: str) -> None:
    glue.call("CreateDatabase", DatabaseInput={"Name": name})


def _table(glue: Operations, name: str) -> None:
    """A database of that name, and in it a table of that name with one partition key, ``day``."""
    _database(glue, name)
    glue.call("CreateTable", DatabaseName=name, TableInput=_table_input(name))


def _table_input(name: str, **members: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://data/t/"},
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
    } | members


def _partitioned(glue: Operations, name: str, *values: str) -> None:
    _table(glue, name)
    inputs = [{"Values": [value]} for value in values]
    glue.call("BatchCreatePartition", DatabaseName=name, TableName=name, PartitionInputList=inputs)


def _partitions(glue: Operations, name: str) -> dict[str, dict[str, str]]:
    """The parameters of each partition, by its value."""
    found = glue.call("GetPartitions", DatabaseName=name, TableName=name)["Partitions"]
    return {one["Values"][0]: one.get("Parameters", {}) for one in found}


def _versions(glue: Operations, name: str) -> list[str]:
    found = glue.call("GetTableVersions", DatabaseName=name, TableName=name)["TableVersions"]
    return [one["VersionId"] for one in found]


@change_by("CreateDatabase")
def _create_database(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateDatabase", DatabaseInput={"Name": name, "Parameters": {"k": "v"}})
    yield
    assert glue.call("GetDatabase", Name=name)["Database"]["Parameters"] == {"k": "v"}


@change_by("UpdateDatabase")
def _update_database(glue: Operations, name: str) -> Iterator[None]:
    _database(glue, name)
    glue.call("UpdateDatabase", Name=name, DatabaseInput={"Name": name, "Description": "after"})
    yield
    assert glue.call("GetDatabase", Name=name)["Database"]["Description"] == "after"


@change_by("DeleteDatabase")
def _delete_database(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("DeleteDatabase", Name=name)
    yield
    check_gone(glue, "GetDatabase", Name=name)


@change_by("CreateTable")
def _create_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    yield
    table = glue.call("GetTable", DatabaseName=name, Name=name)["Table"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]


@change_by("UpdateTable")
def _update_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name, Description="after"))
    yield
    assert glue.call("GetTable", DatabaseName=name, Name=name)["Table"]["Description"] == "after"
    assert _versions(glue, name) == ["1", "0"]


@change_by("DeleteTable")
def _delete_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("DeleteTable", DatabaseName=name, Name=name)
    yield
    check_gone(glue, "GetTable", DatabaseName=name, Name=name)


@change_by("BatchDeleteTable")
def _batch_delete_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("BatchDeleteTable", DatabaseName=name, TablesToDelete=[name])
    yield
    check_gone(glue, "GetTable", DatabaseName=name, Name=name)


@change_by("DeleteTableVersion")
def _delete_table_version(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name))
    glue.call("DeleteTableVersion", DatabaseName=name, TableName=name, VersionId="0")
    yield
    assert _versions(glue, name) == ["1"]


@change_by("BatchDeleteTableVersion")
def _batch_delete_table_version(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name))
    glue.call("BatchDeleteTableVersion", DatabaseName=name, TableName=name, VersionIds=["0"])
    yield
    assert _versions(glue, name) == ["1"]


@change_by("CreatePartition")
def _create_partition(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    given = {"Values": ["1"], "Parameters": {"k": "v"}}
    glue.call("CreatePartition", DatabaseName=name, TableName=name, PartitionInput=given)
    yield
    assert _partitions(glue, name) == {"1": {"k": "v"}}


@change_by("BatchCreatePartition")
def _batch_create_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    yield
    assert list(_partitions(glue, name)) == ["1", "2"]


@change_by("UpdatePartition")
def _update_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1")
    given = {"Values": ["1"], "Parameters": {"k": "after"}}
    glue.call("UpdatePartition", DatabaseName=name, TableName=name, PartitionValueList=["1"], PartitionInput=given)
    yield
    assert _partitions(glue, name) == {"1": {"k": "after"}}


@change_by("BatchUpdatePartition")
def _batch_update_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    given = {"Values": ["2"], "Parameters": {"k": "after"}}
    entries = [{"PartitionValueList": ["2"], "PartitionInput": given}]
    glue.call("BatchUpdatePartition", DatabaseName=name, TableName=name, Entries=entries)
    yield
    assert _partitions(glue, name) == {"1": {}, "2": {"k": "after"}}


@change_by("DeletePartition")
def _delete_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    glue.call("DeletePartition", DatabaseName=name, TableName=name, PartitionValues=["1"])
    yield
    assert list(_partitions(glue, name)) == ["2"]


@change_by("BatchDeletePartition")
def _batch_delete_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    gone = [{"Values": ["2"]}]
    glue.call("BatchDeletePartition", DatabaseName=name, TableName=name, PartitionsToDelete=gone)
    yield
    assert list(_partitions(glue, name)) == ["1"]


@change_by("CreatePartitionIndex")
def _create_partition_index(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    index = {"Keys": ["day"], "IndexName": "by_day"}
    glue.call("CreatePartitionIndex", DatabaseName=name, TableName=name, PartitionIndex=index)
    yield
    found = glue.call("GetPartitionIndexes", DatabaseName=name, TableName=name)
    assert [one["IndexName"] for one in found["PartitionIndexDescriptorList"]] == ["by_day"]


@change_by("DeletePartitionIndex")
def _delete_partition_index(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    index = {"Keys": ["day"], "IndexName": "by_day"}
    glue.call("CreatePartitionIndex", DatabaseName=name, TableName=name, PartitionIndex=index)
    glue.clock.advance(5)
    glue.call("DeletePartitionIndex", DatabaseName=name, TableName=name, IndexName="by_day")
    glue.clock.advance(5)
    yield
    found = glue.call("GetPartitionIndexes", DatabaseName=name, TableName=name)
    assert found["PartitionIndexDescriptorList"] == []


def _function(glue: Operations, name: str) -> None:
    _database(glue, name)
    given = {"FunctionName": name, "ClassName": "before"}
    glue.call("CreateUserDefinedFunction", DatabaseName=name, FunctionInput=given)


def _class_of(glue: Operations, name: str) -> str:
    found = glue.call("GetUserDefinedFunction", DatabaseName=name, FunctionName=name)
    named: str = found["UserDefinedFunction"]["ClassName"]
    return named


@change_by("CreateUserDefinedFunction")
def _create_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    yield
    assert _class_of(glue, name) == "before"


@change_by("UpdateUserDefinedFunction")
def _update_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    given = {"FunctionName": name, "ClassName": "after"}
    glue.call("UpdateUserDefinedFunction", DatabaseName=name, FunctionName=name, FunctionInput=given)
    yield
    assert _class_of(glue, name) == "after"


@change_by("DeleteUserDefinedFunction")
def _delete_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    glue.call("DeleteUserDefinedFunction", DatabaseName=name, FunctionName=name)
    yield
    check_gone(glue, "GetUserDefinedFunction", DatabaseName=name, FunctionName=name)


# Tags

@change_by("TagResource")
def _tag_resource(glue: Operations, name: str) -> Iterator[None]:
    create_job(glue, name)
    glue.call("TagResource", ResourceArn=f"{ARN}job/{name}", TagsToAdd={"k": "v"})
    yield
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"k": "v"}


@change_by("UntagResource")
def _untag_resource(glue: Operations, name: str) -> Iterator[None]:
    create_job(glue, name, Tags={"k": "v", "stays": "x"})
    glue.call("UntagResource", ResourceArn=f"{ARN}job/{name}", TagsToRemove=["k"])
    yield
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"stays": "x"}
