"""``glueprint create``: a workflow from a blueprint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from glueprint.cli import parameters
from glueprint.cli.missing import blueprint_named
from glueprint.cli.output import print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.cli.waiting import wait_until
from glueprint.client.errors import error_code
from glueprint.client.session import Session, Target
from glueprint.facts.states import FINAL_BLUEPRINT_RUN_STATES

_LOCAL_ROLE = "arn:aws:iam::{account}:role/GlueprintLocal"


@click.command()
@click.argument("blueprint")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.option("--params", "file", type=click.Path(path_type=Path), help='JSON file of parameters; "-": stdin.')
@click.option("--role", metavar="ARN", help="Role that creates the parts; on a local Glue any will do.")
@click.option("--describe", is_flag=True, help="Show the parameters that BLUEPRINT takes, and create nothing.")
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
    """Create a workflow from BLUEPRINT: run its layout with these parameters, and wait for what it makes.

    A value is read as the parameter's type wants it; a list is given as JSON, or by repeating the parameter.
    --param wins over --params.

    \b
    Examples:
      glueprint create file_presence --describe
      glueprint create file_presence --params orders.json
      glueprint create file_presence --params orders.json --param WorkflowName=returns --param MinimumFiles=2
    """
    from_file = parameters.read_file(file)
    with open_session(target) as session:
        with blueprint_named(session.glue, blueprint):
            found = session.glue.get_blueprint(Name=blueprint, IncludeParameterSpec=True)["Blueprint"]
        spec = json.loads(found.get("ParameterSpec") or "{}")
        if describe:
            print_json(spec) if as_json else show(_described(spec))
            return
        values = {**from_file, **parameters.typed(given, spec)}
        run_id = _start(session, blueprint, values, role or _role(session))
        if no_wait:
            print_json({"RunId": run_id}) if as_json else click.echo(run_id)
            return
        run = _await(session, blueprint, run_id)
        if run["State"] == "FAILED":
            raise click.ClickException(_failure(run))
        workflow = session.glue.get_workflow(Name=run["WorkflowName"], IncludeGraph=True)["Workflow"]
    if as_json:
        print_json({"BlueprintRun": run, "Workflow": workflow})
        return
    nodes = workflow.get("Graph", {}).get("Nodes", [])
    click.echo(f"created workflow {workflow['Name']}: {_summary(nodes)}")
    show(_parts(nodes))
    click.echo(f"start it: glueprint run {workflow['Name']}")


def _described(spec: dict[str, Any]) -> Table:
    """What a person who fills in parameters wants to know of each; those without a default first."""
    rows = []
    for name, told in sorted(spec.items(), key=lambda one: one[1].get("defaultValue") is not None):
        default, allowed = told.get("defaultValue"), told.get("allowedValues")
        wanted = "one of " + ", ".join(map(str, allowed)) + ". " if allowed else ""
        rows.append(
            (
                Text(name),
                Text(f"list of {told['type']}" if told.get("collection") else told["type"]),
                Text("required" if default is None else json.dumps(default)),
                Text(wanted + (told.get("description") or "")),
            )
        )
    return plain_table(("PARAMETER", "TYPE", "DEFAULT", "WHAT IT IS FOR"), rows)


def _role(session: Session) -> str:
    if session.endpoint is None:
        raise click.UsageError("--aws needs --role ARN: the role that creates the workflow's parts")
    return _LOCAL_ROLE.format(account=session.endpoint.account_id)


def _start(session: Session, blueprint: str, values: dict[str, Any], role: str) -> str:
    try:
        answer = session.glue.start_blueprint_run(
            BlueprintName=blueprint, Parameters=json.dumps(values), RoleArn=role
        )
    except session.glue.exceptions.ClientError as error:
        problems = parameters.problems_in(error.response["Error"].get("Message", ""))
        if error_code(error) != "InvalidInputException" or not problems:
            raise
        rows = [(Text(name), Text(problem)) for name, problem in problems]
        show(plain_table(("PARAMETER", "WHAT IS WRONG"), rows), stderr=True)
        raise click.ClickException(
            f"blueprint {blueprint} refused {count(len(problems), 'parameter')}; nothing was created"
        ) from error
    return str(answer["RunId"])


def _await(session: Session, blueprint: str, run_id: str) -> dict[str, Any]:
    return wait_until(
        lambda: dict(session.glue.get_blueprint_run(BlueprintName=blueprint, RunId=run_id)["BlueprintRun"]),
        lambda run: run["State"] in FINAL_BLUEPRINT_RUN_STATES,
        poll_seconds=session.poll_seconds,
        told=f"blueprint {blueprint} creates its workflow",
    )


def _failure(run: dict[str, Any]) -> str:
    told = [f"blueprint run {run['RunId']} failed: {run.get('ErrorMessage', 'no reason was given')}"]
    if run.get("RollbackErrorMessage"):
        told.append(f"and what it had created could not all be removed: {run['RollbackErrorMessage']}")
    return "\n".join(told)


def _summary(nodes: list[dict[str, Any]]) -> str:
    kinds = [node["Type"].lower() for node in nodes]
    return ", ".join(count(kinds.count(kind), kind) for kind in ("job", "crawler", "trigger") if kind in kinds)


def _parts(nodes: list[dict[str, Any]]) -> Table:
    order = {"JOB": 0, "CRAWLER": 1, "TRIGGER": 2}
    return plain_table(
        ("KIND", "NAME"),
        [(node["Type"].lower(), Text(node["Name"])) for node in sorted(nodes, key=lambda n: order[n["Type"]])],
    )
