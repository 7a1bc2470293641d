"""A workflow is created from a blueprint, run, awaited, and a branch is chosen by what it found."""

import os
from datetime import datetime, timedelta

from airflow import DAG

from glueprint.airflow.operators import (
    GlueBlueprintRunOperator,
    GlueFilePresenceBranchOperator,
    GlueWorkflowRunOperator,
)
from glueprint.airflow.sensors import GlueWorkflowRunSensor

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
except ImportError:
    from airflow.operators.empty import EmptyOperator

CONF = "{{ dag_run.conf['%s'] }}"
DEFERRABLE = os.environ.get("DEFERRABLE") == "1"
with DAG("pieces", start_date=datetime(2026, 1, 1), schedule=None) as dag:
    create = GlueBlueprintRunOperator(
        task_id="create",
        blueprint_name="shop",
        parameters={"WorkflowName": CONF % "workflow", "Script": CONF % "script"},
        role_arn="arn:aws:iam::123456789012:role/glueprint",
        if_exists=os.environ.get("IF_EXISTS", "fail"),
        poll_seconds=0.2,
    )
    start = GlueWorkflowRunOperator(
        task_id="start",
        workflow_name="{{ ti.xcom_pull('create') }}",
        run_properties={"mode": CONF % "mode"},
        wait_for_completion=False,
    )
    run_id = "{{ ti.xcom_pull('start') }}"
    found = GlueWorkflowRunSensor(
        task_id="found",
        workflow_name="{{ ti.xcom_pull('create') }}",
        run_id=run_id,
        property_name="file_presence",
        poke_interval=0.2,
        timeout=60,
        deferrable=DEFERRABLE,
    )
    branch = GlueFilePresenceBranchOperator(
        task_id="branch",
        workflow_name="{{ ti.xcom_pull('create') }}",
        run_id=run_id,
        if_present=["ended"],
        if_missing="nothing_to_do",
    )
    ended = GlueWorkflowRunSensor(
        task_id="ended",
        workflow_name="{{ ti.xcom_pull('create') }}",
        run_id=run_id,
        poke_interval=0.2,
        timeout=60,
        deferrable=DEFERRABLE,
        retries=0,
        retry_delay=timedelta(0),
    )
    create >> start >> found >> branch >> [ended, EmptyOperator(task_id="nothing_to_do")]
