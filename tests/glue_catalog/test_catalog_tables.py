"""Tables of the Data Catalog, and the plain methods that other families use."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_harness import Catalog

from glueprint.local.glue.catalog.databases import Databases
from glueprint.local.glue.catalog.tables import Tables, name_pattern

STORAGE = {
    "Columns": [{"Name": "id", "Type": "bigint", "Comment": "c"}],
    "Location": "s3://b/t/",
    "InputFormat": "i",
    "OutputFormat": "o",
    "SerdeInfo": {"SerializationLibrary": "s", "Parameters": {"a": "b"}},
    "Parameters": {"classification": "csv"},
    "NumberOfBuckets": -1,
    "Compressed": False,
}
FULL = {
    "Name": "t",
    "Description": "d",
    "Owner": "owner",
    "LastAccessTime": 1_600_000_000.0,
    "Retention": 3,
    "StorageDescriptor": STORAGE,
    "PartitionKeys": [{"Name": "dt", "Type": "date"}],
    "ViewOriginalText": "v",
    "ViewExpandedText": "w",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "csv"},
}


@pytest.fixture(autouse=True)
def _database(catalog: Catalog) -> None:
    catalog.call("CreateDatabase", DatabaseInput={"Name": "db"})


def _table(catalog: Catalog, name: str = "t") -> dict[str, Any]:
    return dict(catalog.call("GetTable", DatabaseName="db", Name=name)["Table"])


def _create(catalog: Catalog, name: str = "t", **members: Any) -> None:
    catalog.call("CreateTable", DatabaseName="db", TableInput={"Name": name, **members})


def test_table_is_read_back_after_a_restart(catalog: Catalog) -> None:
    """All members of TableInput come back, with those that Glue adds (service model, ``Table``)."""
    catalog.call("CreateTable", DatabaseName="DB", TableInput=FULL)
    catalog.reopen()
    found = _table(catalog, "T")
    assert FULL.items() <= found.items()
    assert found["CreateTime"] == found["UpdateTime"] == catalog.clock.now()
    assert (found["DatabaseName"], found["CatalogId"], found["VersionId"]) == ("db", "123456789012", "0")
    assert found["IsRegisteredWithLakeFormation"] is False


def test_names_are_folded_and_unique(catalog: Catalog) -> None:
    """"Folded to lowercase when it is stored" (service model); text of the clash from moto's tests."""
    _create(catalog, "MixedCase")
    assert _table(catalog, "MIXEDCASE")["Name"] == "mixedcase"
    error = catalog.refused("CreateTable", DatabaseName="db", TableInput={"Name": "mixedCASE"})
    assert (error.code, error.message) == ("AlreadyExistsException", "Table already exists.")


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("GetTable", {"Name": "x"}),
        ("DeleteTable", {"Name": "x"}),
        ("UpdateTable", {"TableInput": {"Name": "x"}}),
        ("GetTableVersions", {"TableName": "x"}),
        ("GetPartitions", {"TableName": "x"}),
        ("GetPartitionIndexes", {"TableName": "x"}),
    ],
)
def test_a_missing_table_is_named(catalog: Catalog, operation: str, request_: dict[str, Any]) -> None:
    """EntityNotFoundException with AWS's text (moto's tests; floci #1318; terraform #34132)."""
    error = catalog.refused(operation, DatabaseName="db", **request_)
    assert (error.code, error.message) == ("EntityNotFoundException", "Table x not found.")


