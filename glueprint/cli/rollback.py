"""``glueprint rollback``: deploy an earlier version of a workflow again."""

from __future__ import annotations

import click
from rich.text import Text

from glueprint.cli.apply import carry_out, confirm, report, shown_progress
from glueprint.cli.changing import state_of, state_option, take_over_option
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.changes import plan_lines
from glueprint.cli.render.tables import plain_table
from glueprint.cli.replacing import signals_raise
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.deploy.change.applying import undo_interrupted
from glueprint.deploy.change.history import plan_of_rollback
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.state import StateStore, Version


@click.command()
@click.argument("workflow")
@click.option("--to", "number", type=int, metavar="VERSION", help="By default the version before the present one.")
@click.option("--list", "list_versions", is_flag=True, help="List the versions, and change nothing.")
@state_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@take_over_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; needs --yes or --list.")
@with_target
def rollback(
    workflow: str,
    number: int | None,
    list_versions: bool,
    state: str | None,
    yes: bool,
    take_over: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Deploy an earlier version of WORKFLOW again: its definitions and the contents of its scripts.

    The result is a new version. What a rollback made counts as the version that it went back to: the next rollback
    goes further back. --to returns to any version, also a later one. If an apply was interrupted, rollback without
    --to undoes it. Data and tables stay.

    Exit codes: 0 done (or listed); 1 not done, or undone; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint rollback orders --list
      glueprint rollback orders
      glueprint rollback orders --to 3 --yes
    """
    if as_json and not (yes or list_versions):
        raise click.UsageError("--json needs --yes or --list")
    with open_session(target, existing=True) as session:
        account, store = state_of(session, workflow, state, exact=not list_versions)
        if list_versions:
            _list(store, as_json=as_json)
            return
        if number is None and store.journal() is not None:
            _undo(account, store, yes=yes, take_over=take_over, as_json=as_json)
            return
        plan = plan_of_rollback(account, store, number)
        if not as_json:
            for line in plan_lines(plan):
                show(line, fold=False)
        if not yes:
            confirm(store.workflow)
        done = carry_out(session, plan, take_over=take_over)
    report(done, as_json=as_json)


def _undo(account: Account, store: StateStore, *, yes: bool, take_over: bool, as_json: bool) -> None:
    journal = store.journal()
    if journal is not None and not as_json:
        target = journal.target
        echo(f"the {target.reason} of version {target.number} by {target.by}, {target.created}, was interrupted")
    if not yes:
        confirm(store.workflow)
    with signals_raise(), shown_progress() as progress:
        version = undo_interrupted(account, store, take_over=take_over, progress=progress)
    if as_json:
        print_json({"Workflow": store.workflow, "Version": version})
    else:
        what = f"workflow {store.workflow} is version {version} again" if version else "it was undone"
        echo(what)


def _list(store: StateStore, *, as_json: bool) -> None:
    versions = [store.version(one) for one in store.numbers()]
    if as_json:
        print_json({"Workflow": store.workflow, "Versions": [_summary(one) for one in versions]})
        return
    if not versions:
        echo(f"nothing is recorded of workflow {store.workflow}")
        return
    rows = [
        (str(one.number), Text(one.created), Text(one.by), Text(one.reason), Text(one.blueprint or "-"))
        for one in reversed(versions)
    ]
    show(plain_table(("VERSION", "CREATED", "BY", "REASON", "BLUEPRINT"), rows))


def _summary(version: Version) -> dict[str, object]:
    return {
        "Version": version.number,
        "Created": version.created,
        "By": version.by,
        "Reason": version.reason,
        "Blueprint": version.blueprint,
        "Parameters": dict(version.parameters),
    }
