"""Evaluation and recommendation runs on a table, through boto3 as Airflow's operators use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, until

pytestmark = [pytest.mark.spark, pytest.mark.jobs]

SOURCE = {"GlueTable": {"DatabaseName": "shop", "TableName": "orders"}}
RECORDS = [
    {"id": 1, "amount": 5.5, "customer": "anna"},
    {"id": 2, "amount": 7.25, "customer": None},
    {"id": 3, "amount": 0.5, "customer": "bo"},
]
RULESET = """Rules = [
    RowCount between 1 and 10,
    IsComplete "customer",
    ColumnValues "amount" > 0,
    CustomSql "select count(*) from shop.orders where amount > 5" = 2
]"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a table of three orders."""
    with Server(tmp_path_factory.mktemp("quality") / "data") as server:
        s3, glue = server.client("s3"), server.client("glue")
        s3.create_bucket(Bucket="shop")
        body = "".join(json.dumps(one) + "\n" for one in RECORDS)
        s3.put_object(Bucket="shop", Key="orders/a.json", Body=body.encode())
        glue.create_database(DatabaseInput={"Name": "shop"})
        columns = [("id", "int"), ("amount", "double"), ("customer", "string")]
        glue.create_table(
            DatabaseName="shop",
            TableInput={
                "Name": "orders",
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "json"},
                "StorageDescriptor": {
                    "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
                    "Location": "s3://shop/orders/",
                    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
                },
            },
        )
        yield server


