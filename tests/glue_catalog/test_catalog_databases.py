"""Databases of the Data Catalog, resource links among them."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_harness import Catalog


def _database(catalog: Catalog, name: str) -> dict[str, Any]:
    return dict(catalog.call("GetDatabase", Name=name)["Database"])


def test_database_is_read_back_after_a_restart(catalog: Catalog) -> None:
    """All members of DatabaseInput come back, with CatalogId and CreateTime (service model, ``Database``)."""
    given = {"Name": "sales", "Description": "d", "LocationUri": "s3://b/s/", "Parameters": {"k": "v"}}
    catalog.call("CreateDatabase", DatabaseInput=given, Tags={"team": "x"})
    catalog.reopen()
    found = _database(catalog, "sales")
    assert given.items() <= found.items()
    assert found["CatalogId"] == "123456789012"
    assert found["CreateTime"] == catalog.clock.now()


def test_names_are_folded_to_lower_case(catalog: Catalog) -> None:
    """Any case finds a database, and it shows in lower case (floci #1202, measured on AWS)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "MixedCase"})
    assert {_database(catalog, name)["Name"] for name in ("mixedcase", "MIXEDCASE", "MixedCase")} == {"mixedcase"}
    assert catalog.refused("CreateDatabase", DatabaseInput={"Name": "MIXEDcase"}).code == "AlreadyExistsException"


def test_a_database_has_the_default_permissions(catalog: Catalog) -> None:
    """Without Lake Formation set up, everyone is granted all (Lake Formation guide, default settings)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d"})
    principal = _database(catalog, "d")["CreateTableDefaultPermissions"][0]["Principal"]
    assert principal == {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}


def test_update_replaces_all_but_name_and_creation(catalog: Catalog) -> None:
    """UpdateDatabase gives "the new definition" (service model); what is left out is gone, after a restart too."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d", "Description": "old", "LocationUri": "s3://b/"})
    created = _database(catalog, "d")["CreateTime"]
    catalog.clock.advance(60)
    catalog.call("UpdateDatabase", Name="D", DatabaseInput={"Name": "d", "Description": "new"})
    catalog.reopen()
    found = _database(catalog, "d")
    assert (found["Description"], found["CreateTime"], found.get("LocationUri")) == ("new", created, None)


def test_a_database_cannot_be_renamed(catalog: Catalog) -> None:
    """AWS's refusal and its text (floci #1229, measured on AWS)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d"})
    error = catalog.refused("UpdateDatabase", Name="d", DatabaseInput={"Name": "e"})
    assert (error.code, error.message) == ("InvalidInputException", "Database cannot be renamed")


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("GetDatabase", {"Name": "x"}),
        ("DeleteDatabase", {"Name": "x"}),
        ("UpdateDatabase", {"Name": "x", "DatabaseInput": {"Name": "x"}}),
        ("GetTables", {"DatabaseName": "x"}),
        ("GetTable", {"DatabaseName": "x", "Name": "t"}),
        ("CreateTable", {"DatabaseName": "x", "TableInput": {"Name": "t"}}),
        ("BatchDeleteTable", {"DatabaseName": "x", "TablesToDelete": ["t"]}),
    ],
)
def test_a_missing_database_is_named(catalog: Catalog, operation: str, request_: dict[str, Any]) -> None:
    """EntityNotFoundException with AWS's text (moto's tests)."""
    error = catalog.refused(operation, **request_)
    assert (error.code, error.message) == ("EntityNotFoundException", "Database x not found.")


def test_deleting_a_database_deletes_its_tables_and_tags(catalog: Catalog) -> None:
    """DeleteDatabase ends access to tables and partitions (service model); a new one is empty and untagged."""
    catalog.partitioned(("dt", "string"))
    catalog.add(["1"])
    arn = "arn:aws:glue:us-east-1:123456789012:database/db"
    catalog.call("TagResource", ResourceArn=arn, TagsToAdd={"a": "b"})
    catalog.call("DeleteDatabase", Name="DB")
    catalog.reopen()
    catalog.refused("GetDatabase", Name="db")
    catalog.partitioned(("dt", "string"))
    assert catalog.values() == []
    assert catalog.call("GetTags", ResourceArn=arn)["Tags"] == {}


def test_databases_are_listed_in_pages(catalog: Catalog) -> None:
    """NextToken pages through all of them, once each (service model, ``GetDatabases``)."""
    for number in range(7):
        catalog.call("CreateDatabase", DatabaseInput={"Name": f"d{number}"})
    names, token = [], None
    while True:
        page = catalog.call("GetDatabases", MaxResults=3, **({"NextToken": token} if token else {}))
        names += [item["Name"] for item in page["DatabaseList"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert names == [f"d{number}" for number in range(7)]


def test_attributes_to_get_chooses_members(catalog: Catalog) -> None:
    """Only the named attributes, and NAME must be one (service model, ``GetDatabases.AttributesToGet``)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d", "Description": "x"})
    assert catalog.call("GetDatabases", AttributesToGet=["NAME"])["DatabaseList"] == [{"Name": "d"}]
    assert catalog.refused("GetDatabases", AttributesToGet=["TARGET_DATABASE"]).code == "InvalidInputException"


