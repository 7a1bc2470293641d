"""Definitions of jobs, their bookmarks, functions, and the tags that a creation sets."""

from __future__ import annotations

from typing import Any

import pytest
from operations_harness import ROLE, Operations

from glueprint.local.store.bookmark_rows import Bookmark, add_bookmark


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
    """No tag starts with aws: (developer guide, "AWS tags in AWS Glue"); a refused request creates nothing."""
    glue.put("n.zip", b"")
    glue.call("CreateJob", Name="j", Role=ROLE, Command={"Name": "glueetl"})
    refused = glue.refused(f"Create{kind}", **request_, Tags={"aws:x": "1"})
    assert (refused.code, "aws:x" in refused.message) == ("InvalidInputException", True)
    arn = f"arn:aws:glue:us-east-1:123456789012:{kind.lower()}/n"
    assert glue.refused("GetTags", ResourceArn=arn).code == "EntityNotFoundException"
    glue.call(f"Create{kind}", **request_, Tags={"x": "1"})
    assert glue.call("GetTags", ResourceArn=arn)["Tags"] == {"x": "1"}


def test_a_run_needs_two_workers(glue: Operations) -> None:
    """StartJobRun's own words for one worker, of the job or of the run (aws-samples/cql-replicator #181)."""
    job = {"Role": ROLE, "Command": {"Name": "glueetl"}, "WorkerType": "G.1X"}
    glue.call("CreateJob", Name="one", NumberOfWorkers=1, **job)
    glue.call("CreateJob", Name="two", NumberOfWorkers=2, **job)
    message = "To use Worker Type G.1X, minimum allowed value of Number of Workers is 2."
    assert glue.refused("StartJobRun", JobName="one").message == message
    fewer = {"WorkerType": "G.1X", "NumberOfWorkers": 1}
    assert glue.refused("StartJobRun", JobName="two", **fewer).message == message


@pytest.mark.parametrize(
    ("capacity", "named"),
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
def test_the_capacity_of_a_job_keeps_to_the_rules(glue: Operations, capacity: dict[str, Any], named: str) -> None:
    """MaxCapacity, WorkerType, ExecutionClass: the rules in the service model's text, for jobs and their runs."""
    job = {"Name": "j", "Role": ROLE, "Command": {"Name": "glueetl"}} | capacity
    refused = glue.refused("CreateJob", **job)
    assert (refused.code, named in refused.message) == ("InvalidInputException", True)
    plain = {name: job[name] for name in ("Name", "Role", "Command", "GlueVersion") if name in job}
    glue.call("CreateJob", **plain)
    run = {name: value for name, value in capacity.items() if name not in plain}
    assert glue.refused("StartJobRun", JobName="j", **run).message == refused.message


def test_an_update_of_a_job_names_role_and_command(glue: Operations) -> None:
    """Both are "required" in JobUpdate's text (service model): an update without them would remove them."""
    glue.call("CreateJob", Name="j", Role=ROLE, Command={"Name": "glueetl"})
    refused = glue.refused("UpdateJob", JobName="j", JobUpdate={"Description": "d"})
    assert refused.code == "InvalidInputException"
    assert "Role" in refused.message
    assert "Command" in refused.message
    assert glue.call("GetJob", JobName="j")["Job"]["Role"] == ROLE


def test_a_missing_bookmark_is_an_error(glue: Operations) -> None:
    """GetJobBookmark and ResetJobBookmark: EntityNotFoundException (docs/facts/jobs.md#deletion-and-update)."""
    assert glue.refused("GetJobBookmark", JobName="j").code == "EntityNotFoundException"
    assert glue.refused("ResetJobBookmark", JobName="j").code == "EntityNotFoundException"


def test_a_bookmark_is_reset_to_a_run_or_to_the_start(glue: Operations) -> None:
    """Version rises with every update; a reset rewinds to the run or to the start
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


def test_functions_are_deleted_with_their_database(glue: Operations) -> None:
    """User-defined functions: names in lower case, patterns, deletion with the database (service model,
    DeleteDatabase)."""
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
