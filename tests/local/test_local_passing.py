"""Every way to pass a value to a script, and which one wins: docs/passing-parameters.md."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness.local_server import Server, job_states

# A job that stores what it was given: in a bucket, under the name of its first argument.
SCRIPT = """
import json, sys, boto3
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
properties = {}
if "--WORKFLOW_NAME" in given:
    glue = boto3.client("glue")
    run = {"Name": given["--WORKFLOW_NAME"], "RunId": given["--WORKFLOW_RUN_ID"]}
    glue.put_workflow_run_properties(**run, RunProperties={"by_job": "job"})
    properties = glue.get_workflow_run_properties(**run)["RunProperties"]
body = json.dumps({"arguments": given, "properties": properties})
boto3.client("s3").put_object(Bucket="scripts", Key="seen/" + given["--case"], Body=body.encode())
"""
JOB = {
    "DefaultArguments": {"--case": "default", "--by_job": "job", "--by_both": "job", "--fixed": "job"},
    "NonOverridableArguments": {"--fixed": "non-overridable", "--only_fixed": "non-overridable"},
}
ALWAYS = {"--by_job": "job", "--fixed": "non-overridable", "--only_fixed": "non-overridable"}


@pytest.fixture(scope="module")
def passing(shared_server: Server) -> Server:
    """The server with the job, whose defaults and fixed arguments each case meets."""
    shared_server.put_job("passing", SCRIPT, **JOB)
    return shared_server


def _seen(server: Server, case: str) -> dict[str, dict[str, str]]:
    body = server.client("s3").get_object(Bucket="scripts", Key=f"seen/{case}")["Body"].read()
    seen: dict[str, dict[str, str]] = json.loads(body)
    return seen


def _own(arguments: dict[str, str]) -> dict[str, str]:
    """The arguments that the user set: not those that Glue adds."""
    mine = ("--case", "--by_", "--fixed", "--only_")
    return {name: value for name, value in arguments.items() if name.startswith(mine)}


@pytest.mark.parametrize(
    ("case", "arguments", "won"),
    [
        ("default", None, {"--by_both": "job"}),
        ("run", {"--case": "run", "--by_both": "run"}, {"--by_both": "run"}),
        ("fixed", {"--case": "fixed", "--fixed": "run"}, {"--by_both": "job"}),
        ("added", {"--case": "added", "--by_run": "run"}, {"--by_both": "job", "--by_run": "run"}),
    ],
)
def test_which_argument_of_a_job_run_wins(
    passing: Server, case: str, arguments: dict[str, str] | None, won: dict[str, str]
) -> None:
    """NonOverridableArguments win over the run's Arguments, these over DefaultArguments, name by name
    (DG:aws-glue-programming-etl-glue-arguments, "Accessing job parameters")."""
    run = {"Arguments": arguments} if arguments else {}
    run_id = passing.client("glue").start_job_run(JobName="passing", **run)["JobRunId"]
    ended = passing.finished_job_run("passing", run_id)
    assert ended["JobRunState"] == "SUCCEEDED", ended.get("ErrorMessage")
    assert ended.get("Arguments", {}) == (arguments or {})
    assert _own(_seen(passing, case)["arguments"]) == {"--case": case, **ALWAYS, **won}


def test_which_argument_and_property_of_a_workflow_run_win(passing: Server) -> None:
    """The arguments of a trigger's action win over DefaultArguments, not over NonOverridableArguments
    (DG:about-triggers); RunProperties of StartWorkflowRun over DefaultRunProperties, and what a job puts over both
    (DG22:creating_running_workflows); properties and arguments of one name do not meet."""
    glue = passing.client("glue")
    glue.create_workflow(
        Name="passing", DefaultRunProperties={"by_job": "workflow", "by_both": "workflow", "only": "workflow"}
    )
    action = {
        "JobName": "passing",
        "Arguments": {"--case": "trigger", "--by_both": "trigger", "--fixed": "trigger"},
    }
    glue.create_trigger(Name="passing_start", WorkflowName="passing", Type="ON_DEMAND", Actions=[action])
    properties = {"by_job": "run", "by_both": "run"}
    run = passing.finished_run(
        "passing", glue.start_workflow_run(Name="passing", RunProperties=properties)["RunId"]
    )
    assert job_states(run) == {"passing": ["SUCCEEDED"]}
    seen = _seen(passing, "trigger")
    assert _own(seen["arguments"]) == {"--case": "trigger", **ALWAYS, "--by_both": "trigger"}
    assert seen["arguments"]["--WORKFLOW_RUN_ID"] == run["WorkflowRunId"]
    assert seen["properties"] == {"by_job": "job", "by_both": "run", "only": "workflow"}


def test_arguments_that_are_not_texts_are_refused_by_boto3(passing: Server) -> None:
    """Arguments are a map of text to text (service model, GenericMap): a number never leaves the client."""
    from botocore.exceptions import ParamValidationError

    arguments: dict[str, Any] = {"--by_run": 1}
    with pytest.raises(ParamValidationError, match="type: <class 'int'>"):
        passing.client("glue").start_job_run(JobName="passing", Arguments=arguments)