def test_other_accounts_share_no_databases(catalog: Catalog) -> None:
    """FOREIGN and FEDERATED list what others share (service model): there is none, and ALL adds none."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d"})
    counts = {
        kind: len(catalog.call("GetDatabases", ResourceShareType=kind)["DatabaseList"])
        for kind in ("FOREIGN", "FEDERATED", "ALL")
    }
    assert counts == {"FOREIGN": 0, "FEDERATED": 0, "ALL": 1}


def test_another_accounts_catalog_is_not_found(catalog: Catalog) -> None:
    """CatalogId defaults to the account (service model); this Glue has no other catalog."""
    catalog.call("CreateDatabase", CatalogId="123456789012", DatabaseInput={"Name": "d"})
    error = catalog.refused("GetDatabase", CatalogId="999999999999", Name="d")
    assert (error.code, error.message) == ("EntityNotFoundException", "Catalog 999999999999 not found.")


def test_federation_is_not_supported(catalog: Catalog) -> None:
    """What is not built is refused by name, never ignored."""
    federated = {"Identifier": "i", "ConnectionName": "c"}
    error = catalog.refused("CreateDatabase", DatabaseInput={"Name": "d", "FederatedDatabase": federated})
    assert error.code == "UnsupportedOperationException"
    assert "FederatedDatabase" in error.message


def test_a_database_link_is_followed(catalog: Catalog) -> None:
    """GetDatabase, CreateTable, GetTable and GetTables follow a link; DeleteDatabase deletes only the link
    (Lake Formation guide, "Resource link handling in AWS Glue APIs")."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "real", "Description": "the real one"})
    target = {"CatalogId": "123456789012", "DatabaseName": "real"}
    catalog.call("CreateDatabase", DatabaseInput={"Name": "link", "TargetDatabase": target})
    catalog.reopen()
    found = _database(catalog, "link")
    assert (found["Name"], found["Description"], found["TargetDatabase"]) == ("link", "the real one", target)
    catalog.call("CreateTable", DatabaseName="link", TableInput={"Name": "t"})
    assert catalog.call("GetTable", DatabaseName="real", Name="t")["Table"]["DatabaseName"] == "real"
    assert len(catalog.call("GetTables", DatabaseName="link")["TableList"]) == 1
    catalog.call("UpdateDatabase", Name="link", DatabaseInput={"Name": "link", "Description": "changed"})
    assert _database(catalog, "real")["Description"] == "changed"
    catalog.call("DeleteDatabase", Name="link")
    assert len(catalog.call("GetTables", DatabaseName="real")["TableList"]) == 1


def test_a_link_to_another_catalog_is_returned_and_has_no_tables(catalog: Catalog) -> None:
    """Where the target cannot be reached, the link's own properties are shown (same page)."""
    target = {"CatalogId": "999999999999", "DatabaseName": "theirs"}
    catalog.call("CreateDatabase", DatabaseInput={"Name": "link", "TargetDatabase": target})
    assert _database(catalog, "link")["TargetDatabase"] == target
    assert catalog.refused("GetTables", DatabaseName="link").code == "EntityNotFoundException"


def test_a_link_keeps_its_target(catalog: Catalog) -> None:
    """"To link to a different database, you must delete it and create a new one" (same page)."""
    for name in ("a", "b"):
        catalog.call("CreateDatabase", DatabaseInput={"Name": name})
    catalog.call("CreateDatabase", DatabaseInput={"Name": "link", "TargetDatabase": {"DatabaseName": "a"}})
    changed = {"Name": "link", "TargetDatabase": {"DatabaseName": "b"}}
    assert catalog.refused("UpdateDatabase", Name="link", DatabaseInput=changed).code == "InvalidInputException"
