"""Names of Airflow that are in other modules in Airflow 2 and 3."""

from __future__ import annotations

try:  # Airflow 3
    from airflow.sdk.exceptions import AirflowException, AirflowSkipException
except ImportError:
    from airflow.exceptions import AirflowException, AirflowSkipException

try:
    from airflow.sdk.bases.sensor import PokeReturnValue
except ImportError:
    from airflow.sensors.base import PokeReturnValue

try:
    from airflow.providers.standard.operators.branch import BaseBranchOperator
except ImportError:
    from airflow.operators.branch import BaseBranchOperator

__all__ = ["AirflowException", "AirflowSkipException", "BaseBranchOperator", "PokeReturnValue"]
