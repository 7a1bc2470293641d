"""``glueprint create``: a workflow from a blueprint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from glueprint.cli.arguments import json_object, pairs
from glueprint.cli.output import print_json, show
from glueprint.cli.progress import wait_with_status
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client.blueprint_parameters import Parameters, ParametersRefused, check_values, typed_values
from glueprint.client.blueprints import BlueprintRunView, blueprint_run
from glueprint.client.blueprints import blueprint as request_blueprint
from glueprint.client.lookup import Lookup
from glueprint.client.session import Session, Target

_LOCAL_ROLE = "arn:aws:iam::{account}:role/GlueprintLocal"


@click.command()
@click.argument("blueprint")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--params", "file", type=click.Path(path_type=Path), help='JSON file of parameters; "-": stdin.')
@click.option("--role", metavar="ARN", help="Role that creates the resources; a local Glue accepts any.")
@click.option("--describe", is_flag=True, help="Show the parameters of BLUEPRINT, and create nothing.")
@click.option("--no-wait", is_flag=True, help="Start it and print the run id.")
@click.option("--json", "as_json", is_flag=True, help="Print the blueprint run and the workflow as JSON.")
@with_target
def create(
    blueprint: str,
    given: tuple[str, ...],
    file: Path | None,
    role: str | None,
    describe: bool,
    no_wait: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Create a workflow from BLUEPRINT: run its layout with these parameters, and wait for the result.

    Each value is converted to its parameter's type. Give a list as JSON, or repeat the parameter. --param takes
    precedence over --params.

    \b
    Examples:
      glueprint create file_presence --describe
      glueprint create file_presence --params orders.json
      glueprint create file_presence --params orders.json --param WorkflowName=returns --param MinimumFiles=2
    """
    from_file, from_options = json_object(file), pairs(given, "--param")
    with open_session(target) as session:
        with Lookup(session).blueprint(blueprint):
            parameters = request_blueprint(session.glue, blueprint).run_parameters
        if describe:
            print_json(parameters or {}) if as_json else show(_described(parameters or {}))
            return
        values = {**from_file, **typed_values(from_options, parameters or {})}
        _check(blueprint, parameters, values)
        run_id = _start(session, blueprint, values, role or _role(session))
        if no_wait:
            print_json({"RunId": run_id}) if as_json else click.echo(run_id)
            return
        run = wait_with_status(
            lambda: blueprint_run(session.glue, blueprint, run_id),
            lambda run: run.is_final,
            poll_seconds=session.poll_seconds,
            status=f"blueprint {blueprint} creates its workflow",
        )
        if run.state == "FAILED":
            raise click.ClickException(_failure(run))
        workflow = session.glue.get_workflow(Name=run.workflow, IncludeGraph=True)["Workflow"]
    if as_json:
        print_json({"BlueprintRun": run.wire, "Workflow": workflow})
        return
    nodes = workflow.get("Graph", {}).get("Nodes", [])
    click.echo(f"created workflow {workflow['Name']}: {_summary(nodes)}")
    show(_resources(nodes))
    click.echo(f"start it: glueprint run {workflow['Name']}")


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


def _failure(run: BlueprintRunView) -> str:
    lines = [f"blueprint run {run.run_id} failed: {run.error or 'no reason was given'}"]
    if run.rollback_error:
        lines.append(f"not everything that it had created could be removed: {run.rollback_error}")
    return "\n".join(lines)


def _summary(nodes: list[dict[str, Any]]) -> str:
    kinds = [node["Type"].lower() for node in nodes]
    return ", ".join(count(kinds.count(kind), kind) for kind in ("job", "crawler", "trigger") if kind in kinds)


def _resources(nodes: list[dict[str, Any]]) -> Table:
    order = {"JOB": 0, "CRAWLER": 1, "TRIGGER": 2}
    return plain_table(
        ("KIND", "NAME"),
        [(node["Type"].lower(), Text(node["Name"])) for node in sorted(nodes, key=lambda n: order[n["Type"]])],
    )
