"""Changes to crawlers, classifiers and connections, and how they are read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operations_changes_table import change_by, check_gone
from operations_harness import ROLE, Operations, until


def _crawler(glue: Operations, name: str, **members: Any) -> None:
    glue.put(f"{name}/a.csv", b"a,b\n1,2\n")
    glue.call("CreateDatabase", DatabaseInput={"Name": name})
    targets = {"S3Targets": [{"Path": f"s3://data/{name}"}]}
    glue.call("CreateCrawler", Name=name, Role=ROLE, DatabaseName=name, Targets=targets, **members)


def _read_crawler(glue: Operations, name: str) -> dict[str, Any]:
    crawler: dict[str, Any] = glue.call("GetCrawler", Name=name)["Crawler"]
    return crawler


@change_by("CreateCrawler")
def _create_crawler(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name, TablePrefix="p_")
    yield
    assert _read_crawler(glue, name)["TablePrefix"] == "p_"


@change_by("UpdateCrawler")
def _update_crawler(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name)
    glue.call("UpdateCrawler", Name=name, TablePrefix="q_")
    yield
    assert (_read_crawler(glue, name)["TablePrefix"], _read_crawler(glue, name)["Version"]) == ("q_", 2)


@change_by("DeleteCrawler")
def _delete_crawler(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name)
    glue.call("DeleteCrawler", Name=name)
    yield
    check_gone(glue, "GetCrawler", Name=name)


@change_by("StartCrawler")
def _start_crawler(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name)
    glue.call("StartCrawler", Name=name)
    yield
    assert len(glue.call("ListCrawls", CrawlerName=name)["Crawls"]) == 1


@change_by("StopCrawler")
def _stop_crawler(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name)
    glue.call("StartCrawler", Name=name)
    glue.call("StopCrawler", Name=name)
    yield
    until(lambda: _read_crawler(glue, name)["State"] == "READY" or None)
    assert _read_crawler(glue, name)["LastCrawl"]["Status"] == "CANCELLED"


@change_by("UpdateCrawlerSchedule")
def _update_crawler_schedule(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name)
    glue.call("UpdateCrawlerSchedule", CrawlerName=name, Schedule="cron(0 12 * * ? *)")
    yield
    schedule = {"ScheduleExpression": "cron(0 12 * * ? *)", "State": "SCHEDULED"}
    assert _read_crawler(glue, name)["Schedule"] == schedule


@change_by("StopCrawlerSchedule")
def _stop_crawler_schedule(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name, Schedule="cron(0 12 * * ? *)")
    glue.call("StopCrawlerSchedule", CrawlerName=name)
    yield
    assert _read_crawler(glue, name)["Schedule"]["State"] == "NOT_SCHEDULED"


@change_by("StartCrawlerSchedule")
def _start_crawler_schedule(glue: Operations, name: str) -> Iterator[None]:
    _crawler(glue, name, Schedule="cron(0 12 * * ? *)")
    glue.call("StopCrawlerSchedule", CrawlerName=name)
    glue.call("StartCrawlerSchedule", CrawlerName=name)
    yield
    assert _read_crawler(glue, name)["Schedule"]["State"] == "SCHEDULED"


@change_by("CreateClassifier")
def _create_classifier(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateClassifier", CsvClassifier={"Name": name, "Delimiter": ";"})
    yield
    assert glue.call("GetClassifier", Name=name)["Classifier"]["CsvClassifier"]["Delimiter"] == ";"


@change_by("UpdateClassifier")
def _update_classifier(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateClassifier", JsonClassifier={"Name": name, "JsonPath": "$"})
    glue.call("UpdateClassifier", JsonClassifier={"Name": name, "JsonPath": "$[*]"})
    yield
    assert glue.call("GetClassifier", Name=name)["Classifier"]["JsonClassifier"]["JsonPath"] == "$[*]"


@change_by("DeleteClassifier")
def _delete_classifier(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateClassifier", CsvClassifier={"Name": name})
    glue.call("DeleteClassifier", Name=name)
    yield
    check_gone(glue, "GetClassifier", Name=name)


# Connections

def _network(name: str, **members: Any) -> dict[str, Any]:
    return {"Name": name, "ConnectionType": "NETWORK", "ConnectionProperties": {}} | members


@change_by("CreateConnection")
def _create_connection(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateConnection", ConnectionInput=_network(name, MatchCriteria=["x"]))
    yield
    assert glue.call("GetConnection", Name=name)["Connection"]["MatchCriteria"] == ["x"]


@change_by("UpdateConnection")
def _update_connection(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateConnection", ConnectionInput=_network(name))
    glue.call("UpdateConnection", Name=name, ConnectionInput=_network(name, Description="after"))
    yield
    assert glue.call("GetConnection", Name=name)["Connection"]["Description"] == "after"


@change_by("DeleteConnection")
def _delete_connection(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateConnection", ConnectionInput=_network(name))
    glue.call("DeleteConnection", ConnectionName=name)
    yield
    check_gone(glue, "GetConnection", Name=name)


@change_by("BatchDeleteConnection")
def _batch_delete_connection(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateConnection", ConnectionInput=_network(name))
    assert glue.call("BatchDeleteConnection", ConnectionNameList=[name])["Succeeded"] == [name]
    yield
    check_gone(glue, "GetConnection", Name=name)