def _ended(read: Any, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = read(RunId=run_id)
        return None if run["Status"] in ("STARTING", "RUNNING", "STOPPING") else run

    return until(look)


def test_a_ruleset_is_evaluated_on_a_table(server: Server) -> None:
    """The calls of Airflow's data quality operators and of their hook (provider amazon 9)."""
    glue = server.client("glue")
    glue.create_data_quality_ruleset(
        Name="orders", Ruleset=RULESET, Description="AWS Glue Data Quality Rule Set With Airflow"
    )
    assert glue.get_data_quality_ruleset(Name="orders")["Ruleset"] == RULESET
    run_id = glue.start_data_quality_ruleset_evaluation_run(
        DataSource=SOURCE,
        Role=ROLE,
        NumberOfWorkers=5,
        Timeout=2880,
        RulesetNames=["orders"],
        AdditionalRunOptions={"ResultsS3Prefix": "s3://shop/results/"},
    )["RunId"]
    run = _ended(glue.get_data_quality_ruleset_evaluation_run, run_id)
    assert run["Status"] == "SUCCEEDED", run
    (result,) = glue.batch_get_data_quality_result(ResultIds=run["ResultIds"])["Results"]
    assert (result["Score"], result["RulesetName"], result["RulesetEvaluationRunId"]) == (
        0.75,
        "orders",
        run_id,
    ), result["RuleResults"]
    assert [(one["Name"], one["Result"]) for one in result["RuleResults"]] == [
        ("Rule_1", "PASS"),
        ("Rule_2", "FAIL"),
        ("Rule_3", "PASS"),
        ("Rule_4", "PASS"),
    ]
    assert result["RuleResults"][0]["EvaluatedMetrics"] == {"Dataset.*.RowCount": 3.0}
    listed = glue.list_data_quality_results(Filter={"DataSource": SOURCE})["Results"]
    assert [one["ResultId"] for one in listed] == run["ResultIds"]
    s3 = server.client("s3")
    (key,) = (one["Key"] for one in s3.list_objects_v2(Bucket="shop", Prefix="results/")["Contents"])
    lines = s3.get_object(Bucket="shop", Key=key)["Body"].read().decode().splitlines()
    first = json.loads(lines[0])
    assert (first["databaseName"], first["tableName"], first["dqRunId"]) == ("shop", "orders", run_id)
    assert [json.loads(line)["outcome"] for line in lines] == ["Passed", "Failed", "Passed", "Passed"]


def test_a_recommended_ruleset_is_true_for_the_table(server: Server) -> None:
    """Rules from a profile of the data, stored as a ruleset; each of them passes (service model)."""
    glue = server.client("glue")
    run_id = glue.start_data_quality_rule_recommendation_run(
        DataSource=SOURCE, Role=ROLE, CreatedRulesetName="recommended"
    )["RunId"]
    run = _ended(glue.get_data_quality_rule_recommendation_run, run_id)
    assert run["Status"] == "SUCCEEDED", run
    assert run["RecommendedRuleset"].splitlines() == [
        "Rules = [",
        "    RowCount between 1 and 7,",
        '    IsComplete "id",',
        '    Uniqueness "id" > 0.99,',
        '    ColumnValues "id" between 0 and 4,',
        '    IsComplete "amount",',
        '    Uniqueness "amount" > 0.99,',
        '    ColumnValues "amount" >= 0.5,',
        '    ColumnValues "amount" <= 7.25,',
        '    Completeness "customer" > 0.66,',
        '    Uniqueness "customer" > 0.99,',
        '    ColumnLength "customer" between -1 and 5',
        "]",
    ]
    stored = glue.get_data_quality_ruleset(Name="recommended")
    assert stored["RecommendationRunId"] == run_id
    evaluated = glue.start_data_quality_ruleset_evaluation_run(
        DataSource=SOURCE, Role=ROLE, RulesetNames=["recommended"]
    )["RunId"]
    done = _ended(glue.get_data_quality_ruleset_evaluation_run, evaluated)
    (result,) = glue.batch_get_data_quality_result(ResultIds=done["ResultIds"])["Results"]
    assert result["Score"] == 1.0, result


def test_a_run_that_cannot_be_evaluated_states_why(server: Server) -> None:
    """A missing dataset fails its rule; what only jobs evaluate is refused at the start (DG:dqdl, notes)."""
    glue = server.client("glue")
    for name, ruleset, reason in (
        ("dynamic", "Rules = [ RowCount > last() ]", "dynamic rules"),
        ("analysed", "Rules = [ RowCount > 0 ] Analyzers = [ RowCount ]", "analyzers"),
        ("labelled", 'Rules = [ RowCount > 0 labels=["a"="b"] ]', "labels"),
    ):
        glue.create_data_quality_ruleset(Name=name, Ruleset=ruleset)
        with pytest.raises(ClientError, match=f"has {reason}"):
            glue.start_data_quality_ruleset_evaluation_run(DataSource=SOURCE, Role=ROLE, RulesetNames=[name])
    with pytest.raises(ClientError, match=r"line 1, column 11: Rule Type: IsNotNull is not valid"):
        glue.create_data_quality_ruleset(Name="wrong", Ruleset='Rules = [ IsNotNull "id" ]')
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.start_data_quality_ruleset_evaluation_run(DataSource=SOURCE, Role=ROLE, RulesetNames=["none"])
    glue.create_data_quality_ruleset(Name="anomalies", Ruleset='Rules = [ DetectAnomalies "RowCount" ]')
    run_id = glue.start_data_quality_ruleset_evaluation_run(
        DataSource=SOURCE, Role=ROLE, RulesetNames=["anomalies"]
    )["RunId"]
    run = _ended(glue.get_data_quality_ruleset_evaluation_run, run_id)
    assert run["Status"] == "FAILED"
    assert "not supported locally: DQDL rule type DetectAnomalies" in run["ErrorString"]


def test_a_cancelled_run_is_stopped(server: Server) -> None:
    """CancelDataQualityRulesetEvaluationRun: STOPPING, then STOPPED, without results (service model)."""
    glue = server.client("glue")
    glue.create_data_quality_ruleset(Name="cancelled", Ruleset="Rules = [ RowCount > 0 ]")
    run_id = glue.start_data_quality_ruleset_evaluation_run(
        DataSource=SOURCE, Role=ROLE, RulesetNames=["cancelled"]
    )["RunId"]
    glue.cancel_data_quality_ruleset_evaluation_run(RunId=run_id)
    run = _ended(glue.get_data_quality_ruleset_evaluation_run, run_id)
    assert (run["Status"], run.get("ResultIds")) == ("STOPPED", None)
    with pytest.raises(ClientError, match="only an active run can be cancelled"):
        glue.cancel_data_quality_ruleset_evaluation_run(RunId=run_id)
