"""SearchTables."""

from __future__ import annotations

from typing import Any

import pytest
from catalog_harness import Catalog


@pytest.fixture(autouse=True)
def _tables(catalog: Catalog) -> None:
    for database in ("sales", "web"):
        catalog.call("CreateDatabase", DatabaseInput={"Name": database})
    for database, table_input in (
        ("sales", {"Name": "customer-link", "Owner": "ann", "Parameters": {"classification": "csv"}}),
        ("sales", {"Name": "xx-link-yy", "Description": "Two words", "Retention": 1}),
        ("web", {"Name": "xxlinkyy", "PartitionKeys": [{"Name": "dt", "Type": "string", "Comment": "the Day"}]}),
    ):
        catalog.call("CreateTable", DatabaseName=database, TableInput=table_input)
        catalog.clock.advance(100)


def _found(catalog: Catalog, **request: Any) -> list[str]:
    return [table["Name"] for table in catalog.call("SearchTables", **request)["TableList"]]


def test_a_name_matches_by_its_words(catalog: Catalog) -> None:
    """The example of the service model: ``link`` finds customer-link and xx-link-yy, not xxlinkyy."""
    assert _found(catalog, Filters=[{"Key": "Name", "Value": "link"}]) == ["customer-link", "xx-link-yy"]


@pytest.mark.parametrize(
    ("predicate", "names"),
    [
        ({"Key": "DatabaseName", "Value": "web"}, ["xxlinkyy"]),
        ({"Key": "Owner", "Value": "ANN"}, ["customer-link"]),
        ({"Key": "classification", "Value": "csv"}, ["customer-link"]),
        ({"Key": "CreateTime", "Value": "1700000100", "Comparator": "GREATER_THAN"}, ["xxlinkyy"]),
        ({"Key": "CreateTime", "Value": "1700000100"}, ["xx-link-yy"]),
        (
            {"Key": "CreateTime", "Value": "2023-11-14T22:13:20Z", "Comparator": "LESS_THAN_EQUALS"},
            ["customer-link"],
        ),
        ({"Key": "nosuch", "Value": "x"}, []),
    ],
)
def test_filters_compare_properties(catalog: Catalog, predicate: dict[str, str], names: list[str]) -> None:
    """Members and parameters by word, times by comparator (service model, ``PropertyPredicate``)."""
    assert _found(catalog, Filters=[predicate]) == names


def test_all_filters_must_match(catalog: Catalog) -> None:
    """"Returns all entities matching the predicate": every one of them (service model)."""
    both = [{"Key": "Name", "Value": "link"}, {"Key": "DatabaseName", "Value": "web"}]
    assert _found(catalog, Filters=both) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("LINK", ["customer-link", "xx-link-yy", "xxlinkyy"]),
        ('"xxlinkyy"', ["xxlinkyy"]),
        ('"link"', []),
        ("words", ["xx-link-yy"]),
        ("the day", ["xxlinkyy"]),
        ("csv", ["customer-link"]),
    ],
)
def test_text_is_searched_everywhere(catalog: Catalog, text: str, names: list[str]) -> None:
    """In names, descriptions, columns, parameters; in quotes as a complete value (service model,
    ``SearchText``)."""
    assert _found(catalog, SearchText=text) == names


def test_results_are_sorted_and_paged(catalog: Catalog) -> None:
    """SortCriteria and NextToken (service model)."""
    criteria = [{"FieldName": "CreateTime", "Sort": "DESC"}]
    first = catalog.call("SearchTables", SortCriteria=criteria, MaxResults=2)
    rest = _found(catalog, SortCriteria=criteria, NextToken=first["NextToken"])
    assert [table["Name"] for table in first["TableList"]] + rest == ["xxlinkyy", "xx-link-yy", "customer-link"]
    refused = catalog.refused("SearchTables", SortCriteria=[{"FieldName": "Colour"}])
    assert refused.code == "InvalidInputException"


def test_missing_members_sort_first(catalog: Catalog) -> None:
    """A table without the member that is sorted by is still found."""
    assert _found(catalog, SortCriteria=[{"FieldName": "Owner"}])[-1] == "customer-link"


def test_links_are_found_as_they_are(catalog: Catalog) -> None:
    """SearchTables does not follow links (Lake Formation guide, "Resource link handling in AWS Glue APIs")."""
    target = {"DatabaseName": "sales", "Name": "customer-link"}
    catalog.call("CreateTable", DatabaseName="web", TableInput={"Name": "mine", "TargetTable": target})
    (found,) = catalog.call("SearchTables", SearchText='"mine"')["TableList"]
    assert found["TargetTable"] == target
    assert "Owner" not in found


def test_other_accounts_share_no_tables(catalog: Catalog) -> None:
    """FOREIGN searches what other accounts share: none (service model, ``ResourceShareType``)."""
    assert _found(catalog, ResourceShareType="FOREIGN") == []
    assert len(_found(catalog, ResourceShareType="ALL")) == 3
