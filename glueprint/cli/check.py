"""``glueprint check``: what Glue would refuse of a blueprint, and what users have met as traps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.text import Text

from glueprint.check.catalogue import RULES, UnknownRule, rule
from glueprint.check.checking import Checked
from glueprint.check.checking import check as check_subject
from glueprint.check.reports import to_github, to_json, to_sarif
from glueprint.check.rule import Rule
from glueprint.check.subject import NoSubject, Subject, find_subjects
from glueprint.cli.arguments import json_object, objects_of_s3
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.repositories import is_reference, subject_of_version, with_repository
from glueprint.client.session import Target
from glueprint.deploy.repository.settings import Settings
from glueprint.facts.findings import Finding, Severity

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
    if list_rules:
        show(_rules_table())
        return
    try:
        if name is not None:
            show(_explained(rule(name)))
            return
        subjects = [subject for one in (what or ("",)) for subject in _subjects(one, settings)]
    except (UnknownRule, NoSubject) as error:
        raise click.UsageError(str(error)) from error
    given = json_object(file) if file is not None else None
    in_s3 = objects_of_s3(objects)
    checked = []
    for subject in subjects:
        with console(stderr=True).status(f"checking {subject.name} ..."):
            checked.append(check_subject(subject, given, in_s3))
        if form == "text":
            show(Group(*report(checked[-1])))
    _print(checked, form)
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(one.count(severity) for one in checked for severity in failing):
        raise click.exceptions.Exit(EXIT_FINDINGS)


def _subjects(what: str, settings: Settings) -> list[Subject]:
    if is_reference(what):
        return [subject_of_version(what, settings, Target()).subject]
    return find_subjects(what, Path())


def _print(checked: Sequence[Checked], form: str) -> None:
    """Print findings for programs, of all blueprints at once; those for people have been printed one by one."""
    if form == "json":
        print_json(to_json(checked))
    elif form == "sarif":
        echo(json.dumps(to_sarif(checked), indent=2))
    elif form == "github":
        for line in to_github(checked):
            echo(line)


def report(checked: Checked) -> Iterable[RenderableType]:
    """Yield the findings of one blueprint and their summary, for people."""
    for finding in checked.findings:
        yield _shown(finding)
    yield _summary(checked)


def _shown(finding: Finding) -> Text:
    place = str(finding.place)
    text = Text.assemble(
        (f"{place}: " if place else "", "bold"),
        (f"{finding.severity}", _STYLES[finding.severity]),
        f": {finding.message}",
    )
    if finding.remedy:
        text.append(f"; {finding.remedy}")
    text.append(f" [{finding.rule}]", style="dim")
    return text


def _summary(checked: Checked) -> Text:
    numbers = [count(checked.count(severity), str(severity)) for severity in _STYLES if checked.count(severity)]
    text = Text.assemble((checked.name, "bold"), ": ", ", ".join(numbers) or Text("nothing to report", "green"))
    if not checked.layout_ran:
        text.append("; the layout did not return a workflow, so its jobs and scripts were not checked")
    return text


def _rules_table() -> RenderableType:
    rows = [(Text(one.name), Text(str(one.severity)), Text(one.title)) for one in RULES.values()]
    return plain_table(("RULE", "SEVERITY", "WHAT"), rows)


def _explained(one: Rule) -> Text:
    lines = [f"{one.name} ({one.severity}): {one.title}", "", one.why]
    if one.remedy:
        lines += ["", f"Remedy: {one.remedy}"]
    return Text("\n".join([*lines, "", f"Source: {one.source}"]))
