"""The parameters of ``partitioning``: problems all at once, and what the jobs get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from layout_modules import import_layout

ROOT = Path(__file__).parents[2]
read_settings = import_layout("partitioning").read_settings


def parameters(**changes: Any) -> dict[str, Any]:
    """The defaults of the blueprint, and what has none."""
    spec = json.loads((ROOT / "blueprints/partitioning/blueprint.cfg").read_text("utf-8"))["parameterSpec"]
    values = {name: one["defaultValue"] for name, one in spec.items() if "defaultValue" in one}
    needed = {"WorkflowName": "cut", "IAMRole": "r", "ScriptBucket": "scripts", "Database": "D", "Table": "Orders"}
    destination = {"DestinationLocation": "s3://lake/cut", "DestinationTable": "Cut"}
    return {**values, **needed, **destination, "PartitionColumns": ["Carrier", ""], **changes}


def test_values_are_in_their_normal_form() -> None:
    """Lower case, as Glue stores names; folders end with a slash."""
    settings = read_settings(parameters())
    assert (settings.database, settings.table, settings.partition_columns) == ("d", "orders", ("carrier",))
    assert (settings.destination, settings.destination_database) == ("s3://lake/cut/", "d")
    assert (settings.destination_table, settings.granularity, settings.compression) == ("cut", "day", "snappy")
    assert (settings.target_megabytes, settings.maximum_partitions) == (128, 10_000)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Database": "a b"}, "Database must consist of letters"),
        ({"Table": ""}, "Table must consist of letters"),
        ({"PartitionFilter": "-x"}, "PartitionFilter must not start with a dash."),
        ({"TargetMegabytes": 0}, "TargetMegabytes must be from 1 to 5120."),
        ({"MaximumPartitions": 0}, "MaximumPartitions must be from 1 to 1000000."),
        ({"DestinationLocation": "x"}, "DestinationLocation must be an S3 folder"),
        ({"DestinationTable": "orders"}, "DestinationTable must be another table than Table."),
        ({"DestinationDatabase": "a b"}, "DestinationDatabase must consist of letters"),
        ({"PartitionColumns": ["a,b"]}, "PartitionColumns must be a list of column names"),
        ({"PartitionColumns": ["a", "A"]}, "PartitionColumns must not name a column twice"),
        ({"PartitionColumns": [""]}, "PartitionColumns or TimestampColumn must be set, and not both."),
        ({"TimestampColumn": "at"}, "PartitionColumns or TimestampColumn must be set, and not both."),
        ({"PartitionColumns": [""], "TimestampColumn": "-at"}, "TimestampColumn must not start with a dash."),
        ({"PartitionIndex": True, "PartitionProjection": True}, "PartitionIndex must be false"),
    ],
)
def test_each_problem_names_its_parameter(changes: dict[str, Any], problem: str) -> None:
    """What does not fit together is refused before anything is made."""
    with pytest.raises(ValueError, match="The parameters do not fit together") as caught:
        read_settings(parameters(**changes))
    assert problem in str(caught.value)
