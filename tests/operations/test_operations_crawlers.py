"""Crawlers and their classifiers, past crawls and metrics, as clients get them."""

from __future__ import annotations

from typing import Any

import pytest
from operations_harness import ROLE, Operations


def test_a_classifier_has_a_version_and_times(glue: Operations) -> None:
    """CreateClassifier, then UpdateClassifier: Version rises, CreationTime stays (service model, Classifier)."""
    glue.call("CreateClassifier", CsvClassifier={"Name": "c", "Delimiter": ";", "ContainsHeader": "PRESENT"})
    made = glue.clock.now()
    glue.clock.advance(5)
    glue.call("UpdateClassifier", CsvClassifier={"Name": "c", "Delimiter": "|"})
    found = glue.call("GetClassifier", Name="c")["Classifier"]["CsvClassifier"]
    assert (found["Version"], found["CreationTime"], found["LastUpdated"]) == (2, made, made + 5)
    assert (found["Delimiter"], found["ContainsHeader"]) == ("|", "PRESENT")


def test_a_classifier_that_cannot_work_is_refused(glue: Operations) -> None:
    """A grok pattern with an unknown pattern is refused before a crawl."""
    grok = {"Name": "g", "Classification": "log", "GrokPattern": "%{NOSUCH:x}"}
    assert "there is no pattern 'NOSUCH'" in glue.refused("CreateClassifier", GrokClassifier=grok).message


def test_a_request_has_exactly_one_classifier(glue: Operations) -> None:
    """CreateClassifier takes one kind "depending on which field of the request is present" (service model)."""
    both = {"JsonClassifier": {"Name": "j", "JsonPath": "$"}, "CsvClassifier": {"Name": "c"}}
    assert glue.refused("CreateClassifier").code == "InvalidInputException"
    assert glue.refused("CreateClassifier", **both).code == "InvalidInputException"


def test_classifiers_of_all_kinds_share_names_and_pages(glue: Operations) -> None:
    """Names are unique among all kinds; GetClassifiers pages by name (service model, GetClassifiers)."""
    glue.call("CreateClassifier", JsonClassifier={"Name": "b", "JsonPath": "$[*]"})
    glue.call("CreateClassifier", XMLClassifier={"Name": "a", "Classification": "x", "RowTag": "row"})
    csv = {"Name": "a"}
    assert glue.refused("CreateClassifier", CsvClassifier=csv).code == "AlreadyExistsException"
    assert glue.refused("UpdateClassifier", CsvClassifier=csv).code == "InvalidInputException"
    first = glue.call("GetClassifiers", MaxResults=1)
    second = glue.call("GetClassifiers", MaxResults=1, NextToken=first["NextToken"])
    assert [list(one) for one in (*first["Classifiers"], *second["Classifiers"])] == [
        ["XMLClassifier"],
        ["JsonClassifier"],
    ]
    assert "NextToken" not in second


def test_a_deleted_classifier_is_gone(glue: Operations) -> None:
    """EntityNotFoundException for Get, Update and Delete (service model)."""
    glue.call("CreateClassifier", CsvClassifier={"Name": "c"})
    glue.call("DeleteClassifier", Name="c")
    for operation, request in (
        ("GetClassifier", {"Name": "c"}),
        ("DeleteClassifier", {"Name": "c"}),
        ("UpdateClassifier", {"CsvClassifier": {"Name": "c"}}),
    ):
        assert glue.refused(operation, **request).code == "EntityNotFoundException"


def test_a_crawler_names_classifiers_that_exist(glue: Operations) -> None:
    """CreateCrawler refuses an unknown classifier and names it."""
    glue.put("in/a.csv", b"")
    crawler = {
        "Name": "w",
        "Role": ROLE,
        "DatabaseName": "d",
        "Targets": {"S3Targets": [{"Path": "s3://data/in"}]},
    }
    assert (
        "Classifier nope does not exist" in glue.refused("CreateCrawler", **crawler, Classifiers=["nope"]).message
    )


