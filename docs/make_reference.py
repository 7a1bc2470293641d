"""Writes the pages of ``docs/`` that are made from the code: ``python docs/make_reference.py``.

The reference of the commands comes from the commands, that of each blueprint from its ``blueprint.cfg``, the list
of decisions from their pages. A test fails when a page is not what this would write.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from conformance_pages import conformance_page, linked_fidelity_pages
from runtimes_page import runtimes_page

ROOT = Path(__file__).parents[1]
REFRESH = "python docs/make_reference.py"
_MADE = f"<!-- made by `{REFRESH}`: do not edit -->"


def pages(root: Path = ROOT) -> dict[Path, str]:
    """Every page that is made, by its path below ``root``."""
    made = {
        Path("docs/reference-cli.md"): commands_page(),
        Path("docs/reference-check.md"): rules_page(),
        Path("docs/decisions/README.md"): decisions_page(root / "docs" / "decisions"),
        Path("docs/parameters.md"): parameters_page(),
        Path("docs/reference-other-services.md"): other_services_page(),
        Path("docs/runtimes.md"): runtimes_page(_MADE),
        Path("docs/reference-conformance.md"): conformance_page(_MADE),
        **linked_fidelity_pages(root),
    }
    for config in sorted(root.glob("blueprints/*/blueprint.cfg")):
        name = config.parent.name
        made[Path(f"docs/reference-{name}.md")] = blueprint_page(name, json.loads(config.read_text("utf-8")))
    return made


def rules_page() -> str:
    """Return the page of the rules of ``glueprint check``."""
    from glueprint.check.catalogue import RULES

    lines = [
        "# The rules of glueprint check",
        "",
        "Made by `docs/make_reference.py`. [What check does](check.md); `--explain RULE` prints one.",
    ]
    for rule in RULES.values():
        lines += ["", f"## {rule.name}", "", f"**{rule.severity.capitalize()}.** {rule.title}. {rule.why}", ""]
        if rule.remedy:
            lines += [f"Remedy: {rule.remedy}.", ""]
        lines.append(f"Source: {rule.source}")
    return "\n".join([*lines, ""])


def commands_page() -> str:
    """All commands with their arguments, options and help."""
    from glueprint.cli.main import COMMANDS, cli

    context = click.Context(cli, info_name="glueprint")
    lines = [_MADE, "# Commands", "", inspect.cleandoc(cli.help or ""), "", "| Command | |", "|---|---|"]
    lines += [f"| [{name}](#glueprint-{name}) | {entry.summary} |" for name, entry in COMMANDS.items()]
    lines += ["", "Every command has `--help` (`-h`). A mistake in the arguments ends with exit code 2.", ""]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        lines += _command(command, click.Context(command, info_name=name, parent=context))
    return "\n".join(lines)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        yield from (f"## {context.command_path}", "", inspect.cleandoc(command.help or ""), "")
        for name, inner in command.commands.items():
            yield from _command(inner, click.Context(inner, info_name=name, parent=context))
        return
    pieces = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from (f"## {context.command_path}", "", "```", pieces, "```", "")
    yield from (inspect.cleandoc(command.help or "").replace("\b\n", ""), "")
    yield from ("| Option | |", "|---|---|")
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            yield f"| `{_spelling(option)}` | {_cell(_meaning(option, context))} |"
    yield ""


def _spelling(option: click.Option) -> str:
    names = ", ".join(sorted(option.opts, key=len, reverse=True))
    if option.is_flag:
        return names
    kind = option.type
    value = "\\|".join(kind.choices) if isinstance(kind, click.Choice) else kind.name.split()[0].upper()
    return f"{names} {option.metavar or value}"


def _meaning(option: click.Option, context: click.Context) -> str:
    text = " ".join((option.help or "").split())
    if option.show_default and not option.is_flag:
        text += f" Default: `{option.get_default(context)}`."
    if option.envvar:
        text += f" Also by the environment variable `{option.envvar}`."
    if option.required:
        text += " Required."
    return text


def blueprint_page(name: str, config: Mapping[str, Any]) -> str:
    """The parameters of a blueprint.

    Args:
        config: its ``blueprint.cfg``, decoded.
    """
    spec: Mapping[str, Mapping[str, Any]] = config.get("parameterSpec", {})
    needed = [key for key, one in spec.items() if one.get("defaultValue") is None]
    lines = [
        _MADE,
        f"# Parameters of {name}",
        "",
        f"What the blueprint does: [its README](../blueprints/{name}/README.md). These must be given:",
        f"{_names(needed)}.",
        "",
        "| Parameter | Type | Default | Meaning |",
        "|---|---|---|---|",
    ]
    for key, one in spec.items():
        kind = f"list of {one['type']}" if one.get("collection") else one["type"]
        default = "" if one.get("defaultValue") is None else f"`{json.dumps(one['defaultValue'])}`"
        allowed = one.get("allowedValues")
        choice = f" One of {', '.join(f'`{json.dumps(value)}`' for value in allowed)}." if allowed else ""
        lines.append(f"| `{key}` | {kind} | {default} | {_cell(one.get('description', ''))}{choice} |")
    example = {key: _EXAMPLES.get(spec[key]["type"], "...") for key in needed}
    lines += ["", f"The least that `glueprint create {name} --params FILE` takes:", "", "```json"]
    lines += [json.dumps(example, indent=4), "```", ""]
    return "\n".join(lines)


def parameters_page() -> str:
    """Glue's special job parameters, and what becomes of each."""
    from glueprint.runtime.parameters.special import SPECIAL, Kind

    lines = [_MADE, "# Special job parameters", "", *_PARAMETERS.splitlines(), ""]
    for kind in Kind:
        lines += [f"## {kind.value.capitalize()}", "", "| Parameter | |", "|---|---|"]
        lines += [f"| `{one.name}` | {_cell(one.description)} |" for one in SPECIAL if one.kind is kind]
        lines.append("")
    return "\n".join(lines)


