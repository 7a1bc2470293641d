"""The operators."""

from glueprint.airflow.operators.blueprint_run import GlueBlueprintRunOperator
from glueprint.airflow.operators.presence_branch import GlueFilePresenceBranchOperator
from glueprint.airflow.operators.workflow_run import GlueWorkflowRunOperator

__all__ = ["GlueBlueprintRunOperator", "GlueFilePresenceBranchOperator", "GlueWorkflowRunOperator"]
