"""``glueprint create``: a workflow from a blueprint."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from glueprint.blueprint.spec import SpecErrors
from glueprint.cli.arguments import json_object, pairs
from glueprint.cli.asking import is_terminal
from glueprint.cli.form import Dialogue
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.progress import wait_with_status
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.replacing import NAMING_PARAMETER, replacing
from glueprint.cli.target import open_session, with_target
from glueprint.client.blueprint_failures import FailedBlueprintRun, advice
from glueprint.client.blueprint_parameters import Parameters, ParametersRefused, check_values, typed_values
from glueprint.client.blueprints import BlueprintRunView, LayoutLog, blueprint_run, layout_log
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.lookup import Lookup
from glueprint.client.parameter_form import ParameterForm
from glueprint.client.printable import printable
from glueprint.client.session import Session, Target

_LOCAL_ROLE = "arn:aws:iam::{account}:role/GlueprintLocal"


@click.command()
@click.argument("blueprint")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--params", "file", type=click.Path(path_type=Path), help='JSON file of parameters; "-": stdin.')
@click.option("--role", metavar="ARN", help="Role that creates the resources; a local Glue accepts any.")
@click.option(
    "--replace", is_flag=True, help="Replace the workflow of that name, with what its blueprint run made."
)
@click.option("-i", "--interactive", is_flag=True, help="Show all values before the run, also if none is missing.")
@click.option("--no-input", is_flag=True, help="Never ask for missing values, also on a terminal.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the parameters to this JSON file.")
@click.option("--describe", is_flag=True, help="Show the parameters of BLUEPRINT, and create nothing.")
@click.option("--no-wait", is_flag=True, help="Start it and print the run id.")
@click.option("--json", "as_json", is_flag=True, help="Print the blueprint run and the workflow as JSON.")
@with_target
def create(
    blueprint: str,
    given: tuple[str, ...],
    file: Path | None,
    role: str | None,
    replace: bool,
    interactive: bool,
    no_input: bool,
    save: Path | None,
    describe: bool,
    no_wait: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Create a workflow from BLUEPRINT: run its layout with these parameters, and wait for the result.

    Each value is converted to its parameter's type. Give a list as JSON, or repeat the parameter. --param takes
    precedence over --params.

    On a terminal, you enter what is missing or wrong, with the blueprint's descriptions, types and allowed
    values; then all values are shown and can be changed. If the run fails, they can be changed, and it is
    repeated. --save keeps them for the next time.

    On a local Glue, what the layout prints, and warnings about what is dropped of it, go to stderr; AWS shows
    neither.

    --replace deletes the workflow that the parameter WorkflowName names, and what `glueprint delete` would delete
    with it, and creates it from the present blueprint. Its jobs and crawlers are deleted last; if the blueprint
    run fails or you interrupt it, the old workflow and its triggers are created again. If the command is killed,
    repeat it: a workflow replacing-NAME has the old definition. Nothing is replaced while a run has not ended.

    \b
    Examples:
      glueprint create file_presence
      glueprint create file_presence --describe
      glueprint create file_presence --params orders.json
      glueprint create file_presence --params orders.json --param WorkflowName=returns --param MinimumFiles=2
      glueprint create file_presence --params orders.json --replace
    """
    if replace and no_wait:
        raise click.UsageError("--replace and --no-wait exclude each other: the old jobs are deleted at the end")
    if interactive and (no_input or not is_terminal()):
        raise click.UsageError("--interactive needs a terminal, and excludes --no-input")
    from_file, from_options = json_object(file), pairs(given, "--param")
    with open_session(target, existing=True) as session:
        with Lookup(session).blueprint(blueprint):
            parameters = request_blueprint(session.glue, blueprint).run_parameters
        if describe:
            print_json(parameters or {}) if as_json else show(_described(parameters or {}))
            return
        values = {**from_file, **typed_values(from_options, parameters or {})}
        dialogue = None if no_input else _dialogue(session, parameters, values, interactive=interactive)
        role = role or _role(session)
        if dialogue is not None:
            values = dialogue.fill_in(blueprint)
        _check(blueprint, parameters, values)
        _save(save, values)
        if no_wait:
            run_id = _start(session, blueprint, values, role)
            print_json({"RunId": run_id}) if as_json else echo(run_id)
            return
        while True:
            try:
                with replacing(session, blueprint, values) if replace else contextlib.nullcontext():
                    run = _run(session, blueprint, values, role)
                break
            except BlueprintRunFailed as failure:
                if dialogue is None:
                    raise
                values = dialogue.after_failure(failure.message)
                _save(save, values)
        workflow = session.glue.get_workflow(Name=run.workflow, IncludeGraph=True)["Workflow"]
        log = _log(session, run.run_id)
    _show_log(log)
    if as_json:
        found = {"BlueprintRun": run.wire, "Workflow": workflow}
        print_json({**found, "LayoutOutput": log.output, "LayoutWarnings": log.warnings})
        return
    nodes = workflow.get("Graph", {}).get("Nodes", [])
    echo(f"created workflow {workflow['Name']}: {_summary(nodes)}")
    show(_resources(nodes))
    echo(f"start it: glueprint run {workflow['Name']}")


