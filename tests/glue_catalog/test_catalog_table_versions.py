"""Versions of tables."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_harness import Catalog


@pytest.fixture(autouse=True)
def _table(catalog: Catalog) -> None:
    catalog.call("CreateDatabase", DatabaseInput={"Name": "db"})
    catalog.call("CreateTable", DatabaseName="db", TableInput={"Name": "t", "Description": "0"})


def _update(catalog: Catalog, *numbers: int, **members: Any) -> None:
    for number in numbers:
        table_input = {"Name": "t", "Description": str(number)}
        catalog.call("UpdateTable", DatabaseName="db", TableInput=table_input, **members)


def _versions(catalog: Catalog, **request: Any) -> list[str]:
    answer = catalog.call("GetTableVersions", DatabaseName="db", TableName="t", **request)
    for version in answer["TableVersions"]:
        assert version["VersionId"] == version["Table"]["VersionId"] == version["Table"]["Description"]
    return [version["VersionId"] for version in answer["TableVersions"]]


def test_each_update_keeps_the_version_before(catalog: Catalog) -> None:
    """The current and the archived ones, newest first (floci #1230, measured on AWS), after a restart too."""
    _update(catalog, 1, 2)
    catalog.reopen()
    assert _versions(catalog) == ["2", "1", "0"]


def test_skip_archive_keeps_no_version_but_counts(catalog: Catalog) -> None:
    """"If skipArchive is set to true, UpdateTable does not create the archived version" (service model)."""
    _update(catalog, 1)
    _update(catalog, 2, 3, SkipArchive=True)
    catalog.reopen()
    assert _versions(catalog) == ["3", "0"]


def test_versions_are_listed_in_pages(catalog: Catalog) -> None:
    """NextToken pages through all versions, once each (service model)."""
    _update(catalog, *range(1, 8))
    seen, request = [], {"MaxResults": 3}
    while True:
        answer = catalog.call("GetTableVersions", DatabaseName="db", TableName="t", **request)
        seen += [version["VersionId"] for version in answer["TableVersions"]]
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert seen == [str(number) for number in range(7, -1, -1)]


def test_one_version_is_found_by_its_number(catalog: Catalog) -> None:
    """VersionId names a version; without it the current one is meant (it is optional in the model)."""
    _update(catalog, 1)
    found = {
        wanted: catalog.call(
            "GetTableVersion", DatabaseName="db", TableName="T", **({"VersionId": wanted} if wanted else {})
        )["TableVersion"]["Table"]["Description"]
        for wanted in ("0", "1", "")
    }
    assert found == {"0": "0", "1": "1", "": "1"}


def test_missing_and_malformed_versions(catalog: Catalog) -> None:
    """Errors and text as moto's tests have them from AWS."""
    missing = catalog.refused("GetTableVersion", DatabaseName="db", TableName="t", VersionId="20")
    assert (missing.code, missing.message) == ("EntityNotFoundException", "Version not found.")
    malformed = catalog.refused("GetTableVersion", DatabaseName="db", TableName="t", VersionId="1x")
    assert malformed.code == "InvalidInputException"


def test_an_archived_version_is_deleted(catalog: Catalog) -> None:
    """DeleteTableVersion removes one permanently (service model)."""
    _update(catalog, 1, 2)
    catalog.call("DeleteTableVersion", DatabaseName="db", TableName="t", VersionId="1")
    catalog.reopen()
    assert _versions(catalog) == ["2", "0"]


def test_the_current_version_cannot_be_deleted(catalog: Catalog) -> None:
    """A table needs a definition (Glueprint's choice: docs/fidelity/catalog.md)."""
    error = catalog.refused("DeleteTableVersion", DatabaseName="db", TableName="t", VersionId="0")
    assert error.code == "InvalidInputException"


def test_batch_delete_lists_each_failure(catalog: Catalog) -> None:
    """BatchDeleteTableVersion deletes what it can and lists the rest (service model, ``TableVersionError``)."""
    _update(catalog, 1, 2)
    answer = catalog.call(
        "BatchDeleteTableVersion", DatabaseName="db", TableName="t", VersionIds=["0", "9", "x", "2"]
    )
    assert [(e["TableName"], e["VersionId"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]] == [
        ("t", "9", "EntityNotFoundException"),
        ("t", "x", "InvalidInputException"),
        ("t", "2", "InvalidInputException"),
    ]
    catalog.reopen()
    assert _versions(catalog) == ["2", "1"]
