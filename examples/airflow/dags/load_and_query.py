"""After the load, Athena counts the table's rows and the day's, and a task fails if rows of the load are missing.

Only the id of the query is in XCom: AthenaOperator returns it, and the result stays in S3 until the next task
reads it through the hook.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator

from glueprint.airflow.operators import GlueFilePresenceBranchOperator, GlueWorkflowRunOperator

try:  # Airflow 3
    from airflow.providers.standard.operators.python import PythonOperator
except ImportError:  # Airflow 2
    from airflow.operators.python import PythonOperator

BUCKET = "orders-lake"


def compare(ti):
    """Return the number of the day's rows that Athena counted; fail if rows of the load are missing."""
    hook = AthenaHook(aws_conn_id="aws_default")
    answer = hook.get_query_results(ti.xcom_pull(task_ids="count"))
    _header, row = answer["ResultSet"]["Rows"]  # the first row of a SELECT has the names of the columns
    counted, of_day = (int(one["VarCharValue"]) for one in row["Data"])
    # The number of rows of the table after this load; a later day's load may have added some since.
    loaded = int(ti.xcom_pull(task_ids="load", key="run_properties")["file_presence.rows"])
    if counted < loaded or not of_day:
        raise ValueError(f"Athena counts {counted} rows, {of_day} of the day; after the load it was {loaded}")
    return of_day


with DAG(
    "load_and_query",
    start_date=datetime(2026, 1, 1),
    schedule="@daily",
    catchup=False,
    default_args={"execution_timeout": timedelta(hours=2)},
):
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
        if_present="count",
        if_missing=[],
    )
    count = AthenaOperator(
        task_id="count",
        database="shop",
        query="SELECT count(*), count_if(day = '{{ ds }}') FROM orders",
        output_location=f"s3://{BUCKET}/athena/{{{{ dag.dag_id }}}}/",
        sleep_time=1,  # the default is 30 seconds
    )
    load >> branch >> count >> PythonOperator(task_id="compare", python_callable=compare)
