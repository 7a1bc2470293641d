"""How methods become operations: declared by name, once, for one service."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from botocore import xform_name
from starlette.types import Message

from glueprint.local.protocol import Context, Declare, JsonService, Operation, Runs
from glueprint.local.reference import open_reference_glue

operation = Declare("glue")


class Jobs:
    """A family with two operations."""

    @operation("GetJob", runs=Runs.INLINE)
    def get_job(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {"Job": {"Name": request["JobName"]}}

    @operation("DeleteJob", runs=Runs.ON_WRITER)
    def delete_job(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {"JobName": request["JobName"]}

    def require(self, name: str) -> None:
        """Not an operation."""


class MoreJobs:
    """A family that declares an operation of :class:`Jobs` again."""

    @operation("GetJob", runs=Runs.IN_THREAD)
    def look_up(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {}


class Streams:
    """A family of another service."""

    @Declare("logs")("GetLogEvents", runs=Runs.IN_THREAD)
    def get_log_events(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {}


def test_declared_methods_are_the_operations() -> None:
    """What is declared is served, under the declared name, and runs where it states."""
    jobs = Jobs()
    assert operation.operations([jobs]) == {
        "GetJob": Operation(jobs.get_job, Runs.INLINE),
        "DeleteJob": Operation(jobs.delete_job, Runs.ON_WRITER),
    }


def test_two_families_cannot_declare_one_operation() -> None:
    """The error names both methods."""
    with pytest.raises(ValueError, match=r"Jobs\.get_job and MoreJobs\.look_up both declare the operation GetJob"):
        operation.operations([Jobs(), MoreJobs()])


def test_a_method_of_another_service_is_an_error() -> None:
    """A family is put into the service that it declares."""
    with pytest.raises(ValueError, match=r"Streams\.get_log_events is an operation of logs, not of glue"):
        operation.operations([Streams()])


def test_an_operation_that_the_model_does_not_know_is_an_error() -> None:
    """A misspelt name is found when the service is assembled."""
    with pytest.raises(ValueError, match="glue has no operation GetJobb"):
        JsonService("glue", {"GetJobb": Operation(Jobs().get_job)})


def test_methods_are_named_like_their_operations() -> None:
    """``CreateJob`` is ``create_job``: readers find the method of an operation by name."""
    with open_reference_glue() as glue:
        for service in (glue.glue, glue.logs, glue.events):
            for name, served in service.operations.items():
                assert served.call.__name__ == xform_name(name)


def _threads(runs: Runs, on_writer: Callable[[Any], Future[Any]] | None) -> tuple[str, str]:
    """The thread on which an operation ran, and that of the event loop."""
    ran: list[str] = []

    def call(context: Context, request: dict[str, Any]) -> dict[str, Any]:
        ran.append(threading.current_thread().name)
        return {}

    service = JsonService("glue", {"DeleteJob": Operation(call, runs)}, on_writer=on_writer)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"JobName": "a"}', "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"x-amz-target", b"AWSGlue.DeleteJob")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(service(scope, receive, send))  # type: ignore[arg-type]
    assert json.loads(sent[1]["body"]) == {}
    return ran[0], threading.current_thread().name


def test_an_operation_runs_where_it_is_declared_to_run() -> None:
    """Inline on the event loop, on the writer as its unit of work, else on a worker thread."""
    written: list[object] = []

    def on_writer(task: Callable[[], Any]) -> Future[Any]:
        written.append(task)
        done: Future[Any] = Future()
        done.set_result(task())
        return done

    for runs, is_on_loop in ((Runs.INLINE, True), (Runs.ON_WRITER, True), (Runs.IN_THREAD, False)):
        ran, loop = _threads(runs, on_writer)
        assert (ran == loop) is is_on_loop
    assert len(written) == 1
    ran, loop = _threads(Runs.ON_WRITER, None)
    assert ran != loop
