"""The sensor that waits for a workflow run, or for one of its run properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.configuration import conf
from airflow.providers.amazon.aws.sensors.base_aws import AwsBaseSensor
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from glueprint.airflow.airflow_names import AirflowException, AirflowSkipException, PokeReturnValue
from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.runs.awaiting import Awaited, EndedOtherwise
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS, RunWatcher
from glueprint.airflow.task_errors import task_errors
from glueprint.airflow.triggers import GlueWorkflowRunTrigger
from glueprint.client.runs import RunView


class GlueWorkflowRunSensor(AwsBaseSensor[GlueWorkflowHook]):
    """Waits until a workflow run has ended well, or until it has a run property.

    A run that ends otherwise fails the sensor at once, with the reason; lost polls do not. XCom: ``return_value``
    is the property's value, or the run's status.

    Args:
        workflow_name: the workflow (templated).
        run_id: its run (templated).
        property_name: a run property to wait for (templated); None waits for the end.
        property_value: the value that it must have (templated); None: any.
        presence_key: the marker that counts if the run is STOPPED; None: any.
        deferrable: wait in the triggerer.
        patience_seconds: for how long Glue may not answer.
        kwargs: ``poke_interval``, ``timeout``, ``mode``, ``soft_fail``, ``aws_conn_id`` and others.
    """

    aws_hook_class = GlueWorkflowHook
    template_fields: Sequence[str] = aws_template_fields(
        "workflow_name", "run_id", "property_name", "property_value", "presence_key"
    )
    ui_color = "#cfe8d5"

    def __init__(
        self,
        *,
        workflow_name: str,
        run_id: str,
        property_name: str | None = None,
        property_value: str | None = None,
        presence_key: str | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.workflow_name = workflow_name
        self.run_id = run_id
        self.property_name = property_name
        self.property_value = property_value
        self.presence_key = presence_key
        self.deferrable = deferrable
        self.patience_seconds = patience_seconds
        self._watcher: RunWatcher | None = None

    @property
    def _awaited(self) -> Awaited:
        return Awaited(self.property_name, self.property_value, self.presence_key)

    def execute(self, context: Any) -> Any:
        """Wait, or defer unless it is there already."""
        if not self.deferrable:
            return super().execute(context)
        found = self.poke(context)
        if found.is_done:
            return found.xcom_value
        self.defer(
            trigger=GlueWorkflowRunTrigger(
                workflow_name=self.workflow_name,
                run_id=self.run_id,
                property_name=self.property_name,
                property_value=self.property_value,
                poll_seconds=self.poke_interval,
                verbose=False,
                stop_on_kill=False,
                patience_seconds=self.patience_seconds,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
                verify=self.verify,
                botocore_config=self.botocore_config,
            ),
            method_name="execute_complete",
            timeout=_seconds(self.timeout),
        )
        return None

    def poke(self, context: Any) -> Any:
        """Look once."""
        with task_errors(self.aws_conn_id):
            if self._watcher is None:
                self._watcher = self._new_watcher()
            run = self._watcher.poll()
        return PokeReturnValue(False) if run is None else PokeReturnValue(True, self._result(run))

    def execute_complete(self, context: Any, event: Mapping[str, Any] | None = None) -> str:
        """Go on after the trigger's event."""
        if (event or {}).get("status") == "error":
            message = (event or {}).get("message")
            raise AirflowException(f"waiting for workflow {self.workflow_name} run {self.run_id} ended: {message}")
        with task_errors(self.aws_conn_id):
            run = self._new_watcher(reports=False).watch(self.poke_interval)
        return self._result(run)

    def _new_watcher(self, *, reports: bool = True) -> RunWatcher:
        return RunWatcher(
            self.hook.conn,
            self.workflow_name,
            self.run_id,
            log=self.log.info,
            reports=reports,
            is_over=self._awaited.is_over,
            patience_seconds=self.patience_seconds,
        )

    def _result(self, run: RunView) -> str:
        try:
            return self._awaited.result(run)
        except EndedOtherwise as error:
            kind = AirflowSkipException if self.soft_fail else AirflowException
            raise kind(str(error)) from error


def _seconds(timeout: Any) -> Any:
    return timeout if timeout is None or isinstance(timeout, timedelta) else timedelta(seconds=timeout)
