"""One task that runs a workflow; how, comes from the DAG run's configuration."""

import os
from datetime import datetime, timedelta

from airflow import DAG

from glueprint.airflow.operators import GlueWorkflowRunOperator

CONF = "{{ dag_run.conf['%s'] }}"
PROPERTIES = {"day": "{{ ds }}", "mode": CONF % "mode", "seconds": "{{ dag_run.conf.get('seconds', 0) }}"}
with DAG("load_orders", start_date=datetime(2026, 1, 1), schedule=None) as dag:
    GlueWorkflowRunOperator(
        task_id="load",
        workflow_name=CONF % "workflow",
        run_properties=PROPERTIES,
        presence_key="file_presence",
        poll_seconds=0.2,
        deferrable=os.environ.get("DEFERRABLE") == "1",
        resume_failed=os.environ.get("RESUME_FAILED") == "1",
        retries=int(os.environ.get("RETRIES", "0")),
        retry_delay=timedelta(seconds=0.1),
    )
