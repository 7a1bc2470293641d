"""Glueprint's awsglue.blueprint: its names, and a warning for every drop."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from glueprint.blueprint.layout_library.base_resource import LayoutDrop
from glueprint.blueprint.layout_library.crawler import Crawler
from glueprint.blueprint.layout_library.job import Job
from glueprint.blueprint.layout_library.workflow import Entities, Workflow

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://bucket/script.py"}


def job(**members: Any) -> Job:
    """A valid job with ``members``."""
    return Job(**{"Name": "j", "Role": "r", "Command": COMMAND, **members})


def crawler(**members: Any) -> Crawler:
    """A valid crawler with ``members``."""
    return Crawler(**{"Name": "c", "Role": "r", "Targets": {"S3Targets": [{"Path": "s3://b/k"}]}, **members})


def drops(make: Any) -> list[tuple[str, str]]:
    """Entity and member of every drop that ``make()`` is warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    reported = [warning.message for warning in caught]
    assert all(warning.filename == __file__ for warning in caught)
    return [(drop.entity, drop.member) for drop in reported if isinstance(drop, LayoutDrop)]


def test_star_import_of_workflow_yields_everything_a_layout_needs() -> None:
    """``from awsglue.blueprint.workflow import *`` also yields Job, Crawler, BaseResource."""
    names: dict[str, Any] = {}
    exec("from glueprint.blueprint.layout_library.workflow import *", names)
    assert {"Workflow", "Entities", "Job", "Crawler", "BaseResource", "ensure_type"} <= names.keys()


@pytest.mark.parametrize(
    ("make", "reported"),
    [
        (lambda: job(ExecutionClass="FLEX"), [("Job 'j'", "ExecutionClass")]),
        (lambda: job(Description="x"), [("Job 'j'", "Description")]),
        (lambda: job(description="x"), []),
        (lambda: job(MaxRetries=0, Timeout=None), [("Job 'j'", "MaxRetries")]),
        (lambda: setattr(job(), "Priority", 1), [("Job 'j'", "Priority")]),
        (lambda: job(Command={**COMMAND, "Runtime": "Ray2.4"}), []),
        (
            lambda: crawler(RecrawlPolicy={}, TablePrefix=""),
            [("Crawler 'c'", "TablePrefix"), ("Crawler 'c'", "RecrawlPolicy")],
        ),
        (lambda: crawler(Targets={"JDBCTargets": []}), [("Crawler 'c'", "Targets.JDBCTargets")]),
        (
            lambda: Workflow(Name="w", Entities=Entities(), MaxConcurrentRuns=1),
            [("Workflow 'w'", "MaxConcurrentRuns")],
        ),
        (lambda: Entities(Jobs=[], Triggers=[]), [("Entities", "Triggers")]),
    ],
)
def test_every_drop_is_reported_with_entity_and_member(make: Any, reported: list[tuple[str, str]]) -> None:
    """What the public library drops silently is dropped with a warning
    (docs/facts/blueprints.md#layout-library)."""
    assert drops(make) == reported


def test_an_unused_wait_is_reported() -> None:
    """WaitForDependencies without DependsOn stays in the request, as in the public library
    (docs/facts/blueprints.md#generated-triggers)."""
    workflow = Workflow(Name="w", Entities=Entities(Jobs=[job(WaitForDependencies="AND")]))
    with pytest.warns(LayoutDrop, match="WaitForDependencies without DependsOn"):
        written = workflow.to_json("x")
    assert written["Jobs"][0]["WaitForDependencies"] == "AND"


def test_triggers_follow_from_dependencies() -> None:
    """Names, types and predicates of the generated triggers as
    docs/facts/blueprints.md#generated-triggers gives them."""
    first = job()
    second = crawler(DependsOn={first: "SUCCEEDED"})
    third = job(Name="k", DependsOn={first: "FAILED", second: "SUCCEEDED"}, WaitForDependencies="ANY")
    written = Workflow(
        Name="w", Entities=Entities(Jobs=[first, third], Crawlers=[second]), OnSchedule="cron(0 1 * * ? *)"
    ).to_json("s")
    assert written["Triggers"] == [
        {
            "WorkflowName": "w",
            "Type": "CONDITIONAL",
            "Name": "w_c_s_trigger",
            "Predicate": {
                "Conditions": [{"LogicalOperator": "EQUALS", "JobName": "j_s", "State": "SUCCEEDED"}]
            },
            "StartOnCreation": True,
            "Actions": [{"CrawlerName": "c_s"}],
        },
        {
            "WorkflowName": "w",
            "Type": "CONDITIONAL",
            "Name": "w_k_s_trigger",
            "Predicate": {
                "Conditions": [
                    {"LogicalOperator": "EQUALS", "JobName": "j_s", "State": "FAILED"},
                    {"LogicalOperator": "EQUALS", "CrawlerName": "c_s", "CrawlState": "SUCCEEDED"},
                ],
                "Logical": "ANY",
            },
            "StartOnCreation": True,
            "Actions": [{"JobName": "k_s"}],
        },
        {
            "WorkflowName": "w",
            "Name": "w_starting_trigger",
            "Actions": [{"JobName": "j_s"}],
            "Type": "SCHEDULED",
            "Schedule": "cron(0 1 * * ? *)",
            "StartOnCreation": True,
        },
    ]
    assert written["Workflow"] == {
        "Name": "w",
        "Description": None,
        "DefaultRunProperties": None,
        "Tags": None,
    }


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: job(WorkerType="G.4X"), "G.4X is not a valid value for worker type"),
        (
            lambda: job(Command={**COMMAND, "Name": "glueray"}),
            "glueray is not a valid value for key Name in Command",
        ),
        (lambda: job(MaxCapacity=1), "Value 1 for key MaxCapacity should be of type <class 'float'>!"),
        (lambda: job(Role=None).validate(), r"Required Fields for Job were missing: \['Role'\]"),
        (lambda: Workflow(Name="w", Entities=Entities()).to_json(), "'NoneType' object is not iterable"),
        (
            lambda: Workflow(Name="w", Entities=Entities(Jobs=[job(DependsOn={"j": "SUCCEEDED"})])).to_json(),
            "Dependencies must be of type Job or Crawler, but found <class 'str'> instead",
        ),
    ],
)
def test_refusals_are_in_the_public_librarys_words(make: Any, words: str) -> None:
    """The error texts that Glue's own error messages quote (docs/facts/blueprints.md#layout-library)."""
    with pytest.raises(TypeError, match=words):
        make()
