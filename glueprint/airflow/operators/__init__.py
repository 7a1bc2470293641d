"""The operators."""

from glueprint.airflow.operators.workflow_run import GlueWorkflowRunOperator

__all__ = ["GlueWorkflowRunOperator"]
