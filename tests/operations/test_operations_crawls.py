"""Crawls, as processes, with custom classifiers and over existing tables of the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operations_harness import ROLE, Operations, until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    """A Glue that crawls; each test uses its own names."""
    path: Path = tmp_path_factory.mktemp("crawls") / "data"
    with Operations(path, has_engine=True) as opened:
        yield opened


def _crawl(glue: Operations, name: str) -> dict[str, Any]:
    """Start a crawler; return its history entry once the crawl is over."""
    glue.call("StartCrawler", Name=name)

    def look() -> dict[str, Any] | None:
        newest: dict[str, Any] = glue.call("ListCrawls", CrawlerName=name)["Crawls"][0]
        return newest if newest["State"] != "RUNNING" else None

    ended: dict[str, Any] = until(look)
    return ended


def test_classifiers_are_applied_in_the_crawlers_order(running: Operations) -> None:
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


def test_a_crawl_without_its_classifier_fails(running: Operations) -> None:
    """A classifier deleted after the crawler was made: the crawl fails and names it (AWS does not document
    this)."""
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


def test_catalog_targets_only_update_their_tables(running: Operations) -> None:
    """DG:define-crawler, catalog targets: columns and partitions are added, the table keeps its name and keys."""
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


def test_a_missing_catalog_target_fails_the_crawl(running: Operations) -> None:
    """The table is looked up when the crawl starts: the error names a missing one (AWS does not document this)."""
    running.call("CreateDatabase", DatabaseInput={"Name": "bare"})
    targets = {"CatalogTargets": [{"DatabaseName": "bare", "Tables": ["nothing"]}]}
    running.call("CreateCrawler", Name="bare", Role=ROLE, Targets=targets)
    assert "nothing" in _crawl(running, "bare")["ErrorMessage"]


NEW_FOLDERS_ONLY = {
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
}


def _s3_crawler(glue: Operations, name: str, **members: Any) -> None:
    """Create a crawler of ``s3://data/NAME`` into a database with the crawler's name."""
    glue.call("CreateDatabase", DatabaseInput={"Name": name})
    targets = {"S3Targets": [{"Path": f"s3://data/{name}"}]}
    glue.call("CreateCrawler", Name=name, Role=ROLE, DatabaseName=name, Targets=targets, **members)