def other_services_page() -> str:
    """The services of AWS next to Glue: what is served, what is refused, and why."""
    from glueprint.local.other_services.decisions import NOT_NEEDED, REASONS, SERVED

    lines = [_MADE, "# Other services of AWS", "", *_OTHER_SERVICES.splitlines(), ""]
    lines += ["## Served", "", "| Service (as it signs) | What is served | Operations |", "|---|---|---|"]
    for entry in SERVED:
        operations = ", ".join(f"`{name}`" for name in sorted(entry.operations))
        lines.append(f"| `{entry.service}` | {entry.kind.value}: {_cell(entry.meaning)} | {operations} |")
    lines += ["", "## Refused", "", "| Service (as it signs) | Why |", "|---|---|"]
    served = {entry.service for entry in SERVED}
    for service, reason in sorted(REASONS.items()):
        which = ", all other operations" if service in served else ""
        lines.append(f"| `{service}`{which} | {_cell(reason)} |")
    return "\n".join([*lines, f"| every other service and operation | {NOT_NEEDED} |", ""])


_OTHER_SERVICES = """\
The local Glue implements [AWS Glue](reference-operations.md), S3, the tags of S3 Control, CloudWatch Logs and
EventBridge itself. Of the other services, moto answers the operations below, and only those: an answer must be
true here. All others are refused with HTTP 400, which clients do not repeat, and `UnsupportedOperationException`
(in XML protocols `UnsupportedOperation`), with the operation's name and the reason. A failure of moto is answered
in the same way.

*Real* operations do what AWS's do, within this server. What is *stored only* can be read back, and has no effect.
IAM survives a restart; everything else here is in memory until the server ends."""


_PARAMETERS = """\
A job's NonOverridableArguments win over the Arguments of the run, and these over the job's DefaultArguments. All
of them reach the script's `sys.argv`, including special ones; a parameter that is not on this page is the script's
own.

Files that a parameter names are read from S3 before the process starts. If some are missing, the run fails, and
the message contains each of them: the parameter, the path, S3's error. All other problems are reported in one
message, too. Commas separate the entries of a list.

Python shell jobs get no `--JOB_NAME` and no run id, have no pyspark, and write to `/aws-glue/python-jobs/output`
and `/aws-glue/python-jobs/error`. What is chosen where AWS is silent: [fidelity](fidelity/runtime.md).

Offline, pip reaches no package index. Put wheels into S3 (`--additional-python-modules s3://bucket/NAME.whl`, in a
Python shell job `--extra-py-files`), or have pip's own configuration name a folder of wheels (`find-links`): pip,
and only pip, sees your `PIP_*` variables, proxies and `pip.conf`."""


_EXAMPLES: Mapping[str, Any] = {
    "String": "name",
    "Integer": 1,
    "Double": 1.0,
    "Boolean": True,
    "S3Uri": "s3://bucket/folder/",
    "S3Bucket": "bucket",
    "IAMRoleArn": "arn:aws:iam::123456789012:role/Name",
    "IAMRoleName": "Name",
}


def decisions_page(folder: Path) -> str:
    """One line for each decision: its heading.

    Args:
        folder: ``docs/decisions``.
    """
    lines = [
        _MADE,
        "# Decisions",
        "",
        "Design choices that may be reversed later, by subject: status, trial, rejected options, how to reverse.",
        "Figures come from `make bench` or the trial named, on the date given.",
        "",
    ]
    for page in sorted(folder.glob("*.md")):
        if page.name != "README.md":
            heading = page.read_text("utf-8").partition("\n")[0].removeprefix("# ")
            lines.append(f"* [{page.stem}]({page.name}): {heading}")
    return "\n".join([*lines, ""])


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def main() -> None:
    """Write every page that has changed."""
    for path, content in pages().items():
        file = ROOT / path
        if not file.exists() or file.read_text("utf-8") != content:
            file.write_text(content, "utf-8")
            sys.stdout.write(f"wrote {path}\n")


if __name__ == "__main__":
    main()
