"""Crawls on a real local Glue: databases, partition indexes, what the log tells, stopping."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server, until

from glueprint.cli.main import cli

DERBY = Path(__file__).parents[1] / "crawler" / "crawler_derby.py"
Explain = Callable[..., tuple[int, str]]


@pytest.fixture
def explained(shared_server: Server) -> Explain:
    """Runs ``glueprint explain crawler/NAME ...``: exit code and output."""

    def answer(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["explain", "--data-dir", str(shared_server.data_dir), *arguments])
        return result.exit_code, result.stdout + result.stderr

    return answer


def _put(server: Server, bucket: str, **objects: str | bytes) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket=bucket)
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _crawler(server: Server, name: str, targets: dict[str, Any], **members: Any) -> None:
    """A crawler into a database of its own name."""
    glue = server.client("glue")
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_crawler(Name=name, Role=ROLE, DatabaseName=name, Targets=targets, **members)


def _crawled(server: Server, name: str) -> dict[str, Any]:
    """Crawl; the crawl's history once it is over."""
    glue = server.client("glue")
    glue.start_crawler(Name=name)

    def look() -> dict[str, Any] | None:
        crawl: dict[str, Any] = glue.list_crawls(CrawlerName=name, MaxResults=1)["Crawls"][0]
        return crawl if crawl["State"] != "RUNNING" else None

    found: dict[str, Any] = until(look)
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The JDBC URL of a database whose tables only ``ann`` with ``s3cret`` may see."""
    folder = tmp_path_factory.mktemp("derby") / "shop"
    statements = (
        "CREATE SCHEMA sales",
        "CREATE TABLE sales.orders (id BIGINT, price DECIMAL(8,2))",
        "CREATE TABLE sales.scratch (id INT)",
        "CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('derby.user.ann', 's3cret')",
        "CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('derby.connection.requireAuthentication', 'true')",
    )
    subprocess.run([sys.executable, str(DERBY), str(folder), *statements], check=True, timeout=200)
    return f"jdbc:derby:{folder}"


def _holding(server: Server, secret: bytes) -> list[Path]:
    """The crawls' specifications in the data directory with these bytes; one may just be removed."""
    found = []
    for path in server.paths():
        with contextlib.suppress(FileNotFoundError):
            found += [path] * (path.name == "spec.json" and secret in path.read_bytes())
    return found


def _connect(server: Server, name: str, url: str, **properties: str) -> None:
    connection = {
        "Name": name,
        "ConnectionType": "JDBC",
        "ConnectionProperties": {"JDBC_CONNECTION_URL": url, **properties},
    }
    server.client("glue").create_connection(ConnectionInput=connection)


def test_a_database_is_crawled_with_the_connections_password(shared_server: Server, shop: str) -> None:
    """A JDBC target goes through its connection's URL, user and password, in the crawl's own process; a table that
    is gone later is deprecated (DG:define-crawler, JDBC; DG:crawler-configuration).
    """
    _connect(shared_server, "cshop", shop, USERNAME="ann", PASSWORD="s3cret")
    target = {"ConnectionName": "cshop", "Path": "shop/SALES/%"}
    _crawler(shared_server, "cshop", {"JdbcTargets": [target]})
    glue = shared_server.client("glue")
    crawl = _crawled(shared_server, "cshop")
    assert (crawl["State"], crawl.get("ErrorMessage")) == ("COMPLETED", None)
    tables = {table["Name"]: table for table in glue.get_tables(DatabaseName="cshop")["TableList"]}
    assert sorted(tables) == ["shop_sales_orders", "shop_sales_scratch"]
    orders = tables["shop_sales_orders"]
    assert orders["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint"},
        {"Name": "price", "Type": "decimal(8,2)"},
    ]
    assert orders["Parameters"]["connectionName"] == "cshop"
    glue.update_crawler(Name="cshop", Targets={"JdbcTargets": [{**target, "Exclusions": ["SCRATCH"]}]})
    assert _crawled(shared_server, "cshop")["State"] == "COMPLETED"
    scratch = glue.get_table(DatabaseName="cshop", Name="shop_sales_scratch")["Table"]
    assert "DEPRECATED_BY_CRAWLER" in scratch["Parameters"]
    until(lambda: _holding(shared_server, b"s3cret") == [] or None)