@pytest.mark.parametrize(
    ("targets", "members", "expected"),
    [
        ({"DynamoDBTargets": [{"Path": "t"}]}, {}, "DynamoDBTargets"),
        ({"MongoDBTargets": [{"ConnectionName": "c"}]}, {}, "MongoDBTargets"),
        ({"DeltaTargets": [{"DeltaTables": ["s3://data/t"]}]}, {}, "DeltaTargets"),
        ({"IcebergTargets": [{"Paths": ["s3://data/t"]}]}, {}, "IcebergTargets"),
        ({"HudiTargets": [{"Paths": ["s3://data/t"]}]}, {}, "HudiTargets"),
    ],
)
def test_unsupported_targets_are_refused_with_their_kind(
    glue: Operations, targets: dict[str, Any], members: dict[str, Any], expected: str
) -> None:
    """A crawler that cannot crawl is not created."""
    error = glue.refused("CreateCrawler", Name="w", Role=ROLE, DatabaseName="d", Targets=targets, **members)
    assert (error.code, expected in error.message) == ("UnsupportedOperationException", True)


def test_catalog_targets_keep_to_their_rules(glue: Operations) -> None:
    """DeleteBehavior LOG, and no other targets (DG:define-crawler, catalog target notes)."""
    catalog = [{"DatabaseName": "d", "Tables": ["t"]}]
    wrong = glue.refused(
        "CreateCrawler",
        Name="w",
        Role=ROLE,
        Targets={"CatalogTargets": catalog, "S3Targets": [{"Path": "s3://data/in"}]},
        SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"},
    )
    assert "cannot be mixed" in wrong.message
    assert "only LOG DeleteBehavior" in wrong.message
    glue.call("CreateCrawler", Name="w", Role=ROLE, Targets={"CatalogTargets": catalog})
    assert glue.call("GetCrawler", Name="w")["Crawler"]["SchemaChangePolicy"]["DeleteBehavior"] == "LOG"


def test_an_empty_schedule_means_no_schedule(glue: Operations) -> None:
    """CreateCrawler and UpdateCrawler take what UpdateCrawlerSchedule takes: an empty schedule removes it."""
    glue.put("in/a.csv", b"")
    targets = {"S3Targets": [{"Path": "s3://data/in"}]}
    glue.call("CreateCrawler", Name="w", Role=ROLE, DatabaseName="d", Targets=targets, Schedule="")
    assert "Schedule" not in glue.call("GetCrawler", Name="w")["Crawler"]
    glue.call("UpdateCrawler", Name="w", Schedule="cron(0 12 * * ? *)")
    assert glue.call("GetCrawler", Name="w")["Crawler"]["Schedule"]["State"] == "SCHEDULED"
    glue.call("UpdateCrawler", Name="w", Schedule="")
    assert "Schedule" not in glue.call("GetCrawler", Name="w")["Crawler"]


def test_a_crawler_belongs_to_the_accounts_catalog(glue: Operations) -> None:
    """There is no other catalog (docs/fidelity/catalog.md): the request is refused."""
    glue.put("in/a.csv", b"")
    crawler = {"Role": ROLE, "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://data/in"}]}}
    refused = glue.refused("CreateCrawler", Name="w", **crawler, CatalogId="999999999999")
    assert refused.code == "EntityNotFoundException"
    glue.call("CreateCrawler", Name="w", **crawler, CatalogId="123456789012")
    assert glue.refused("UpdateCrawler", Name="w", CatalogId="999999999999").code == "EntityNotFoundException"


