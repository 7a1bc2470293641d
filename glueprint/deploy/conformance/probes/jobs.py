"""Probes of Python shell jobs: what a script gets, and what a failed run states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Cost, Probe, rows

SEEN = """
report({
    "arguments": sorted(name for name in sys.argv[1:] if name.startswith("--")),
    "CUSTOMER_A": os.environ.get("CUSTOMER_A"),
    "OTHER_A": os.environ.get("OTHER_A"),
    "TZ": __import__("time").tzname[0],
})
"""
IMPORTING = """
try:
    import conformance_helper
    report({"imported": conformance_helper.VALUE})
except Exception as error:
    report({"imported": type(error).__name__})
"""


def _environment(lab: Lab) -> Mapping[str, Any]:
    arguments = {"--customer-driver-env-vars": "CUSTOMER_A=a,OTHER_A=b", "--own": "x"}
    job = lab.reporting_job("environment", SEEN, DefaultArguments=arguments)
    alone = lab.run_job(job)
    if alone["JobRunState"] != "SUCCEEDED":
        return {"ErrorMessage": alone.get("ErrorMessage", "")}
    answers = {"outside a workflow": lab.reported(job)}
    workflow = lab.workflow("environment")
    lab.start_trigger(workflow, job)
    lab.run_workflow(workflow)
    inside = lab.reported(job)
    outside = answers["outside a workflow"]["arguments"]
    answers["more arguments in a workflow"] = [one for one in inside["arguments"] if one not in outside]
    return answers


def _messages(lab: Lab) -> Mapping[str, str]:
    answers = {}
    for what, script in (
        ("sys.exit(3)", "import sys; sys.exit(3)"),
        ("sys.exit(0)", "import sys; sys.exit(0)"),
        ("an exception", "raise ValueError('the probe fails')"),
        ("killed", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
    ):
        run = lab.run_job(lab.job("message", script))
        answers[what] = f"{run['JobRunState']}: {run.get('ErrorMessage', '')}"
    return answers


def _missing_files(lab: Lab) -> Mapping[str, str]:
    gone = f"s3://{lab.bucket}/lib/gone.py"
    run = lab.run_job(lab.job("missing", DefaultArguments={"--extra-py-files": gone}))
    helper = lab.put("lib/conformance_helper.py", "VALUE = 1\n")
    other = lab.put("lib/other.py", "VALUE = 2\n")
    job = lab.reporting_job("spaces", IMPORTING, DefaultArguments={"--extra-py-files": f"{other}, {helper}"})
    spaced = lab.run_job(job)
    return {
        "a missing file": f"{run['JobRunState']}: {run.get('ErrorMessage', '')}",
        "a list with a space": lab.reported(job)
        if spaced["JobRunState"] == "SUCCEEDED"
        else spaced.get("ErrorMessage", ""),
    }


def _defaults(lab: Lab) -> Mapping[str, Any]:
    location = lab.put("scripts/spark.py", "pass")
    name = lab.name("defaults")
    lab.glue.create_job(Name=name, Role=lab.role, Command={"Name": "glueetl", "ScriptLocation": location})
    job = lab.glue.get_job(JobName=name)["Job"]
    members = ("GlueVersion", "Timeout", "MaxRetries", "MaxCapacity", "WorkerType", "NumberOfWorkers", "JobMode")
    return {member: job.get(member) for member in members}


def _accepted(lab: Lab) -> Mapping[str, str]:
    location = lab.put("scripts/accepted.py", "pass")
    spark = {"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"}
    answers = {}
    for what, members in (
        ("capacity with workers", {"MaxCapacity": 2.0, "WorkerType": "G.1X", "NumberOfWorkers": 2}),
        ("worker type alone", {"WorkerType": "G.1X"}),
        ("one worker", {"WorkerType": "G.1X", "NumberOfWorkers": 1}),
        ("GlueVersion 2.0", {"GlueVersion": "2.0"}),
        ("a reserved argument", {"DefaultArguments": {"--JOB_NAME": "x"}}),
        ("an argument without dashes", {"DefaultArguments": {"day": "x"}}),
        ("260 KB of arguments", {"DefaultArguments": {"--a": "x" * 270_000}}),
        ("Timeout of seven days", {"Timeout": 10080}),
    ):
        request = {
            "Name": lab.name("accepted"),
            "Role": lab.role,
            "Command": spark,
            "GlueVersion": "5.0",
            **members,
        }
        answers[what] = lab.attempt(lambda: lab.glue.create_job(**request))  # noqa: B023
    return answers


PROBES = (
    Probe(
        "shell-environment",
        "Which arguments and variables does a Python shell job get, outside and inside a workflow?",
        "a job reports sys.argv and its environment",
        rows("runtime", "Environment", "Time zone"),
        _environment,
        Cost(shell_runs=2),
    ),
    Probe(
        "shell-messages",
        "Which state and ErrorMessage has a run whose script exits, raises or is killed?",
        "runs four scripts",
        rows(
            "runtime",
            "`sys.exit(n)` in a Python shell job",
            "ErrorMessage of a Python shell job",
            "A process that was killed",
        ),
        _messages,
        Cost(shell_runs=4),
    ),
    Probe(
        "shell-extra-files",
        "What does a run state whose --extra-py-files are missing, are .py files, or have spaces between them?",
        "runs two jobs",
        rows(
            "runtime",
            "Missing objects that parameters name",
            "Spaces in lists of S3 paths",
            "`--extra-py-files` of a Python shell job",
        ),
        _missing_files,
        Cost(shell_runs=2),
    ),
    Probe(
        "job-defaults",
        "What does Glue fill in for a Spark job that states nothing?",
        "creates a job and reads it",
        rows("runtime", "GlueVersion not set"),
        _defaults,
    ),
    Probe(
        "job-refusals",
        "Which jobs does CreateJob refuse, and in which words?",
        "creates eight doubtful jobs",
        (
            *rows("workflow", "Arguments: the reserved names, 260 KB"),
            *rows("runtime", "a Spark run with one worker", "Versions retired by AWS (0.9, 1.0, 2.0)"),
        ),
        _accepted,
    ),
)