def test_a_database_is_crawled_with_a_secret(shared_server: Server, shop: str) -> None:
    """SECRET_ID names a secret of JSON with username and password (service model, ConnectionPropertyKey); a wrong
    password is the crawl's error in the database's words.
    """
    secrets = shared_server.client("secretsmanager")
    secrets.create_secret(Name="csecret", SecretString=json.dumps({"username": "ann", "password": "s3cret"}))
    _connect(shared_server, "csecret", shop, SECRET_ID="csecret")
    _crawler(shared_server, "csecret", {"JdbcTargets": [{"ConnectionName": "csecret", "Path": "shop/%"}]})
    assert _crawled(shared_server, "csecret")["State"] == "COMPLETED"
    secrets.put_secret_value(SecretId="csecret", SecretString=json.dumps({"username": "ann", "password": "no"}))
    failed = _crawled(shared_server, "csecret")
    assert failed["State"] == "FAILED"
    assert "connection csecret to derby failed" in failed["ErrorMessage"]


def test_a_crawl_without_its_driver_fails_in_words(shared_server: Server) -> None:
    """Nothing here brings PostgreSQL's driver: the error names the folder for it (choice)."""
    _connect(shared_server, "cnodriver", "jdbc:postgresql://127.0.0.1:1/shop", USERNAME="ann", PASSWORD="s3cret")
    _crawler(shared_server, "cnodriver", {"JdbcTargets": [{"ConnectionName": "cnodriver", "Path": "shop/%"}]})
    failed = _crawled(shared_server, "cnodriver")
    assert failed["State"] == "FAILED"
    assert "there is no JDBC driver for postgresql" in failed["ErrorMessage"]
    assert str(shared_server.data_dir / "jdbc-drivers") in failed["ErrorMessage"]


def test_the_drivers_jar_comes_from_s3(shared_server: Server) -> None:
    """JDBC_DRIVER_JAR_URI is an object in S3 (service model, ConnectionPropertyKey): one that is not there fails
    the crawl by name.
    """
    shared_server.client("s3").create_bucket(Bucket="cdrivers")
    jar = {"JDBC_DRIVER_JAR_URI": "s3://cdrivers/driver.jar", "JDBC_DRIVER_CLASS_NAME": "com.example.Driver"}
    _connect(shared_server, "cjar", "jdbc:example://127.0.0.1:1/shop", USERNAME="a", PASSWORD="b", **jar)
    _crawler(shared_server, "cjar", {"JdbcTargets": [{"ConnectionName": "cjar", "Path": "shop/%"}]})
    assert "There is no driver at s3://cdrivers/driver.jar" in _crawled(shared_server, "cjar")["ErrorMessage"]
    shared_server.client("s3").put_object(Bucket="cdrivers", Key="driver.jar", Body=b"no jar")
    assert "driver class com.example.Driver" in _crawled(shared_server, "cjar")["ErrorMessage"]


def test_an_invalid_jdbc_target_is_refused_at_once(shared_server: Server) -> None:
    """A connection and a path of two or three parts are required; all faults are reported (same page)."""
    glue = shared_server.client("glue")
    glue.create_database(DatabaseInput={"Name": "crefused"})
    targets = {"JdbcTargets": [{"ConnectionName": "nowhere", "Path": "shop"}, {"Path": "shop/%"}]}
    with pytest.raises(glue.exceptions.InvalidInputException) as refused:
        glue.create_crawler(Name="crefused", Role=ROLE, DatabaseName="crefused", Targets=targets)
    for words in ("'shop' must look like database/", "needs a ConnectionName", "nowhere does not exist"):
        assert words in str(refused.value)


def _indexes(glue: Any, database: str) -> list[dict[str, Any]]:
    answer = glue.get_partition_indexes(DatabaseName=database, TableName="sales")
    return list(answer["PartitionIndexDescriptorList"])


