"""State machines on a local Glue within the test's process: no jobs run, time is moved by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.in_process import CONTEXT, GlueInProcess
from harness.local_server import ROLE, until

from glueprint.local.protocol import ApiError


class States(GlueInProcess):
    """One with an engine that runs no jobs."""

    def states(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call Step Functions."""
        return self.local.states.call(operation, request, CONTEXT)

    def machine(self, name: str, start: str, **states: Any) -> str:
        """Create a state machine."""
        text = json.dumps({"StartAt": start, "States": states})
        arn: str = self.states("CreateStateMachine", name=name, definition=text, roleArn=ROLE)["stateMachineArn"]
        return arn

    def status(self, execution: str) -> str:
        """The status of an execution."""
        return str(self.states("DescribeExecution", executionArn=execution)["status"])


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[States]:
    """A local Glue at a fixed time."""
    with States(tmp_path / "data", 1_700_000_000.0, has_engine=True) as glue:
        yield glue


def test_a_wait_of_a_year_survives_restarts(glue: States) -> None:
    """A timer is a row: a Standard execution lasts up to a year (SFN:service-quotas), whatever restarts."""
    machine = glue.machine("year", "W", W={"Type": "Wait", "Seconds": 31_000_000, "End": True})
    execution = glue.states("StartExecution", stateMachineArn=machine)["executionArn"]
    glue.close()
    glue.open()
    glue.clock.advance(30_999_999)
    assert glue.status(execution) == "RUNNING"
    glue.clock.advance(2)
    until(lambda: glue.status(execution) == "SUCCEEDED" or None)


def test_updates_do_not_reach_running_executions(glue: States) -> None:
    """An execution keeps the definition that it started with (service model, UpdateStateMachine)."""
    machine = glue.machine(
        "kept", "W", W={"Type": "Wait", "Seconds": 5, "Next": "P"}, P={"Type": "Pass", "End": True}
    )
    execution = glue.states("StartExecution", stateMachineArn=machine)["executionArn"]
    new = json.dumps({"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "New"}}})
    glue.states("UpdateStateMachine", stateMachineArn=machine, definition=new)
    described = glue.states("DescribeStateMachineForExecution", executionArn=execution)
    assert json.loads(described["definition"])["StartAt"] == "W"
    glue.clock.advance(6)
    until(lambda: glue.status(execution) == "SUCCEEDED" or None)
    second = glue.states("StartExecution", stateMachineArn=machine)["executionArn"]
    assert glue.status(second) == "FAILED"


def test_history_is_paged_in_both_orders(glue: States) -> None:
    """GetExecutionHistory returns pages, and the newest event first with reverseOrder (service model)."""
    machine = glue.machine("paged", "A", A={"Type": "Pass", "Next": "B"}, B={"Type": "Succeed"})
    execution = glue.states("StartExecution", stateMachineArn=machine)["executionArn"]
    seen, token = [], None
    while True:
        more = {"nextToken": token} if token else {}
        answer = glue.states(
            "GetExecutionHistory", executionArn=execution, maxResults=2, reverseOrder=True, **more
        )
        seen += [event["id"] for event in answer["events"]]
        token = answer.get("nextToken")
        if not token:
            break
    assert seen == [6, 5, 4, 3, 2, 1]


def test_executions_are_listed_by_status(glue: States) -> None:
    """ListExecutions returns the newest first, and only those of a status (service model)."""
    machine = glue.machine("listed", "W", W={"Type": "Wait", "Seconds": 5, "End": True})
    first = glue.states("StartExecution", stateMachineArn=machine, name="one")["executionArn"]
    glue.clock.advance(1)
    glue.states("StartExecution", stateMachineArn=machine, name="two")
    glue.states("StopExecution", executionArn=first)
    found = glue.states("ListExecutions", stateMachineArn=machine)["executions"]
    assert [one["name"] for one in found] == ["two", "one"]
    running = glue.states("ListExecutions", stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    assert [one["name"] for one in running] == ["two"]


def test_validation_returns_diagnostics(glue: States) -> None:
    """ValidateStateMachineDefinition lists errors, and warnings when they are requested (service model)."""
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}})
    assert glue.states("ValidateStateMachineDefinition", definition=text)["result"] == "OK"
    found = glue.states("ValidateStateMachineDefinition", definition=text, severity="WARNING")["diagnostics"]
    assert [(one["severity"], one["location"]) for one in found] == [("WARNING", "/States/B")]


@pytest.mark.parametrize(
    ("operation", "members", "words"),
    [
        ("CreateStateMachine", {"type": "EXPRESS"}, "type EXPRESS"),
        ("CreateStateMachine", {"publish": True}, "publish"),
        ("CreateStateMachine", {"definition": {"QueryLanguage": "JSONata"}}, "JSONata"),
        ("CreateStateMachine", {"definition": {"States": {"A": {"Assign": {}}}}}, "/States/A/Assign"),
        (
            "CreateStateMachine",
            {"definition": {"States": {"A": {"HeartbeatSecondsPath": "$.h"}}}},
            "/States/A/HeartbeatSecondsPath",
        ),
        (
            "CreateStateMachine",
            {
                "definition": {
                    "States": {
                        "A": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}
                    }
                }
            },
            "Map of mode DISTRIBUTED",
        ),
        ("StartExecution", {"stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m:live"}, "aliases"),
        ("StartSyncExecution", {"stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"}, "EXPRESS"),
        ("PublishStateMachineVersion", {"stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"}, "not"),
        ("RedriveExecution", {"executionArn": "arn:aws:states:us-east-1:1:execution:m:e"}, "new execution"),
    ],
)
def test_what_is_not_served_is_refused_by_name(
    glue: States, operation: str, members: dict[str, Any], words: str
) -> None:
    """UnsupportedOperationException names what AWS has and this server does not (docs/fidelity/state-machines.md);
    nothing is stored."""
    request = dict(members)
    if operation == "CreateStateMachine":
        given = members.get("definition", {})
        states = {"A": {"Type": "Wait", "Seconds": 1, "End": True}}
        for name, state in given.get("States", {}).items():
            inner = state.get("ItemProcessor")
            if inner is not None:
                state = {**state, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}, **inner}}
                states[name] = {"End": True, **state}
            else:
                resource = "arn:aws:states:::glue:startJobRun.sync"
                task = {"Type": "Task", "Resource": resource, "Parameters": {"JobName": "j"}, "End": True}
                states[name] = {**task, **state}
        definition = {"StartAt": "A", **given, "States": states}
        request |= {"name": "m", "roleArn": ROLE, "definition": json.dumps(definition)}
    with pytest.raises(ApiError) as caught:
        glue.states(operation, **request)
    assert caught.value.code == "UnsupportedOperationException"
    assert words in caught.value.message
    assert not glue.states("ListStateMachines")["stateMachines"]


def test_old_executions_are_forgotten(glue: States) -> None:
    """Step Functions keeps the history of an execution for 90 days (SFN:service-quotas)."""
    machine = glue.machine("old", "S", S={"Type": "Succeed"})
    glue.states("StartExecution", stateMachineArn=machine)
    glue.clock.advance(92 * 24 * 3600)
    until(lambda: not glue.states("ListExecutions", stateMachineArn=machine)["executions"] or None)
    assert glue.states("DescribeStateMachine", stateMachineArn=machine)["status"] == "ACTIVE"
