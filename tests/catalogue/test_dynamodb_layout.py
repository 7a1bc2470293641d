"""The layout of ``s3_to_dynamodb``, run from its built zip by the layout host as Glue would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_catalogue_layout import ACCOUNT, endpoint, jobs  # noqa: F401 - a fixture
from test_conversion_layout import KEYS

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, LayoutResult, run_layout

ROOT = Path(__file__).parents[2]
GIVEN = {
    "WorkflowName": "orders",
    "IAMRole": f"arn:aws:iam::{ACCOUNT}:role/glue",
    "ScriptBucket": "scripts",
    "Location": "s3://landing/in",
    "TableName": "Orders.v2",
}


def layout(address: str, **changes: Any) -> LayoutResult:
    """Run the layout with these parameters."""
    archive = read_archive(write_archive(bundle(ROOT, "s3_to_dynamodb")), "s3_to_dynamodb")
    config = parse_config(archive.files["s3_to_dynamodb/blueprint.cfg"])
    return run_layout(
        archive,
        config,
        config.spec.resolve({**GIVEN, **changes}),
        {"region": "us-east-1", "accountId": ACCOUNT},
        environment={**KEYS, "AWS_ENDPOINT_URL": address},
        suffix="x1",
    )


def test_every_parameter_reaches_a_job(endpoint: str) -> None:  # noqa: F811 - the fixture
    """Three jobs; each value is an argument of the job that needs it."""
    result = layout(
        endpoint, WritePercent=30, WriteUnits=0, DuplicateKeys="last", MaximumBadRecords=3, NullText="NA"
    )
    assert list(jobs(result)) == ["look", "load", "report"]
    found = jobs(result)["load"]["DefaultArguments"]
    expected = {
        "table": "Orders.v2",
        "write_percent": "30",
        "write_units": "0",
        "duplicate_keys": "last",
        "maximum_bad_records": "3",
        "null_text": "NA",
        "bad_records": "s3://scripts/glueprint/bad_records/orders/",
        "lock_folder": "s3://scripts/glueprint/locks/orders/",
    }
    assert {name: found["--" + name] for name in expected} == expected
    assert jobs(result)["look"]["DefaultArguments"]["--location"] == "s3://landing/in/"


def test_all_problems_are_reported_at_once() -> None:
    """Each problem names its parameter; nothing is created."""
    with pytest.raises(LayoutError) as caught:
        layout(
            "http://127.0.0.1:9",
            TableName="a b",
            WritePercent=101,
            WriteUnits=-1,
            BadRecordsLocation="x",
            Quote="",
        )
    for name in ("TableName", "WritePercent", "WriteUnits", "BadRecordsLocation", "Quote"):
        assert f"{name} must" in str(caught.value)