def test_names_of_columns_are_folded(catalog: Catalog) -> None:
    """Glue returns `userId` as `userid` (apache/flink-connector-aws#206); names within types keep their case
    (awslabs/aws-athena-query-federation#245).
    """
    columns = [{"Name": "userId", "Type": "struct<subName:int>", "Comment": "Who"}]
    _create(catalog, StorageDescriptor={"Columns": columns}, PartitionKeys=[{"Name": "dT", "Type": "string"}])
    expected = [{"Name": "userid", "Type": "struct<subName:int>", "Comment": "Who"}]
    assert _table(catalog)["StorageDescriptor"]["Columns"] == expected
    assert _table(catalog)["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    changed = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "NewCol", "Type": "int"}]}}
    catalog.call("UpdateTable", DatabaseName="db", TableInput=changed)
    assert _table(catalog)["StorageDescriptor"]["Columns"] == [{"Name": "newcol", "Type": "int"}]


def test_update_replaces_the_definition(catalog: Catalog) -> None:
    """UpdateTable replaces all; creation stays, the version rises by one (floci #1205), after a restart too."""
    catalog.call("CreateTable", DatabaseName="db", TableInput=FULL)
    before = _table(catalog)
    catalog.clock.advance(10)
    catalog.call("UpdateTable", DatabaseName="db", TableInput={"Name": "T", "Description": "new"})
    catalog.reopen()
    found = _table(catalog)
    assert found["Description"] == "new"
    assert "StorageDescriptor" not in found
    assert found["CreateTime"] == before["CreateTime"] < found["UpdateTime"]
    assert found["VersionId"] == "1"


def test_a_stale_version_is_refused(catalog: Catalog) -> None:
    """UpdateTable with a VersionId that is no longer current changes nothing (floci #1205, AWS's text)."""
    _create(catalog)
    catalog.call("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "Owner": "a"}, VersionId="0")
    error = catalog.refused(
        "UpdateTable", DatabaseName="db", TableInput={"Name": "t", "Owner": "b"}, VersionId="0"
    )
    assert error.code == "ConcurrentModificationException"
    assert error.message == "Update table failed due to concurrent modifications."
    assert (_table(catalog)["Owner"], _table(catalog)["VersionId"]) == ("a", "1")


def test_a_table_cannot_be_renamed(catalog: Catalog) -> None:
    """Name and TableInput.Name both identify the table (service model): two names are one too many."""
    _create(catalog)
    error = catalog.refused("UpdateTable", DatabaseName="db", Name="t", TableInput={"Name": "u"})
    assert error.code == "InvalidInputException"


def test_delete_includes_versions_partitions_and_indexes(catalog: Catalog) -> None:
    """After DeleteTable all of the table is deleted (service model): a new one with its name is empty."""
    catalog.partitioned(("dt", "string"))
    catalog.add(["1"], ["2"])
    catalog.call("UpdateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": []})
    catalog.call("DeleteTable", DatabaseName="db", Name="T")
    catalog.reopen()
    catalog.refused("GetTable", DatabaseName="db", Name="t")
    catalog.partitioned(("dt", "string"))
    assert catalog.values() == []
    assert len(catalog.call("GetTableVersions", DatabaseName="db", TableName="t")["TableVersions"]) == 1


def test_batch_delete_lists_missing_tables(catalog: Catalog) -> None:
    """The rest is deleted; the error as AWS words it, without a full stop (floci #1203, measured on AWS)."""
    _create(catalog, "there")
    answer = catalog.call("BatchDeleteTable", DatabaseName="db", TablesToDelete=["There", "missing_table"])
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table missing_table not found"}
    assert answer["Errors"] == [{"TableName": "missing_table", "ErrorDetail": detail}]
    catalog.reopen()
    assert catalog.call("GetTables", DatabaseName="db")["TableList"] == []


def test_tables_are_listed_in_pages_and_by_pattern(catalog: Catalog) -> None:
    """NextToken pages through those that match, once each (service model, ``GetTables``)."""
    for number in range(25):
        _create(catalog, f"t{number:02}")
        _create(catalog, f"other{number:02}")
    names: list[str] = []
    request: dict[str, Any] = {"DatabaseName": "db", "Expression": "t.*", "MaxResults": 10}
    while True:
        page = catalog.call("GetTables", **request)
        names += [table["Name"] for table in page["TableList"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert names == [f"t{number:02}" for number in range(25)]


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        ("mytableprefix_\\w+", {"mytableprefix_123", "mytableprefix_a"}),
        ("\\w+catch\\w+", {"test_catch_test"}),
        ("*", {"mytableprefix_123", "mytableprefix_a", "test_catch_test", "trailing."}),
        ("mytable*", {"mytableprefix_123", "mytableprefix_a"}),
        (".*catch*", {"test_catch_test"}),
        ("trailing*.*", {"trailing."}),
        ("mytable", set()),
        ("TEST.*", {"test_catch_test"}),
        ("[a-m]*_[0-9]*|trailing\\.", {"trailing."}),
    ],
)
def test_expression_is_a_pattern_of_the_complete_name(expression: str, matching: set[str]) -> None:
    """A regular expression, in which a ``*`` behind a plain character is a wildcard (moto's tests)."""
    names = ["mytableprefix_123", "mytableprefix_a", "test_catch_test", "trailing."]
    assert {name for name in names if name_pattern(expression).fullmatch(name)} == matching


def test_a_broken_expression_is_refused(catalog: Catalog) -> None:
    """An invalid regular expression is InvalidInput, not an internal error."""
    error = catalog.refused("GetTables", DatabaseName="db", Expression="a(")
    assert error.code == "InvalidInputException"


def test_attributes_to_get_chooses_members(catalog: Catalog) -> None:
    """NAME, or NAME and TABLE_TYPE (service model, ``GetTables.AttributesToGet``)."""
    catalog.call("CreateTable", DatabaseName="db", TableInput=FULL)
    both = catalog.call("GetTables", DatabaseName="db", AttributesToGet=["NAME", "TABLE_TYPE"])
    assert both["TableList"] == [{"Name": "t", "TableType": "EXTERNAL_TABLE"}]
    refused = catalog.refused("GetTables", DatabaseName="db", AttributesToGet=["TABLE_TYPE"])
    assert refused.code == "InvalidInputException"


@pytest.mark.parametrize(
    ("operation", "member", "value"),
    [
        ("CreateTable", "TransactionId", "x"),
        ("CreateTable", "OpenTableFormatInput", {"IcebergInput": {"MetadataOperation": "CREATE"}}),
        ("UpdateTable", "TransactionId", "x"),
        ("UpdateTable", "ViewUpdateAction", "ADD"),
        ("DeleteTable", "TransactionId", "x"),
        ("GetTable", "TransactionId", "x"),
        ("GetTable", "QueryAsOfTime", 1.0),
        ("GetTable", "AttributesToGet", ["LATEST_ICEBERG_METADATA"]),
        ("GetTables", "QueryAsOfTime", 1.0),
        ("GetPartitions", "TransactionId", "x"),
    ],
)
def test_unsupported_members_are_refused(catalog: Catalog, operation: str, member: str, value: Any) -> None:
    """Nothing that would change the answer is ignored."""
    _create(catalog)
    bases: dict[str, dict[str, Any]] = {
        "CreateTable": {"TableInput": {"Name": "u"}},
        "UpdateTable": {"TableInput": {"Name": "t"}},
        "GetTables": {},
        "GetPartitions": {"TableName": "t"},
    }
    base = bases.get(operation, {"Name": "t"})
    error = catalog.refused(operation, DatabaseName="db", **base, **{member: value})
    assert error.code == "UnsupportedOperationException"
    assert member in error.message


@pytest.mark.parametrize("member", ["FederatedTable", "ViewDefinition"])
def test_unsupported_members_of_the_input_are_refused(catalog: Catalog, member: str) -> None:
    """Federated tables and views of several dialects are refused by name."""
    value: dict[str, Any] = {"Identifier": "i"} if member == "FederatedTable" else {"IsProtected": True}
    error = catalog.refused("CreateTable", DatabaseName="db", TableInput={"Name": "t", member: value})
    assert member in error.message


@pytest.mark.parametrize("kind", ["array<int>", "MAP<string,int>", "struct<a:int>"])
def test_partition_keys_are_primitive(catalog: Catalog, kind: str) -> None:
    """"Only primitive types are supported as partition keys" (service model, ``TableInput.PartitionKeys``)."""
    keys = [{"Name": "k", "Type": kind}]
    error = catalog.refused("CreateTable", DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys})
    assert error.code == "InvalidInputException"


