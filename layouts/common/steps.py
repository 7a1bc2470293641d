"""The workflow and its jobs, with everything explicit that Glue would otherwise choose."""

from typing import Any, Dict, Mapping, Optional, Sequence

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow

from layouts.common.common_parameters import CommonSettings
from layouts.common.connections import connection_members
from layouts.common.jobs import job_arguments

# Glue ignores the version for Python shell jobs; this is what its console writes for Python 3.9.
SHELL_GLUE_VERSION = "3.0"


def catalogue_workflow(
    common: CommonSettings, description: str, jobs: Sequence[Any], crawlers: Sequence[Any] = ()
) -> Workflow:
    """The workflow of a blueprint, with its schedule and tags.

    Args:
        common: the common parameters.
        description: what it does, with the names that the parameters gave.
        jobs: in order.
        crawlers: in order.
    """
    return Workflow(
        Name=common.workflow,
        Description=description,
        DefaultRunProperties={},
        OnSchedule=common.schedule,
        Entities=Entities(Jobs=list(jobs), Crawlers=list(crawlers)),
        **tag_members(common),
    )


def shell_job(
    common: CommonSettings,
    name: str,
    script: str,
    arguments: Mapping[str, Any],
    minutes: int,
    retries: Optional[int] = None,
    depends_on: Optional[Dict[Any, str]] = None,
    wait_for: Optional[str] = None,
    connection: str = "",
) -> Job:
    """A Python shell job of the smallest size.

    Args:
        common: the common parameters.
        name: the step's name; the job's is ``<workflow>_<name>``.
        script: S3 location of its script.
        arguments: by name, without dashes.
        minutes: its timeout, unless ``TimeoutMinutes`` sets another one.
        retries: other than ``MaxRetries``.
        depends_on: the steps that it waits for, with the state that each must reach.
        wait_for: ``AND`` or ``ANY`` of several.
        connection: a Glue connection, in whose network the job runs; empty for none.
    """
    # Without this set of libraries a Python 3.9 shell has no boto3 (DG:add-job-python); the name has no dashes.
    libraries = {"library-set": "analytics"}
    return Job(
        Command={"Name": "pythonshell", "ScriptLocation": script, "PythonVersion": "3.9"},
        DefaultArguments={**job_arguments(arguments), **libraries},
        GlueVersion=SHELL_GLUE_VERSION,
        MaxCapacity=0.0625,
        MaxRetries=common.max_retries if retries is None else retries,
        DependsOn=depends_on,
        WaitForDependencies=wait_for,
        **_common_members(common, name, minutes),
        **connection_members(connection),
    )


def spark_job(
    common: CommonSettings,
    name: str,
    script: str,
    arguments: Mapping[str, Any],
    minutes: int,
    depends_on: Optional[Dict[Any, str]] = None,
    connection: str = "",
) -> Job:
    """A Spark job in Python; the arguments are those of :func:`shell_job`."""
    return Job(
        Command={"Name": "glueetl", "ScriptLocation": script, "PythonVersion": "3"},
        DefaultArguments=job_arguments({"job-language": "python", **arguments}),
        GlueVersion=common.glue_version,
        WorkerType=common.worker_type,
        NumberOfWorkers=common.number_of_workers,
        MaxRetries=common.max_retries,
        DependsOn=depends_on,
        **_common_members(common, name, minutes),
        **connection_members(connection),
    )


def in_any_state(jobs: Sequence[Job], states: Sequence[str]) -> Dict[Any, str]:
    """``DependsOn`` for several states of each job; use it with ``wait_for="ANY"``.

    ``DependsOn`` maps each Job object to one state. The condition contains the job's name only, so further states
    go to stand-ins of the same name, which are not among the workflow's entities.
    """
    conditions: Dict[Any, str] = {}
    for job in jobs:
        for number, state in enumerate(states):
            named = job if number == 0 else Job(Name=job.Name, Role=job.Role, Command=job.Command)
            conditions[named] = state
    return conditions


def tag_members(common: CommonSettings) -> Dict[str, Any]:
    """The member ``Tags`` of a workflow, job or crawler; none without tags."""
    return {"Tags": common.tags} if common.tags else {}


def _common_members(common: CommonSettings, name: str, minutes: int) -> Dict[str, Any]:
    return {
        "Name": "{}_{}".format(common.workflow, name),
        "Role": common.role,
        "ExecutionProperty": {"MaxConcurrentRuns": 1},  # two runs at once would publish over one another
        "Timeout": common.timeout_minutes or minutes,
        **tag_members(common),
    }
