"""Changes to data quality rulesets and runs, and how they are read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operations_changes_table import ARN, change_by, check_gone
from operations_harness import ROLE, Operations

RULESET = 'Rules = [ IsComplete "id", RowCount > 0 ]'


@change_by("CreateDataQualityRuleset")
def _create_ruleset(glue: Operations, name: str) -> Iterator[None]:
    table = {"DatabaseName": "db", "TableName": name}
    glue.call("CreateDataQualityRuleset", Name=name, Ruleset=RULESET, TargetTable=table, Tags={"k": "v"})
    yield
    assert glue.call("GetDataQualityRuleset", Name=name)["Ruleset"] == RULESET
    (listed,) = glue.call("ListDataQualityRulesets", Filter={"TargetTable": table})["Rulesets"]
    assert (listed["Name"], listed["RuleCount"]) == (name, 2)
    assert glue.call("GetTags", ResourceArn=f"{ARN}dataQualityRuleset/{name}")["Tags"] == {"k": "v"}


@change_by("UpdateDataQualityRuleset")
def _update_ruleset(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateDataQualityRuleset", Name=name, Ruleset=RULESET, Description="before")
    answer = glue.call("UpdateDataQualityRuleset", Name=name, Ruleset="Rules = [ RowCount > 1 ]")
    assert answer == {"Name": name, "Description": "before", "Ruleset": "Rules = [ RowCount > 1 ]"}
    yield
    found = glue.call("GetDataQualityRuleset", Name=name)
    assert (found["Description"], found["Ruleset"]) == ("before", "Rules = [ RowCount > 1 ]")


@change_by("DeleteDataQualityRuleset")
def _delete_ruleset(glue: Operations, name: str) -> Iterator[None]:
    glue.call("CreateDataQualityRuleset", Name=name, Ruleset=RULESET)
    glue.call("DeleteDataQualityRuleset", Name=name)
    yield
    check_gone(glue, "GetDataQualityRuleset", Name=name)


def _source(glue: Operations, name: str) -> dict[str, Any]:
    glue.call("CreateDatabase", DatabaseInput={"Name": name})
    glue.call("CreateTable", DatabaseName=name, TableInput={"Name": "t", "StorageDescriptor": {"Columns": []}})
    return {"GlueTable": {"DatabaseName": name, "TableName": "t"}}


def _evaluation(glue: Operations, name: str) -> str:
    source = _source(glue, name)
    glue.call("CreateDataQualityRuleset", Name=name, Ruleset=RULESET)
    run = glue.call(
        "StartDataQualityRulesetEvaluationRun", DataSource=source, Role=ROLE, RulesetNames=[name], ClientToken=name
    )
    run_id: str = run["RunId"]
    return run_id


@change_by("StartDataQualityRulesetEvaluationRun")
def _start_evaluation(glue: Operations, name: str) -> Iterator[None]:
    run_id = _evaluation(glue, name)
    yield
    run = glue.call("GetDataQualityRulesetEvaluationRun", RunId=run_id)
    assert (run["Status"], run["RulesetNames"], run["NumberOfWorkers"]) == ("STARTING", [name], 5)
    table = {"GlueTable": {"DatabaseName": name, "TableName": "T"}}
    listed = glue.call("ListDataQualityRulesetEvaluationRuns", Filter={"DataSource": table, "RulesetName": name})
    assert [one["RunId"] for one in listed["Runs"]] == [run_id]


@change_by("CancelDataQualityRulesetEvaluationRun")
def _cancel_evaluation(glue: Operations, name: str) -> Iterator[None]:
    run_id = _evaluation(glue, name)
    glue.call("CancelDataQualityRulesetEvaluationRun", RunId=run_id)
    yield
    assert glue.call("GetDataQualityRulesetEvaluationRun", RunId=run_id)["Status"] in ("STOPPING", "STOPPED")


def _recommendation(glue: Operations, name: str) -> str:
    run_id: str = glue.call("StartDataQualityRuleRecommendationRun", DataSource=_source(glue, name), Role=ROLE)[
        "RunId"
    ]
    return run_id


@change_by("StartDataQualityRuleRecommendationRun")
def _start_recommendation(glue: Operations, name: str) -> Iterator[None]:
    run_id = _recommendation(glue, name)
    yield
    assert glue.call("GetDataQualityRuleRecommendationRun", RunId=run_id)["Status"] == "STARTING"


@change_by("CancelDataQualityRuleRecommendationRun")
def _cancel_recommendation(glue: Operations, name: str) -> Iterator[None]:
    run_id = _recommendation(glue, name)
    glue.call("CancelDataQualityRuleRecommendationRun", RunId=run_id)
    yield
    assert glue.call("GetDataQualityRuleRecommendationRun", RunId=run_id)["Status"] in ("STOPPING", "STOPPED")
