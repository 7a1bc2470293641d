"""After the load, an SNS topic gets the number of rows of the table; data stays in S3."""

from datetime import datetime

from airflow import DAG
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator

from glueprint.airflow.operators import GlueFilePresenceBranchOperator, GlueWorkflowRunOperator

TOPIC = "arn:aws:sns:us-east-1:123456789012:orders-loaded"

with DAG("load_and_notify", start_date=datetime(2026, 1, 1), schedule="@daily", catchup=False):
    load = GlueWorkflowRunOperator(
        task_id="load",
        workflow_name="orders",
        run_properties={"logical_date": "{{ ds }}"},
        presence_key="file_presence",
        poll_seconds=1,
    )
    branch = GlueFilePresenceBranchOperator(
        task_id="branch",
        workflow_name="orders",
        run_id=load.output,
        if_present="notify",
        if_missing=[],
    )
    notify = SnsPublishOperator(
        task_id="notify",
        target_arn=TOPIC,
        subject="orders of {{ ds }}",
        message="the table has {{ ti.xcom_pull('load', key='run_properties')['file_presence.rows'] }} rows",
    )
    load >> branch >> notify
