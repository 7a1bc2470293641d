"""``glueprint check``: what Glue would refuse of a blueprint, and what users have met as traps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glueprint.check.process_ahead import ProcessAhead
from glueprint.cli.arguments import json_object, objects_of_s3
from glueprint.cli.output import StyledText, echo, echo_styled, print_json, show, spinner
from glueprint.cli.repositories import is_reference, subject_of_version, with_repository
from glueprint.client.session import Target
from glueprint.deploy.repository.settings import Settings
from glueprint.facts.findings import Finding, Severity

if TYPE_CHECKING:  # imported while the layout's process starts
    from rich.console import RenderableType

    from glueprint.check.checking import Checked
    from glueprint.check.rule import Rule
    from glueprint.check.subject import Subject

EXIT_FINDINGS = 1
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_FORMATS = ("text", "json", "github", "sarif")


@click.command()
@click.argument("what", nargs=-1, metavar="[NAME | FOLDER | ZIP | NAME@VERSION]...")
@click.option("--params", "file", type=click.Path(path_type=Path), help="JSON file of parameters for the layout.")
@click.option(
    "--object",
    "objects",
    multiple=True,
    metavar="S3URI=FILE",
    help="An object of S3 that the layout reads; repeatable.",
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How findings are printed.")
@click.option("--strict", is_flag=True, help="Fail for warnings, too.")
@click.option("--explain", "name", metavar="RULE", help="Describe a rule, and check nothing.")
@click.option("--rules", "list_rules", is_flag=True, help="List all rules, and check nothing.")
@with_repository
def check(
    what: tuple[str, ...],
    file: Path | None,
    objects: tuple[str, ...],
    form: str,
    strict: bool,
    name: str | None,
    list_rules: bool,
    settings: Settings,
) -> None:
    """Check blueprints: what Glue would refuse, and what fails there later. Nothing is registered or started.

    Without an argument, all blueprints of this directory are checked. The layout runs with the parameters of
    --params, or of the blueprint's parameters.example.json; its calls of AWS are answered in memory. Then the
    jobs, triggers and scripts that it made are checked. NAME@VERSION is a version of the repository (see
    `glueprint publish`).

    Exit codes: 0 no errors; 1 errors (with --strict also warnings); 2 there is nothing to check.

    \b
    Examples:
      glueprint check
      glueprint check file_presence --params orders.json
      glueprint check dist/file_presence.zip --format github
      glueprint check file_presence@1.4 --repository /mnt/blueprints
      glueprint check ingest/ --params ingest.json --object s3://etl/tables.json=tables.json
      glueprint check --explain capacity-with-workers
    """
    if list_rules or name is not None:
        _describe(name)
        return
    given = json_object(file) if file is not None else None
    in_s3 = objects_of_s3(objects)
    checked = []
    with ProcessAhead() as ahead:
        ahead.start()
        from glueprint.check.checking import check as check_subject
        from glueprint.check.subject import NoSubject

        try:
            subjects = [subject for one in (what or ("",)) for subject in _subjects(one, settings)]
        except NoSubject as error:
            raise click.UsageError(str(error)) from error
        for subject in subjects:
            with spinner(f"checking {subject.name} ..."):
                checked.append(check_subject(subject, given, in_s3, ahead))
                if len(checked) < len(subjects):
                    ahead.start()
            if form == "text":
                for line in report(checked[-1]):
                    echo_styled(line)
    _print(checked, form)
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(one.count(severity) for one in checked for severity in failing):
        raise click.exceptions.Exit(EXIT_FINDINGS)


def _describe(name: str | None) -> None:
    """Describe a rule, or list all."""
    from glueprint.check.catalogue import UnknownRule, rule

    if name is None:
        show(_rules_table())
        return
    try:
        echo(_explained(rule(name)))
    except UnknownRule as error:
        raise click.UsageError(str(error)) from error


def _subjects(what: str, settings: Settings) -> list[Subject]:
    from glueprint.check.subject import find_subjects

    if is_reference(what):
        return [subject_of_version(what, settings, Target()).subject]
    return find_subjects(what, Path())


def _print(checked: Sequence[Checked], form: str) -> None:
    """Print findings for programs, of all blueprints at once; those for people have been printed one by one."""
    from glueprint.check.reports import to_github, to_json, to_sarif

    if form == "json":
        print_json(to_json(checked))
    elif form == "sarif":
        echo(json.dumps(to_sarif(checked), indent=2))
    elif form == "github":
        for line in to_github(checked):
            echo(line)


def report(checked: Checked) -> Iterator[StyledText]:
    """Yield the findings of one blueprint and their summary, as lines for people."""
    for finding in checked.findings:
        yield _shown(finding)
    yield _summary(checked)


def _shown(finding: Finding) -> StyledText:
    place = str(finding.place)
    return (
        (f"{place}: " if place else "", "bold"),
        (f"{finding.severity}", _STYLES[finding.severity]),
        (f": {finding.message}", ""),
        (f"; {finding.remedy}" if finding.remedy else "", ""),
        (f" [{finding.rule}]", "dim"),
    )


def _summary(checked: Checked) -> StyledText:
    from glueprint.cli.render.words import count

    numbers = [count(checked.count(severity), str(severity)) for severity in _STYLES if checked.count(severity)]
    incomplete = "; the layout did not return a workflow, so its jobs and scripts were not checked"
    return (
        (checked.name, "bold"),
        (": ", ""),
        (", ".join(numbers), "") if numbers else ("nothing to report", "green"),
        ("" if checked.layout_ran else incomplete, ""),
    )


def _rules_table() -> RenderableType:
    from rich.text import Text

    from glueprint.check.catalogue import RULES
    from glueprint.cli.render.tables import plain_table

    rows = [(Text(one.name), Text(str(one.severity)), Text(one.title)) for one in RULES.values()]
    return plain_table(("RULE", "SEVERITY", "WHAT"), rows)


def _explained(one: Rule) -> str:
    lines = [f"{one.name} ({one.severity}): {one.title}", "", one.why]
    if one.remedy:
        lines += ["", f"Remedy: {one.remedy}"]
    return "\n".join([*lines, "", f"Source: {one.source}"])
