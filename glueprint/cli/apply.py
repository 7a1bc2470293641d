"""``glueprint apply``: deploy a blueprint, or carry out a stored plan."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from glueprint.cli.changing import Wanted, planned, take_over_option, with_wanted
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.changes import plan_lines
from glueprint.cli.replacing import signals_raise
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Session, Target
from glueprint.deploy.change import applying
from glueprint.deploy.change.applying import Applied
from glueprint.deploy.change.plan import Plan, read_plan
from glueprint.deploy.change.requests import Account


@click.command()
@click.argument("blueprint", metavar="NAME | FOLDER | ZIP | NAME@VERSION | PLAN.json")
@with_wanted
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@take_over_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; needs --yes or a plan.")
@with_target
def apply(wanted: Wanted, yes: bool, take_over: bool, as_json: bool, target: Target) -> None:
    """Deploy a blueprint: change the workflow that its layout describes to what the layout makes now.

    Shows the plan and asks. A file of `glueprint plan --out` is carried out as it is, and refused if the account
    has changed since. NAME@VERSION is a version of the repository (see `glueprint publish`). If a step fails, or
    you interrupt it, everything is as it was before. If it is killed, repeat it. A workflow that `glueprint
    create` made is taken over: its jobs and crawlers keep their names.

    Nothing is changed while a run of the workflow has not ended. Its schedule is paused meanwhile. Versions are
    kept in the account: see `glueprint rollback`.

    Exit codes: 0 applied; 1 not applied, or undone; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint apply file_presence --params orders.json
      glueprint apply file_presence --workflow orders --param MinimumFiles=2 --yes
      glueprint apply file_presence@1.4 --workflow orders
      glueprint apply orders.plan.json
    """
    stored = _stored(wanted)
    if as_json and not (yes or stored is not None):
        raise click.UsageError("--json needs --yes or a plan")
    with open_session(target) as session:
        plan = stored or planned(session, wanted)
        if not as_json:
            for line in plan_lines(plan):
                show(line, fold=False)
        if stored is None and not yes and (plan.changes or plan.uploads or plan.calls or plan.records):
            confirm(plan.workflow)
        done = carry_out(session, plan, take_over=take_over)
    report(done, as_json=as_json)


def _stored(wanted: Wanted) -> Plan | None:
    """Return the stored plan that the command line names; None if it names a blueprint."""
    if wanted.blueprint != "-" and not wanted.blueprint.endswith(".json"):
        return None
    if wanted.given or wanted.file or wanted.workflow or wanted.state:
        raise click.UsageError("a stored plan has its parameters and state: leave the options out")
    try:
        text = sys.stdin.read() if wanted.blueprint == "-" else Path(wanted.blueprint).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise InvalidArgument(f"cannot read {wanted.blueprint}: {reason}") from error
    return read_plan(text)


def confirm(workflow: str) -> None:
    """Ask whether to go on.

    Raises:
        click.Abort: no.
        click.UsageError: there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("this changes a workflow without a terminal to confirm it: give --yes, or a plan")
    click.confirm(f"Change workflow {workflow}?", abort=True, err=True)


def carry_out(session: Session, plan: Plan, *, take_over: bool) -> Applied:
    """Apply a plan, with the present step on the terminal."""
    with signals_raise(), shown_progress() as progress:
        return applying.apply(Account.of(session), plan, take_over=take_over, progress=progress)


@contextlib.contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """Show the present step on a terminal while the block runs; the block gets the function that receives it."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield applying.ignore
        return
    with screen.status("...") as status:
        yield lambda line: status.update(line)


def report(done: Applied, *, as_json: bool) -> None:
    """Print what an apply has done."""
    for note in done.notes:
        echo(f"warning: {note}", err=True)
    if as_json:
        print_json(as_wire(done))
    elif done.plan.is_empty and not done.plan.records:
        echo(f"workflow {done.plan.workflow} is version {done.version} already")
    else:
        echo(f"workflow {done.plan.workflow} is version {done.version} now")


def as_wire(done: Applied) -> dict[str, Any]:
    """Return the result as it is printed with --json."""
    plan = done.plan.to_json()
    shown = {name: plan[name] for name in ("Workflow", "State", "Base", "Changes", "Uploads", "Calls")}
    return {**shown, "Version": done.version, "Notes": [*done.plan.notes, *done.notes]}
