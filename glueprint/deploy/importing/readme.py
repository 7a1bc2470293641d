"""The README of an imported project."""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.deploy.importing.collected import Collected
from glueprint.deploy.importing.gaps import Gap
from glueprint.deploy.importing.parameters import FoundParameter


def readme(collected: Collected, name: str, parameters: Sequence[FoundParameter], gaps: Sequence[Gap]) -> str:
    """Return the text: how to use the project, its parameters, what was not copied and what it cannot say."""
    state = "" if collected.scripts else " --state s3://BUCKET/PREFIX"  # else it is next to the scripts
    lines = [
        f"# {name}",
        "",
        f"A blueprint that makes the workflow `{collected.name}`, written by `glueprint import`.",
        "With the parameters of `parameters.example.json` it makes the workflow that was read.",
        "",
        "```console",
        f"$ glueprint check {name}/",
        f"$ glueprint plan {name}/ --params {name}/parameters.example.json{state}",
        "```",
        "",
        "| Parameter | Type | Value that was found | |",
        "|---|---|---|---|",
        *(f"| `{one.name}` | {one.type} | `{_cell(one.value)}` | {one.description} |" for one in parameters),
        "",
    ]
    if collected.notes:
        lines += ["## Not copied", "", *(f"- {_cell(one)}" for one in collected.notes), ""]
    lost = [one for one in gaps if one.is_lost]
    form = [one for one in gaps if not one.is_lost]
    if lost:
        lines += ["## What the layout classes cannot say", "", "The blueprint makes a workflow without these:", ""]
        lines += [*(f"- {_cell(str(one))}" for one in lost), ""]
    if form:
        lines += ["## Other form, same behaviour", "", *(f"- {_cell(str(one))}" for one in form), ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
