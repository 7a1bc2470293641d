"""The Amazon provider's AthenaOperator in a real Airflow, against Athena here."""

from __future__ import annotations

import pytest
from airflow_glue import BUCKET, GlueServer
from dag_folder import DagFolder

pytestmark = pytest.mark.airflow


def test_a_query_that_fails_fails_the_task_with_athenas_reason(dags: DagFolder, glue_server: GlueServer) -> None:
    """AthenaOperator reads StateChangeReason of GetQueryExecution (apache-airflow-providers-amazon)."""
    glue_server.client("s3").create_bucket(Bucket=BUCKET)
    good = dags.run("query", conf={"sql": "SELECT 1"})
    assert good.state == "success", good.output
    bad = dags.run("query", conf={"sql": "SELECT * FROM nothing"})
    assert bad.state == "failed"
    assert "TABLE_NOT_FOUND" in bad.output
    execution = glue_server.client("athena").get_query_execution(QueryExecutionId=good.xcom_of("query"))
    assert execution["QueryExecution"]["Status"]["State"] == "SUCCEEDED"
