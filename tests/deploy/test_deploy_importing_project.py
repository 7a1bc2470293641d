"""A workflow becomes a blueprint project: its layout makes the same workflow, and names what it cannot say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from imported_workflows import (
    ACCOUNT,
    REGION,
    action,
    collected,
    condition,
    crawler,
    job,
    trigger,
    workflows,
)

from glueprint.check.checking import check
from glueprint.deploy.definitions.comparison import differences
from glueprint.deploy.definitions.layout import lay_out, named
from glueprint.deploy.definitions.model import Definition, Kind, UploadedObject, WorkflowDefinition
from glueprint.deploy.importing.project import Project, project_of, subject_of
from glueprint.facts.findings import Severity

NAME = "imported"


def plain(*triggers: Definition, nodes: tuple[Definition, ...] = (), **members: Any) -> WorkflowDefinition:
    """A workflow ``orders`` of the jobs a and b and the crawler c, with these triggers."""
    workflow = Definition(Kind.WORKFLOW, "orders", members)
    return WorkflowDefinition.of(workflow, (*(nodes or (A, B, C)), *triggers))


A, B, C = job("a", {}), job("b", {}), crawler("c", "sales")
START = trigger("start", "orders", Type="ON_DEMAND", Actions=[action(A.key)])


def waits(name: str, conditions: list[dict[str, Any]], *nodes: Definition, **members: Any) -> Definition:
    """A conditional trigger."""
    given = {
        "Type": "CONDITIONAL",
        "StartOnCreation": True,
        "Predicate": {"Conditions": conditions, **({"Logical": "AND"} if len(conditions) > 1 else {})},
        "Actions": [action(one.key) for one in nodes],
        **members,
    }
    return trigger(name, "orders", **{member: value for member, value in given.items() if value is not None})


CHAIN = (
    START,
    waits("then b", [condition(A.key, "SUCCEEDED")], B),
    waits("then c", [condition(A.key, "SUCCEEDED"), condition(B.key, "FAILED")], C),
)


def laid_out(project: Project) -> WorkflowDefinition:
    """What the project's layout makes with its example, under the names that were read."""
    subject = subject_of(NAME, project.files)
    values = json.loads(project.files["parameters.example.json"])
    made = lay_out(subject, values, region=REGION, account_id=ACCOUNT).definition
    return named(made, {**{one.key: one.name for one in made}, **project.names})


def different(wanted: WorkflowDefinition, read: WorkflowDefinition) -> dict[str, list[str]]:
    """Differences by resource; "missing" and "more" for those that are on one side only."""
    there, here = read.by_key(), wanted.by_key()
    found = {str(key): ["missing"] for key in there.keys() - here.keys()}
    found |= {str(key): ["more"] for key in here.keys() - there.keys()}
    for key in there.keys() & here.keys():
        members = [str(one) for one in differences(here[key], there[key])]
        found |= {str(key): members} if members else {}
    return found


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@example(plain(*CHAIN))
@given(workflows())
def test_a_project_makes_the_workflow_that_was_read(workflow: WorkflowDefinition) -> None:
    """Random workflows with AND and ANY, schedules, crawlers, any text in names and values: the project's layout,
    run with its example parameters, makes exactly what was read (DG:developing-blueprints-code-classes)."""
    read = collected(workflow)  # the import of boto3, for an upload, would take most of the time
    project = project_of(read if workflow.name == "orders" else replace(read, scripts=()), NAME)
    assert project.gaps == ()
    assert different(laid_out(project), workflow) == {}


def test_parameters_are_found_by_names_and_values() -> None:
    """Workflow name, role, buckets, database, schedule and arguments that all jobs share become parameters; paths
    refer to buckets, names to the workflow's name; account and region come from Glue."""
    arguments = {"--source_table": "returns", "--out": "s3://data/out/", "--where": f"arn:x:{REGION}:{ACCOUNT}:y"}
    nodes = (
        job("orders_load", {**arguments, "--day": "1", "--in": "s3://data/in/"}),
        job("orders_report", arguments),
        C,
    )
    start = replace(
        START,
        members={
            **START.members,
            "Type": "SCHEDULED",
            "Schedule": "cron(0 5 * * ? *)",
            "StartOnCreation": True,
            "Actions": [action(one.key) for one in nodes],
        },
    )
    project = project_of(collected(plain(start, nodes=nodes)), NAME)
    assert json.loads(project.files["parameters.example.json"]) == {
        "WorkflowName": "orders",
        "Role": "arn:aws:iam::123456789012:role/service/etl",
        "ScriptBucket": "code",
        "DataBucket": "data",
        "Database": "sales",
        "Schedule": "cron(0 5 * * ? *)",
        "Out": "s3://data/out/",
        "SourceTable": "returns",
        "Where": f"arn:x:{REGION}:{ACCOUNT}:y",
    }
    text = project.files["layout.py"].decode()
    for line in (
        'Name=f"{workflow_name}_load",',
        '"ScriptLocation": f"s3://{script_bucket}/etl/load.py",',
        '"Path": out,',
        '"--in": f"s3://{data_bucket}/in/"',
        "DatabaseName=database,",
        '"--source_table": source_table,',
        "OnSchedule=schedule or None,",
    ):
        assert line in text, text
    other = lay_out(
        subject_of(NAME, project.files),
        {
            **json.loads(project.files["parameters.example.json"]),
            "WorkflowName": "returns",
            "Out": "s3://other/out/",
        },
    ).definition
    assert [one.name for one in other.jobs] == ["returns_load", "returns_report"]
    assert other.crawlers[0].members["Targets"]["S3Targets"][0]["Path"] == "s3://other/out/"


