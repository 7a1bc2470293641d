"""Crawls, as processes, with custom classifiers and over tables that are in the catalog already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operations_harness import ROLE, Operations, until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    """A Glue that crawls; tests use names of their own."""
    path: Path = tmp_path_factory.mktemp("crawls") / "data"
    with Operations(path, has_engine=True) as opened:
        yield opened


def _crawl(glue: Operations, name: str) -> dict[str, Any]:
    """Start a crawler; its history entry once the crawl is over."""
    glue.call("StartCrawler", Name=name)

    def look() -> dict[str, Any] | None:
        newest: dict[str, Any] = glue.call("ListCrawls", CrawlerName=name)["Crawls"][0]
        return newest if newest["State"] != "RUNNING" else None

    ended: dict[str, Any] = until(look)
    return ended


def test_classifiers_are_asked_in_the_crawlers_order(running: Operations) -> None:
    """DG:add-classifier: custom classifiers come first, in the order given."""
    running.put("notes/a.txt", b"1~ann\n2~bob\n3~cleo\n")
    running.call("CreateDatabase", DatabaseInput={"Name": "ordered"})
    csv = {"Delimiter": "~", "ContainsHeader": "ABSENT"}
    running.call("CreateClassifier", CsvClassifier={"Name": "first", "Header": ["id", "who"], **csv})
    running.call("CreateClassifier", CsvClassifier={"Name": "second", "Header": ["x", "y"], **csv})
    targets = {"S3Targets": [{"Path": "s3://data/notes"}]}
    crawler = {"Name": "ordered", "Role": ROLE, "DatabaseName": "ordered", "Targets": targets}
    running.call("CreateCrawler", **crawler, Classifiers=["first", "second"])
    assert _crawl(running, "ordered")["State"] == "COMPLETED"
    columns = running.call("GetTable", DatabaseName="ordered", Name="notes")["Table"]["StorageDescriptor"][
        "Columns"
    ]
    assert [(column["Name"], column["Type"]) for column in columns] == [("id", "bigint"), ("who", "string")]


def test_a_crawl_without_its_classifier_fails_by_name(running: Operations) -> None:
    """A classifier deleted after the crawler was made: the crawl fails and says so (AWS is silent)."""
    running.put("plain/a.csv", b"a,b\n1,2\n")
    running.call("CreateDatabase", DatabaseInput={"Name": "plain"})
    running.call("CreateClassifier", CsvClassifier={"Name": "brief"})
    targets = {"S3Targets": [{"Path": "s3://data/plain"}]}
    crawler = {"Name": "plain", "Role": ROLE, "DatabaseName": "plain", "Targets": targets}
    running.call("CreateCrawler", **crawler, Classifiers=["brief"])
    running.call("DeleteClassifier", Name="brief")
    ended = _crawl(running, "plain")
    assert ended["State"] == "FAILED"
    assert "brief" in ended["ErrorMessage"]


def test_catalog_targets_update_their_tables_and_make_none(running: Operations) -> None:
    """DG:define-crawler, catalog targets: columns and partitions come in, the table keeps its name and keys."""
    for day in ("2024-01-01", "2024-01-02"):
        running.put(f"sales/{day}/a.csv", b"id,price\n1,2.5\n2,3.5\n")
    running.call("CreateDatabase", DatabaseInput={"Name": "shop"})
    running.call(
        "CreateTable",
        DatabaseName="shop",
        TableInput={
            "Name": "turnover",
            "StorageDescriptor": {"Columns": [], "Location": "s3://data/sales/"},
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
        },
    )
    targets = {"CatalogTargets": [{"DatabaseName": "shop", "Tables": ["turnover"]}]}
    running.call("CreateCrawler", Name="shop", Role=ROLE, Targets=targets)
    ended = _crawl(running, "shop")
    assert (ended["State"], ended.get("ErrorMessage")) == ("COMPLETED", None)
    tables = running.call("GetTables", DatabaseName="shop")["TableList"]
    assert [table["Name"] for table in tables] == ["turnover"]
    assert [column["Name"] for column in tables[0]["StorageDescriptor"]["Columns"]] == ["id", "price"]
    assert tables[0]["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    partitions = running.call("GetPartitions", DatabaseName="shop", TableName="turnover")["Partitions"]
    assert [one["Values"] for one in partitions] == [["2024-01-01"], ["2024-01-02"]]


def test_a_catalog_target_that_is_not_there_fails_the_crawl(running: Operations) -> None:
    """The table is looked up when the crawl begins: a missing one fails it by name (AWS is silent)."""
    running.call("CreateDatabase", DatabaseInput={"Name": "bare"})
    targets = {"CatalogTargets": [{"DatabaseName": "bare", "Tables": ["nothing"]}]}
    running.call("CreateCrawler", Name="bare", Role=ROLE, Targets=targets)
    assert "nothing" in _crawl(running, "bare")["ErrorMessage"]
