"""Classifiers, connections, bookmarks, functions, the history of crawls: as their clients see them."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from operations_harness import ROLE, Operations

from glueprint.local.glue.crawling.jdbc import BadJdbcUrlError, Endpoint, endpoint_of
from glueprint.local.store.bookmark_rows import Bookmark, add_bookmark

JDBC = {
    "Name": "db",
    "ConnectionType": "JDBC",
    "ConnectionProperties": {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://127.0.0.1:1/x",
        "USERNAME": "u",
        "PASSWORD": "secret",
    },
}


def test_a_classifier_is_shown_with_version_and_times(glue: Operations) -> None:
    """CreateClassifier, then UpdateClassifier: Version rises, CreationTime stays (service model, Classifier)."""
    glue.call("CreateClassifier", CsvClassifier={"Name": "c", "Delimiter": ";", "ContainsHeader": "PRESENT"})
    made = glue.clock.now()
    glue.clock.advance(5)
    glue.call("UpdateClassifier", CsvClassifier={"Name": "c", "Delimiter": "|"})
    found = glue.call("GetClassifier", Name="c")["Classifier"]["CsvClassifier"]
    assert (found["Version"], found["CreationTime"], found["LastUpdated"]) == (2, made, made + 5)
    assert (found["Delimiter"], found["ContainsHeader"]) == ("|", "PRESENT")


def test_a_classifier_that_cannot_work_is_refused(glue: Operations) -> None:
    """A grok pattern that names an unknown pattern never reaches a crawl."""
    grok = {"Name": "g", "Classification": "log", "GrokPattern": "%{NOSUCH:x}"}
    assert "there is no pattern 'NOSUCH'" in glue.refused("CreateClassifier", GrokClassifier=grok).message


def test_a_request_is_about_exactly_one_classifier(glue: Operations) -> None:
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
    """An unknown classifier is refused at CreateCrawler, by name."""
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
def test_targets_that_are_not_built_are_refused_by_name(
    glue: Operations, targets: dict[str, Any], members: dict[str, Any], expected: str
) -> None:
    """A crawler that could not crawl is never made."""
    error = glue.refused("CreateCrawler", Name="w", Role=ROLE, DatabaseName="d", Targets=targets, **members)
    assert (error.code, expected in error.message) == ("UnsupportedOperationException", True)


def test_catalog_targets_keep_to_their_rules(glue: Operations) -> None:
    """DeleteBehavior LOG, no other targets beside them (DG:define-crawler, catalog target notes)."""
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


def test_an_empty_schedule_is_none(glue: Operations) -> None:
    """CreateCrawler and UpdateCrawler take what UpdateCrawlerSchedule takes: an empty schedule removes it."""
    glue.put("in/a.csv", b"")
    targets = {"S3Targets": [{"Path": "s3://data/in"}]}
    glue.call("CreateCrawler", Name="w", Role=ROLE, DatabaseName="d", Targets=targets, Schedule="")
    assert "Schedule" not in glue.call("GetCrawler", Name="w")["Crawler"]
    glue.call("UpdateCrawler", Name="w", Schedule="cron(0 12 * * ? *)")
    assert glue.call("GetCrawler", Name="w")["Crawler"]["Schedule"]["State"] == "SCHEDULED"
    glue.call("UpdateCrawler", Name="w", Schedule="")
    assert "Schedule" not in glue.call("GetCrawler", Name="w")["Crawler"]


def test_a_connection_can_be_shown_without_its_password(glue: Operations) -> None:
    """HidePassword (service model, GetConnection and GetConnections)."""
    glue.call("CreateConnection", ConnectionInput=JDBC, Tags={"team": "x"})
    shown = glue.call("GetConnection", Name="db")["Connection"]
    hidden = glue.call("GetConnections", HidePassword=True)["ConnectionList"][0]
    assert shown["ConnectionProperties"]["PASSWORD"] == "secret"
    assert "PASSWORD" not in hidden["ConnectionProperties"]
    arn = "arn:aws:glue:us-east-1:123456789012:connection/db"
    assert glue.call("GetTags", ResourceArn=arn)["Tags"] == {"team": "x"}


def test_credentials_given_to_a_connection_are_not_shown(glue: Operations) -> None:
    """The model's AuthenticationConfiguration has no members for them."""
    oauth = {"OAuth2GrantType": "JWT_BEARER", "OAuth2Credentials": {"AccessToken": "t0ps3cret"}}
    given = {"AuthenticationType": "OAUTH2", "OAuth2Properties": oauth}
    glue.call(
        "CreateConnection",
        ConnectionInput={
            "Name": "s",
            "ConnectionType": "SALESFORCE",
            "ConnectionProperties": {},
            "AuthenticationConfiguration": given,
        },
    )
    shown = glue.call("GetConnection", Name="s")["Connection"]
    assert shown["AuthenticationConfiguration"]["OAuth2Properties"] == {"OAuth2GrantType": "JWT_BEARER"}
    assert "t0ps3cret" not in json.dumps(shown)


