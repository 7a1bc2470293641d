"""Names of Airflow that are in other modules in Airflow 2 and 3."""

from __future__ import annotations

try:  # Airflow 3
    from airflow.sdk.exceptions import AirflowException
except ImportError:
    from airflow.exceptions import AirflowException

try:
    from airflow.providers.standard.operators.branch import BaseBranchOperator
except ImportError:
    from airflow.operators.branch import BaseBranchOperator

__all__ = ["AirflowException", "BaseBranchOperator"]
