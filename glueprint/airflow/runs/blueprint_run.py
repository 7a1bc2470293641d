"""Running a blueprint for a task: parameters are checked, a retry starts no second run."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from glueprint.airflow.runs.transient import BOTOCORE_ERRORS, Patience, is_transient
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS, Log
from glueprint.client.blueprint_parameters import ParametersRefused, check_values
from glueprint.client.blueprints import BlueprintRunView, blueprint, blueprint_run, blueprint_runs, layout_log
from glueprint.client.deletion import workflow_definition
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound, from_botocore, is_not_found
from glueprint.client.replacement import begin
from glueprint.client.session import Session

IfExists = Literal["fail", "keep", "replace"]
"""What to do if the workflow exists: fail; keep it, without running the blueprint; or replace it."""
NAMING_PARAMETER = "WorkflowName"
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class BlueprintTask:
    """The blueprint run of a task.

    Attributes:
        session: clients of the Glue.
        once: a Glue client that sends each request once.
        blueprint: the blueprint's name.
        parameters: JSON values by parameter name.
        role: the ARN of the role that creates the resources.
        if_exists: what to do if the workflow exists that the parameter ``WorkflowName`` names.
        retry_since: the start of the DAG run if this is a retry: the result of an earlier try since then counts.
    """

    session: Session
    once: Any
    blueprint: str
    parameters: Mapping[str, Any]
    role: str
    if_exists: IfExists = "fail"
    retry_since: datetime | None = None
    log: Log = print
    poll_seconds: float = 2.0
    patience_seconds: float = DEFAULT_PATIENCE_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> BlueprintRunView:
        """Return the run that created the workflow; with ``keep``, of an existing one, a view without a run id.

        Raises:
            GlueprintError: what is wrong with the parameters, what the layout raised, or that the workflow exists.
        """
        self._check()
        same = self._same_runs()
        active = next((run for run in same if not run.is_final), None)
        if active is not None:
            self.log(f"blueprint run {active.run_id} with these parameters is {active.state}: waiting for its end")
            ended = self._ended(active.run_id)
            if active.state == "RUNNING":
                return self._succeeded(ended)
        name = self.parameters.get(NAMING_PARAMETER)
        existing = workflow_definition(self.session.glue, name) if isinstance(name, str) else None
        if existing is not None:
            done = self._result_of_earlier_try(existing, same)
            if done is not None:
                self.log(f"blueprint run {done.run_id} of an earlier try has succeeded: its result is taken")
                return done
            if self.if_exists == "fail":
                raise GlueprintError(f"workflow {name} exists", "use if_exists='keep' or 'replace', or delete it")
            if self.if_exists == "keep":
                self.log(f"workflow {name} exists, and is kept as it is")
                return BlueprintRunView("", "SUCCEEDED", name)
        with self._replacing(name) if self.if_exists == "replace" else contextlib.nullcontext():
            return self._succeeded(self._ended(self._start({run.run_id for run in same})))

    def _check(self) -> None:
        """Report every wrong parameter at once, before anything is requested."""
        try:
            found = blueprint(self.session.glue, self.blueprint)
        except BOTOCORE_ERRORS as error:
            if is_not_found(error):
                raise NotFound(f"there is no blueprint {self.blueprint}", "register it first") from error
            raise
        if found.status == "FAILED" and found.run_parameters is None:
            raise GlueprintError(f"blueprint {self.blueprint} is FAILED: {found.error}")
        try:
            check_values(self.blueprint, found.run_parameters, self.parameters)
        except ParametersRefused as error:
            lines = [
                f"  {one.place.subject}: " + "; ".join(filter(None, (one.message, one.remedy)))
                for one in error.findings
            ]
            raise InvalidArgument("\n".join([str(error), *lines])) from error

    def _same_runs(self) -> list[BlueprintRunView]:
        """Return the blueprint's runs with these parameters, the newest first."""
        wanted = json.loads(json.dumps(dict(self.parameters)))
        runs = [run for run in blueprint_runs(self.session.glue, self.blueprint) if _parameters(run) == wanted]
        return sorted(runs, key=_start, reverse=True)

    def _result_of_earlier_try(
        self, workflow: Mapping[str, Any], same: list[BlueprintRunView]
    ) -> BlueprintRunView | None:
        if self.retry_since is None:
            return None
        created_by = (workflow.get("BlueprintDetails") or {}).get("RunId")
        since = (self.retry_since - _MAX_CLOCK_DIFFERENCE).timestamp()
        found = next((run for run in same if run.run_id == created_by and _start(run) >= since), None)
        return found if found is not None and found.state == "SUCCEEDED" else None

    def _start(self, known: set[str]) -> str:
        """Start a run. If the answer is lost, it is looked for by its parameters before it is started again."""
        request = {"BlueprintName": self.blueprint, "RoleArn": self.role}
        request["Parameters"] = json.dumps(dict(self.parameters))
        patience = Patience(self.patience_seconds, time.monotonic)
        while True:
            run_id = self._sent(request, patience)
            if run_id is not None:
                self.log(f"started run {run_id} of blueprint {self.blueprint}")
                return run_id
            self.sleep(self.poll_seconds)
            new = self._new_run(known, patience)
            if new is not None:
                return new

    def _sent(self, request: Mapping[str, str], patience: Patience) -> str | None:
        try:
            return str(self.once.start_blueprint_run(**request)["RunId"])
        except BOTOCORE_ERRORS as error:
            if not is_transient(error):
                raise from_botocore(error) or error from error
            seconds = patience.lost(error)
            self.log(f"no answer to the start (for {seconds:.0f} s): {from_botocore(error) or error}")
            return None

    def _new_run(self, known: set[str], patience: Patience) -> str | None:
        try:
            return next((run.run_id for run in self._same_runs() if run.run_id not in known), None)
        except BOTOCORE_ERRORS as error:
            patience.lost(error)
            return None

    def _ended(self, run_id: str) -> BlueprintRunView:
        """Wait for the end of a run. ROLLING_BACK is not one: the layout failed, and what it made is removed."""
        patience = Patience(self.patience_seconds, time.monotonic)
        state = ""
        while True:
            run = self._polled(run_id, patience)
            if run is not None and run.state != state:
                state = run.state
                self.log(f"blueprint run {run_id}: {state}")
            if run is not None and run.is_final:
                return run
            self.sleep(self.poll_seconds)

    def _polled(self, run_id: str, patience: Patience) -> BlueprintRunView | None:
        try:
            run = blueprint_run(self.session.glue, self.blueprint, run_id)
        except BOTOCORE_ERRORS as error:
            seconds = patience.lost(error)
            self.log(f"Glue does not answer (for {seconds:.0f} s): {from_botocore(error) or error}")
            return None
        patience.answered()
        return run

    def _succeeded(self, run: BlueprintRunView) -> BlueprintRunView:
        for line in self._layout_output(run.run_id):
            self.log(f"[layout] {line}")
        if run.state == "SUCCEEDED":
            return run
        text = f"run {run.run_id} of blueprint {self.blueprint} failed: {run.error or 'no reason was given'}"
        if run.rollback_error:
            text += f"\nnot everything that it had created could be removed: {run.rollback_error}"
        raise GlueprintError(text)

    def _layout_output(self, run_id: str) -> tuple[str, ...]:
        """Return what the layout printed; only a local Glue keeps it, and reading it never fails the task."""
        try:
            found = layout_log(self.session.client("logs"), run_id)
        except Exception:  # noqa: BLE001 - logs never fail a task
            return ()
        return (*found.output, *(f"warning: {line}" for line in found.warnings))

    @contextlib.contextmanager
    def _replacing(self, name: object) -> Iterator[None]:
        """Replace the workflow; if the run fails, workflow and triggers are created again."""
        if not isinstance(name, str) or not name:
            raise InvalidArgument(f"if_exists='replace' needs the parameter {NAMING_PARAMETER}")
        replacement = begin(self.session, name)
        if replacement is None:
            yield
            return
        try:
            replacement.delete_old()
            yield
        except BaseException:
            self.log(f"the old workflow {name} is created again")
            replacement.undo(self.blueprint)
            raise
        replacement.finish()
        self.log(f"replaced workflow {name}")


def _parameters(run: BlueprintRunView) -> object:
    try:
        return json.loads(run.wire.get("Parameters") or "{}")
    except ValueError:
        return None


def _start(run: BlueprintRunView) -> float:
    started = run.wire.get("StartedOn")
    return float(started.timestamp()) if started else 0.0