def test_connections_are_found_by_type_and_criteria(glue: Operations) -> None:
    """GetConnectionsFilter: type, and criteria that the definition records (service model)."""
    network = {"Name": "n", "ConnectionType": "NETWORK", "ConnectionProperties": {}, "MatchCriteria": ["x", "y"]}
    glue.call("CreateConnection", ConnectionInput=JDBC)
    glue.call("CreateConnection", ConnectionInput=network)

    def names(**wanted: Any) -> list[str]:
        return [one["Name"] for one in glue.call("GetConnections", Filter=wanted)["ConnectionList"]]

    assert names() == ["db", "n"]
    assert names(ConnectionType="JDBC") == ["db"]
    assert names(MatchCriteria=["x"]) == ["n"]
    assert names(MatchCriteria=["x", "z"]) == []
    assert names(ConnectionSchemaVersion=2) == []


def test_connections_are_replaced_and_deleted(glue: Operations) -> None:
    """UpdateConnection replaces; BatchDeleteConnection tells of each name (service model)."""
    glue.call("CreateConnection", ConnectionInput=JDBC | {"Description": "old"})
    assert glue.refused("CreateConnection", ConnectionInput=JDBC).code == "AlreadyExistsException"
    glue.call("UpdateConnection", Name="db", ConnectionInput=JDBC)
    assert "Description" not in glue.call("GetConnection", Name="db")["Connection"]
    done = glue.call("BatchDeleteConnection", ConnectionNameList=["db", "none"])
    assert done["Succeeded"] == ["db"]
    assert done["Errors"]["none"]["ErrorCode"] == "EntityNotFoundException"
    assert glue.refused("GetConnection", Name="db").code == "EntityNotFoundException"


def test_a_jdbc_connection_says_where_and_who(glue: Operations) -> None:
    """Service model, ConnectionType: a URL or host, port, engine; user and password or a secret."""
    bare = {"Name": "db", "ConnectionType": "JDBC", "ConnectionProperties": {}}
    message = glue.refused("CreateConnection", ConnectionInput=bare).message
    assert "JDBC_CONNECTION_URL" in message
    assert "SECRET_ID" in message


def test_test_connection_knocks_at_the_database(glue: Operations) -> None:
    """TestConnection answers 200 when the port answers and InvalidInputException when it does not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = {"JDBC_CONNECTION_URL": f"jdbc:mysql://127.0.0.1:{port}/x", "USERNAME": "u", "PASSWORD": "p"}
        given = {"ConnectionType": "JDBC", "ConnectionProperties": url}
        assert glue.call("TestConnection", TestConnectionInput=given) == {}
    refused = glue.refused("TestConnection", TestConnectionInput=given)
    assert refused.code == "InvalidInputException"
    assert f"127.0.0.1 port {port}" in refused.message
    kafka = {"ConnectionType": "KAFKA", "ConnectionProperties": {}}
    assert "KAFKA" in glue.refused("TestConnection", TestConnectionInput=kafka).message
    assert glue.refused("TestConnection", ConnectionName="none").code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"JDBC_CONNECTION_URL": "jdbc:postgresql://h.example:5433/db?ssl=true"}, Endpoint("h.example", 5433)),
        ({"JDBC_CONNECTION_URL": "jdbc:redshift://h/db"}, Endpoint("h", 5439)),
        ({"JDBC_CONNECTION_URL": "jdbc:sqlserver://h:1433;databaseName=x"}, Endpoint("h", 1433)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin:@h:1522:ORCL"}, Endpoint("h", 1522)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin:@//h/service"}, Endpoint("h", 1521)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin://@h:1521/service"}, Endpoint("h", 1521)),
        ({"JDBC_CONNECTION_URL": "jdbc:mysql://[::1]:3307/db"}, Endpoint("::1", 3307)),
        ({"HOST": "h", "PORT": "9", "JDBC_ENGINE": "mysql"}, Endpoint("h", 9)),
    ],
)
def test_a_jdbc_url_names_an_endpoint(properties: dict[str, str], expected: Endpoint) -> None:
    """The forms of DG: "AWS Glue connection properties"; without a port, the engine's own."""
    assert endpoint_of(properties) == expected


