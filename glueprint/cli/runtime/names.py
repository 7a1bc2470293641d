"""Names of runtimes as arguments of commands."""

from __future__ import annotations

import difflib

import click

from glueprint.environments.definitions import RUNTIMES, Runtime

_OTHER_NAMES = {
    **{version: runtime.name for runtime in RUNTIMES.values() for version in runtime.glue_versions},
    "python-shell": "pythonshell-analytics",
    "analytics": "pythonshell-analytics",
}
"""What users may type for a runtime: the other GlueVersions that it runs, and words of AWS's pages."""


def runtime_named(name: str) -> Runtime:
    """Return the runtime that is called ``name``, or that runs the GlueVersion ``name``.

    Raises:
        click.BadParameter: there is none.
    """
    found = RUNTIMES.get(name) or RUNTIMES.get(_OTHER_NAMES.get(name, ""))
    if found:
        return found
    similar = difflib.get_close_matches(name, [*RUNTIMES, *_OTHER_NAMES], n=1)
    guess = f" Did you mean {similar[0]}?" if similar else ""
    raise click.BadParameter(f"{name!r} is not a runtime: there are {', '.join(RUNTIMES)}.{guess}")


def complete_name(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of runtimes with a prefix, for the shell."""
    return [name for name in RUNTIMES if name.startswith(incomplete)]


def read_names(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Runtime, ...]:
    """Return the runtimes that an argument or option names, each once."""
    return tuple({runtime.name: runtime for runtime in map(runtime_named, values)}.values())
