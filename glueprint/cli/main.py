"""The command group: commands are imported when they are called, and errors are printed as one line."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import click

from glueprint import __version__
from glueprint.cli.errors import as_click_error


@dataclass(frozen=True, slots=True)
class _Entry:
    """The module of a command, its line in the overview, and its attribute in the module if that is not its
    name."""

    module: str
    summary: str
    attribute: str = ""


COMMANDS = {
    "serve": _Entry("glueprint.cli.serve", "Run a local AWS Glue."),
    "console": _Entry("glueprint.cli.console", "Show a Glue in the web browser."),
    "env": _Entry("glueprint.cli.env", "Print the environment variables for AWS clients of the local Glue."),
    "new": _Entry("glueprint.cli.new", "Write a small blueprint project of your own."),
    "build": _Entry("glueprint.cli.build", "Zip the blueprints of this directory."),
    "check": _Entry("glueprint.cli.check", "Check blueprints: what Glue would refuse, and known traps."),
    "publish": _Entry(
        "glueprint.cli.publish", "Publish a version of a blueprint in your organisation's repository."
    ),
    "list": _Entry(
        "glueprint.cli.list", "List the repository's blueprints, and what is registered.", "list_blueprints"
    ),
    "pull": _Entry("glueprint.cli.pull", "Get a blueprint from the repository: its zip or its sources."),
    "policy": _Entry("glueprint.cli.policy", "Write least-privilege IAM policies for a blueprint."),
    "cost": _Entry("glueprint.cli.cost", "Show what a workflow costs, before and after a run."),
    "register": _Entry("glueprint.cli.register", "Upload blueprints and register them."),
    "create": _Entry("glueprint.cli.create", "Create a workflow from a blueprint."),
    "plan": _Entry("glueprint.cli.plan", "Show what deploying a blueprint would change."),
    "apply": _Entry("glueprint.cli.apply", "Deploy a blueprint: change its workflow in place."),
    "rollback": _Entry("glueprint.cli.rollback", "Deploy an earlier version of a workflow again."),
    "drift": _Entry("glueprint.cli.drift", "Show what others have changed of workflows."),
    "run": _Entry("glueprint.cli.run", "Start a workflow and watch it to its end."),
    "status": _Entry("glueprint.cli.status", "Show workflows, their runs, or one run."),
    "graph": _Entry("glueprint.cli.graph", "Draw a workflow: a tree, or Mermaid."),
    "logs": _Entry("glueprint.cli.logs", "Print the logs of jobs and crawlers."),
    "explain": _Entry("glueprint.cli.explain", "Show why something did not run."),
    "stop": _Entry("glueprint.cli.stop", "Stop a workflow run or a job run."),
    "resume": _Entry("glueprint.cli.resume", "Run parts of an ended run again."),
    "job": _Entry("glueprint.cli.job", "Run a script as a job outside any workflow."),
    "bucket": _Entry("glueprint.cli.bucket", "Create buckets; store, list, read and delete objects in S3."),
    "table": _Entry("glueprint.cli.table", "Show tables: columns, partitions, first rows."),
    "query": _Entry("glueprint.cli.query", "Query tables with SQL, as Athena does."),
    "runtime": _Entry("glueprint.cli.runtime", "Install and list the Python and Spark of each GlueVersion."),
    "import": _Entry(
        "glueprint.cli.import_workflow",
        "Import a workflow: into the local Glue, or as a blueprint project.",
        "import_workflow",
    ),
    "export": _Entry("glueprint.cli.export", "Export a workflow to Step Functions or Airflow."),
    "delete": _Entry("glueprint.cli.delete", "Delete a workflow and what its blueprint run created."),
    "simulate": _Entry("glueprint.cli.simulate", "Show what would run if given nodes failed."),
    "conformance": _Entry("glueprint.cli.conformance", "Find out in a real account what no document states."),
    "demo": _Entry("glueprint.cli.demo", "Run a demo on real data."),
}
"""In the order of the overview, and there in that of a first use."""

SECTIONS = {
    "A local Glue": ("serve", "env", "console", "demo", "runtime"),
    "Write blueprints": ("new", "build", "check", "job", "simulate"),
    "Share and register them": ("publish", "list", "pull", "register", "policy"),
    "Make and change workflows": (
        "create",
        "plan",
        "apply",
        "rollback",
        "drift",
        "delete",
        "import",
        "export",
        "cost",
    ),
    "Run them": ("run", "status", "graph", "logs", "explain", "stop", "resume"),
    "Look at data": ("bucket", "table", "query"),
    "Compare with AWS": ("conformance",),
}
"""The commands under the titles of the overview."""

_ARGUMENTS = "glueprint.arguments"
"""Where the arguments of the command line are in the context's ``meta``."""


class LazyGroup(click.Group):
    """A group that imports a command only to run it, so that ``glueprint --help`` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of :data:`SECTIONS`."""
        return [name for names in SECTIONS.values() for name in names if name in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(entry.module), entry.attribute or cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve as click does; for an unknown command, the error lists similar names."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", error.ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview by section, without importing any command."""
        width = max(map(len, COMMANDS))
        for title, names in SECTIONS.items():
            rows = [(name.ljust(width), COMMANDS[name].summary) for name in names if name in COMMANDS]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, and keep the arguments."""
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that the user can fix becomes one line, any other stays a traceback."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            from glueprint.cli.quoting import quoting_hint

            hint = quoting_hint(error.message, ctx.meta[_ARGUMENTS])
            if hint is None:
                raise
            raise click.UsageError(f"{error.message}. {hint}", error.ctx) from error
        except Exception as error:
            shown = as_click_error(error)
            if shown is None:
                raise
            raise shown from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="glueprint")
def cli() -> None:
    """AWS Glue blueprints and workflows: write, check, build, register - and run them on a local Glue.

    Without --aws or --endpoint-url, commands use the local Glue of --data-dir. If none is running, they start one
    and stop it at their end. No command uses a real account unless you name it.
    """


def main() -> NoReturn:
    """The ``glueprint`` command."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed (`>&-`): output is dropped, and the command does its work
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    try:
        cli()
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing more can be printed, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"Error: cannot write: {error.strerror}", err=True)
    sys.exit(1)