@pytest.mark.parametrize(
    "url", ["", "postgresql://h/db", "jdbc:derby:x", "jdbc:mysql://h:99999/db", "jdbc:odd://h/x"]
)
def test_a_url_without_an_endpoint_is_no_jdbc_url(url: str) -> None:
    """What cannot be knocked at is said, not guessed."""
    with pytest.raises(BadJdbcUrlError):
        endpoint_of({"JDBC_CONNECTION_URL": url})


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("Blueprint", {"Name": "n", "BlueprintLocation": "s3://data/n.zip"}),
        (
            "Connection",
            {"ConnectionInput": {"Name": "n", "ConnectionType": "NETWORK", "ConnectionProperties": {}}},
        ),
        (
            "Crawler",
            {"Name": "n", "Role": ROLE, "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://data/"}]}},
        ),
        ("Database", {"DatabaseInput": {"Name": "n"}}),
        ("Job", {"Name": "n", "Role": ROLE, "Command": {"Name": "glueetl"}}),
        ("Trigger", {"Name": "n", "Type": "ON_DEMAND", "Actions": [{"JobName": "j"}]}),
        ("Workflow", {"Name": "n"}),
    ],
)
def test_tags_of_creation_keep_to_the_rules(glue: Operations, kind: str, request_: dict[str, Any]) -> None:
    """No tag begins with aws: (developer guide, "AWS tags in AWS Glue"); what is refused is not made."""
    glue.put("n.zip", b"")
    glue.call("CreateJob", Name="j", Role=ROLE, Command={"Name": "glueetl"})
    refused = glue.refused(f"Create{kind}", **request_, Tags={"aws:x": "1"})
    assert (refused.code, "aws:x" in refused.message) == ("InvalidInputException", True)
    arn = f"arn:aws:glue:us-east-1:123456789012:{kind.lower()}/n"
    assert glue.refused("GetTags", ResourceArn=arn).code == "EntityNotFoundException"
    glue.call(f"Create{kind}", **request_, Tags={"x": "1"})
    assert glue.call("GetTags", ResourceArn=arn)["Tags"] == {"x": "1"}


@pytest.mark.parametrize(
    ("capacity", "told"),
    [
        ({"MaxCapacity": 1.0}, "MaxCapacity"),
        ({"MaxCapacity": 2.5}, "MaxCapacity"),
        ({"AllocatedCapacity": 101}, "AllocatedCapacity"),
        ({"Command": {"Name": "pythonshell"}, "MaxCapacity": 0.5}, "0.0625"),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 0}, "NumberOfWorkers"),
        ({"WorkerType": "G.025X", "NumberOfWorkers": 2}, "gluestreaming"),
        ({"GlueVersion": "2.0", "ExecutionClass": "FLEX"}, "FLEX"),
        ({"Command": {"Name": "gluestreaming"}, "ExecutionClass": "FLEX"}, "FLEX"),
    ],
)
def test_the_capacity_of_a_job_keeps_to_the_rules(glue: Operations, capacity: dict[str, Any], told: str) -> None:
    """MaxCapacity, WorkerType, ExecutionClass: the rules in the service model's text, for jobs and their runs."""
    job = {"Name": "j", "Role": ROLE, "Command": {"Name": "glueetl"}} | capacity
    refused = glue.refused("CreateJob", **job)
    assert (refused.code, told in refused.message) == ("InvalidInputException", True)
    plain = {name: job[name] for name in ("Name", "Role", "Command", "GlueVersion") if name in job}
    glue.call("CreateJob", **plain)
    run = {name: value for name, value in capacity.items() if name not in plain}
    assert glue.refused("StartJobRun", JobName="j", **run).message == refused.message


def test_a_crawler_belongs_to_the_accounts_catalog(glue: Operations) -> None:
    """No other catalog exists here (docs/fidelity/catalog.md): said at once, not by crawls into this one."""
    glue.put("in/a.csv", b"")
    crawler = {"Role": ROLE, "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://data/in"}]}}
    refused = glue.refused("CreateCrawler", Name="w", **crawler, CatalogId="999999999999")
    assert refused.code == "EntityNotFoundException"
    glue.call("CreateCrawler", Name="w", **crawler, CatalogId="123456789012")
    assert glue.refused("UpdateCrawler", Name="w", CatalogId="999999999999").code == "EntityNotFoundException"


