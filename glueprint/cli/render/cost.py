"""Costs for people and programs: bounds of a run, what a run was billed, prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from glueprint.cli.render.tables import plain_table
from glueprint.facts.prices import PRICES, READ

if TYPE_CHECKING:
    from glueprint.deploy.cost.alternatives import Alternative
    from glueprint.deploy.cost.estimate import Estimate
    from glueprint.deploy.cost.measured import RunCost

_BOUNDS = ("least", "expected", "most")
_MAX_REGIONS = 3


def estimate_table(found: Estimate, month: int | None) -> RenderableType:
    """Return the bounds of each node, of a run, and of 30 days."""
    rows = [
        (
            Text(node.name),
            Text(node.rate.label),
            *(_cell(getattr(node, bound), node.amount(getattr(node, bound))) for bound in _BOUNDS),
        )
        for node in found.nodes
    ]
    totals = [found.total(bound) for bound in _BOUNDS]
    limitless = [node.name for node in found.nodes if node.most is None]
    rows.append(
        (Text("one run", "bold"), Text(""), *(_cell(*total) for total in totals[:2]), _most(found, limitless, 1))
    )
    if month is not None:
        cells = [_cell(_times(hours, month), _times(amount, month)) for hours, amount in totals[:2]]
        label = Text(f"30 days, {month} runs", "bold")
        rows.append((label, Text(""), *cells, _most(found, limitless, month)))
    return plain_table(("NODE", "CAPACITY", "AT LEAST", "EXPECTED", "AT MOST"), rows)


def _most(found: Estimate, limitless: Sequence[str], number: int) -> Text:
    """Return the upper bound of a run; what has none is named."""
    limited = [node for node in found.nodes if node.most is not None]
    if not limited:
        return Text("-", "dim")
    hours = sum((node.most for node in limited if node.most is not None), Decimal(0))
    paid = [node.amount(node.most) for node in limited]
    amount = None if None in paid else sum((one for one in paid if one is not None), Decimal(0))
    cell = _cell(hours * number, _times(amount, number))
    return cell.append(f" and {', '.join(limitless)}") if limitless else cell


def run_table(run_id: str, status: str, costs: Sequence[RunCost]) -> RenderableType:
    """Return what each attempt and crawl was billed, and the sum."""
    rows = [
        (
            Text(one.name),
            Text(one.rate.label),
            Text(one.state),
            Text("" if one.seconds is None else f"{one.seconds:.0f} s"),
            _cell(one.dpu_hours, one.amount),
        )
        for one in costs
    ]
    ended = [one for one in costs if one.dpu_hours is not None]
    hours = sum((one.dpu_hours for one in ended if one.dpu_hours is not None), Decimal(0))
    paid = [one.amount for one in ended]
    total = None if None in paid else sum((one for one in paid if one is not None), Decimal(0))
    rows.append((Text(run_id, "bold"), Text(""), Text(status), Text(""), _cell(hours, total)))
    return plain_table(("NODE", "CAPACITY", "STATE", "TIME", "BILLED"), rows)


def alternatives_table(others: Sequence[Alternative]) -> RenderableType:
    """Return what the orchestration costs elsewhere."""
    rows = [(Text(one.name), Text(_money(one.a_run)), Text(_money(one.a_month)), Text(one.how)) for one in others]
    return plain_table(("ORCHESTRATION", "A RUN", "30 DAYS", "FOR"), rows)


def notes_of(notes: Sequence[str], region: str) -> Iterator[str]:
    """Yield what the figures rest on."""
    yield f"US dollars in {region}; prices of {READ}, see --prices. Storage, requests and logs are not included."
    yield from notes


def prices_table() -> RenderableType:
    """Return the prices with units, regions and sources."""
    rows = []
    for one in PRICES.values():
        regions = sorted(one.regions)
        shown = ", ".join(regions) if len(regions) <= _MAX_REGIONS else f"{len(regions)} regions"
        rows.append((Text(one.name), Text(f"${one.amount}"), Text(one.unit), Text(shown), Text(one.source)))
    return plain_table(("NAME", "USD", "FOR ONE", "REGIONS", "SOURCE"), rows)


def prices_json() -> dict[str, Any]:
    """Return the prices as plain data (docs/json-output.md)."""
    prices = [
        {
            "Name": one.name,
            "Usd": _number(one.amount),
            "Unit": one.unit,
            "Regions": sorted(one.regions),
            "Source": one.source,
            "Read": READ,
        }
        for one in PRICES.values()
    ]
    return {"Prices": prices}


def _cell(hours: Decimal | None, amount: Decimal | None) -> Text:
    """Return DPU-hours and money."""
    if hours is None:
        return Text("-", "dim")
    return Text(f"{hours:.4f} DPU-h" if amount is None else f"{_money(amount)} ({hours:.4f} DPU-h)")


def _money(amount: Decimal | None) -> str:
    if amount is None:
        return "-"
    return f"${amount:.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"


def _times(value: Decimal | None, number: int) -> Decimal | None:
    return None if value is None else value * number


def _number(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 6)


def estimate_json(
    found: Estimate, others: Sequence[Alternative], region: str, month: int | None, notes: Sequence[str]
) -> dict[str, Any]:
    """Return an estimate as plain data (docs/json-output.md)."""

    def bounds(values: Iterable[tuple[str, tuple[Decimal | None, Decimal | None]]]) -> dict[str, Any]:
        return {
            name.capitalize(): {"DpuHours": _number(hours), "Usd": _number(amount)}
            for name, (hours, amount) in values
        }

    return {
        "Workflow": found.workflow,
        "Region": region,
        "Nodes": [
            {
                "Kind": node.kind.value,
                "Name": node.name,
                "Capacity": node.rate.label,
                "Dpus": _number(node.rate.dpus),
                "Price": node.rate.price,
                "Attempts": node.attempts,
                **bounds((bound, (getattr(node, bound), node.amount(getattr(node, bound)))) for bound in _BOUNDS),
            }
            for node in found.nodes
        ],
        "Run": bounds((bound, found.total(bound)) for bound in _BOUNDS),
        "RunsPerMonth": month,
        "Orchestration": _alternatives_json(others),
        "Notes": list(notes),
    }


def run_json(
    workflow: str,
    run_id: str,
    costs: Sequence[RunCost],
    others: Sequence[Alternative],
    region: str,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Return the cost of a run as plain data (docs/json-output.md)."""
    return {
        "Workflow": workflow,
        "RunId": run_id,
        "Region": region,
        "Attempts": [
            {
                "Kind": one.kind.value,
                "Name": one.name,
                "RunId": one.run_id,
                "State": one.state,
                "Capacity": one.rate.label,
                "Seconds": one.seconds,
                "DpuHours": _number(one.dpu_hours),
                "Usd": _number(one.amount),
                "Price": one.rate.price,
                "IsReportedByGlue": one.is_reported,
            }
            for one in costs
        ],
        "Orchestration": _alternatives_json(others),
        "Notes": list(notes),
    }


def _alternatives_json(others: Sequence[Alternative]) -> list[dict[str, Any]]:
    return [
        {"Name": one.name, "UsdPerRun": _number(one.a_run), "UsdPerMonth": _number(one.a_month), "For": one.how}
        for one in others
    ]
