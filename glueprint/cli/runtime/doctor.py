"""``glueprint runtime doctor``: check what is installed."""

from __future__ import annotations

from typing import Any

import click

from glueprint.cli.errors import EXIT_FAILED
from glueprint.cli.output import console, echo, print_json
from glueprint.cli.runtime.names import complete_name, read_names
from glueprint.client.printable import printable
from glueprint.environments import installed
from glueprint.environments.definitions import RUNTIMES, Runtime
from glueprint.environments.doctor import Check, examine


@click.command()
@click.argument("runtimes", nargs=-1, metavar="[RUNTIME...]", callback=read_names, shell_complete=complete_name)
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_context
def doctor(context: click.Context, runtimes: tuple[Runtime, ...], as_json: bool) -> None:
    """Start each installed runtime, or each RUNTIME, and check it.

    Its Python starts and imports its modules; its Java starts; Spark counts rows and runs a pandas function. The
    exit code is 1 if a check fails; its message states what to do.

    \b
    Examples:
      glueprint runtime doctor
      glueprint runtime doctor 6.0 --json
    """
    answers: list[dict[str, Any]] = []
    healthy = True
    for runtime in runtimes or RUNTIMES.values():
        environment = installed.find(runtime.name)
        if environment is None and not runtimes:
            continue
        if environment is None:
            reason = "not installed" if runtime.name in RUNTIMES else "unknown"
            checks = [Check("installed", False, reason, 0.0, f"glueprint runtime add {runtime.name}")]
        elif as_json:
            checks = examine(environment)
        else:
            with console(stderr=True).status(f"checking runtime {runtime.name} ..."):
                checks = examine(environment)
        healthy = healthy and all(check.ok for check in checks)
        answers.append({"Name": runtime.name, "Healthy": all(c.ok for c in checks), "Checks": _json(checks)})
        if not as_json:
            _print(runtime, checks)
    if as_json:
        print_json({"Runtimes": answers})
    elif not answers:
        echo("no runtime is installed: glueprint runtime add 6.0", err=True)
    context.exit(0 if healthy and answers else EXIT_FAILED)


def _json(checks: list[Check]) -> list[dict[str, Any]]:
    return [
        {
            "Check": one.name,
            "Ok": one.ok,
            "Detail": one.detail,
            "Seconds": one.seconds,
            "Remedy": one.remedy or None,
        }
        for one in checks
    ]


def _print(runtime: Runtime, checks: list[Check]) -> None:
    healthy = all(check.ok for check in checks)
    echo(f"runtime {runtime.name}: {'healthy' if healthy else 'NOT usable'}")
    for check in checks:
        first, *others = printable(check.detail).splitlines() or [""]
        echo(f"  {'ok  ' if check.ok else 'FAIL'} {check.name:<8} {first}")
        for line in others:
            echo(f"       {line}")
        if check.remedy:
            echo(f"       what to do: {check.remedy}")