def test_the_suffix_of_a_blueprint_run_is_left_out() -> None:
    """Names that a blueprint run made have a common random suffix; the layout has them without it
    (docs/facts/blueprints.md#generated-names)."""
    nodes = (job("load_x7k2p9qa", {}), crawler("crawl_x7k2p9qa", "sales"))
    start = trigger("start", "orders", Type="ON_DEMAND", Actions=[action(one.key) for one in nodes])
    workflow = plain(start, nodes=nodes)
    project = project_of(collected(workflow), NAME)
    assert 'Name="load",' in project.files["layout.py"].decode()
    assert (project.gaps, different(laid_out(project), workflow)) == ((), {})


def test_a_project_passes_the_check() -> None:
    """``glueprint check`` finds no error in an imported project."""
    project = project_of(collected(plain(*CHAIN)), NAME)
    checked = check(subject_of(NAME, project.files))
    assert checked.layout_ran
    assert [one for one in checked.findings if one.severity is Severity.ERROR] == []


def test_scripts_of_one_name_are_two_files() -> None:
    """Two scripts with the same file name in two folders are kept apart."""
    there = {"Name": "pythonshell", "ScriptLocation": "s3://code/other/load.py", "PythonVersion": "3.9"}
    nodes = (A, job("b", {}, Command=there))
    start = trigger("start", "orders", Type="ON_DEMAND", Actions=[action(one.key) for one in nodes])
    read = collected(plain(start, nodes=nodes))
    read = replace(read, scripts=(*read.scripts, UploadedObject("code", "other/load.py", b"print(2)\n")))
    files = project_of(read, NAME).files
    assert [files[f"scripts/{one}"] for one in ("load.py", "load_2.py")] == [b'print("hello")\n', b"print(2)\n"]


EVENT = trigger("start", "orders", Type="EVENT", EventBatchingCondition={"BatchSize": 5}, Actions=[action(A.key)])
AFTER_A = [condition(A.key, "SUCCEEDED")]
POLICY = {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}
NEW_FOLDERS = replace(C, members={**C.members, **POLICY})
NOT_EXPRESSIBLE = {
    "an EVENT trigger": (plain(EVENT, *CHAIN[1:]), "trigger start: Type"),
    "arguments of an action": (
        plain(START, waits("then b", AFTER_A, Actions=[{"JobName": "b", "Arguments": {"--x": "1"}}]), CHAIN[2]),
        "trigger then b: Actions[b].Arguments",
    ),
    "a job mode": (plain(*CHAIN, nodes=(job("a", {}, JobMode="VISUAL"), B, C)), "job a: JobMode"),
    "queuing": (plain(*CHAIN, nodes=(job("a", {}, JobRunQueuingEnabled=True), B, C)), "job a: JobRunQueuing"),
    "a worker type that the library refuses": (
        plain(*CHAIN, nodes=(job("a", {}, WorkerType="G.4X", NumberOfWorkers=2, MaxCapacity=None), B, C)),
        "job a: WorkerType",
    ),
    "a limit of runs": (plain(*CHAIN, MaxConcurrentRuns=1), "workflow orders: MaxConcurrentRuns"),
    "a recrawl policy": (plain(*CHAIN, nodes=(A, B, NEW_FOLDERS)), "crawler c: RecrawlPolicy"),
    "two starters of a node": (plain(*CHAIN, waits("again", [condition(B.key, "SUCCEEDED")], C)), "crawler c: "),
    "two states of a node": (
        plain(*CHAIN[:2], waits("then c", [*AFTER_A, condition(A.key, "FAILED")], C)),
        "trigger then c: Predicate",
    ),
    "a trigger that is not active": (
        plain(*CHAIN[:2], waits("then c", [condition(B.key, "SUCCEEDED")], C, StartOnCreation=None)),
        "trigger then c: State",
    ),
    "a node that nothing starts": (plain(*CHAIN[:2]), "crawler c: "),
}


@pytest.mark.parametrize("name", NOT_EXPRESSIBLE)
def test_what_the_layout_classes_cannot_say_is_named(name: str) -> None:
    """What Amazon's layout classes drop or refuse (LIB, c929aae) is a gap with resource, member and reason, and
    changes what the workflow does."""
    workflow, start = NOT_EXPRESSIBLE[name]
    project = project_of(replace(collected(workflow), scripts=()), NAME)
    assert any(str(one).startswith(start) for one in project.lost), project.gaps
    assert start.split(":")[0] in project.files["README.md"].decode()


def test_another_form_of_the_same_is_no_loss() -> None:
    """A trigger that starts two nodes becomes two triggers with the same predicate, and a trigger's description is
    not kept: both are reported, neither changes what runs."""
    both = waits("then both", [condition(A.key, "SUCCEEDED")], B, C, Description="after a")
    project = project_of(collected(plain(START, both)), NAME)
    assert sorted(one.member for one in project.gaps) == ["Actions", "Description"]
    assert project.lost == ()
    made = laid_out(project).triggers
    assert sorted(json.dumps(one.members["Actions"]) for one in made) == [
        '[{"CrawlerName": "c"}]',
        '[{"JobName": "a"}]',
        '[{"JobName": "b"}]',
    ]
