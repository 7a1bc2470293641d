"""One change by each operation that changes something, and how it is read back after a restart.

Each is a generator: what stands before the ``yield`` happens before the restart, what stands behind it after.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from operations_harness import ROLE, Operations, until

from glueprint.local.store.bookmark_rows import Bookmark, add_bookmark

Change = Callable[[Operations, str], Iterator[None]]
"""Given a Glue and a name for what it makes, which no other change uses."""

_CHANGES: dict[str, Change] = {}
CHANGES: Mapping[str, Change] = MappingProxyType(_CHANGES)
"""By operation."""

COMMAND = {"Name": "pythonshell", "ScriptLocation": "s3://data/script.py", "PythonVersion": "3.9"}
GONE = "EntityNotFoundException"
ARN = "arn:aws:glue:us-east-1:123456789012:"


def change_by(operation: str) -> Callable[[Change], Change]:
    """Put a change into the table."""

    def enter(change: Change) -> Change:
        _CHANGES[operation] = change
        return change

    return enter


def _gone(glue: Operations, operation: str, **request: Any) -> None:
    assert glue.refused(operation, **request).code == GONE


# Jobs


def _job(glue: Operations, name: str, **members: Any) -> None:
    glue.call("CreateJob", Name=name, Role=ROLE, Command=COMMAND, **members)


def _job_run(glue: Operations, name: str) -> str:
    _job(glue, name)
    run_id: str = glue.call("StartJobRun", JobName=name, Arguments={"--key": "value"})["JobRunId"]
    return run_id


@change_by("CreateJob")
def _create_job(glue: Operations, name: str) -> Iterator[None]:
    _job(glue, name, DefaultArguments={"--a": "b"}, Tags={"k": "v"})
    yield
    assert glue.call("GetJob", JobName=name)["Job"]["DefaultArguments"] == {"--a": "b"}
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"k": "v"}


@change_by("UpdateJob")
def _update_job(glue: Operations, name: str) -> Iterator[None]:
    _job(glue, name, Description="before")
    glue.call("UpdateJob", JobName=name, JobUpdate={"Role": ROLE, "Command": COMMAND, "MaxRetries": 3})
    yield
    job = glue.call("GetJob", JobName=name)["Job"]
    assert (job["MaxRetries"], "Description" in job) == (3, False)


@change_by("DeleteJob")
def _delete_job(glue: Operations, name: str) -> Iterator[None]:
    _job(glue, name)
    glue.call("DeleteJob", JobName=name)
    yield
    _gone(glue, "GetJob", JobName=name)


@change_by("StartJobRun")
def _start_job_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _job_run(glue, name)
    yield
    run = glue.call("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
    assert (run["JobRunState"], run["Arguments"]) == ("STARTING", {"--key": "value"})


@change_by("BatchStopJobRun")
def _batch_stop_job_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _job_run(glue, name)
    done = glue.call("BatchStopJobRun", JobName=name, JobRunIds=[run_id])
    assert done["SuccessfulSubmissions"] == [{"JobName": name, "JobRunId": run_id}]
    yield
    run = glue.call("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
    assert run["JobRunState"] in ("STOPPING", "STOPPED")


@change_by("ResetJobBookmark")
def _reset_job_bookmark(glue: Operations, name: str) -> Iterator[None]:
    row = Bookmark(name, 1, 1, 0, "jr_1", None, '{"seen": 1}')
    glue.local.database.write(lambda tx: add_bookmark(tx, row))
    glue.call("ResetJobBookmark", JobName=name)
    yield
    entry = glue.call("GetJobBookmark", JobName=name)["JobBookmarkEntry"]
    assert (entry["Version"], entry["JobBookmark"]) == (2, "{}")


# Workflows and triggers


def _workflow(glue: Operations, name: str, **members: Any) -> None:
    """A workflow of one job, which its on-demand trigger starts."""
    glue.call("CreateWorkflow", Name=name, **members)
    _job(glue, name)
    _trigger(glue, name, WorkflowName=name)


def _workflow_run(glue: Operations, name: str) -> str:
    _workflow(glue, name, DefaultRunProperties={"a": "1"})
    run_id: str = glue.call("StartWorkflowRun", Name=name, RunProperties={"b": "2"})["RunId"]
    return run_id


def _run(glue: Operations, name: str, run_id: str) -> dict[str, Any]:
    told = glue.call("GetWorkflowRun", Name=name, RunId=run_id, IncludeGraph=True)
    run: dict[str, Any] = told["Run"]
    return run


def _trigger(glue: Operations, name: str, **members: Any) -> None:
    glue.call("CreateTrigger", **{"Name": name, "Type": "ON_DEMAND", "Actions": [{"JobName": name}]} | members)


def _scheduled(glue: Operations, name: str) -> None:
    _job(glue, name)
    _trigger(glue, name, Type="SCHEDULED", Schedule="cron(0 12 * * ? *)")


@change_by("CreateWorkflow")
def _create_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name, DefaultRunProperties={"k": "v"}, MaxConcurrentRuns=2)
    yield
    workflow = glue.call("GetWorkflow", Name=name)["Workflow"]
    assert (workflow["DefaultRunProperties"], workflow["MaxConcurrentRuns"]) == ({"k": "v"}, 2)


@change_by("UpdateWorkflow")
def _update_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name, Description="before")
    glue.call("UpdateWorkflow", Name=name, Description="after")
    yield
    assert glue.call("GetWorkflow", Name=name)["Workflow"]["Description"] == "after"


@change_by("DeleteWorkflow")
def _delete_workflow(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateWorkflow", Name=name)
    glue.call("DeleteWorkflow", Name=name)
    yield
    _gone(glue, "GetWorkflow", Name=name)


@change_by("StartWorkflowRun")
def _start_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    yield
    assert _run(glue, name, run_id)["Status"] == "RUNNING"
    properties = glue.call("GetWorkflowRunProperties", Name=name, RunId=run_id)["RunProperties"]
    assert properties == {"a": "1", "b": "2"}


@change_by("PutWorkflowRunProperties")
def _put_workflow_run_properties(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    glue.call("PutWorkflowRunProperties", Name=name, RunId=run_id, RunProperties={"b": "3", "c": "4"})
    yield
    properties = glue.call("GetWorkflowRunProperties", Name=name, RunId=run_id)["RunProperties"]
    assert properties == {"a": "1", "b": "3", "c": "4"}


@change_by("StopWorkflowRun")
def _stop_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    run_id = _workflow_run(glue, name)
    glue.call("StopWorkflowRun", Name=name, RunId=run_id)
    yield
    until(lambda: _run(glue, name, run_id)["Status"] == "STOPPED" or None)


@change_by("ResumeWorkflowRun")
def _resume_workflow_run(glue: Operations, name: str) -> Iterator[None]:
    first = _workflow_run(glue, name)
    (attempt,) = glue.call("GetJobRuns", JobName=name)["JobRuns"]
    glue.call("BatchStopJobRun", JobName=name, JobRunIds=[attempt["Id"]])
    until(lambda: _run(glue, name, first)["Status"] == "COMPLETED" or None)
    nodes = [node["UniqueId"] for node in _run(glue, name, first)["Graph"]["Nodes"] if node["Type"] == "JOB"]
    second = glue.call("ResumeWorkflowRun", Name=name, RunId=first, NodeIds=nodes)["RunId"]
    yield
    run = _run(glue, name, second)
    assert (run["Status"], run["PreviousRunId"]) == ("RUNNING", first)


@change_by("CreateTrigger")
def _create_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    yield
    trigger = glue.call("GetTrigger", Name=name)["Trigger"]
    assert (trigger["Schedule"], trigger["State"]) == ("cron(0 12 * * ? *)", "CREATED")


@change_by("UpdateTrigger")
def _update_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    update = {"Schedule": "cron(0 6 * * ? *)", "Actions": [{"JobName": name}]}
    glue.call("UpdateTrigger", Name=name, TriggerUpdate=update)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["Schedule"] == "cron(0 6 * * ? *)"


@change_by("DeleteTrigger")
def _delete_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("DeleteTrigger", Name=name)
    yield
    _gone(glue, "GetTrigger", Name=name)


@change_by("StartTrigger")
def _start_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("StartTrigger", Name=name)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["State"] == "ACTIVATED"


@change_by("StopTrigger")
def _stop_trigger(glue: Operations, name: str) -> Iterator[None]:
    _scheduled(glue, name)
    glue.call("StartTrigger", Name=name)
    glue.call("StopTrigger", Name=name)
    yield
    assert glue.call("GetTrigger", Name=name)["Trigger"]["State"] == "DEACTIVATED"


# Blueprints

_CONFIGURATION = '{"layoutGenerator": "%s.layout.generate_layout", "parameterSpec": {"Name": {"type": "String"}}}'
_LAYOUT = """
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
    command = {"Name": "pythonshell", "ScriptLocation": "s3://data/script.py", "PythonVersion": "3.9"}
    job = Job(Name=user_params["Name"], Role="arn:aws:iam::123456789012:role/glueprint", Command=command)
    return Workflow(Name=user_params["Name"], Entities=Entities(Jobs=[job]))
