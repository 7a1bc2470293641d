"""One query of Athena."""

from datetime import datetime

from airflow import DAG
from airflow.providers.amazon.aws.operators.athena import AthenaOperator

with DAG("query", start_date=datetime(2026, 1, 1), schedule=None):
    AthenaOperator(
        task_id="query",
        database="default",
        query="{{ dag_run.conf['sql'] }}",
        output_location="s3://airflow-tests/athena/",
        sleep_time=1,
    )
