"""Airflow starts a Glue job, the job states whether the file was there, and a command on a host depends on it.

The pattern of many tutorials, with the operators that the Amazon and SSH providers have. Four things differ from
what is commonly written, and each is a bug there:

* **The flag comes from the job.** ``JobRunState == "SUCCEEDED"`` cannot be one: GlueJobOperator raises for every
  other state, so it is never false when anyone reads it.
* **The flag is a boolean.** The text ``"false"`` counts as true, in Jinja's ``{% if %}`` and in Python.
* **Clients come from the hook.** ``boto3.client("glue")`` ignores the Airflow connection, its region and its role.
* **No provide_context.** The context is an argument since Airflow 2; Airflow 3 refuses ``provide_context=True``.
"""

import json
from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.ssh.operators.ssh import SSHOperator

try:  # Airflow 3
    from airflow.providers.standard.operators.python import PythonOperator
except ImportError:  # Airflow 2
    from airflow.operators.python import PythonOperator

BUCKET = "orders-lake"


def read_presence(ti, job_name):
    """Return what the job run has stated: a boolean, or an error if it is neither true nor false."""
    run_id = ti.xcom_pull(task_ids="look_for_files")
    glue = AwsBaseHook(aws_conn_id="aws_default", client_type="glue").conn
    run = glue.get_job_run(JobName=job_name, RunId=run_id)["JobRun"]
    bucket, _, key = run["Arguments"]["--result"].removeprefix("s3://").partition("/")
    s3 = AwsBaseHook(aws_conn_id="aws_default", client_type="s3").conn
    result = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    if not isinstance(result["file_presence"], bool):
        raise ValueError(f"file_presence in s3://{bucket}/{key} is {result['file_presence']!r}, not a boolean")
    return result["file_presence"]


with DAG(
    "job_and_ssh",
    start_date=datetime(2026, 1, 1),
    schedule="@daily",
    catchup=False,
    default_args={"retries": 1, "retry_delay": timedelta(seconds=5), "execution_timeout": timedelta(hours=1)},
):
    look = GlueJobOperator(
        task_id="look_for_files",
        job_name="look_for_orders",
        script_args={
            "--location": f"s3://{BUCKET}/orders/{{{{ ds }}}}/",
            # One object for each DAG run, the same for each try: a retry overwrites it.
            "--result": f"s3://{BUCKET}/presence/{{{{ dag.dag_id }}}}/{{{{ ds }}}}.json",
        },
        verbose=True,  # else the task's log says only that the state is FAILED
        stop_job_run_on_kill=True,
        job_poll_interval=2,
    )
    presence = PythonOperator(
        task_id="read_presence", python_callable=read_presence, op_kwargs={"job_name": "look_for_orders"}
    )
    report = SSHOperator(
        task_id="report",
        ssh_conn_id="warehouse_host",  # with host_key in its extra: else no host is verified
        command=(
            "{% if ti.xcom_pull(task_ids='read_presence') %}"
            "echo 'import {{ ds }}' >> import.log"
            "{% else %}"
            "echo 'nothing for {{ ds }}' >> import.log"
            "{% endif %}"
        ),
        cmd_timeout=60,
    )
    look >> presence >> report
