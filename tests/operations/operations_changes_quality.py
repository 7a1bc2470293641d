"""Changes to data quality rulesets, and how they are read back."""

from __future__ import annotations

from collections.abc import Iterator

from operations_changes_table import ARN, change_by, check_gone
from operations_harness import Operations

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