@pytest.mark.parametrize(
    ("given", "stored"),
    [(5, 5.0), ("1970-01-01T00:00:07Z", 7.0), ("8.5", 8.5)],
)
def test_times_are_read_in_every_form(catalog: Catalog, given: Any, stored: float) -> None:
    """JSON 1.1 clients send epoch seconds, others ISO 8601 (docs/facts/protocol.md#requests)."""
    _create(catalog, LastAccessTime=given)
    assert _table(catalog)["LastAccessTime"] == stored


@pytest.mark.parametrize("given", ["soon", float("nan"), 1e300])
def test_invalid_times_are_refused(catalog: Catalog, given: Any) -> None:
    """A time that no client could read back is InvalidInput, not a broken answer later."""
    error = catalog.refused("CreateTable", DatabaseName="db", TableInput={"Name": "t", "LastAccessTime": given})
    assert error.code == "InvalidInputException"


def test_a_foreign_token_is_refused(catalog: Catalog) -> None:
    """A NextToken of another service is InvalidInput (service model lists it)."""
    for token in ("nonsense", "WzFd", "NQ=="):
        assert catalog.refused("GetTables", DatabaseName="db", NextToken=token).code == "InvalidInputException"


def test_a_table_link_is_followed(catalog: Catalog) -> None:
    """GetTable, GetTables, UpdateTable and partitions go to the target, DeleteTable to the link
    (Lake Formation guide, "Resource link handling in AWS Glue APIs")."""
    catalog.partitioned(("dt", "string"))
    catalog.add(["1"])
    target = {"CatalogId": "123456789012", "DatabaseName": "db", "Name": "t"}
    _create(catalog, "link", TargetTable=target)
    catalog.reopen()
    found = _table(catalog, "link")
    assert (found["Name"], found["TargetTable"]) == ("link", target)
    assert found["StorageDescriptor"] == _table(catalog, "t")["StorageDescriptor"]
    partitions = catalog.call("GetPartitions", DatabaseName="db", TableName="link")["Partitions"]
    assert [partition["TableName"] for partition in partitions] == ["t"]
    catalog.call("UpdateTable", DatabaseName="db", TableInput={"Name": "link", "Owner": "o", "PartitionKeys": []})
    assert _table(catalog, "t")["Owner"] == "o"
    catalog.call("DeleteTable", DatabaseName="db", Name="link")
    assert _table(catalog, "t")["Name"] == "t"


