"""Blueprints and their runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.client.errors import error_code
from glueprint.facts.log_groups import LAYOUT_OUTPUT_GROUP, LAYOUT_WARNINGS_GROUP
from glueprint.facts.states import FINAL_BLUEPRINT_RUN_STATES, FINAL_BLUEPRINT_STATUSES


@dataclass(frozen=True, slots=True)
class BlueprintView:
    """One registered blueprint.

    Attributes:
        status: CREATING, ACTIVE, UPDATING or FAILED.
        parameters: its ParameterSpec: for each parameter an object with ``type``, ``description`` and so on; None
            while Glue has not read it, or could not read it.
        run_parameters: the ParameterSpec that a run uses: that of the last ACTIVE definition if there is no other.
        wire: the blueprint as GetBlueprint returned it.
    """

    name: str
    status: str
    error: str | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = field(default=None, repr=False)
    run_parameters: Mapping[str, Mapping[str, Any]] | None = field(default=None, repr=False)
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, blueprint: Mapping[str, Any]) -> BlueprintView:
        """Read GetBlueprint's ``Blueprint``."""
        parameters = _parameters(blueprint)
        return cls(
            name=blueprint["Name"],
            status=blueprint["Status"],
            error=blueprint.get("ErrorMessage"),
            parameters=parameters,
            run_parameters=parameters or _parameters(blueprint.get("LastActiveDefinition") or {}),
            wire=blueprint,
        )

    @property
    def is_final(self) -> bool:
        """Whether Glue has finished reading the blueprint."""
        return self.status in FINAL_BLUEPRINT_STATUSES


def _parameters(definition: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
    spec = definition.get("ParameterSpec")
    return json.loads(spec) if spec else None


@dataclass(frozen=True, slots=True)
class BlueprintRunView:
    """One run of a blueprint's layout.

    Attributes:
        state: RUNNING, SUCCEEDED, FAILED or ROLLING_BACK.
        workflow: the name of the workflow that it creates, once it is known.
        rollback_error: why what it had created could not all be removed.
        wire: the run as GetBlueprintRun returned it.
    """

    run_id: str
    state: str
    workflow: str | None = None
    error: str | None = None
    rollback_error: str | None = None
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_wire(cls, run: Mapping[str, Any]) -> BlueprintRunView:
        """Read GetBlueprintRun's ``BlueprintRun``."""
        return cls(
            run_id=run["RunId"],
            state=run["State"],
            workflow=run.get("WorkflowName"),
            error=run.get("ErrorMessage"),
            rollback_error=run.get("RollbackErrorMessage"),
            wire=run,
        )

    @property
    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.state in FINAL_BLUEPRINT_RUN_STATES


def blueprint(glue: Any, name: str) -> BlueprintView:
    """Request a blueprint with its ParameterSpec (GetBlueprint)."""
    return BlueprintView.from_wire(glue.get_blueprint(Name=name, IncludeParameterSpec=True)["Blueprint"])


def blueprint_run(glue: Any, name: str, run_id: str) -> BlueprintRunView:
    """Request a run of the blueprint ``name`` (GetBlueprintRun)."""
    return BlueprintRunView.from_wire(glue.get_blueprint_run(BlueprintName=name, RunId=run_id)["BlueprintRun"])


def blueprint_runs(glue: Any, name: str) -> Iterator[BlueprintRunView]:
    """Request the runs of the blueprint ``name`` (GetBlueprintRuns), the newest first."""
    token: dict[str, str] = {}
    while True:  # boto3 has no paginator for it
        page = glue.get_blueprint_runs(BlueprintName=name, **token)
        yield from map(BlueprintRunView.from_wire, page["BlueprintRuns"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


@dataclass(frozen=True, slots=True)
class LayoutLog:
    """What a blueprint run reported besides its result.

    Attributes:
        output: the lines that its layout printed.
        warnings: what was dropped or changed of what the layout described.
    """

    output: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def layout_log(logs: Any, run_id: str) -> LayoutLog:
    """Read what the layout of a blueprint run printed. Only the local Glue keeps it: AWS does not show it.

    Args:
        logs: a CloudWatch Logs client.
        run_id: the blueprint run.
    """
    return LayoutLog(_events(logs, LAYOUT_OUTPUT_GROUP, run_id), _events(logs, LAYOUT_WARNINGS_GROUP, run_id))


def _events(logs: Any, group: str, stream: str) -> tuple[str, ...]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=[stream])
    try:
        return tuple(event["message"].rstrip("\n") for page in pages for event in page["events"])
    except logs.exceptions.ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return ()
