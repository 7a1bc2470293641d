"""The wait costs no worker, and each outcome has tasks of its own.

A failed workflow fails ``load``; ``alarm`` runs only then, and the DAG run still counts as failed, because
``alarm`` is not its only last task.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.ssh.operators.ssh import SSHOperator

from glueprint.airflow.operators import GlueFilePresenceBranchOperator, GlueWorkflowRunOperator

with DAG(
    "deferrable_branch",
    start_date=datetime(2026, 1, 1),
    schedule="@daily",
    catchup=False,
    default_args={"ssh_conn_id": "warehouse_host", "cmd_timeout": 60},
):
    load = GlueWorkflowRunOperator(
        task_id="load",
        workflow_name="orders",
        run_properties={"logical_date": "{{ ds }}"},
        presence_key="file_presence",
        deferrable=True,
        execution_timeout=timedelta(hours=2),
        poll_seconds=1,
    )
    branch = GlueFilePresenceBranchOperator(
        task_id="branch",
        workflow_name="orders",
        run_id=load.output,
        if_present="import_rows",
        if_missing="remind_sender",
    )
    import_rows = SSHOperator(task_id="import_rows", command="echo 'import {{ ds }}' >> import.log")
    remind_sender = SSHOperator(task_id="remind_sender", command="echo 'remind {{ ds }}' >> import.log")
    alarm = SSHOperator(
        task_id="alarm", command="echo 'load of {{ ds }} failed' >> import.log", trigger_rule="one_failed"
    )
    load >> branch >> [import_rows, remind_sender]
    load >> alarm
