"""``glueprint cost``: DPU-hours and money of a workflow's run, before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import RenderableType

from glueprint.cli.arguments import json_object, pairs
from glueprint.cli.output import console, echo, print_json, show
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import InvalidArgument
from glueprint.client.lookup import Lookup
from glueprint.client.session import DEFAULT_REGION, Session, Target
from glueprint.compat import UTC

if TYPE_CHECKING:
    from glueprint.deploy.cost.alternatives import Alternative
    from glueprint.deploy.definitions.model import WorkflowDefinition


@click.command()
@click.argument("what", required=False, metavar="[WORKFLOW | RUN | BLUEPRINT]")
@click.argument("run_id", required=False)
@click.option("--blueprint", "is_blueprint", is_flag=True, help="WHAT is a blueprint: a name, a folder or a zip.")
@click.option(
    "--params", "file", type=click.Path(path_type=Path), help="With --blueprint: JSON file of parameters."
)
@click.option(
    "--param", "given", multiple=True, metavar="KEY=VALUE", help="With --blueprint: one parameter; repeatable."
)
@click.option(
    "--duration",
    "durations",
    multiple=True,
    metavar="NODE=TIME",
    help="Expected time of a job or crawler: load=5m.",
)
@click.option(
    "--like", metavar="RUN", help="Expect the durations of this run; by default the latest that completed."
)
@click.option(
    "--input", "size", metavar="SIZE", help="Scale these durations to an input of this size, such as 20GB."
)
@click.option(
    "--runs-per-month", type=click.IntRange(1), help="For the cost of a month; by default from the schedule."
)
@click.option("--price", "prices", multiple=True, metavar="NAME=USD", help="A price of your own; repeatable.")
@click.option("--prices", "list_prices", is_flag=True, help="List the prices with units, sources and regions.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@with_target
def cost(
    what: str | None,
    run_id: str | None,
    is_blueprint: bool,
    file: Path | None,
    given: tuple[str, ...],
    durations: tuple[str, ...],
    like: str | None,
    size: str | None,
    runs_per_month: int | None,
    prices: tuple[str, ...],
    list_prices: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Show what a workflow costs: DPU-hours and US dollars, for each job and crawler.

    Before a run: the minimum that Glue bills, what is expected if durations are known (--duration, or those of an
    earlier run), and at most, until all timeouts and retries have passed. After a run, with its id: what was
    billed, attempt by attempt. The orchestration in Step Functions and MWAA is shown for comparison.

    Prices are dated and known for few regions (--prices); elsewhere only DPU-hours and your own --price count.
    Storage, requests, logs, data transfer and the Data Catalog are not included.

    \b
    Examples:
      glueprint cost orders
      glueprint cost orders --duration load=12m --runs-per-month 30
      glueprint cost orders --like wr_57b8 --input 20GB
      glueprint cost wr_57b8
      glueprint cost --blueprint file_presence --params orders.json
      glueprint cost orders --aws --region eu-central-1 --price spark=0.44
    """
    if list_prices:
        _show_prices(as_json)
        return
    if what is None:
        raise click.UsageError("name a workflow, a run (wr_...), or a blueprint with --blueprint; or use --prices")
    own, region = _given_prices(prices), target.region
    if is_blueprint:
        from glueprint.deploy.cost.reading import of_blueprint

        if like or size or run_id:
            raise click.UsageError("--like, --input and RUN_ID need a deployed workflow; leave out --blueprint")
        parameters = json_object(file) if file is not None else None
        with console(stderr=True).status(f"reading {what} ..."):
            definition = of_blueprint(what, Path(), parameters, pairs(given, "--param"))
        expected = _durations(durations, definition)
        _show_estimate(definition, expected, own, region or DEFAULT_REGION, runs_per_month, (), as_json)
        return
    if file is not None or given:
        raise click.UsageError("--params and --param are for --blueprint")
    with open_session(target, existing=True) as session:
        region = region or _region_of(session)
        if what.startswith("wr_") or run_id is not None:
            if durations or like or size:
                raise click.UsageError("--duration, --like and --input are for estimates; leave out the run")
            _show_run(session, what, run_id, own, region, as_json)
            return
        from glueprint.deploy.cost.reading import of_workflow

        definition = of_workflow(session, Lookup(session).workflow(what).name)
        measured, notes = _like(session, definition, like, size)
    expected = {**measured, **_durations(durations, definition)}
    _show_estimate(definition, expected, own, region, runs_per_month, notes, as_json)


def _region_of(session: Session) -> str:
    return str(session.glue.meta.region_name)


def _given_prices(given: Iterable[str]) -> dict[str, Decimal]:
    from glueprint.facts.prices import PRICES

    found = {}
    for name, text in pairs(given, "--price"):
        if name not in PRICES:
            raise click.UsageError(f"--price: there is no price {name}; there are {', '.join(PRICES)}")
        try:
            found[name] = Decimal(text)
        except InvalidOperation as error:
            raise click.UsageError(f"--price {name}: {text!r} is not a number") from error
        if not found[name].is_finite() or found[name] < 0:
            raise click.UsageError(f"--price {name}: {text} is not an amount")
    return found


