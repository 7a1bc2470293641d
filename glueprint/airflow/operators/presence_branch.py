"""The operator that chooses tasks by a presence marker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glueprint.airflow.airflow_names import AirflowException, BaseBranchOperator
from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.runs.verdict import WrongMarker, presence_value
from glueprint.airflow.task_errors import task_errors


class GlueFilePresenceBranchOperator(BaseBranchOperator):
    """Chooses the tasks that follow by the presence marker of a workflow run.

    The marker is read from the run itself. A marker that is missing, or neither "true" nor "false", fails the
    task: no branch is chosen by chance.

    Args:
        workflow_name: the workflow (templated).
        run_id: its run (templated), such as ``load.output`` of a :class:`GlueWorkflowRunOperator`.
        if_present: ids of tasks or task groups that follow if the input is there.
        if_missing: the same, if it is not.
        presence_key: the run property (templated).
        aws_conn_id: the connection.
        region_name: the region.
        kwargs: those of every operator.
    """

    template_fields: Sequence[str] = ("workflow_name", "run_id", "presence_key", "aws_conn_id", "region_name")
    ui_color = "#e8e3cf"

    def __init__(
        self,
        *,
        workflow_name: str,
        run_id: str,
        if_present: str | Sequence[str],
        if_missing: str | Sequence[str],
        presence_key: str = "file_presence",
        aws_conn_id: str | None = "aws_default",
        region_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.workflow_name = workflow_name
        self.run_id = run_id
        self.if_present = if_present
        self.if_missing = if_missing
        self.presence_key = presence_key
        self.aws_conn_id = aws_conn_id
        self.region_name = region_name

    def choose_branch(self, context: Any) -> str | list[str]:
        """Return the ids of the tasks that follow."""
        with task_errors(self.aws_conn_id):
            hook = GlueWorkflowHook(aws_conn_id=self.aws_conn_id, region_name=self.region_name)
            properties = hook.conn.get_workflow_run_properties(Name=self.workflow_name, RunId=self.run_id)
        name = f"workflow {self.workflow_name} run {self.run_id}"
        try:
            is_present = presence_value(properties["RunProperties"], self.presence_key, name)
        except WrongMarker as error:
            raise AirflowException(str(error)) from error
        self.log.info("%s of %s is %s", self.presence_key, name, is_present)
        chosen = self.if_present if is_present else self.if_missing
        return chosen if isinstance(chosen, str) else list(chosen)
