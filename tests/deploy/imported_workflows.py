"""Workflows as they may be deployed somewhere, made at random: to be imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from glueprint.deploy.definitions.model import Definition, Key, Kind, UploadedObject, WorkflowDefinition
from glueprint.deploy.importing.collected import Collected

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/etl"
SCRIPT = b'print("hello")\n'

NAMES = st.text("ab1_-. {}\"'\\é%$", min_size=1, max_size=8).map(str.strip).filter(bool)
TEXTS = st.one_of(
    st.sampled_from(["s3://data/in/", "s3://data/{x}/", "orders", "us-east-1", "true", "", "a\nb", 'say "{hi}"']),
    st.text("ab {}\"'\\é\n\t1:/", max_size=12),
)


SPARK = {
    "Command": {"Name": "glueetl", "ScriptLocation": "s3://code/etl/load.py", "PythonVersion": "3"},
    "GlueVersion": "5.0",
    "WorkerType": "G.1X",
    "NumberOfWorkers": 2,
    "MaxCapacity": None,
}
JOB_MEMBERS: tuple[dict[str, Any], ...] = (
    {},
    SPARK,
    {"Connections": {"Connections": ["shop"]}, "ExecutionProperty": {"MaxConcurrentRuns": 3}},
    {"NonOverridableArguments": {"--fixed": "s3://data/{in}/"}, "NotificationProperty": {"NotifyDelayAfter": 5}},
    {"SecurityConfiguration": "sealed", "LogUri": "s3://code/logs/"},
)
CRAWLER_MEMBERS: tuple[dict[str, Any], ...] = (
    {},
    {"TablePrefix": "orders_", "Classifiers": ["weblog"], "Schedule": "cron(0 4 * * ? *)"},
    {"SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}, "Description": "a {crawler}"},
    {"Configuration": '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}'},
    {
        "Targets": {
            "JdbcTargets": [{"ConnectionName": "shop", "Path": "shop/%"}],
            "DynamoDBTargets": [{"Path": "t"}],
        }
    },
    {"Targets": {"CatalogTargets": [{"DatabaseName": "orders", "Tables": ["orders"]}]}},
)
TAGS = st.sampled_from([{}, {"team": "orders"}, {"a b": "{x}", "n": "1"}])


def job(name: str, arguments: Mapping[str, str], **members: Any) -> Definition:
    """Return a Python shell job."""
    given = {
        "Role": ROLE,
        "Command": {"Name": "pythonshell", "ScriptLocation": "s3://code/etl/load.py", "PythonVersion": "3.9"},
        "MaxCapacity": 0.0625,
        "DefaultArguments": dict(arguments),
        **members,
    }
    return Definition(Kind.JOB, name, {member: value for member, value in given.items() if value})


def crawler(name: str, database: str) -> Definition:
    """Return a crawler of one folder."""
    targets = {"S3Targets": [{"Path": "s3://data/out/", "Exclusions": ["**.tmp"]}]}
    return Definition(Kind.CRAWLER, name, {"Role": ROLE, "Targets": targets, "DatabaseName": database})


def action(key: Key) -> dict[str, Any]:
    """Return the action that starts a node."""
    return {"JobName" if key.kind is Kind.JOB else "CrawlerName": key.name}


def condition(key: Key, state: str) -> dict[str, Any]:
    """Return a condition on a node."""
    member = "State" if key.kind is Kind.JOB else "CrawlState"
    return {**action(key), "LogicalOperator": "EQUALS", member: state}


def trigger(name: str, workflow: str, **members: Any) -> Definition:
    """Return a trigger of the workflow."""
    return Definition(Kind.TRIGGER, name, {"WorkflowName": workflow, **members})


def collected(definition: WorkflowDefinition, **members: Any) -> Collected:
    """Return a workflow as it was read, with the script of its jobs."""
    script = UploadedObject("code", "etl/load.py", SCRIPT)
    return Collected(definition, ACCOUNT, REGION, (script,), buckets=("code", "data"), **members)


@st.composite
def workflows(draw: st.DrawFn) -> WorkflowDefinition:
    """A workflow that the layout classes can say: AND, ANY, schedules, any names of nodes and triggers."""
    name = draw(NAMES)
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    nodes: list[Definition] = []
    for one in names:
        if draw(st.booleans()) or not nodes:
            arguments = draw(st.dictionaries(st.sampled_from(["--day", "--path", "--sql"]), TEXTS, max_size=3))
            timeout, retries = draw(st.sampled_from([None, 60])), draw(st.sampled_from([0, 2]))
            more = {"Timeout": timeout, "MaxRetries": retries, "Description": draw(TEXTS)}
            made = job(one, arguments, **more, **draw(st.sampled_from(JOB_MEMBERS)))
        else:
            made = crawler(one, draw(st.sampled_from(["orders", "sales", name])))
            made = replace(made, members={**made.members, **draw(st.sampled_from(CRAWLER_MEMBERS))})
        nodes.append(replace(made, tags=draw(TAGS)))
    starts, triggers = [], []
    for number, one in enumerate(nodes):
        before = [other.key for other in nodes[:number]]
        waits = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        if not waits:
            starts.append(action(one.key))
            continue
        states = [draw(st.sampled_from(["SUCCEEDED", "FAILED"])) for _ in waits]
        predicate: dict[str, Any] = {"Conditions": list(map(condition, waits, states))}
        if len(waits) > 1:
            predicate["Logical"] = draw(st.sampled_from(["AND", "ANY"]))
        triggers.append(
            trigger(
                f"{draw(NAMES)} {number}",
                name,
                Type="CONDITIONAL",
                StartOnCreation=True,
                Predicate=predicate,
                Actions=[action(one.key)],
            )
        )
    schedule = draw(st.sampled_from([None, "cron(0 5 * * ? *)"]))
    how = (
        {"Type": "SCHEDULED", "Schedule": schedule, "StartOnCreation": True} if schedule else {"Type": "ON_DEMAND"}
    )
    triggers.append(trigger("start", name, Actions=starts, **how))
    members = {"Description": draw(TEXTS), "DefaultRunProperties": {"day": draw(TEXTS)}}
    given = {one: value for one, value in members.items() if value}
    workflow = Definition(Kind.WORKFLOW, name, given, draw(TAGS))
    return WorkflowDefinition.of(workflow, (*nodes, *triggers))