def _changes(crawl: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the changes in a crawl's summary, without the counts."""
    sections: dict[str, dict[str, str]] = json.loads(crawl["Summary"])
    return {
        kind: {action: json.loads(text)["Details"] for action, text in actions.items()}
        for kind, actions in sections.items()
    }


def _values(glue: Operations, name: str) -> list[list[str]]:
    partitions = glue.call("GetPartitions", DatabaseName=name, TableName=name)["Partitions"]
    return sorted(one["Values"] for one in partitions)


def _log(glue: Operations, name: str) -> list[str]:
    """Return the lines of the crawler's log."""
    return (glue.local.settings.logs_root / "%2Faws-glue%2Fcrawlers" / name).read_text().splitlines()


def test_a_schedule_starts_crawls(running: Operations) -> None:
    """A crawler's schedule starts it at its times, in UTC; StopCrawlerSchedule ends that
    (docs/facts/triggers.md#schedules)."""
    running.put("hourly/a.csv", b"a,b\n1,2\n")
    _s3_crawler(running, "hourly", Schedule="cron(0 * * * ? *)")
    running.clock.advance(3600 - running.clock.now() % 3600)

    def ended(count: int) -> bool | None:
        crawls = running.call("ListCrawls", CrawlerName="hourly")["Crawls"]
        return (len(crawls) == count and crawls[0]["State"] == "COMPLETED") or None

    until(lambda: ended(1))
    running.clock.advance(3600)
    until(lambda: ended(2))
    running.call("StopCrawlerSchedule", CrawlerName="hourly")
    running.clock.advance(7200)
    assert running.call("GetCrawler", Name="hourly")["Crawler"]["State"] == "READY"
    assert len(running.call("ListCrawls", CrawlerName="hourly")["Crawls"]) == 2


def test_new_folders_only_adds_new_folders(running: Operations) -> None:
    """After the first crawl only new folders count: no schema changes, no deprecations; and the targets stay
    (DG:incremental-crawls).
    """
    running.put("added/day=1/a.csv", b"id,n\n1,2\n")
    _s3_crawler(running, "added", **NEW_FOLDERS_ONLY)
    assert _crawl(running, "added")["State"] == "COMPLETED"
    running.put("added/day=2/a.csv", b"id,n\n1,2\n")
    running.put("added/day=1/b.csv", b"id,n,extra,more\n1,2,3,4\n")
    running.local.s3_store.delete("data", "added/day=1/a.csv")
    crawl = _crawl(running, "added")
    assert (crawl["State"], _values(running, "added")) == ("COMPLETED", [["1"], ["2"]])
    table = running.call("GetTable", DatabaseName="added", Name="added")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "n"]
    other = {"S3Targets": [{"Path": "s3://data/other"}]}
    assert "cannot be changed" in running.refused("UpdateCrawler", Name="added", Targets=other).message
    everything = {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    running.call("UpdateCrawler", Name="added", Targets=other, RecrawlPolicy=everything)


def test_a_second_crawl_of_unchanged_data_reads_no_bodies(running: Operations) -> None:
    """The crawler remembers each object's version, and changes nothing in the catalog."""
    for day in (1, 2):
        running.put(f"same/day={day}/a.csv", b"id,n\n1,2\n")
    _s3_crawler(running, "same")
    first, second = (_crawl(running, "same") for _ in range(2))
    assert _changes(first) == {"TABLE": {"ADD": {"names": ["same"]}}, "PARTITION": {"ADD": {"same": ["1", "2"]}}}
    assert "Summary" not in second
    read = [line.split(" : ")[1] for line in _log(running, "same") if line.endswith(" files were read")]
    assert read == ["2 files were read", "0 files were read"]
    versions = running.call("GetTableVersions", DatabaseName="same", TableName="same")["TableVersions"]
    assert len(versions) == 1


def test_every_line_of_the_log_names_its_crawl(running: Operations) -> None:
    """Crawls of one crawler share a stream; ``MessagePrefix`` distinguishes them (service model,
    LastCrawlInfo)."""
    running.put("prefixed/a.csv", b"id,n\n1,2\n")
    _s3_crawler(running, "prefixed")
    crawls = [_crawl(running, "prefixed")["MessagePrefix"] for _ in range(2)]
    lines = _log(running, "prefixed")
    assert {line.split()[0] for line in lines} == {f"[{crawl}]" for crawl in crawls}
    assert any("table prefixed: created in the catalog" in line for line in lines)


def test_a_catalog_that_refuses_fails_the_crawl(running: Operations) -> None:
    """A database that links to a deleted one takes no tables: the crawl fails, and its log ends with the
    reason."""
    running.put("lost/day=1/a.csv", b"id,n\n1,2\n")
    home = {"CatalogId": "123456789012", "DatabaseName": "home_of_lost"}
    running.call("CreateDatabase", DatabaseInput={"Name": home["DatabaseName"]})
    running.call("CreateDatabase", DatabaseInput={"Name": "lost", "TargetDatabase": home})
    targets = {"S3Targets": [{"Path": "s3://data/lost"}]}
    running.call("CreateCrawler", Name="lost", Role=ROLE, DatabaseName="lost", Targets=targets)
    running.call("DeleteDatabase", Name=home["DatabaseName"])
    ended = _crawl(running, "lost")
    assert ended["State"] == "FAILED"
    assert "Database home_of_lost not found" in ended["ErrorMessage"]
    assert running.call("GetCrawler", Name="lost")["Crawler"]["LastCrawl"]["Status"] == "FAILED"
    assert _log(running, "lost")[-1] == f"[{ended['CrawlId']}] ERROR : {ended['ErrorMessage']}"


def test_a_recreated_crawler_starts_from_the_beginning(running: Operations) -> None:
    """What a deleted crawler has read does not count for a new one with its name, whose first crawl is complete
    (DG:incremental-crawls: the first crawl is a complete one).
    """
    running.put("again/day=1/a.csv", b"id,n\n1,2\n")
    _s3_crawler(running, "again", **NEW_FOLDERS_ONLY)
    assert _crawl(running, "again")["State"] == "COMPLETED"
    running.call("DeleteCrawler", Name="again")
    running.call("DeleteDatabase", Name="again")
    running.clock.advance(60)
    _s3_crawler(running, "again", **NEW_FOLDERS_ONLY)
    assert _crawl(running, "again")["State"] == "COMPLETED"
    assert _values(running, "again") == [["1"]]


def test_the_states_of_a_crawl_that_is_stopped(glue: Operations) -> None:
    """RUNNING, STOPPING, READY, and what each state refuses (service model; docs/facts/crawlers.md#states)."""
    glue.put("states/a.csv", b"id,n\n1,2\n")
    _s3_crawler(glue, "states")
    assert glue.refused("StopCrawler", Name="states").code == "CrawlerNotRunningException"
    glue.call("StartCrawler", Name="states")  # no crawl is launched: this Glue's engine does not run
    assert glue.call("GetCrawler", Name="states")["Crawler"]["State"] == "RUNNING"
    for operation in ("StartCrawler", "UpdateCrawler", "DeleteCrawler"):
        assert glue.refused(operation, Name="states").code == "CrawlerRunningException"
    glue.call("StopCrawler", Name="states")
    assert glue.call("GetCrawler", Name="states")["Crawler"]["State"] == "STOPPING"
    assert glue.refused("StopCrawler", Name="states").code == "CrawlerStoppingException"
    assert glue.refused("StartCrawler", Name="states").code == "CrawlerRunningException"


def test_settings_without_a_local_effect_are_kept(glue: Operations) -> None:
    """Lineage, Lake Formation and security settings are accepted and returned (service model)."""
    glue.put("settings/a.csv", b"id,n\n1,2\n")
    settings = {
        "LineageConfiguration": {"CrawlerLineageSettings": "ENABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": "123456789012"},
        "CrawlerSecurityConfiguration": "none",
    }
    _s3_crawler(glue, "settings", **settings)
    shown = glue.call("GetCrawler", Name="settings")["Crawler"]
    assert {name: shown[name] for name in settings} == settings


@pytest.mark.parametrize(("members", "database"), [({"DatabaseName": "Unmade"}, "unmade"), ({}, "default")])
def test_a_crawl_creates_its_database(running: Operations, members: dict[str, str], database: str) -> None:
    """A missing database is created by the crawl, as in AWS's examples ("the database that will be
    created by the crawler": code examples, "Learn the basics"); without a name it is ``default``
    (DG:crawler-running).
    """
    running.put(f"{database}s/a.csv", b"a,b\n1,2\n")
    targets = {"S3Targets": [{"Path": f"s3://data/{database}s"}]}
    running.call("CreateCrawler", Name=database, Role=ROLE, Targets=targets, **members)
    assert database not in [one["Name"] for one in running.call("GetDatabases")["DatabaseList"]]
    for _ in range(2):
        assert _crawl(running, database)["State"] == "COMPLETED"
    tables = running.call("GetTables", DatabaseName=database)["TableList"]
    assert [table["Name"] for table in tables] == [f"{database}s"]


def test_a_failed_crawl_creates_no_database(running: Operations) -> None:
    """More tables than TableThreshold: nothing is written (DG:crawler-maximum-number-of-tables)."""
    running.put("toomany/x/a.csv", b"a,b\n1,2\n")
    running.put("toomany/y/a.csv", b"c,d\n1,2\n")
    limit = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    targets = {"S3Targets": [{"Path": "s3://data/toomany"}]}
    running.call(
        "CreateCrawler", Name="toomany", Role=ROLE, DatabaseName="toomany", Targets=targets, Configuration=limit
    )
    assert _crawl(running, "toomany")["State"] == "FAILED"
    assert running.refused("GetDatabase", Name="toomany").code == "EntityNotFoundException"


@pytest.mark.parametrize("size", [0, 250])
def test_a_sample_has_1_to_249_files(running: Operations, size: int) -> None:
    """Service model, ``S3Target.SampleSize``: "A valid value is an integer between 1 and 249."."""
    running.put("sampled/a.csv", b"a,b\n1,2\n")
    targets = {"S3Targets": [{"Path": "s3://data/sampled", "SampleSize": size}]}
    error = running.refused("CreateCrawler", Name="sampled", Role=ROLE, DatabaseName="d", Targets=targets)
    assert (error.code, f"between 1 and 249, not {size}" in error.message) == ("InvalidInputException", True)


def test_the_summary_names_what_changed(running: Operations) -> None:
    """ListCrawls' ``Summary`` has the form that public programs read from AWS
    (docs/decisions/crawler-results.md): tables and
    partitions that were added, updated and deleted, with their count; what changed nothing has none.
    """
    rows = b"id,n\n1,2\n"
    for number in (1, 2, 3):
        running.put(f"summed/t/day={number}/a.csv", rows)
    running.put("summed/u/a.json", b'{"x": 1}\n')
    _s3_crawler(running, "summed")
    crawl = _crawl(running, "summed")
    added = {"TABLE": {"ADD": {"names": ["t", "u"]}}, "PARTITION": {"ADD": {"t": ["1", "2", "3"]}}}
    assert _changes(crawl) == added
    assert json.loads(json.loads(crawl["Summary"])["PARTITION"]["ADD"])["Count"] == 3
    running.local.s3_store.delete("data", "summed/u/a.json")
    running.local.s3_store.delete("data", "summed/t/day=3/a.csv")
    running.put("summed/v/a.json", b'{"y": 1}\n')
    running.call("UpdateCrawler", Name="summed", SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    assert _changes(_crawl(running, "summed")) == {
        "TABLE": {"ADD": {"names": ["v"]}, "UPDATE": {"names": ["t"]}, "DELETE": {"names": ["u"]}},
        "PARTITION": {"DELETE": {"t": ["3"]}},
    }
    metrics = running.call("GetCrawlerMetrics", CrawlerNameList=["summed"])["CrawlerMetricsList"][0]
    assert [metrics[f"Tables{what}"] for what in ("Created", "Updated", "Deleted")] == [1, 1, 1]