def _durations(given: Iterable[str], definition: WorkflowDefinition) -> dict[str, float]:
    from glueprint.deploy.cost.reading import node_named, seconds_of

    return {node_named(name, definition.nodes): seconds_of(text) for name, text in pairs(given, "--duration")}


def _like(
    session: Session, definition: WorkflowDefinition, like: str | None, size: str | None
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the durations of an earlier run, scaled to another size of input, and what they rest on."""
    from glueprint.deploy.cost.reading import bytes_of, measured_bytes, measured_seconds

    glue = session.glue
    if like is None:
        runs = glue.get_workflow_runs(Name=definition.name, IncludeGraph=True, MaxResults=20).get("Runs", ())
        run = next((one for one in runs if one["Status"] == "COMPLETED"), None)
    else:
        view = Lookup(session).workflow_run(definition.name, like)
        run = view.wire
    if run is None:
        if size is not None:
            raise InvalidArgument(
                "--input scales the durations of a run, and none has completed", "use --duration"
            )
        return {}, ()
    found, run_id = measured_seconds(run), run["WorkflowRunId"]
    where = "" if session.is_aws else " on this machine, not on AWS"
    notes = [f"Expected: the durations of {run_id}{where}."]
    if size is not None:
        before, wanted = measured_bytes(run), bytes_of(size)
        if before is None:
            raise InvalidArgument(
                f"--input: {run_id} does not state the size of its input (a run property file_presence.bytes)",
                "use --duration",
            )
        found = {name: seconds * wanted / before for name, seconds in found.items()}
        notes = [
            f"Expected: the durations of {run_id}{where}, scaled from {before} to {wanted:.0f} bytes of input."
        ]
    return found, tuple(notes)


def _show_estimate(
    definition: WorkflowDefinition,
    seconds: Mapping[str, float],
    own: Mapping[str, Decimal],
    region: str,
    runs_per_month: int | None,
    notes: Sequence[str],
    as_json: bool,
) -> None:
    from glueprint.cli.render import cost as render
    from glueprint.deploy.cost.alternatives import alternatives
    from glueprint.deploy.cost.estimate import estimate
    from glueprint.facts.prices import amounts

    known = amounts(region, own)
    found = estimate(definition, known, seconds, datetime.now(UTC))
    month = runs_per_month or found.runs_a_month
    others = alternatives(definition, known, seconds, month)
    unknown = _unknown_prices({node.rate.price for node in found.nodes}, known, region)
    unexpected = [node.name for node in found.nodes if node.expected is None]
    missing = [f"No duration is known of {', '.join(unexpected)}: add --duration NAME=TIME."] if unexpected else []
    notes = [*notes, *found.notes, *missing, *unknown]
    if as_json:
        print_json(render.estimate_json(found, others, region, month, notes))
        return
    _show(render.estimate_table(found, month), others, notes, region)


def _show_run(
    session: Session, what: str, run_id: str | None, own: Mapping[str, Decimal], region: str, as_json: bool
) -> None:
    from glueprint.cli.render import cost as render
    from glueprint.deploy.cost.alternatives import alternatives
    from glueprint.deploy.cost.measured import run_costs
    from glueprint.deploy.cost.reading import measured_seconds, of_workflow
    from glueprint.facts.prices import amounts

    lookup = Lookup(session)
    workflow, wanted = lookup.workflow_of_run(what) if what.startswith("wr_") else (what, run_id)
    run = lookup.workflow_run(workflow, wanted)
    definition = of_workflow(session, run.workflow)
    known = amounts(region, own)
    crawls = {one.name: _history(session, one.name) for one in definition.crawlers} if session.is_aws else {}
    costs = run_costs(run.wire, {one.name: one.request() for one in definition.jobs}, known, crawls)
    others = alternatives(definition, known, measured_seconds(run.wire), None)
    notes = [*_unknown_prices({one.rate.price for one in costs}, known, region)]
    if not session.is_aws:
        notes.append("The durations are those of this machine: on AWS the same jobs take other times.")
    if as_json:
        print_json(render.run_json(run.workflow, run.run_id, costs, others, region, notes))
        return
    _show(render.run_table(run.run_id, run.status, costs), others, notes, region)


def _show(table: RenderableType, others: Sequence[Alternative], notes: Sequence[str], region: str) -> None:
    from glueprint.cli.render import cost as render

    show(table)
    echo()
    show(render.alternatives_table(others))
    echo()
    for note in render.notes_of(notes, region):
        echo(note)


def _history(session: Session, crawler: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = session.glue.list_crawls(CrawlerName=crawler, MaxResults=100).get(
        "Crawls", ()
    )
    return found


def _unknown_prices(names: Iterable[str], known: Mapping[str, Decimal], region: str) -> list[str]:
    from glueprint.facts.prices import PRICES

    missing = sorted(name for name in names if name not in known)
    return [
        f"The price of a {PRICES[name].unit} in {region} is not known here: add --price {name}=USD."
        for name in missing
    ]


def _show_prices(as_json: bool) -> None:
    from glueprint.cli.render.cost import prices_json, prices_table
    from glueprint.facts.prices import READ

    if as_json:
        print_json(prices_json())
        return
    show(prices_table())
    echo(f"\nSources were read on {READ}. Check amounts on the pricing pages, and pass them with --price.")
