"""``glueprint export``: a workflow as a state machine of Step Functions, or as a DAG of Airflow."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from glueprint.cli.output import console, echo, print_json
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import GlueprintError
from glueprint.client.lookup import Lookup
from glueprint.client.session import Target
from glueprint.deploy.definitions.reading import owner
from glueprint.deploy.exporting.dag import dag_of
from glueprint.deploy.exporting.plan import Plan
from glueprint.deploy.exporting.reading import read_plan
from glueprint.deploy.exporting.role import logging_of, machine_name, policy_of, trust_of
from glueprint.deploy.exporting.state_machine import OnFailure, Options, definition_of

_LOCATION = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([\w!.*()/-]+/)?")


@click.command()
@click.argument("workflow")
@click.option(
    "--to",
    "kind",
    type=click.Choice(("stepfunctions", "airflow")),
    required=True,
    help="What to write.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files into this folder.")
@click.option(
    "--run-properties",
    "properties",
    metavar="arguments | S3URI",
    help="Hand the run properties to each job: as an argument, or as an object below s3://BUCKET/PREFIX/.",
)
@click.option(
    "--on-failure",
    type=click.Choice([one.value for one in OnFailure]),
    default=OnFailure.FAIL.value,
    show_default=True,
    help="How it ends if a job or crawler failed: complete is what a workflow run does.",
)
@click.option(
    "--poll",
    "poll_seconds",
    type=click.IntRange(1, 3600),
    default=15,
    show_default=True,
    help="Seconds between two looks at a crawler, in Airflow also at a job.",
)
@click.option("--strict", is_flag=True, help="Write nothing if anything differs from the workflow.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_target
def export(
    workflow: str,
    kind: str,
    out: Path | None,
    properties: str | None,
    on_failure: str,
    poll_seconds: int,
    strict: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Export WORKFLOW to Step Functions or Airflow, with the meaning of its triggers.

    The same jobs and crawlers run, for the same reasons: a failure is caught, and what waits for it runs. Every
    task has a timeout. What has no faithful translation is refused with the reason; what differs is a warning.

    Without --out the definition (or the DAG file) is printed. With it, Step Functions also gets a least-privilege
    role and a logging configuration. A state machine has no workflow run: scripts that use run properties are
    named, and read the argument --WORKFLOW_RUN_PROPERTIES (JSON) with --run-properties arguments, or the object
    that --WORKFLOW_RUN_PROPERTIES_S3 names, which is not limited to the 256 KiB of an execution's data.

    Exit codes: 0 exported; 1 it cannot be, and nothing was written; 2 usage error.

    \b
    Examples:
      glueprint export orders --to stepfunctions --out orders-machine/
      glueprint export orders --to stepfunctions --run-properties s3://my-bucket/run-properties/
      glueprint export orders --to airflow > dags/orders.py
      glueprint export orders --to airflow --aws --strict
    """
    options = Options(OnFailure(on_failure), properties is not None, _location(properties), poll_seconds)
    with open_session(target, existing=True) as session, console(stderr=True).status("reading ..."):
        name = Lookup(session).workflow(workflow).name
        account_id, region = owner(session), str(session.glue.meta.region_name)
        plan = read_plan(session, name, account_id)
        partition = str(session.glue.meta.partition)
    if kind == "airflow":
        text, tasks = dag_of(plan, options)
        warnings: Sequence[str] = tasks.warnings
        files = {f"{machine_name(plan)}.py": text}
        document: dict[str, Any] = {"Dag": text}
    else:
        document = _state_machine(plan, options, account_id, region, partition)
        warnings = (*plan.warnings, *plan.early, *plan.waits, *_schedule(plan))
        files = {name: json.dumps(one, indent=2) + "\n" for name, one in _files(plan, document).items()}
    if strict and warnings:
        listed = "".join(f"\n  {one}" for one in warnings)
        raise GlueprintError(f"the export differs from workflow {plan.workflow}, and --strict is given:{listed}")
    if as_json:
        print_json({"Workflow": plan.workflow, "Differences": list(warnings), **document})
        return
    for warning in warnings:
        echo(f"differs: {warning}", err=True)
    if out is None:
        echo(next(iter(files.values())), nl=False)
        return
    _write(out, files)
    jobs = sum(step.is_job for step in plan.steps.values())
    nodes = f"{count(jobs, 'job')}, {count(len(plan.steps) - jobs, 'crawler')}"
    echo(f"workflow {plan.workflow}: {nodes}; {count(len(warnings), 'difference')}")


def _state_machine(plan: Plan, options: Options, account_id: str, region: str, partition: str) -> dict[str, Any]:
    place = {"account_id": account_id, "region": region, "partition": partition}
    return {
        "Definition": definition_of(plan, options),
        "Trust": trust_of(plan, **place),
        "Policy": policy_of(plan, options, **place),
        "Logging": logging_of(plan, **place),
    }


def _files(plan: Plan, document: dict[str, Any]) -> dict[str, Any]:
    name = machine_name(plan)
    return {
        f"{name}.asl.json": document["Definition"],
        f"{name}.trust.json": document["Trust"],
        f"{name}.policy.json": document["Policy"],
        f"{name}.logging.json": document["Logging"],
    }


def _schedule(plan: Plan) -> list[str]:
    if plan.schedule is None:
        return []
    return [f"the schedule {plan.schedule} (UTC) is not part of a state machine: use EventBridge Scheduler"]


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
            echo(f"wrote {folder / name}")
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error


def _location(properties: str | None) -> str | None:
    """Return the S3 location of run properties; None for arguments."""
    if properties is None or properties == "arguments":
        return None
    location = properties if properties.endswith("/") else f"{properties}/"
    if not _LOCATION.fullmatch(location):
        raise click.UsageError(f"--run-properties takes arguments or s3://BUCKET/PREFIX/, not {properties}")
    return location