def test_no_table_link_through_a_database_link(catalog: Catalog) -> None:
    """"Creating a table resource link through a database resource link is not supported" (same page)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "l", "TargetDatabase": {"DatabaseName": "db"}})
    target = {"DatabaseName": "db", "Name": "t"}
    error = catalog.refused("CreateTable", DatabaseName="l", TableInput={"Name": "x", "TargetTable": target})
    assert error.code == "InvalidInputException"


def test_a_link_without_target_is_returned_and_has_no_partitions(catalog: Catalog) -> None:
    """A link may outlive its target (same page: the link's own properties are shown)."""
    _create(catalog, "link", TargetTable={"DatabaseName": "db", "Name": "gone"})
    assert _table(catalog, "link")["TargetTable"]["Name"] == "gone"
    error = catalog.refused("GetPartitions", DatabaseName="db", TableName="link")
    assert error.message == "Table gone not found."


def test_other_families_put_get_and_delete_in_one_transaction(catalog: Catalog) -> None:
    """A crawl writes tables and partitions in one transaction (architecture: plain methods take the
    transaction)."""
    tables, databases = catalog.family(Tables), catalog.family(Databases)

    def work(tx: Any) -> tuple[Any, Any]:
        databases.insert(tx, catalog.context, {"Name": "Crawled"})
        tables.put(tx, catalog.context, "crawled", {"Name": "T", "Owner": "a"})
        tables.put(tx, catalog.context, "crawled", {"Name": "t", "Owner": "b"}, skip_archive=True)
        tables.put(tx, catalog.context, "crawled", {"Name": "u"})
        tables.delete(tx, catalog.context, "crawled", "U")
        return (
            tables.get(tx, catalog.context, "crawled", "t"),
            tables.get(tx, catalog.context, "crawled", "u"),
        )

    found, missing = catalog.database.write(work)
    assert (found["Owner"], found["VersionId"], missing) == ("b", "1", None)
    catalog.reopen()
    assert len(catalog.call("GetTables", DatabaseName="crawled")["TableList"]) == 1
