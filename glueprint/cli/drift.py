"""``glueprint drift``: what others have changed of deployed workflows."""

from __future__ import annotations

import click

from glueprint.cli.changing import state_of, state_option
from glueprint.cli.errors import EXIT_DIFFERENT
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.changes import drift_lines
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.deploy.change.history import plan_of_drift, recorded_workflows
from glueprint.deploy.change.requests import Account


@click.command()
@click.argument("workflow", required=False)
@state_option
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@with_target
def drift(workflow: str | None, state: str | None, as_json: bool, target: Target) -> None:
    """Show what was changed of WORKFLOW, or of all recorded workflows, since it was applied. Nothing is changed.

    Compared are the definitions of workflow, jobs, crawlers and triggers, their tags, whether triggers are active,
    and the contents of the scripts. `glueprint apply` makes the recorded version again.

    Exit codes: 0 no differences; 4 differences; 1 it could not be compared; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint drift
      glueprint drift orders --json
    """
    with open_session(target, existing=True) as session:
        names = [workflow] if workflow is not None else recorded_workflows(Account.of(session))
        found = []
        for name in names:
            account, store = state_of(session, name, state)
            found.append(plan_of_drift(account, store))
    if as_json:
        shown = ("Workflow", "State", "Base", "Empty", "Changes", "Uploads", "Notes")
        wires = [one.to_json() for one in found]
        print_json({"Workflows": [{name: wire[name] for name in shown} for wire in wires]})
    else:
        for plan in found:
            for line in drift_lines(plan):
                show(line, fold=False)
            what = "as it was applied" if plan.is_empty else "differs from what was applied"
            echo(f"workflow {plan.workflow}, version {plan.base}: {what}")
        if not found:
            echo("no workflow is recorded: `glueprint apply` records what it deploys")
    if any(not one.is_empty for one in found):
        raise click.exceptions.Exit(EXIT_DIFFERENT)