class BlueprintRunFailed(click.ClickException):
    """The blueprint run ended FAILED."""


def _dialogue(
    session: Session, parameters: Parameters | None, values: dict[str, Any], *, interactive: bool
) -> Dialogue | None:
    """Return the dialogue that requests what is missing or wrong; None if nothing is, or if there is no
    terminal."""
    if parameters is None or not is_terminal():
        return None
    try:
        form = ParameterForm(parameters, values)
    except SpecErrors:
        return None
    if form.has_unknown or not (interactive or form.open_questions()):
        return None
    return Dialogue(form, lambda: _bucket_names(session))


def _bucket_names(session: Session) -> list[str]:
    """Return the buckets that can be offered; none without permission to list them."""
    s3 = session.client("s3")
    try:
        return [str(bucket["Name"]) for bucket in s3.list_buckets().get("Buckets", [])]
    except s3.exceptions.ClientError:
        return []


def _save(file: Path | None, values: Mapping[str, Any]) -> None:
    if file is None:
        return
    try:
        file.write_text(json.dumps(values, indent=4) + "\n", "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {file}: {error.strerror}") from error


def _run(session: Session, blueprint: str, values: dict[str, Any], role: str) -> BlueprintRunView:
    """Run the blueprint to its end.

    Raises:
        BlueprintRunFailed: the run failed.
    """
    run_id = _start(session, blueprint, values, role)
    run = wait_with_status(
        lambda: blueprint_run(session.glue, blueprint, run_id),
        lambda run: run.is_final,
        poll_seconds=session.poll_seconds,
        status=f"blueprint {blueprint} creates its workflow",
    )
    if run.state == "FAILED":
        _show_log(_log(session, run_id))
        raise BlueprintRunFailed(_failure(run, blueprint, values, role))
    return run


def _log(session: Session, run_id: str) -> LayoutLog:
    return LayoutLog() if session.is_aws else layout_log(session.client("logs"), run_id)


def _show_log(log: LayoutLog) -> None:
    """Print to stderr what the layout printed and what was dropped of it."""
    for line in log.output:
        echo(f"layout: {printable(line)}", err=True)
    for line in log.warnings:
        echo(f"warning: {printable(line)}", err=True)


def _described(parameters: Parameters) -> Table:
    """Return a table of the parameters; those without a default first."""
    rows = []
    for name, parameter in sorted(parameters.items(), key=lambda one: one[1].get("defaultValue") is not None):
        default, allowed = parameter.get("defaultValue"), parameter.get("allowedValues")
        choices = "one of " + ", ".join(map(str, allowed)) + ". " if allowed else ""
        rows.append(
            (
                Text(name),
                Text(f"list of {parameter['type']}" if parameter.get("collection") else parameter["type"]),
                Text("required" if default is None else json.dumps(default)),
                Text(choices + (parameter.get("description") or "")),
            )
        )
    return plain_table(("PARAMETER", "TYPE", "DEFAULT", "DESCRIPTION"), rows)


def _role(session: Session) -> str:
    if session.endpoint is None:
        raise click.UsageError("--aws needs --role ARN: the role that creates the workflow's resources")
    return _LOCAL_ROLE.format(account=session.endpoint.account_id)


def _check(blueprint: str, parameters: Parameters | None, values: dict[str, Any]) -> None:
    try:
        check_values(blueprint, parameters, values)
    except ParametersRefused as error:
        rows = [
            (Text(finding.place.subject), Text("; ".join(filter(None, (finding.message, finding.remedy)))))
            for finding in error.findings
        ]
        show(plain_table(("PARAMETER", "PROBLEM"), rows), stderr=True)
        raise


def _start(session: Session, blueprint: str, values: dict[str, Any], role: str) -> str:
    answer = session.glue.start_blueprint_run(BlueprintName=blueprint, Parameters=json.dumps(values), RoleArn=role)
    return str(answer["RunId"])


def _failure(run: BlueprintRunView, blueprint: str, values: Mapping[str, Any], role: str) -> str:
    lines = [f"blueprint run {run.run_id} failed: {run.error or 'no reason was given'}"]
    if run.rollback_error:
        lines.append(f"not everything that it had created could be removed: {run.rollback_error}")
    name = values.get(NAMING_PARAMETER)
    workflow = name if isinstance(name, str) else None
    return "\n".join([*lines, *advice(FailedBlueprintRun(run.error or "", blueprint, role, workflow, values))])


def _summary(nodes: list[dict[str, Any]]) -> str:
    kinds = [node["Type"].lower() for node in nodes]
    return ", ".join(count(kinds.count(kind), kind) for kind in ("job", "crawler", "trigger") if kind in kinds)


def _resources(nodes: list[dict[str, Any]]) -> Table:
    order = {"JOB": 0, "CRAWLER": 1, "TRIGGER": 2}
    return plain_table(
        ("KIND", "NAME"),
        [(node["Type"].lower(), Text(node["Name"])) for node in sorted(nodes, key=lambda n: order[n["Type"]])],
    )
