"""The hook: Glue clients of an Airflow connection, and waiters for workflow runs and blueprint runs."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from botocore.config import Config

from glueprint.airflow.runs.lookup import TaggedRun, tagged_runs
from glueprint.airflow.runs.tags import TaskTag
from glueprint.client.runs import RunView, workflow_run
from glueprint.client.session import Session


class _HookSession(Session):
    """A session whose clients are those of a hook's connection."""

    def __init__(self, hook: GlueWorkflowHook) -> None:
        super().__init__(None)
        self._hook = hook

    def client(self, service: str) -> Any:
        """Return the hook's client for Glue or CloudWatch Logs."""
        return {"glue": self._hook.conn, "logs": self._hook.logs}[service]


_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class GlueWorkflowHook(AwsBaseHook):
    """Glue workflows and blueprints through an AWS connection (``aws_conn_id``, ``region_name``, ...).

    Waiters for :meth:`get_waiter`: ``workflow_run_ended`` (fails if an action failed, timed out, was in error or
    was stopped; with STOPPED it ends well, whatever the presence marker is) and ``blueprint_run_ended``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["client_type"] = "glue"
        super().__init__(*args, **kwargs)

    @cached_property
    def waiter_path(self) -> PathLike[str]:
        """The file of this hook's waiters; the provider's ``glue.json`` stays as it is."""
        return Path(__file__).parent / "waiters" / "glue_workflow.json"

    @cached_property
    def once(self) -> Any:
        """A Glue client that sends each request once.

        botocore repeats a request whose answer was lost, and a repeated StartWorkflowRun starts a second run.
        """
        return self.get_client_type(config=self.config.merge(_ONCE))

    @cached_property
    def logs(self) -> Any:
        """A CloudWatch Logs client of the same connection."""
        other = AwsBaseHook(
            aws_conn_id=self.aws_conn_id,
            region_name=self._region_name,
            verify=self._verify,
            config=self._config,
            client_type="logs",
        )
        return other.conn

    def glue_session(self) -> Session:
        """Return this connection as a session of Glueprint's client functions."""
        return _HookSession(self)

    def workflow_run(self, workflow: str, run_id: str) -> RunView:
        """Return a run with its graph."""
        return workflow_run(self.conn, workflow, run_id)

    def runs_of_task(self, workflow: str, ti: Any) -> list[TaggedRun]:
        """Return the runs of a workflow that a task instance started, the newest first."""
        return tagged_runs(self.conn, workflow, TaskTag.of(ti).task)