def test_a_new_table_has_a_partition_index(shared_server: Server) -> None:
    """Crawlers make one by default, over all partition keys; CreatePartitionIndex false leaves it out
    (DG:crawler-configuration; AWS Big Data Blog, crawlers and partition indexes).
    """
    rows = "id,n\n1,2\n3,4\n"
    _put(shared_server, "cindex", **{"sales/y=1/m=2/a.csv": rows, "sales/y=1/m=3/a.csv": rows})
    glue = shared_server.client("glue")
    _crawler(shared_server, "cindex", {"S3Targets": [{"Path": "s3://cindex/sales"}]})
    assert _crawled(shared_server, "cindex")["State"] == "COMPLETED"
    found = _indexes(glue, "cindex")
    assert [(one["IndexName"], [key["Name"] for key in one["Keys"]]) for one in found] == [
        ("crawler_partition_index", ["y", "m"])
    ]
    off = json.dumps({"Version": 1.0, "CreatePartitionIndex": False})
    _crawler(shared_server, "cnoindex", {"S3Targets": [{"Path": "s3://cindex/sales"}]}, Configuration=off)
    assert _crawled(shared_server, "cnoindex")["State"] == "COMPLETED"
    assert _indexes(glue, "cnoindex") == []


def test_explain_says_why(shared_server: Server, explained: Explain) -> None:
    """Why this table, why these columns, why a partition, from the crawl's own log by boto3 alone."""
    _put(
        shared_server,
        "cwhy",
        **{
            "sales/year=2023/a.csv": "id,price\n1,2\n3,4\n",
            "sales/year=2024/a.csv": "id,price\n5,2.5\n6,3.5\n",
            "sales/year=2024/b.bin": b"\0\0\0",
        },
    )
    _crawler(shared_server, "cwhy", {"S3Targets": [{"Path": "s3://cwhy/sales"}]})
    first = _crawled(shared_server, "cwhy")
    code, output = explained("crawler/cwhy")
    assert code == 0
    assert first["CrawlId"] in output
    assert "2 files at s3://cwhy/sales/" in output
    assert "agree in schema" in output
    assert "created in the catalog" in output
    assert "s3://cwhy/sales/year=2024/b.bin is left out: no classifier recognises it" in output
    assert "double, because it is bigint in 1 file such as" in explained("crawler/cwhy", "sales", "price")[1]
    assert "are all named year=VALUE" in explained("crawler/cwhy", "sales", "year")[1]
    code, output = explained("crawler/cwhy", "sales", "year=2024")
    assert code == 0
    assert "is the folder s3://cwhy/sales/year=2024/" in output
    assert "1 file, 2 records" in output
    second = _crawled(shared_server, "cwhy")
    code, output = explained("--json", "crawler/cwhy", "latest", "sales")
    found = json.loads(output)
    assert (code, found["crawl_id"], found["state"]) == (0, second["CrawlId"], "COMPLETED")
    (table,) = found["tables"]
    assert [column["name"] for column in table["columns"]] == ["id", "price"]
    assert [key["name"] for key in table["partition_keys"]] == ["year"]
    assert not any("created in the catalog" in reason for reason in table["reasons"])
    assert "created in the catalog" in explained("crawler/cwhy", first["CrawlId"])[1]


def test_decisions_of_a_crawl_are_json_lines(shared_server: Server) -> None:
    """Each event of the stream that is named by the crawl's id is a statement: of the crawl's process, and of what
    changed in the catalog (docs/fidelity/crawler.md)."""
    _put(shared_server, "cjson", **{"sales/year=2023/a.csv": "id,price\n1,2\n3,4\n"})
    _crawler(shared_server, "cjson", {"S3Targets": [{"Path": "s3://cjson/sales"}]})
    crawl_id = _crawled(shared_server, "cjson")["CrawlId"]
    logs = shared_server.client("logs")
    group = "/aws-glue/crawlers/decisions"
    events = logs.filter_log_events(logGroupName=group, logStreamNames=[crawl_id])["events"]
    statements = [json.loads(event["message"]) for event in events]
    assert {one["level"] for one in statements} == {"INFO"}
    of_price = [one for one in statements if one.get("column") == "price"]
    assert [(one["table"], one["text"].split(",")[0]) for one in of_price] == [("sales", "bigint")]
    assert [one["table"] for one in statements if one.get("partition_key") == "year"] == ["sales"]
    assert "created in the catalog" in [one["text"] for one in statements if one.get("table") == "sales"]


