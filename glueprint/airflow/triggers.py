"""The trigger that waits for a workflow run while its task is deferred.

Requests are sent by boto3 in threads: the same code polls with and without deferring, and ``aiobotocore``, which
pins its own botocore, is not needed (docs/decisions/airflow.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from glueprint.airflow.hooks import GlueWorkflowHook
from glueprint.airflow.runs.awaiting import Awaited
from glueprint.airflow.runs.beginning import stop_run
from glueprint.airflow.runs.connection import explained
from glueprint.airflow.runs.transient import BOTOCORE_ERRORS
from glueprint.airflow.runs.watching import DEFAULT_PATIENCE_SECONDS, NodeLogs, RunWatcher

_USER_ACTION = "__airflow_user_action__"
"""The message with which Airflow 3.3 and later cancel a trigger whose task a user ended; they call ``on_kill``."""


class GlueWorkflowRunTrigger(BaseTrigger):
    """Polls a workflow run until it has ended, or has a run property.

    The event contains the status, or an error if Glue did not answer for too long. Everything else is read again
    by the task: events are small.

    Args:
        workflow_name: the workflow's full name.
        run_id: the run.
        property_name: a run property to wait for; None: the end of the run.
        property_value: the value that it must have; None: any.
        poll_seconds: the time between two polls.
        verbose: log the lines of all nodes.
        stop_on_kill: stop the run if a user ends or clears the deferred task.
        patience_seconds: for how long polls may be lost.
        aws_conn_id: the connection; also ``region_name``, ``verify``, ``botocore_config``.
    """

    def __init__(
        self,
        *,
        workflow_name: str,
        run_id: str,
        property_name: str | None = None,
        property_value: str | None = None,
        poll_seconds: float = 30,
        verbose: bool = True,
        stop_on_kill: bool = True,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
        aws_conn_id: str | None = "aws_default",
        region_name: str | None = None,
        verify: bool | str | None = None,
        botocore_config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.workflow_name = workflow_name
        self.run_id = run_id
        self.property_name = property_name
        self.property_value = property_value
        self.poll_seconds = poll_seconds
        self.verbose = verbose
        self.stop_on_kill = stop_on_kill
        self.patience_seconds = patience_seconds
        self.aws_conn_id = aws_conn_id
        self.region_name = region_name
        self.verify = verify
        self.botocore_config = botocore_config

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments."""
        names = ("workflow_name", "run_id", "property_name", "property_value", "poll_seconds", "verbose")
        hook = ("stop_on_kill", "patience_seconds", "aws_conn_id", "region_name", "verify", "botocore_config")
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        return path, {name: getattr(self, name) for name in (*names, *hook)}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event when the run has ended."""
        try:
            hook = await _in_thread(self._hook)
            watcher = await _in_thread(self._watcher, hook)
            while (run := await _in_thread(watcher.poll)) is None:
                await asyncio.sleep(self.poll_seconds)
            event = {"status": run.status, "run_id": self.run_id}
        except asyncio.CancelledError as error:
            if not (error.args and error.args[0] == _USER_ACTION) and await self._is_killed():
                await self.on_kill()
            raise
        except Exception as error:  # noqa: BLE001 - the task fails with it; a trigger's own failure hides the reason
            known = isinstance(error, BOTOCORE_ERRORS)
            message = str(explained(error, self.aws_conn_id)) if known else repr(error)
            event = {"status": "error", "run_id": self.run_id, "message": message}
        yield TriggerEvent(event)

    async def on_kill(self) -> None:
        """Stop the run: a user marked or cleared the deferred task (Airflow 3.3 calls this itself)."""
        if self.stop_on_kill:
            hook = await _in_thread(self._hook)
            await _in_thread(stop_run, hook.conn, self.workflow_name, self.run_id, self.log.info)

    async def _is_killed(self) -> bool:
        """Return whether the task is not deferred any more; it is if only the triggerer is stopping."""
        try:
            return bool(await _in_thread(_state_of, self.task_instance) != "deferred")
        except Exception as error:  # noqa: BLE001 - what Airflow raises differs by version
            self.log.warning("the task's state is not known, so run %s goes on: %s", self.run_id, error)
            return False

    def _hook(self) -> GlueWorkflowHook:
        return GlueWorkflowHook(
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
            verify=self.verify,
            config=self.botocore_config,
        )

    def _watcher(self, hook: GlueWorkflowHook) -> RunWatcher:
        logs = NodeLogs(lambda: hook.logs, self.log.info) if self.verbose else None
        return RunWatcher(
            hook.conn,
            self.workflow_name,
            self.run_id,
            log=self.log.info,
            node_logs=logs,
            is_over=Awaited(self.property_name, self.property_value).is_over,
            patience_seconds=self.patience_seconds,
        )


async def _in_thread(function: Any, *args: Any) -> Any:
    """Call a function that blocks in a thread; Airflow 3's connections need asgiref's link to the event loop."""
    return await sync_to_async(function, thread_sensitive=False)(*args)


def _state_of(ti: Any) -> str | None:
    """Return the state of a trigger's task instance as Airflow has it now."""
    try:
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
    except ImportError:
        return _state_in_database(ti)
    found = RuntimeTaskInstance.get_task_states(
        dag_id=ti.dag_id, task_ids=[ti.task_id], run_ids=[ti.run_id], map_index=ti.map_index
    )
    states: dict[str, str] = found.get(ti.run_id, {})
    name = ti.task_id if ti.map_index < 0 else f"{ti.task_id}_{ti.map_index}"
    return states.get(name, states.get(ti.task_id))


def _state_in_database(ti: Any) -> str | None:
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        query = session.query(TaskInstance.state).filter_by(
            dag_id=ti.dag_id, task_id=ti.task_id, run_id=ti.run_id, map_index=ti.map_index
        )
        state: str | None = query.scalar()
        return state
