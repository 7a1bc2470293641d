"""A script of Glue Studio, on a real server: outcomes, results that are served, files, the failed job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.local_server import GLUE_VERSION, ROLE, Server
from quality_studio import SCRIPT

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

GOOD = [{"id": 1, "customer": "a", "amount": 5}, {"id": 2, "customer": "b", "amount": 7}]
BAD = [*GOOD, {"id": 2, "customer": None, "amount": 9}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the job."""
    with Server(tmp_path_factory.mktemp("studio") / "data") as server:
        server.client("s3").create_bucket(Bucket="studio")
        command = {
            "Name": "glueetl",
            "ScriptLocation": server.put_script("studio.py", SCRIPT),
            "PythonVersion": "3",
        }
        server.client("glue").create_job(Name="studio", Role=ROLE, Command=command, GlueVersion=GLUE_VERSION)
        yield server


def _run(server: Server, records: list[dict[str, Any]]) -> dict[str, Any]:
    body = "".join(json.dumps(one) + "\n" for one in records)
    server.client("s3").put_object(Bucket="studio", Key="in/a.json", Body=body.encode())
    run_id = server.client("glue").start_job_run(JobName="studio")["JobRunId"]
    return server.finished_job_run("studio", run_id)


def _lines(server: Server, prefix: str) -> list[dict[str, Any]]:
    s3 = server.client("s3")
    found = s3.list_objects_v2(Bucket="studio", Prefix=prefix).get("Contents", [])
    texts = [
        s3.get_object(Bucket="studio", Key=one["Key"])["Body"].read().decode()
        for one in sorted(found, key=lambda one: one["LastModified"])
        if one["Key"].endswith(".json")
    ]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_the_script_of_glue_studio_runs_unchanged(server: Server, tmp_path: Path) -> None:
    """Rules, row-level results, the default ruleset, published results, S3 and the assertion that stops the job
    (DG:tutorial-data-quality; the script's form: public scripts that Glue Studio generated)."""
    good = _run(server, GOOD)
    assert good["JobRunState"] == "SUCCEEDED", good
    glue = server.client("glue")
    listed = glue.list_data_quality_results(Filter={"JobName": "studio"})["Results"]
    assert [one["JobRunId"] for one in listed] == [good["Id"]] * 2
    results = glue.batch_get_data_quality_result(ResultIds=[one["ResultId"] for one in listed])["Results"]
    by_context = {one["EvaluationContext"]: one for one in results}
    assert by_context["EvaluateDataQuality_node9"]["Score"] == 1.0
    mine = by_context["EvaluateDataQuality_node3"]
    assert [one["Result"] for one in mine["RuleResults"]] == ["PASS"] * 4
    assert mine["RuleResults"][2]["EvaluatedRule"] == "RowCount > -1"  # no earlier result: last() is 0.0
    assert mine["AnalyzerResults"][0]["EvaluatedMetrics"] == {"Column.customer.Completeness": 1.0}

    bad = _run(server, BAD)
    assert bad["JobRunState"] == "FAILED"
    assert bad["ErrorMessage"] == (
        "AssertionError: The job failed due to failing DQ rules for node: SQLQuery_node2"
    )
    second = glue.list_data_quality_results(Filter={"JobRunId": bad["Id"]})["Results"]
    details = [glue.get_data_quality_result(ResultId=one["ResultId"]) for one in second]
    (mine,) = (one for one in details if one["EvaluationContext"] == "EvaluateDataQuality_node3")
    assert mine["Score"] == 0.5
    assert [(one["Result"], one.get("EvaluationMessage")) for one in mine["RuleResults"]] == [
        ("FAIL", "Value: 0.6666666666666666 does not meet the constraint requirement!"),
        ("PASS", None),
        ("PASS", None),
        ("FAIL", "Value: 0.3333333333333333 does not meet the constraint requirement!"),
    ]
    assert mine["RuleResults"][2]["EvaluatedRule"] == "RowCount > 1"  # the first run had 2 rows
    rows = sorted(_lines(server, "rows/"), key=lambda one: one["amount"])
    assert [one["DataQualityEvaluationResult"] for one in rows] == ["Passed", "Failed", "Failed"]
    assert rows[2]["DataQualityRulesFail"] == ['IsComplete "customer"', 'IsUnique "id"']
    assert rows[2]["DataQualityRulesSkip"] == ["RowCount > last() - 1"]
    written = _lines(server, "results/year=")
    assert [one["outcome"] for one in written] == ["Passed"] * 4 + ["Failed", "Passed", "Passed", "Failed"]
    assert set(written[0]) == {
        "catalogId",
        "databaseName",
        "tableName",
        "dqRunId",
        "evaluationStartedOn",
        "evaluationCompletedOn",
        "rule",
        "outcome",
        "failureReason",
        "evaluatedMetrics",
    }