def test_explain_of_a_crawl_that_failed_and_of_wrong_names(shared_server: Server, explained: Explain) -> None:
    """Exit code 1: the crawl failed, and why, or the question has no answer, with similar names. A prefix of the
    crawler's name is enough (docs/decisions/commands.md).
    """
    _put(shared_server, "cfail", **{"a/a.csv": "a,b\n1,2\n", "b/b.csv": "c,d\n1,2\n"})
    limit = json.dumps({"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    _crawler(shared_server, "cfail", {"S3Targets": [{"Path": "s3://cfail"}]}, Configuration=limit)
    code, output = explained("crawler/cfail")
    assert (code, "has not crawled yet" in output) == (1, True)
    assert _crawled(shared_server, "cfail")["State"] == "FAILED"
    code, output = explained("crawler/cfail")
    assert (code, "Table Threshold value = 1, Tables detected - 2" in output) == (1, True)
    code, output = explained("crawler/cfai")
    assert (code, "Tables detected - 2" in output, "'cfai' matches cfail" in output) == (1, True, True)
    code, output = explained("crawler/cfial")
    assert (code, "did you mean cfail" in output) == (1, True)
    code, output = explained("crawler/cfail", "sales")
    assert (code, "decided nothing about a table 'sales'" in output) == (1, True)


def _stopped(server: Server, crawler: str) -> float:
    """Stop it once its process is there; after how many seconds it was READY."""
    glue = server.client("glue")
    until(lambda: server.children() or None)
    started_at = time.monotonic()
    glue.stop_crawler(Name=crawler)
    until(lambda: glue.get_crawler(Name=crawler)["Crawler"]["State"] == "READY" or None)
    took = time.monotonic() - started_at
    until(lambda: not server.children() or None)
    return took


def test_a_crawl_stops_within_a_second(shared_server: Server) -> None:
    """RUNNING, STOPPING, READY; a second start is refused; the crawl's process is gone and nothing was written
    (stop within a second, CrawlerRunningException).
    """
    slow = {"Name": "cslow", "Classification": "slow", "GrokPattern": "%{HOSTNAME:a} %{HOSTNAME:b} end"}
    glue = shared_server.client("glue")
    glue.create_classifier(GrokClassifier=slow)
    hostile = ("1." * 8000 + "\n") * 60
    _put(shared_server, "cslow", **{f"data/{number}.log": hostile for number in range(8)})
    _crawler(shared_server, "cslow", {"S3Targets": [{"Path": "s3://cslow/data"}]}, Classifiers=["cslow"])
    glue.start_crawler(Name="cslow")
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.start_crawler(Name="cslow")
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.update_crawler(Name="cslow", Description="no")
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.delete_crawler(Name="cslow")
    took = [_stopped(shared_server, "cslow")]
    while min(took) >= 1 and len(took) < 5:  # a machine that is busy may be slow, a server that waits always is
        glue.start_crawler(Name="cslow")
        took.append(_stopped(shared_server, "cslow"))
    assert min(took) < 1
    last = glue.get_crawler(Name="cslow")["Crawler"]["LastCrawl"]
    assert last["Status"] == "CANCELLED"
    assert glue.list_crawls(CrawlerName="cslow")["Crawls"][0]["State"] == "STOPPED"
    assert glue.get_tables(DatabaseName="cslow")["TableList"] == []
    with pytest.raises(glue.exceptions.CrawlerNotRunningException):
        glue.stop_crawler(Name="cslow")
