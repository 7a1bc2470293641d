"""``glueprint conformance``: probes of a real Glue, with their costs first and everything deleted at the end."""

from __future__ import annotations

import contextlib
import datetime
import json
import secrets
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from glueprint import __version__
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.render.words import count
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Session, Target
from glueprint.deploy.conformance.catalogue import chosen, total_cost
from glueprint.deploy.conformance.cleaning import Cleaned, clean_up, find_leftovers
from glueprint.deploy.conformance.lab import PREFIX, Lab
from glueprint.deploy.conformance.probe import Probe
from glueprint.deploy.conformance.report import About, to_json, to_markdown
from glueprint.deploy.conformance.running import Result, run_probes

LOCAL_ROLE = "arn:aws:iam::123456789012:role/glueprint-conformance"
_STYLES = {"same": "green", "different": "yellow", "no answer": "red"}


@click.command()
@click.argument("names", nargs=-1, metavar="[PROBE]...")
@click.option("--role", metavar="ARN", help="Role of jobs, crawlers and blueprint runs; required with --aws.")
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("conformance-report"),
    show_default=True,
    help="Where report.md and report.json are written, after each probe.",
)
@click.option("--list", "list_probes", is_flag=True, help="List the probes with their costs, and run none.")
@click.option(
    "--clean-up", "only_clean", is_flag=True, help="Delete what earlier runs have left, and run nothing."
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_target
def conformance(
    names: tuple[str, ...],
    role: str | None,
    folder: Path,
    list_probes: bool,
    only_clean: bool,
    yes: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Find out, in a real account, what no document of AWS states; compare it with Glueprint.

    A PROBE creates a few resources whose names start with glueprint-conformance-, observes one behaviour and
    reports it; PROBE may be a subject such as trigger. Without one, all are run. Costs are shown first and must be
    confirmed. At the end, also after Ctrl-C or an error, everything with the run's prefix is deleted; after a
    kill, --clean-up does it. Logs of jobs stay in CloudWatch.

    The role needs AWSGlueServiceRole, access to the buckets glueprint-conformance-*, and for blueprint runs
    glue:Create*, Get*, Delete* and iam:PassRole for itself. The report names neither account nor ids.

    Exit codes: 0 all probes were answered, whatever the answers are; 1 some were not, or something could not be
    deleted; 2 usage error.

    \b
    Examples:
      glueprint conformance --list
      glueprint conformance trigger --aws --role arn:aws:iam::123456789012:role/probes
      glueprint conformance --aws --role arn:aws:iam::123456789012:role/probes --report docs/conformance-2026-12
      glueprint conformance --clean-up --aws
    """
    probes = chosen(names)
    if list_probes:
        print_json({"Probes": [_listed(one) for one in probes]}) if as_json else show(_table(probes))
        return
    if target.aws and not role and not only_clean:
        raise click.UsageError("--aws needs --role: the role of jobs, crawlers and blueprint runs")
    with open_session(target) as session:
        if only_clean:
            _finish(_clean(session, yes=yes))
            return
        _announce(session, probes, yes=yes)
        lab = Lab(session, secrets.token_hex(4), role or LOCAL_ROLE)
        about = _about(session, target)
        with _interruptible():
            results, cleaned = _run(lab, probes, folder, about)
    if as_json:
        print_json(to_json(about, results))
    else:
        echo(f"wrote {folder / 'report.md'} and {folder / 'report.json'}")
    _finish(cleaned)
    if any(one.problem for one in results):
        raise click.exceptions.Exit(1)


def _listed(probe: Probe) -> dict[str, Any]:
    return {
        "Name": probe.name,
        "Question": probe.question,
        "How": probe.how,
        "Cost": str(probe.cost),
        "Dollars": round(probe.cost.dollars, 4),
        "Rows": [{"Page": one.page, "Behaviour": one.behaviour} for one in probe.rows],
    }


def _table(probes: Sequence[Probe]) -> Any:
    rows = [(Text(one.name), Text(str(one.cost)), Text(one.question)) for one in probes]
    rows.append((Text("all", "bold"), Text(str(total_cost(probes))), Text("")))
    return plain_table(("PROBE", "COST AT MOST", "QUESTION"), rows)


def _announce(session: Session, probes: Sequence[Probe], *, yes: bool) -> None:
    where = f"AWS, region {session.glue.meta.region_name}" if session.is_aws else session.glue.meta.endpoint_url
    cost = str(total_cost(probes)) if session.is_aws else "nothing"
    echo(f"{count(len(probes), 'probe')} in {where}; names start with {PREFIX}; cost at most: {cost}", err=True)
    if session.is_aws and not yes:
        _confirm("Run them in this account?")


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to confirm it: give --yes")
    click.confirm(question, abort=True, err=True)


def _about(session: Session, target: Target) -> About:
    import boto3

    name = "AWS" if session.is_aws else ("another endpoint" if target.endpoint_url else "Glueprint")
    versions = f"glueprint {__version__}, boto3 {boto3.__version__}"
    return About(
        datetime.datetime.now(datetime.UTC).date().isoformat(), name, session.glue.meta.region_name, versions
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Handle SIGTERM as Ctrl-C, so that what was created is deleted."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(lab: Lab, probes: Sequence[Probe], folder: Path, about: About) -> tuple[list[Result], Cleaned]:
    """Run the probes; write the report after each; delete what was created, whatever happens."""
    results: list[Result] = []

    def started(number: int, probe: Probe) -> None:
        status.update(f"{number} of {len(probes)}: {probe.name} ...")

    def done(result: Result) -> None:
        results.append(result)
        _write(folder, about, results)
        line = Text.assemble(f"{result.probe.name}: ", (result.outcome, _STYLES[result.outcome]))
        show(line.append(f" ({result.problem})" if result.problem else ""), stderr=True)

    try:
        with console(stderr=True).status("starting ...") as status:
            lab.open()
            run_probes(lab, probes, started, done)
    except BaseException as failure:
        if isinstance(failure, KeyboardInterrupt):
            echo(f"interrupted after {count(len(results), 'probe')}", err=True)
        with contextlib.suppress(click.exceptions.Exit):  # the failure is what the command ends with
            _finish(_delete(lab.session, lab.bucket))
        raise
    return results, _delete(lab.session, lab.bucket)


def _write(folder: Path, about: About, results: Sequence[Result]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(to_markdown(about, results), "utf-8")
        text = json.dumps(to_json(about, results), indent=2, ensure_ascii=False)
        (folder / "report.json").write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error


def _delete(session: Session, prefix: str) -> Cleaned:
    try:
        with console(stderr=True).status("deleting what was created ...") as status:
            return clean_up(session, find_leftovers(session, prefix), lambda line: status.update(f"{line} ..."))
    except KeyboardInterrupt:
        echo("not everything is deleted: glueprint conformance --clean-up", err=True)
        raise


def _clean(session: Session, *, yes: bool) -> Cleaned:
    found = find_leftovers(session)
    for one in found:
        echo(str(one), err=True)
    if found and session.is_aws and not yes:
        _confirm(f"Delete {count(len(found), 'resource')}?")
    return clean_up(session, found, lambda line: None)


def _finish(cleaned: Cleaned) -> None:
    echo(f"deleted {count(len(cleaned.deleted), 'resource')}", err=True)
    for one, why in cleaned.failed:
        echo(f"{one} could not be deleted: {why}", err=True)
    if cleaned.failed:
        echo("repeat it: glueprint conformance --clean-up", err=True)
        raise click.exceptions.Exit(1)
