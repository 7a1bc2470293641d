"""`glueprint cost`: what it prints of a blueprint, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from glueprint.cli.main import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cost(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command in the root of the repository."""
    monkeypatch.chdir(ROOT)
    return lambda *arguments: CliRunner().invoke(cli, ["cost", *arguments])


def test_bounds_of_a_blueprint(cost: Callable[..., Result]) -> None:
    """Each node, one run, a month; what has no bound is named, and what rests on what."""
    shown = cost("--blueprint", "file_presence", "--duration", "load=12m", "--runs-per-month", "20")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    (load,) = [line for line in lines if line.startswith("daily_orders_load")]
    assert "2 x G.1X" in load
    assert "$0.1760 (0.4000 DPU-h)" in load
    (month,) = [line for line in lines if line.startswith("30 days, 20 runs")]
    assert month.endswith("and daily_orders_crawl")
    assert any(line.startswith("No duration is known of") for line in lines)


def test_json_has_bounds_orchestration_and_notes(cost: Callable[..., Result]) -> None:
    """docs/json-output.md."""
    shown = cost("--blueprint", "file_presence", "--json", "--region", "sa-east-1", "--price", "spark=0.6")
    found = json.loads(shown.stdout)
    by_name = {node["Name"]: node for node in found["Nodes"]}
    assert by_name["daily_orders_load"]["Least"] == {"DpuHours": 0.033333, "Usd": 0.02}
    assert by_name["daily_orders_look"]["Least"]["Usd"] is None
    assert found["Run"]["Most"] == {"DpuHours": None, "Usd": None}
    assert [one["Name"] for one in found["Orchestration"]] == ["Glue workflow", "Step Functions", "MWAA"]
    assert any("add --price shell=USD" in note for note in found["Notes"])


def test_prices_are_listed_with_their_sources(cost: Callable[..., Result]) -> None:
    """Each with unit, regions, source and date."""
    every = json.loads(cost("--prices", "--json").stdout)["Prices"]
    assert {"Name", "Usd", "Unit", "Regions", "Source", "Read"} == set(every[0])
    assert "spark-6" in cost("--prices").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a workflow, a run (wr_...), or a blueprint with --blueprint"),
        (("--blueprint", "nothing"), "nothing: neither a blueprint, nor a zip"),
        (
            ("--blueprint", "file_presence", "--price", "gold=1"),
            "--price: there is no price gold; there are",
        ),
        (("--blueprint", "file_presence", "--price", "spark=much"), "--price spark: 'much' is not a number"),
        (("--blueprint", "file_presence", "--price", "spark=-1"), "--price spark: -1 is not an amount"),
        (("--blueprint", "file_presence", "--duration", "load=soon"), "'soon' is not a duration"),
        (("--blueprint", "file_presence", "--duration", "sort=1m"), "'sort' is not one of the workflow's"),
        (("--blueprint", "file_presence", "--like", "wr_1"), "need a deployed workflow"),
        (("--blueprint", "file_presence", "--param", "Nothing=1"), "does not accept 1 parameter"),
        (("orders", "--params", "x.json"), "--params and --param are for --blueprint"),
    ],
)
def test_wrong_input_has_one_clear_error(
    cost: Callable[..., Result], arguments: tuple[str, ...], message: str
) -> None:
    """Each names what is wrong, and nothing is printed to stdout."""
    shown = cost(*arguments)
    assert shown.exit_code != 0
    assert message in " ".join(shown.stderr.split()), shown.stderr
    assert shown.stdout == ""
