"""What a probe works with: clients, names with the run's prefix, and helpers that create, wait and observe.

Whatever a probe creates has a name that starts with the prefix: so :mod:`cleaning` finds it, whatever happens.
"""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from glueprint.client.errors import REFUSED_FOR_NOW_CODES, GlueprintError, error_code
from glueprint.client.session import Session

PREFIX = "glueprint-conformance-"
"""Of everything that any run creates."""
FINAL_JOB_STATES = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED")
FINAL_RUN_STATES = ("COMPLETED", "STOPPED", "ERROR")
WAIT_SECONDS = 900.0

REPORT_SCRIPT = """
import json, os, sys
import boto3
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
def report(value):
    body = json.dumps(value, default=str).encode()
    boto3.client("s3").put_object(Bucket=given["--bucket"], Key=given["--key"], Body=body)
"""
"""The head of scripts that report: ``report(value)`` stores JSON where :meth:`Lab.reported` reads it."""


_CONFLICTS = REFUSED_FOR_NOW_CODES | {"OperationTimeoutException"}
"""A workflow takes one change of its triggers at a time
(aws-cloudformation/cloudformation-coverage-roadmap#2103)."""
_CONFLICT_SECONDS = 60.0


def patient(request: Callable[[], Any], pause_seconds: float) -> Any:
    """Return what a request returns; one that another change is in the way of is repeated for a minute."""
    deadline = time.monotonic() + _CONFLICT_SECONDS
    while True:
        try:
            return request()
        except Exception as error:  # noqa: PERF203 - this is what the loop is for
            if error_code(error) not in _CONFLICTS or time.monotonic() > deadline:
                raise
            time.sleep(pause_seconds)


class NoAnswer(GlueprintError):
    """A probe could not observe what it was made for."""