def test_an_update_of_a_job_names_role_and_command(glue: Operations) -> None:
    """JobUpdate's text says "required" of both (service model); nothing else would be left of them."""
    glue.call("CreateJob", Name="j", Role=ROLE, Command={"Name": "glueetl"})
    refused = glue.refused("UpdateJob", JobName="j", JobUpdate={"Description": "d"})
    assert refused.code == "InvalidInputException"
    assert "Role" in refused.message
    assert "Command" in refused.message
    assert glue.call("GetJob", JobName="j")["Job"]["Role"] == ROLE


def test_a_job_without_a_bookmark_has_none(glue: Operations) -> None:
    """GetJobBookmark and ResetJobBookmark: EntityNotFoundException (docs/facts/jobs.md#deletion-and-update)."""
    assert glue.refused("GetJobBookmark", JobName="j").code == "EntityNotFoundException"
    assert glue.refused("ResetJobBookmark", JobName="j").code == "EntityNotFoundException"


def test_a_bookmark_goes_back_to_a_run_or_to_nothing(glue: Operations) -> None:
    """Version rises with every update; a reset rewinds to the run or to nothing
    (docs/facts/bookmarks.md#counters)."""
    for number in (1, 2):
        row = Bookmark("j", number, number, 0, f"jr_{number}", f"jr_{number - 1}", f'{{"seen":{number}}}')
        glue.local.database.write(lambda tx, row=row: add_bookmark(tx, row))  # type: ignore[misc]

    def entry() -> dict[str, Any]:
        found: dict[str, Any] = glue.call("GetJobBookmark", JobName="j")["JobBookmarkEntry"]
        return found

    assert (entry()["Version"], entry()["RunId"]) == (2, "jr_2")
    back = glue.call("ResetJobBookmark", JobName="j", RunId="jr_1")["JobBookmarkEntry"]
    assert back == entry()
    assert (back["Version"], back["Run"], back["JobBookmark"]) == (3, 1, '{"seen":1}')
    glue.call("ResetJobBookmark", JobName="j")
    assert (entry()["Version"], entry()["Run"], entry()["JobBookmark"]) == (4, 0, "{}")
    assert "RunId" not in entry()
    glue.call("DeleteJob", JobName="j")
    assert glue.refused("GetJobBookmark", JobName="j").code == "EntityNotFoundException"


def test_functions_live_and_go_with_their_database(glue: Operations) -> None:
    """User-defined functions: folded names, patterns, gone with the database (service model, DeleteDatabase)."""
    for database in ("d", "e"):
        glue.call("CreateDatabase", DatabaseInput={"Name": database})
        glue.call(
            "CreateUserDefinedFunction",
            DatabaseName=database,
            FunctionInput={"FunctionName": "Double", "ClassName": "x.Y", "ResourceUris": []},
        )
    one = glue.call("GetUserDefinedFunction", DatabaseName="D", FunctionName="DOUBLE")["UserDefinedFunction"]
    assert (one["FunctionName"], one["DatabaseName"], one["CatalogId"]) == ("double", "d", "123456789012")
    changed = {"FunctionName": "double", "ClassName": "x.Z"}
    glue.call("UpdateUserDefinedFunction", DatabaseName="d", FunctionName="double", FunctionInput=changed)

    def found(**request: Any) -> list[tuple[str, str]]:
        answer = glue.call("GetUserDefinedFunctions", **request)["UserDefinedFunctions"]
        return [(one["DatabaseName"], one["ClassName"]) for one in answer]

    assert found(Pattern="dou.*") == [("d", "x.Z"), ("e", "x.Y")]
    assert found(Pattern="*", DatabaseName="e") == [("e", "x.Y")]
    assert found(Pattern="other") == []
    glue.call("DeleteDatabase", Name="d")
    assert found(Pattern="*") == [("e", "x.Y")]


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
    """CrawlerNameList has at most 100 items, and of ListCrawls the "maximum is 100", whatever is asked (model)."""
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


def test_filters_that_mean_nothing_here_are_refused(glue: Operations) -> None:
    """A filter by DPU hours is refused by name; one that is not whole is invalid."""
    _crawled(glue)
    dpu = {"FieldName": "DPU_HOUR", "FilterOperator": "GT", "FieldValue": "1"}
    assert "DPU_HOUR" in glue.refused("ListCrawls", CrawlerName="w", Filters=[dpu]).message
    for broken in ({"FieldName": "STATE"}, dpu | {"FieldName": "START_TIME", "FieldValue": "soon"}):
        assert glue.refused("ListCrawls", CrawlerName="w", Filters=[broken]).code == "InvalidInputException"


def test_metrics_are_of_the_crawls_that_were(glue: Operations) -> None:
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
