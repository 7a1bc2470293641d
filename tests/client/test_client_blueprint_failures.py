"""Advice about failed blueprint runs, from the texts of DG:blueprint_workflow_troubleshoot, IAM and S3."""

from __future__ import annotations

import pytest

from glueprint.client.blueprint_failures import FailedBlueprintRun, advice

ROLE = "arn:aws:iam::123456789012:role/Runs"
ETL = "arn:aws:iam::123456789012:role/Etl"
LAYOUT = "Unknown error executing layout generator function"


def failed(error: str) -> FailedBlueprintRun:
    """A run that failed with this message."""
    return FailedBlueprintRun(error, "orders", ROLE, "nightly", {"ScriptBucket": "scripts"})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("Trigger with name 'foo_starting_trigger' already submitted with different configuration", "--replace"),
        ("Workflow with name: nightly already exists.", "`glueprint delete nightly`"),
        (f"{LAYOUT} ModuleNotFoundError: No module named 'pyspark'", "without Spark and without pyspark"),
        (
            f"{LAYOUT} FileNotFoundError: [Errno 2] No such file or directory: '/tmp/compaction/blueprint.cfg'",
            "/tmp/compaction/blueprint.cfg is not there",
        ),
        (
            f"User: {ROLE} is not authorized to perform: iam:PassRole on resource: {ETL}",
            f"allow {ROLE} to pass {ETL} to glue.amazonaws.com",
        ),
        (
            f"{LAYOUT} ClientError: An error occurred (AccessDenied): User: x is not authorized to perform: "
            "s3:PutObject on resource: y",
            "allow s3:PutObject there",
        ),
        (f"{LAYOUT} ClientError: An error occurred (NoSuchBucket)", "create the bucket of ScriptBucket first"),
        ("ResourceNumberLimitExceededException: jobs", "quota"),
        (f"{LAYOUT} ValueError: no", "glueprint check orders --params FILE"),
    ],
)
def test_known_reasons_have_a_remedy(error: str, expected: str) -> None:
    """Each text that is known leads to what the user can do."""
    assert expected in " ".join(advice(failed(error)))


def test_unknown_reasons_have_none() -> None:
    """Nothing is guessed; a layout's own message with its line needs no more."""
    assert advice(failed("Something else")) == []
    assert advice(failed(f"{LAYOUT} ValueError: no (at layouts/orders.py:7)")) == []
