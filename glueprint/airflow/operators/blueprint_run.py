"""The operator that creates a workflow from a blueprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from airflow.providers.amazon.aws.operators.base_aws import AwsBaseOperator
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.runs.blueprint_run import BlueprintTask, IfExists
from glueprint.airflow.runs.tags import is_retry
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS
from glueprint.airflow.task_errors import task_errors


class GlueBlueprintRunOperator(AwsBaseOperator[GlueWorkflowHook]):
    """Runs a blueprint's layout, and waits until its workflow exists.

    Every wrong parameter is reported before anything is created; a layout that fails fails the task with its
    message, after Glue has removed what it had created (ROLLING_BACK). A retry waits for the run that an earlier
    try started, or takes its result. Glue cannot stop a blueprint run: if the task is ended, the run goes on.

    XCom: ``return_value`` is the workflow's name, ``blueprint_run_id`` the run's id (none if the workflow was
    kept).

    Args:
        blueprint_name: the blueprint (templated).
        parameters: its parameters as JSON values (templated); a template always makes text.
        role_arn: the role that creates the resources (templated).
        if_exists: ``fail``, ``keep`` (the blueprint is not run) or ``replace`` (if the new run fails, the old
            workflow and its triggers are created again) the workflow that the parameter ``WorkflowName``
            names.
        poll_seconds: the time between two polls.
        patience_seconds: for how long Glue may not answer.
        kwargs: ``aws_conn_id``, ``region_name``, ``verify``, ``botocore_config``, and those of every operator.
    """

    aws_hook_class = GlueWorkflowHook
    template_fields: Sequence[str] = aws_template_fields("blueprint_name", "parameters", "role_arn")
    template_fields_renderers: ClassVar[dict[str, str]] = {"parameters": "json"}
    ui_color = "#cfe8d5"

    def __init__(
        self,
        *,
        blueprint_name: str,
        parameters: Mapping[str, Any],
        role_arn: str,
        if_exists: IfExists = "fail",
        poll_seconds: float = 5.0,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if if_exists not in ("fail", "keep", "replace"):
            raise ValueError(f"if_exists is 'fail', 'keep' or 'replace', not {if_exists!r}")
        self.blueprint_name = blueprint_name
        self.parameters = parameters
        self.role_arn = role_arn
        self.if_exists = if_exists
        self.poll_seconds = poll_seconds
        self.patience_seconds = patience_seconds

    def execute(self, context: Any) -> str | None:
        """Run the blueprint, and return the workflow's name."""
        start = getattr(context.get("dag_run"), "start_date", None)
        with task_errors(self.aws_conn_id):
            run = BlueprintTask(
                session=self.hook.glue_session(),
                once=self.hook.once,
                blueprint=self.blueprint_name,
                parameters=self.parameters,
                role=self.role_arn,
                if_exists=self.if_exists,
                retry_since=start if is_retry(context["ti"], self.retries) else None,
                log=self.log.info,
                poll_seconds=self.poll_seconds,
                patience_seconds=self.patience_seconds,
            ).run()
        if run.run_id:
            context["ti"].xcom_push(key="blueprint_run_id", value=run.run_id)
        return run.workflow
