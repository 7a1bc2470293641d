"""``glueprint plan``: what deploying a blueprint would change."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from glueprint.cli.changing import Wanted, planned, with_wanted
from glueprint.cli.errors import EXIT_DIFFERENT
from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.changes import plan_lines
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Target


@click.command()
@click.argument("blueprint", metavar="NAME | FOLDER | ZIP | NAME@VERSION")
@with_wanted
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the plan to a file, for `glueprint apply FILE`."
)
@click.option("--exit-code", is_flag=True, help=f"End with {EXIT_DIFFERENT} if something would change.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the plan as JSON, which `glueprint apply` reads, too."
)
@with_target
def plan(wanted: Wanted, out: Path | None, exit_code: bool, as_json: bool, target: Target) -> None:
    """Show what deploying a blueprint would change of the workflow that its layout describes. Nothing is changed.

    The layout runs here: what it reads comes from the account, what it would upload or create is recorded, and is
    part of the plan. Jobs and crawlers keep the names that they have, with their bookmarks and histories.

    Signs: + created, ~ changed in place, -/+ replaced, - deleted, ^ uploaded, ! other calls of the layout.

    A plan contains the parameters and scripts: keep its file as you keep these.

    Exit codes: 0 planned; 1 not; 2 a mistake in the arguments; with --exit-code also 4: something would change.

    \b
    Examples:
      glueprint plan file_presence --params orders.json
      glueprint plan file_presence --workflow orders --param MinimumFiles=2
      glueprint plan dist/file_presence.zip --params orders.json --out orders.plan.json
    """
    with open_session(target) as session:
        found = planned(session, wanted)
    text = json.dumps(found.to_json(), indent=2)
    if out is not None:
        try:
            out.touch(mode=0o600)
            out.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise InvalidArgument(f"cannot write {out}: {error.strerror}") from error
    if as_json:
        print_json(found.to_json())
    else:
        for line in plan_lines(found):
            show(line, fold=False)
        if not found.is_empty or found.records:
            words = [str(out)] if out is not None else wanted.words()
            echo(f"apply it: {shlex.join(['glueprint', 'apply', *words])}")
    if exit_code and not found.is_empty:
        raise click.exceptions.Exit(EXIT_DIFFERENT)
