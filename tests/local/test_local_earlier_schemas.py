"""Data directories that earlier versions wrote: each is migrated, and everything in it is there and works."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.in_process import CONTEXT, GlueInProcess
from local_sample_state import OBJECTS

from glueprint.local.assembly import MIGRATIONS
from glueprint.local.datadir import DataDirectory

SAMPLES = sorted((Path(__file__).parent / "samples").glob("v*.sql"), key=lambda path: int(path.stem[1:]))
NEVER_WRITTEN = {1, 2, 8, 9}
"""Versions with which no commit could serve: their migrations came together with the next one's."""
NOW = 1_796_140_000.0


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, GlueInProcess]]:
    """The version, and a local Glue on what it wrote."""
    path = tmp_path / "data"
    DataDirectory.open(path).close()
    connection = sqlite3.connect(path / "state.sqlite")
    connection.executescript(request.param.read_text(encoding="utf-8"))
    for key, body in OBJECTS.items():
        file = path / "s3" / "sample" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        # As the data directory had it: a row of a file that is another one would not count.
        (stamp,) = connection.execute("SELECT mtime_ns FROM s3_objects WHERE key = ?", (key,)).fetchone()
        os.utime(file, ns=(stamp, stamp))
        connection.execute("UPDATE s3_objects SET inode = ? WHERE key = ?", (file.stat().st_ino, key))
    connection.commit()
    connection.close()
    with GlueInProcess(path, NOW) as glue:
        yield int(request.param.stem[1:]), glue


def test_everything_is_there(migrated: tuple[int, GlueInProcess]) -> None:
    """Each kind that the version knew, with its members, its history and what depends on it."""
    version, glue = migrated

    def answer(member: str, operation: str, **request: Any) -> Any:
        return glue.call(operation, **request)[member]

    assert answer("Database", "GetDatabase", Name="db")["Description"] == "kept"
    table = answer("Table", "GetTable", DatabaseName="db", Name="t")
    assert (table["Description"], table["VersionId"], table["PartitionKeys"][0]["Name"]) == ("second", "1", "day")
    of_table = {"DatabaseName": "db", "TableName": "t"}
    assert len(answer("TableVersions", "GetTableVersions", **of_table)) == 2
    assert answer("Table", "GetTable", DatabaseName="db", Name="data")["StorageDescriptor"]["Columns"]
    (partition,) = answer("Partitions", "GetPartitions", **of_table, Expression="day = 'd1'")
    assert partition["Values"] == ["d1"]
    (index,) = answer("PartitionIndexDescriptorList", "GetPartitionIndexes", **of_table)
    assert (index["IndexName"], index["IndexStatus"]) == ("i", "ACTIVE")
    assert answer("Job", "GetJob", JobName="job")["Command"]["Name"] == "pythonshell"
    assert answer("Tags", "GetTags", ResourceArn="arn:aws:glue:us-east-1:123456789012:job/job") == {"team": "data"}
    assert [run["JobRunState"] for run in answer("JobRuns", "GetJobRuns", JobName="job")] == ["SUCCEEDED"] * 2
    run = answer("Runs", "GetWorkflowRuns", Name="flow", IncludeGraph=True)[0]
    assert (run["Status"], run["WorkflowRunProperties"]) == ("COMPLETED", {"a": "1"})
    assert {node["Name"] for node in run["Graph"]["Nodes"]} == {"go", "next", "job", "crawler"}
    names = ("go", "next", "nightly", "event")
    states = {name: answer("Trigger", "GetTrigger", Name=name)["State"] for name in names}
    assert states == {"go": "CREATED", "next": "ACTIVATED", "nightly": "ACTIVATED", "event": "CREATED"}
    crawler = answer("Crawler", "GetCrawler", Name="crawler")
    assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    if version >= 4:
        assert answer("Classifier", "GetClassifier", Name="csv")["CsvClassifier"]["Delimiter"] == ";"
        found = answer("Connection", "GetConnection", Name="connection")["ConnectionProperties"]
        assert found["PASSWORD"] == "p"
        assert answer("UserDefinedFunction", "GetUserDefinedFunction", DatabaseName="db", FunctionName="f")
        assert [crawl["State"] for crawl in answer("Crawls", "ListCrawls", CrawlerName="crawler")] == ["COMPLETED"]
    if version >= 5:
        rules = glue.local.events.call("ListRules", {}, CONTEXT)["Rules"]
        assert [rule["Name"] for rule in rules] == ["rule"]
    if version >= 7:
        assert answer("Ruleset", "GetDataQualityRuleset", Name="rules") == "Rules = [ RowCount > 0 ]"
    if version >= 11:
        arn = "arn:aws:states:us-east-1:123456789012:execution:machine:once"
        assert glue.local.states.call("DescribeExecution", {"executionArn": arn}, CONTEXT)["name"] == "once"
    assert glue.local.s3_store.bucket("sample").tags == {"team": "data"}
    for key, body in OBJECTS.items():
        with glue.local.s3_store.open("sample", key) as found:
            assert found.read() == body
            attributes = found.record.attributes
        assert (attributes.user, attributes.tags) == ({"kept": "yes"}, {"team": "data"})


def test_everything_works(migrated: tuple[int, GlueInProcess]) -> None:
    """New runs and schedules are stored next to those of the earlier version; the file has no damage."""
    _, glue = migrated
    run = glue.call("StartJobRun", JobName="job")["JobRunId"]
    assert glue.call("GetJobRun", JobName="job", RunId=run)["JobRun"]["JobRunState"] == "STARTING"
    glue.call("StartWorkflowRun", Name="flow")
    glue.call("StartCrawler", Name="crawler")
    nightly = {"Schedule": "cron(0 5 1 1 ? *)", "Actions": [{"JobName": "job"}]}
    glue.call("UpdateTrigger", Name="nightly", TriggerUpdate=nightly)
    glue.call("DeleteTable", DatabaseName="db", Name="t")
    glue.call("CreateDataQualityRuleset", Name="new", Ruleset="Rules = [ RowCount > 0 ]")
    rows = glue.local.database.read(lambda tx: [row[0] for row in tx.execute("PRAGMA integrity_check")])
    assert rows == ["ok"]
    assert glue.local.database.read(lambda tx: tx.execute("PRAGMA foreign_key_check").fetchall()) == []


def test_each_schema_version_has_a_sample() -> None:
    """A new migration needs one: see ``local_sample_state``."""
    versions = {int(path.stem[1:]) for path in SAMPLES}
    assert versions | NEVER_WRITTEN == set(range(1, len(MIGRATIONS) + 1))
