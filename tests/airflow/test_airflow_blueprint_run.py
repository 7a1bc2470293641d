"""A task's blueprint run: no second one by a lost answer or a retry; ROLLING_BACK is not an end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from fake_runs import refusal

from glueprint.airflow.runs.blueprint_run import BlueprintTask
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.session import Session
from glueprint.compat import UTC

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PARAMETERS = {"WorkflowName": "orders", "Days": 3}
SPEC = {
    "WorkflowName": {"type": "String", "collection": False, "description": "A name."},
    "Days": {"type": "Integer", "collection": False, "description": "A number."},
}


class FakeBlueprints(Session):
    """A Glue with one blueprint; each poll of a run takes the next of its states."""

    def __init__(self, *states: str, error: str | None = None) -> None:
        super().__init__(None)
        self.states, self.error = list(states), error
        self.runs: list[dict[str, Any]] = []
        self.workflow: dict[str, Any] | None = None
        self.loses_answers = False

    def client(self, service: str) -> Any:
        """Itself: the operations are methods. It has no logs."""
        if service != "glue":
            raise LookupError(service)
        return self

    def get_blueprint(self, **request: Any) -> dict[str, Any]:
        """The blueprint ``shop``."""
        if request["Name"] != "shop":
            raise refusal("EntityNotFoundException", "GetBlueprint")
        return {"Blueprint": {"Name": "shop", "Status": "ACTIVE", "ParameterSpec": json.dumps(SPEC)}}

    def get_blueprint_runs(self, **request: Any) -> dict[str, Any]:
        """All runs."""
        return {"BlueprintRuns": [dict(run) for run in self.runs]}

    def start_blueprint_run(self, **request: Any) -> dict[str, Any]:
        """Start a run, whose answer may be lost."""
        self.add(request["Parameters"])
        if self.loses_answers:
            self.loses_answers = False
            raise ReadTimeoutError(endpoint_url="http://glue")
        return {"RunId": self.runs[-1]["RunId"]}

    def add(self, parameters: str, state: str = "RUNNING") -> None:
        """Add a run."""
        number = len(self.runs)
        run = {"RunId": f"bp_{number}", "State": state, "Parameters": parameters}
        self.runs.append({**run, "StartedOn": NOW + timedelta(minutes=number)})

    def get_blueprint_run(self, **request: Any) -> dict[str, Any]:
        """A run in its next state."""
        run = next(run for run in self.runs if run["RunId"] == request["RunId"])
        if self.states:
            run["State"] = self.states.pop(0)
        if run["State"] in ("FAILED", "ROLLING_BACK"):
            run["ErrorMessage"] = self.error
        if run["State"] == "SUCCEEDED":
            run["WorkflowName"] = "orders"
        return {"BlueprintRun": dict(run)}

    def get_workflow(self, **request: Any) -> dict[str, Any]:
        """The workflow, if there is one."""
        if self.workflow is None:
            raise refusal("EntityNotFoundException", "GetWorkflow")
        return {"Workflow": self.workflow}

    class exceptions:  # noqa: N801 - as boto3's clients have it
        """The exceptions of a client."""

        from botocore.exceptions import ClientError
        EntityNotFoundException = ClientError


def _task(glue: FakeBlueprints, **members: Any) -> BlueprintTask:
    members = {"blueprint": "shop", "parameters": PARAMETERS, **members}
    return BlueprintTask(
        session=glue, once=glue, role="r", log=lambda line: None, sleep=lambda seconds: None, **members
    )


def test_a_run_is_awaited() -> None:
    """RUNNING, then SUCCEEDED: the workflow's name."""
    glue = FakeBlueprints("RUNNING", "SUCCEEDED")
    assert _task(glue).run().workflow == "orders"


def test_rolling_back_is_not_an_end() -> None:
    """The layout's message is the error, once Glue has removed what it made (service model, BlueprintRunState)."""
    glue = FakeBlueprints("RUNNING", "ROLLING_BACK", "ROLLING_BACK", "FAILED", error="KeyError: 'Shop'")
    with pytest.raises(GlueprintError, match="run bp_0 of blueprint shop failed: KeyError: 'Shop'"):
        _task(glue).run()
    assert glue.states == []


def test_a_lost_answer_starts_no_second_run() -> None:
    """The run is found by its parameters."""
    glue = FakeBlueprints("SUCCEEDED")
    glue.loses_answers = True
    assert (_task(glue).run().run_id, len(glue.runs)) == ("bp_0", 1)


def test_an_active_run_with_these_parameters_is_taken_over() -> None:
    """An earlier try started it; one with other parameters is another one."""
    glue = FakeBlueprints("SUCCEEDED")
    glue.add(json.dumps({"Days": 3, "WorkflowName": "orders"}))
    glue.add(json.dumps({**PARAMETERS, "Days": 4}))
    assert (_task(glue).run().run_id, len(glue.runs)) == ("bp_0", 2)


@pytest.mark.parametrize(("since", "is_taken"), [(NOW, True), (NOW + timedelta(hours=1), False), (None, False)])
def test_a_retry_takes_the_result_of_an_earlier_try(since: datetime | None, is_taken: bool) -> None:
    """Only of this DAG run: an older workflow of that name exists in its own right."""
    glue = FakeBlueprints()
    glue.add(json.dumps(PARAMETERS), "SUCCEEDED")
    glue.workflow = {"Name": "orders", "BlueprintDetails": {"BlueprintName": "shop", "RunId": "bp_0"}}
    task = _task(glue, retry_since=since)
    if is_taken:
        assert task.run().run_id == "bp_0"
    else:
        with pytest.raises(GlueprintError, match="workflow orders exists; use if_exists='keep'"):
            task.run()
    assert len(glue.runs) == 1


def test_wrong_parameters_are_reported_at_once() -> None:
    """Unknown, missing and wrong ones, before anything is started."""
    glue = FakeBlueprints()
    with pytest.raises(InvalidArgument) as error:
        _task(glue, parameters={"Days": "many", "Hours": 1}).run()
    assert all(name in str(error.value) for name in ("Days", "Hours", "WorkflowName"))
    assert glue.runs == []


def test_an_unknown_blueprint_is_named() -> None:
    """One message with the remedy."""
    with pytest.raises(NotFound, match="there is no blueprint nothing; register it first"):
        _task(FakeBlueprints(), blueprint="nothing").run()