class Lab:
    """One run of conformance.

    Attributes:
        session: the Glue.
        prefix: of all names of this run.
        role: of jobs, crawlers and blueprint runs.
        bucket: for scripts and data; it has the prefix.
        poll_seconds: between two looks while something is waited for.
    """

    def __init__(self, session: Session, token: str, role: str) -> None:
        self.session = session
        self.prefix = f"{PREFIX}{token}-"
        self.role = role
        self.bucket = f"{PREFIX}{token}"
        self.poll_seconds = session.poll_seconds
        self._scope = ""
        self._numbers: dict[str, int] = {}

    def begin(self, probe: str) -> None:
        """Start a probe: its names contain the probe's, so that they do not depend on which others have run."""
        self._scope = f"{probe}-"
        self._numbers = {}

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.session.glue

    @property
    def s3(self) -> Any:
        """The S3 client."""
        return self.session.client("s3")

    def open(self) -> None:
        """Create the bucket."""
        region = self.glue.meta.region_name
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.s3.create_bucket(Bucket=self.bucket, **place)

    def name(self, what: str) -> str:
        """Return a name that no other resource of this run has."""
        number = self._numbers[what] = self._numbers.get(what, 0) + 1
        return f"{self.prefix}{self._scope}{what}" + (f"-{number}" if number > 1 else "")

    def short(self, name: str) -> str:
        """Return a name without what :meth:`name` puts before it."""
        return name.removeprefix(self.prefix).removeprefix(self._scope)

    def replaced(self) -> dict[str, str]:
        """Return what answers contain of this run, and what stands for it."""
        full = f"{self.prefix}{self._scope}"
        return {
            full: "P-",
            full.replace("-", "_"): "P_",
            self.prefix: "P-",
            self.prefix.replace("-", "_"): "P_",
            self.bucket: "BUCKET",
            self.role: "ROLE",
        }

    # What probes create

    def put(self, key: str, body: str | bytes) -> str:
        """Store an object; return its address."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{self.bucket}/{key}"

    def job(self, what: str, script: str = "print('probe')", **members: Any) -> str:
        """Create a Python shell job; return its name."""
        return self._job(self.name(what), script, members)

    def _job(self, name: str, script: str, members: Mapping[str, Any]) -> str:
        location = self.put(f"scripts/{name}.py", script)
        command = {"Name": "pythonshell", "ScriptLocation": location, "PythonVersion": "3.9"}
        given = {"MaxCapacity": 0.0625, "Timeout": 10, "MaxRetries": 0, **members}
        self.glue.create_job(Name=name, Role=self.role, Command=command, **given)
        return name

    def reporting_job(self, what: str, body: str, **members: Any) -> str:
        """Create a job whose script ends with ``report(VALUE)``."""
        name = self.name(what)
        arguments = {"--bucket": self.bucket, "--key": f"answers/{name}.json", "library-set": "analytics"}
        given = {**arguments, **members.get("DefaultArguments", {})}
        return self._job(name, REPORT_SCRIPT + body, {**members, "DefaultArguments": given})

    def reported(self, job: str) -> Any:
        """Return what a reporting job has reported."""
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=f"answers/{job}.json")["Body"].read())

    def workflow(self, what: str, **members: Any) -> str:
        """Create a workflow; return its name."""
        name = self.name(what)
        self.glue.create_workflow(Name=name, **members)
        return name

    def start_trigger(self, workflow: str, *jobs: str, **members: Any) -> str:
        """Create the on-demand trigger of a workflow."""
        name = self.name("start")
        actions = [{"JobName": job} for job in jobs]
        self._create_trigger(
            **{"Name": name, "WorkflowName": workflow, "Type": "ON_DEMAND", "Actions": actions, **members}
        )
        return name

    def _create_trigger(self, **request: Any) -> None:
        patient(lambda: self.glue.create_trigger(**request), self.poll_seconds)

    def watch(self, workflow: str, conditions: Mapping[str, str], *jobs: str, logical: str = "AND") -> str:
        """Create a conditional trigger of a workflow, active; ``conditions`` are states by job."""
        name = self.name("watch")
        predicate = {
            "Logical": logical,
            "Conditions": [
                {"LogicalOperator": "EQUALS", "JobName": job, "State": state} for job, state in conditions.items()
            ],
        }
        actions = [{"JobName": job} for job in jobs]
        self._create_trigger(
            Name=name,
            WorkflowName=workflow,
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate=predicate,
            Actions=actions,
        )
        return name

    def database(self) -> str:
        """Create a database; its name has underscores, as tables' names need."""
        name = self.name("db").replace("-", "_")
        self.glue.create_database(DatabaseInput={"Name": name})
        return name

    def blueprint(self, what: str, layout: str, spec: Mapping[str, Any], **files: str) -> tuple[str, str]:
        """Register a blueprint whose layout function is ``generate_layout``; return its name and final status."""
        name = self.name(what)
        folder = re.sub(r"[^a-z0-9]", "_", what)
        config = {"layoutGenerator": f"{folder}.layout.generate_layout", "parameterSpec": dict(spec)}
        contents = {f"{folder}/blueprint.cfg": json.dumps(config), f"{folder}/layout.py": layout, **files}
        return name, self.registered(name, folder, contents)

    def registered(self, name: str, folder: str, contents: Mapping[str, str]) -> str:
        """Register a zip with these files; return the final status with its error."""
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in contents.items():
                archive.writestr(path, text)
        location = self.put(f"blueprints/{name}/{folder}.zip", data.getvalue())
        self.glue.create_blueprint(Name=name, BlueprintLocation=location)
        found = self.until(
            lambda: self.glue.get_blueprint(Name=name)["Blueprint"],
            lambda one: one["Status"] in ("ACTIVE", "FAILED"),
        )
        return f"FAILED: {found.get('ErrorMessage', '')}" if found["Status"] == "FAILED" else "ACTIVE"

    def blueprint_run(self, blueprint: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Run a blueprint to its end."""
        run_id = self.glue.start_blueprint_run(
            BlueprintName=blueprint, RoleArn=self.role, Parameters=json.dumps(parameters)
        )["RunId"]
        run: dict[str, Any] = self.until(
            lambda: self.glue.get_blueprint_run(BlueprintName=blueprint, RunId=run_id)["BlueprintRun"],
            lambda one: one["State"] in ("SUCCEEDED", "FAILED"),
        )
        return run

    # What probes observe

    def attempt(self, request: Callable[[], Any], *, message: bool = True) -> str:
        """Return ``accepted``, or the code (and message) with which a request was refused."""
        try:
            patient(request, self.poll_seconds)
        except self.glue.exceptions.ClientError as error:
            text = error.response.get("Error", {}).get("Message", "")
            return f"{error_code(error)}: {text}" if message else error_code(error)
        return "accepted"

    def job_run(self, job: str, run_id: str) -> dict[str, Any]:
        """Return a job run at its end."""
        run: dict[str, Any] = self.until(
            lambda: self.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"],
            lambda one: one["JobRunState"] in FINAL_JOB_STATES,
        )
        return run

    def run_job(self, job: str, **request: Any) -> dict[str, Any]:
        """Run a job to its end."""
        return self.job_run(job, self.glue.start_job_run(JobName=job, **request)["JobRunId"])

    def run_workflow(self, workflow: str, **request: Any) -> dict[str, Any]:
        """Run a workflow to its end; return the run with its graph."""
        return self.workflow_run(workflow, self.glue.start_workflow_run(Name=workflow, **request)["RunId"])

    def workflow_run(self, workflow: str, run_id: str) -> dict[str, Any]:
        """Return a workflow run at its end, with its graph."""
        run: dict[str, Any] = self.until(
            lambda: self.glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"],
            lambda one: one["Status"] in FINAL_RUN_STATES,
        )
        return run

    def until(self, look: Callable[[], Any], is_over: Callable[[Any], bool], seconds: float = WAIT_SECONDS) -> Any:
        """Look until it is over; return the last look.

        Raises:
            NoAnswer: it takes too long.
        """
        deadline = time.monotonic() + seconds
        while True:
            found = look()
            if is_over(found):
                return found
            if time.monotonic() > deadline:
                raise NoAnswer(f"it was not over after {seconds:.0f} s")
            time.sleep(self.poll_seconds)


def job_states(run: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the states of each job's runs in the graph of a workflow run."""
    nodes = (node for node in run["Graph"]["Nodes"] if node["Type"] == "JOB")
    return {node["Name"]: [one["JobRunState"] for one in _runs(node)] for node in nodes}


def _runs(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = node.get("JobDetails") or {}
    return list(details.get("JobRuns") or ())
