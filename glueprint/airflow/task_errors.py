"""One clear message in the task's log for what a person can fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glueprint.airflow.airflow_names import AirflowException
from glueprint.airflow.runs.connection import explained
from glueprint.airflow.runs.transient import BOTOCORE_ERRORS
from glueprint.client.errors import GlueprintError


@contextmanager
def task_errors(aws_conn_id: str | None) -> Iterator[None]:
    """Fail the task with the message and remedy of an error of Glueprint, or of a request."""
    try:
        yield
    except GlueprintError as error:
        raise AirflowException(str(error)) from error
    except BOTOCORE_ERRORS as error:
        raise AirflowException(str(explained(error, aws_conn_id))) from error
