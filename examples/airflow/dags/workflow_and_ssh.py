"""The same in three tasks: create the workflow unless it exists, run it, and let the host know.

The workflow comes from the blueprint ``file_presence``: it looks for the day's files, loads them, and puts the run
property ``file_presence``. The operator pushes it as a boolean.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.ssh.operators.ssh import SSHOperator

from glueprint.airflow.operators import GlueBlueprintRunOperator, GlueWorkflowRunOperator

BUCKET = "orders-lake"
ROLE = "arn:aws:iam::123456789012:role/GlueOrders"

with DAG(
    "workflow_and_ssh",
    start_date=datetime(2026, 1, 1),
    schedule="@daily",
    catchup=False,
    default_args={"retries": 1, "retry_delay": timedelta(seconds=1), "execution_timeout": timedelta(hours=2)},
):
    create = GlueBlueprintRunOperator(
        task_id="create",
        blueprint_name="file_presence",
        parameters={
            "WorkflowName": "orders",
            "IAMRole": ROLE,
            "ScriptBucket": BUCKET,
            "Location": f"s3://{BUCKET}/orders/",
            "FilePattern": "{date:%Y-%m-%d}/*.csv",
            "DestinationLocation": f"s3://{BUCKET}/tables/orders/",
            "DestinationDatabase": "shop",
            "PartitionKeys": ["day"],
            "LoadMode": "append",
            "MinimumRows": 2,
            "MaxRetries": 0,
        },
        role_arn=ROLE,
        if_exists="keep",
        poll_seconds=1,
    )
    load = GlueWorkflowRunOperator(
        task_id="load",
        workflow_name=create.output,
        run_properties={"logical_date": "{{ ds }}"},
        presence_key="file_presence",
        poll_seconds=1,
    )
    report = SSHOperator(
        task_id="report",
        ssh_conn_id="warehouse_host",
        command=(
            "{% set found = ti.xcom_pull(task_ids='load', key='run_properties') %}"
            "{% if ti.xcom_pull(task_ids='load', key='file_presence') %}"
            "echo 'import {{ ds }}: the table has {{ found['file_presence.rows'] }} rows' >> import.log"
            "{% else %}"
            "echo 'nothing for {{ ds }}' >> import.log"
            "{% endif %}"
        ),
        cmd_timeout=60,
    )
    create >> load >> report
