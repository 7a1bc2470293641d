"""Several days, each by its logical date, and any of them again without a doubled row.

The run property ``logical_date`` chooses the day's files, not the day on which the run happens to start; the
workflow loads each file once (``LoadMode`` append) into the partition of its day. ``max_active_runs=1``: the days
are loaded one after the other, as the workflow's lock on its table requires.

    airflow dags backfill --start-date 2026-05-01 --end-date 2026-05-03 backfill    # Airflow 2
    airflow backfill create --from-date 2026-05-01 --to-date 2026-05-03 --dag-id backfill    # Airflow 3
"""

from datetime import datetime, timedelta

from airflow import DAG

from glueprint.airflow.operators import GlueWorkflowRunOperator

with DAG(
    "backfill",
    start_date=datetime(2026, 5, 1),
    schedule="@daily",
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=1)},
):
    GlueWorkflowRunOperator(
        task_id="load",
        workflow_name="orders",
        run_properties={"logical_date": "{{ ds }}"},
        presence_key="file_presence",
        resume_failed=True,
        poll_seconds=1,
    )
