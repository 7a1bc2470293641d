"""The parameters of ``compaction``: problems all at once, and what the jobs get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from layout_modules import import_layout

ROOT = Path(__file__).parents[2]
read_settings = import_layout("compaction").read_settings


def parameters(**changes: Any) -> dict[str, Any]:
    """The defaults of the blueprint, and what has none."""
    spec = json.loads((ROOT / "blueprints/compaction/blueprint.cfg").read_text("utf-8"))["parameterSpec"]
    values = {name: one["defaultValue"] for name, one in spec.items() if "defaultValue" in one}
    given = {"WorkflowName": "tidy", "IAMRole": "r", "ScriptBucket": "scripts", "Database": "D", "Table": "Orders"}
    return {**values, **given, **changes}


def test_defaults_are_compaction_in_place() -> None:
    """README: nothing but the table must be given."""
    settings = read_settings(parameters())
    assert (settings.database, settings.table, settings.destination) == ("d", "orders", "")
    assert (settings.target_megabytes, settings.small_percent, settings.minimum_files) == (128, 50, 2)
    assert (settings.quiet_minutes, settings.grace_hours, settings.may_change) == (60, 24, False)
    assert settings.compression == "keep"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Database": "a b"}, "Database must consist of letters"),
        ({"Table": ""}, "Table must consist of letters"),
        ({"TargetMegabytes": 0}, "TargetMegabytes must be from 1 to 5120."),
        ({"SmallFilePercent": 101}, "SmallFilePercent must be from 0 to 100."),
        ({"MinimumFiles": 1}, "MinimumFiles must be 2 or more"),
        ({"QuietMinutes": -1}, "QuietMinutes must be 0 or more."),
        ({"GraceHours": -2}, "GraceHours must be -1 or more: -1 is never."),
        ({"PartitionFilter": "-x"}, "PartitionFilter must not start with a dash."),
        ({"SortColumns": ["a,b"]}, "SortColumns must be a list of column names"),
        ({"SortColumns": ["a", "A"]}, "SortColumns must not name a column twice"),
        ({"DestinationTable": "x"}, "DestinationTable must be empty, or DestinationLocation must be set"),
        ({"DestinationDatabase": "x"}, "DestinationDatabase must be empty, or DestinationLocation must be set"),
        ({"DestinationLocation": "x"}, "DestinationLocation must be empty or an S3 folder"),
        ({"DestinationLocation": "s3://b/x"}, "DestinationTable must not be empty"),
        (
            {"DestinationLocation": "s3://b/x", "DestinationTable": "ORDERS"},
            "DestinationTable must be another table than Table.",
        ),
    ],
)
def test_each_problem_names_its_parameter(changes: dict[str, Any], problem: str) -> None:
    """What does not fit together is refused before anything is made."""
    with pytest.raises(ValueError, match="The parameters do not fit together") as caught:
        read_settings(parameters(**changes))
    assert problem in str(caught.value)


def test_all_problems_are_reported_at_once() -> None:
    """One round of corrections, not three."""
    with pytest.raises(ValueError, match="fit together") as caught:
        read_settings(parameters(MinimumFiles=0, QuietMinutes=-1, GraceHours=-5))
    assert len(str(caught.value).splitlines()) == 4
