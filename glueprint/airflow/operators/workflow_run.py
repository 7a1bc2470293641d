"""The operator that runs a Glue workflow as one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from airflow.configuration import conf
from airflow.providers.amazon.aws.operators.base_aws import AwsBaseOperator
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from glueprint.airflow.airflow_names import AirflowException
from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.lineage import lineage_of
from glueprint.airflow.links import GlueWorkflowRunLink
from glueprint.airflow.runs.beginning import Beginning, stop_run
from glueprint.airflow.runs.lookup import tagged_runs
from glueprint.airflow.runs.tags import TaskTag, is_retry
from glueprint.airflow.runs.verdict import WrongMarker, judge, presence
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS, NodeLogs, RunWatcher
from glueprint.airflow.task_errors import task_errors
from glueprint.airflow.triggers import GlueWorkflowRunTrigger
from glueprint.client.runs import RunView

DEFAULT_POLL_SECONDS = 30.0


class GlueWorkflowRunOperator(AwsBaseOperator[GlueWorkflowHook]):
    """Runs a Glue workflow, and waits for its end.

    A task instance never has two active runs: a retry takes over the run of an earlier try, or its result, and
    only a task that was cleared starts over. The rules are those of :mod:`glueprint.airflow.runs.beginning`.

    XCom: ``return_value`` and ``run_id`` are the run's id, ``run_properties`` its properties (text to text), and,
    with ``presence_key``, that key is a boolean. They are pushed before the task fails, too.

    Args:
        workflow_name: the workflow's full name (templated).
        run_properties: run properties for the run (templated); values become text.
        presence_key: the run property that is a presence marker, such as ``file_presence`` (templated). It must be
            "true" or "false" at the end of a run that succeeded.
        wait_for_completion: False only starts the run, and pushes ``run_id``.
        deferrable: wait in the triggerer.
        poll_seconds: the time between two polls.
        verbose: copy the log lines of all nodes to the task's log.
        resume_failed: a retry resumes its failed run from the nodes that failed, instead of starting a new one.
        stop_on_kill: stop the run if the task is ended or cleared.
        patience_seconds: for how long Glue may not answer.
        kwargs: ``aws_conn_id``, ``region_name``, ``verify``, ``botocore_config``, and those of every operator.
    """

    aws_hook_class = GlueWorkflowHook
    template_fields: Sequence[str] = aws_template_fields("workflow_name", "run_properties", "presence_key")
    template_fields_renderers: ClassVar[dict[str, str]] = {"run_properties": "json"}
    operator_extra_links = (GlueWorkflowRunLink(),)
    ui_color = "#cfe8d5"

    def __init__(
        self,
        *,
        workflow_name: str,
        run_properties: Mapping[str, Any] | None = None,
        presence_key: str | None = None,
        wait_for_completion: bool = True,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_seconds: float = DEFAULT_POLL_SECONDS,
        verbose: bool = True,
        resume_failed: bool = False,
        stop_on_kill: bool = True,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.workflow_name = workflow_name
        self.run_properties = run_properties
        self.presence_key = presence_key
        self.wait_for_completion = wait_for_completion
        self.deferrable = deferrable
        self.poll_seconds = poll_seconds
        self.verbose = verbose
        self.resume_failed = resume_failed
        self.stop_on_kill = stop_on_kill
        self.patience_seconds = patience_seconds
        self._tag: TaskTag | None = None
        self._run_id: str | None = None
        self._ended: RunView | None = None

    def execute(self, context: Any) -> str | None:
        """Begin the run and wait for its end, or defer."""
        self._tag = TaskTag.of(context["ti"])
        with task_errors(self.aws_conn_id):
            found = self._beginning(context, self._tag).begin()
        self._run_id = found.run_id
        context["ti"].xcom_push(key="run_id", value=found.run_id)
        GlueWorkflowRunLink.store(context, self, self.hook, self.workflow_name, found.run_id)
        if not self.wait_for_completion:
            return found.run_id
        if self.deferrable:
            self._defer(found.run_id)
        with task_errors(self.aws_conn_id):
            ended = self._watcher(found.run_id).watch(self.poll_seconds)
        return self._finish(context, ended)

    def execute_complete(self, context: Any, event: Mapping[str, Any] | None = None) -> str:
        """Go on after the trigger's event."""
        event = event or {}
        run_id = event.get("run_id")
        if event.get("status") == "error" or run_id is None:
            raise AirflowException(
                f"waiting for workflow {self.workflow_name} run {run_id} ended: {event.get('message')}; "
                "the run may go on, and a retry of the task takes it over"
            )
        self._run_id = str(run_id)
        with task_errors(self.aws_conn_id):
            watcher = RunWatcher(
                self.hook.conn,
                self.workflow_name,
                self._run_id,
                log=self.log.info,
                reports=False,
                patience_seconds=self.patience_seconds,
            )
            ended = watcher.watch(self.poll_seconds)
        return self._finish(context, ended)

    def on_kill(self) -> None:
        """Stop the run, also if the task is killed before StartWorkflowRun was answered."""
        if not self.stop_on_kill or self._tag is None:
            return
        run_ids = [self._run_id] if self._run_id is not None else self._active_runs(self._tag)
        for run_id in run_ids:
            stop_run(self.hook.conn, self.workflow_name, run_id, self.log.info)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Return the run's data sets for OpenLineage."""
        return lineage_of(self._ended)

    def _active_runs(self, tag: TaskTag) -> list[str]:
        runs = tagged_runs(self.hook.conn, self.workflow_name, tag.task)
        return [run.run_id for run in runs if run.sequence == tag.sequence and run.status == "RUNNING"]

    def _beginning(self, context: Any, tag: TaskTag) -> Beginning:
        dag_run = context.get("dag_run")
        return Beginning(
            glue=self.hook.conn,
            once=self.hook.once,
            workflow=self.workflow_name,
            tag=tag,
            properties={str(key): _text(value) for key, value in (self.run_properties or {}).items()},
            is_retry=is_retry(context["ti"], self.retries),
            resume_failed=self.resume_failed,
            not_before=getattr(dag_run, "start_date", None),
            stop_earlier=self.stop_on_kill,
            presence_key=self.presence_key,
            log=self.log.info,
            poll_seconds=self.poll_seconds,
            patience_seconds=self.patience_seconds,
        )

    def _watcher(self, run_id: str) -> RunWatcher:
        logs = NodeLogs(lambda: self.hook.logs, self.log.info) if self.verbose else None
        return RunWatcher(
            self.hook.conn,
            self.workflow_name,
            run_id,
            log=self.log.info,
            node_logs=logs,
            patience_seconds=self.patience_seconds,
        )

    def _defer(self, run_id: str) -> None:
        self.defer(
            trigger=GlueWorkflowRunTrigger(
                workflow_name=self.workflow_name,
                run_id=run_id,
                poll_seconds=self.poll_seconds,
                verbose=self.verbose,
                stop_on_kill=self.stop_on_kill,
                patience_seconds=self.patience_seconds,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
                verify=self.verify,
                botocore_config=self.botocore_config,
            ),
            method_name="execute_complete",
            timeout=self.execution_timeout,
        )

    def _finish(self, context: Any, run: RunView) -> str:
        """Push what the run recorded, and return its id or raise why it failed."""
        self._ended = run
        ti = context["ti"]
        ti.xcom_push(key="run_properties", value=dict(run.properties))
        verdict = judge(run, self.presence_key)
        wrong: WrongMarker | None = None
        if self.presence_key is not None:
            try:
                ti.xcom_push(key=self.presence_key, value=presence(run, self.presence_key))
            except WrongMarker as error:
                wrong = error
        if not verdict.is_success:
            raise AirflowException(verdict.text)
        if wrong is not None:
            raise AirflowException(str(wrong))
        self.log.info(verdict.text)
        return run.run_id


def _text(value: Any) -> str:
    """Return a run property's value: a boolean as Glueprint's jobs and the presence marker write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