"""


def _blueprint(glue: Operations, name: str) -> str:
    """Register a blueprint that makes a workflow of one job; where its zip lies."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(f"{name}/blueprint.cfg", _CONFIGURATION % name)
        archive.writestr(f"{name}/layout.py", _LAYOUT)
    location = glue.put(f"{name}.zip", held.getvalue())
    glue.call("CreateBlueprint", Name=name, BlueprintLocation=location)
    _until_active(glue, name)
    return location


def _until_active(glue: Operations, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = glue.call("GetBlueprint", Name=name)["Blueprint"]
        assert found["Status"] != "FAILED", found
        return found if found["Status"] == "ACTIVE" else None

    found: dict[str, Any] = until(look)
    return found


@change_by("CreateBlueprint")
def _create_blueprint(glue: Operations, name: str) -> Iterator[None]:
    location = _blueprint(glue, name)
    yield
    assert glue.call("GetBlueprint", Name=name)["Blueprint"]["BlueprintLocation"] == location


@change_by("UpdateBlueprint")
def _update_blueprint(glue: Operations, name: str) -> Iterator[None]:
    location = _blueprint(glue, name)
    glue.call("UpdateBlueprint", Name=name, BlueprintLocation=location, Description="after")
    yield
    assert _until_active(glue, name)["Description"] == "after"


@change_by("DeleteBlueprint")
def _delete_blueprint(glue: Operations, name: str) -> Iterator[None]:
    _blueprint(glue, name)
    glue.call("DeleteBlueprint", Name=name)
    yield
    _gone(glue, "GetBlueprint", Name=name)


@change_by("StartBlueprintRun")
def _start_blueprint_run(glue: Operations, name: str) -> Iterator[None]:
    _blueprint(glue, name)
    given = f'{{"Name": "{name}"}}'
    run_id = glue.call("StartBlueprintRun", BlueprintName=name, Parameters=given, RoleArn=ROLE)["RunId"]
    yield

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = glue.call("GetBlueprintRun", BlueprintName=name, RunId=run_id)["BlueprintRun"]
        assert run["State"] in ("RUNNING", "SUCCEEDED"), run
        return run if run["State"] == "SUCCEEDED" else None

    assert until(look)["WorkflowName"] == name


# Crawlers and classifiers


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
    _gone(glue, "GetCrawler", Name=name)


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
    _gone(glue, "GetClassifier", Name=name)


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
    _gone(glue, "GetConnection", Name=name)


@change_by("BatchDeleteConnection")
def _batch_delete_connection(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateConnection", ConnectionInput=_network(name))
    assert glue.call("BatchDeleteConnection", ConnectionNameList=[name])["Succeeded"] == [name]
    yield
    _gone(glue, "GetConnection", Name=name)


# The Data Catalog


def _database(glue: Operations, name: str) -> None:
    glue.call("CreateDatabase", DatabaseInput={"Name": name})


def _table(glue: Operations, name: str) -> None:
    """A database of that name, and in it a table of that name with one partition key, ``day``."""
    _database(glue, name)
    glue.call("CreateTable", DatabaseName=name, TableInput=_table_input(name))


def _table_input(name: str, **members: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://data/t/"},
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
    } | members


def _partitioned(glue: Operations, name: str, *values: str) -> None:
    _table(glue, name)
    inputs = [{"Values": [value]} for value in values]
    glue.call("BatchCreatePartition", DatabaseName=name, TableName=name, PartitionInputList=inputs)


def _partitions(glue: Operations, name: str) -> dict[str, dict[str, str]]:
    """The parameters of each partition, by its value."""
    found = glue.call("GetPartitions", DatabaseName=name, TableName=name)["Partitions"]
    return {one["Values"][0]: one.get("Parameters", {}) for one in found}


def _versions(glue: Operations, name: str) -> list[str]:
    found = glue.call("GetTableVersions", DatabaseName=name, TableName=name)["TableVersions"]
    return [one["VersionId"] for one in found]


@change_by("CreateDatabase")
def _create_database(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateDatabase", DatabaseInput={"Name": name, "Parameters": {"k": "v"}})
    yield
    assert glue.call("GetDatabase", Name=name)["Database"]["Parameters"] == {"k": "v"}


@change_by("UpdateDatabase")
def _update_database(glue: Operations, name: str) -> Iterator[None]:
    _database(glue, name)
    glue.call("UpdateDatabase", Name=name, DatabaseInput={"Name": name, "Description": "after"})
    yield
    assert glue.call("GetDatabase", Name=name)["Database"]["Description"] == "after"


@change_by("DeleteDatabase")
def _delete_database(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("DeleteDatabase", Name=name)
    yield
    _gone(glue, "GetDatabase", Name=name)


@change_by("CreateTable")
def _create_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    yield
    table = glue.call("GetTable", DatabaseName=name, Name=name)["Table"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]


@change_by("UpdateTable")
def _update_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name, Description="after"))
    yield
    assert glue.call("GetTable", DatabaseName=name, Name=name)["Table"]["Description"] == "after"
    assert _versions(glue, name) == ["1", "0"]


@change_by("DeleteTable")
def _delete_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("DeleteTable", DatabaseName=name, Name=name)
    yield
    _gone(glue, "GetTable", DatabaseName=name, Name=name)


@change_by("BatchDeleteTable")
def _batch_delete_table(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("BatchDeleteTable", DatabaseName=name, TablesToDelete=[name])
    yield
    _gone(glue, "GetTable", DatabaseName=name, Name=name)


@change_by("DeleteTableVersion")
def _delete_table_version(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name))
    glue.call("DeleteTableVersion", DatabaseName=name, TableName=name, VersionId="0")
    yield
    assert _versions(glue, name) == ["1"]


@change_by("BatchDeleteTableVersion")
def _batch_delete_table_version(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    glue.call("UpdateTable", DatabaseName=name, TableInput=_table_input(name))
    glue.call("BatchDeleteTableVersion", DatabaseName=name, TableName=name, VersionIds=["0"])
    yield
    assert _versions(glue, name) == ["1"]


@change_by("CreatePartition")
def _create_partition(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    given = {"Values": ["1"], "Parameters": {"k": "v"}}
    glue.call("CreatePartition", DatabaseName=name, TableName=name, PartitionInput=given)
    yield
    assert _partitions(glue, name) == {"1": {"k": "v"}}


@change_by("BatchCreatePartition")
def _batch_create_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    yield
    assert list(_partitions(glue, name)) == ["1", "2"]


@change_by("UpdatePartition")
def _update_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1")
    given = {"Values": ["1"], "Parameters": {"k": "after"}}
    glue.call("UpdatePartition", DatabaseName=name, TableName=name, PartitionValueList=["1"], PartitionInput=given)
    yield
    assert _partitions(glue, name) == {"1": {"k": "after"}}


@change_by("BatchUpdatePartition")
def _batch_update_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    given = {"Values": ["2"], "Parameters": {"k": "after"}}
    entries = [{"PartitionValueList": ["2"], "PartitionInput": given}]
    glue.call("BatchUpdatePartition", DatabaseName=name, TableName=name, Entries=entries)
    yield
    assert _partitions(glue, name) == {"1": {}, "2": {"k": "after"}}


@change_by("DeletePartition")
def _delete_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    glue.call("DeletePartition", DatabaseName=name, TableName=name, PartitionValues=["1"])
    yield
    assert list(_partitions(glue, name)) == ["2"]


@change_by("BatchDeletePartition")
def _batch_delete_partition(glue: Operations, name: str) -> Iterator[None]:
    _partitioned(glue, name, "1", "2")
    gone = [{"Values": ["2"]}]
    glue.call("BatchDeletePartition", DatabaseName=name, TableName=name, PartitionsToDelete=gone)
    yield
    assert list(_partitions(glue, name)) == ["1"]


@change_by("CreatePartitionIndex")
def _create_partition_index(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    index = {"Keys": ["day"], "IndexName": "by_day"}
    glue.call("CreatePartitionIndex", DatabaseName=name, TableName=name, PartitionIndex=index)
    yield
    found = glue.call("GetPartitionIndexes", DatabaseName=name, TableName=name)
    assert [one["IndexName"] for one in found["PartitionIndexDescriptorList"]] == ["by_day"]


@change_by("DeletePartitionIndex")
def _delete_partition_index(glue: Operations, name: str) -> Iterator[None]:
    _table(glue, name)
    index = {"Keys": ["day"], "IndexName": "by_day"}
    glue.call("CreatePartitionIndex", DatabaseName=name, TableName=name, PartitionIndex=index)
    glue.clock.advance(5)
    glue.call("DeletePartitionIndex", DatabaseName=name, TableName=name, IndexName="by_day")
    glue.clock.advance(5)
    yield
    found = glue.call("GetPartitionIndexes", DatabaseName=name, TableName=name)
    assert found["PartitionIndexDescriptorList"] == []


def _function(glue: Operations, name: str) -> None:
    _database(glue, name)
    given = {"FunctionName": name, "ClassName": "before"}
    glue.call("CreateUserDefinedFunction", DatabaseName=name, FunctionInput=given)


def _class_of(glue: Operations, name: str) -> str:
    found = glue.call("GetUserDefinedFunction", DatabaseName=name, FunctionName=name)
    named: str = found["UserDefinedFunction"]["ClassName"]
    return named


@change_by("CreateUserDefinedFunction")
def _create_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    yield
    assert _class_of(glue, name) == "before"


@change_by("UpdateUserDefinedFunction")
def _update_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    given = {"FunctionName": name, "ClassName": "after"}
    glue.call("UpdateUserDefinedFunction", DatabaseName=name, FunctionName=name, FunctionInput=given)
    yield
    assert _class_of(glue, name) == "after"


@change_by("DeleteUserDefinedFunction")
def _delete_user_defined_function(glue: Operations, name: str) -> Iterator[None]:
    _function(glue, name)
    glue.call("DeleteUserDefinedFunction", DatabaseName=name, FunctionName=name)
    yield
    _gone(glue, "GetUserDefinedFunction", DatabaseName=name, FunctionName=name)


# Tags


@change_by("TagResource")
def _tag_resource(glue: Operations, name: str) -> Iterator[None]:
    _job(glue, name)
    glue.call("TagResource", ResourceArn=f"{ARN}job/{name}", TagsToAdd={"k": "v"})
    yield
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"k": "v"}


@change_by("UntagResource")
def _untag_resource(glue: Operations, name: str) -> Iterator[None]:
    _job(glue, name, Tags={"k": "v", "stays": "x"})
    glue.call("UntagResource", ResourceArn=f"{ARN}job/{name}", TagsToRemove=["k"])
    yield
    assert glue.call("GetTags", ResourceArn=f"{ARN}job/{name}")["Tags"] == {"stays": "x"}