def _crawled(glue: Operations) -> None:
    """A crawler with three crawls, an hour apart: succeeded after 60 s, failed after 10 s, and running."""
    glue.put("in/a.csv", b"")
    targets = {"S3Targets": [{"Path": "s3://data/in"}]}
    glue.call("CreateCrawler", Name="w", Role=ROLE, DatabaseName="d", Targets=targets)
    rows = [
        ("c1", "SUCCEEDED", 1000.0, 1060.0, '{"TablesCreated": 2}'),
        ("c2", "FAILED", 4600 + 1 / 2048, 4610 + 1 / 2048, None),
        ("c3", "RUNNING", glue.clock.now() - 5, None, None),
    ]
    query = "INSERT INTO crawl (id, crawler, state, started, completed, summary) VALUES (?, 'w', ?, ?, ?, ?)"
    glue.local.database.write(lambda tx: tx.executemany(query, rows))


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("CRAWL_ID", "EQ", "c2", ["c2"]),
        ("CRAWL_ID", "NE", "c2", ["c3", "c1"]),
        ("STATE", "EQ", "COMPLETED", ["c1"]),
        ("START_TIME", "GE", "4600000", ["c3", "c2"]),
        ("START_TIME", "LT", "4600000", ["c1"]),
        ("START_TIME", "EQ", "4600000", ["c2"]),
        ("END_TIME", "GT", "1060000", ["c2"]),
        ("END_TIME", "LE", "1060000", ["c1"]),
    ],
)
def test_crawls_are_filtered(glue: Operations, field: str, operator: str, value: str, expected: list[str]) -> None:
    """CrawlsFilter: fields and operators of the service model; times are epoch milliseconds."""
    _crawled(glue)
    filters = [{"FieldName": field, "FilterOperator": operator, "FieldValue": value}]
    found = glue.call("ListCrawls", CrawlerName="w", Filters=filters)["Crawls"]
    assert [one["CrawlId"] for one in found] == expected


def test_pages_of_crawlers_and_crawls_have_a_limit(glue: Operations) -> None:
    """CrawlerNameList has at most 100 items, and of ListCrawls the "maximum is 100", whatever MaxResults is."""
    glue.put("in/a.csv", b"")
    crawler = {"Role": ROLE, "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://data/in"}]}}
    for number in range(101):
        glue.call("CreateCrawler", Name=f"w{number:03}", **crawler)
    first = glue.call("ListCrawlers", MaxResults=1000)
    rest = glue.call("ListCrawlers", MaxResults=1000, NextToken=first["NextToken"])
    assert (len(first["CrawlerNames"]), rest["CrawlerNames"]) == (100, ["w100"])
    assert len(glue.call("BatchGetCrawlers", CrawlerNames=first["CrawlerNames"])["Crawlers"]) == 100
    query = "INSERT INTO crawl (id, crawler, state, started, completed) VALUES (?, 'w000', 'SUCCEEDED', ?, ?)"
    rows = [(f"c{number}", number, number) for number in range(101)]
    glue.local.database.write(lambda tx: tx.executemany(query, rows))
    assert [
        len(glue.call("ListCrawls", CrawlerName="w000", **limit)["Crawls"])
        for limit in ({}, {"MaxResults": 30}, {"MaxResults": 1000})
    ] == [20, 30, 100]


def test_unsupported_filters_are_refused(glue: Operations) -> None:
    """A filter by DPU hours is not supported; an incomplete one is invalid."""
    _crawled(glue)
    dpu = {"FieldName": "DPU_HOUR", "FilterOperator": "GT", "FieldValue": "1"}
    assert "DPU_HOUR" in glue.refused("ListCrawls", CrawlerName="w", Filters=[dpu]).message
    for broken in ({"FieldName": "STATE"}, dpu | {"FieldName": "START_TIME", "FieldValue": "soon"}):
        assert glue.refused("ListCrawls", CrawlerName="w", Filters=[broken]).code == "InvalidInputException"


def test_metrics_are_computed_from_past_crawls(glue: Operations) -> None:
    """GetCrawlerMetrics: last and median runtime, an estimate while one runs (service model, CrawlerMetrics)."""
    _crawled(glue)
    metrics = glue.call("GetCrawlerMetrics", CrawlerNameList=["w", "none"])["CrawlerMetricsList"]
    assert metrics == [
        {
            "CrawlerName": "w",
            "TimeLeftSeconds": 30.0,
            "StillEstimating": False,
            "LastRuntimeSeconds": 10.0,
            "MedianRuntimeSeconds": 35.0,
            "TablesCreated": 0,
            "TablesUpdated": 0,
            "TablesDeleted": 0,
        }
    ]
