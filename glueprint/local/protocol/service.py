"""One JSON service: from an HTTP request to an operation and back."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import Any

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glueprint.local.protocol.errors import ApiError
from glueprint.local.protocol.failures import failure_text
from glueprint.local.protocol.operations import Context, Operation, Runs
from glueprint.local.protocol.requests import RequestChecks, parsed
from glueprint.local.protocol.serialize import serialize

Task = Callable[[], tuple[int, dict[str, Any]]]
"""Answers one request: HTTP status and JSON body."""

OnWriter = Callable[[Task], Future[tuple[int, dict[str, Any]]]]
"""Runs a task as one unit of work of the store; its answer comes once the work is stored."""


class JsonService:
    """Serves the operations of one botocore service model over JSON 1.1.

    Args:
        service: botocore's name, e.g. ``glue``.
        operations: by the model's operation names; any other operation is refused, and named in the error.
        reason_of: returns why an operation is refused, in a few words.
        invalid_code: the error code for a request that breaks the model.
        on_writer: runs the operations that are declared with ``Runs.ON_WRITER``; without it they run on a worker
            thread.
    """

    def __init__(
        self,
        service: str,
        operations: Mapping[str, Operation],
        *,
        reason_of: Callable[[str], str] = lambda operation: "see docs/fidelity",
        invalid_code: str = "ValidationException",
        on_writer: OnWriter | None = None,
    ) -> None:
        self._checks = RequestChecks(service, invalid_code)
        self.model = self._checks.model
        self._operations = dict(operations)
        self._reason_of = reason_of
        self._on_writer = on_writer
        unknown = sorted(set(self._operations) - set(self.model.operation_names))
        if unknown:
            raise ValueError(f"{service} has no operation {', '.join(unknown)}")

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations that are served, by the model's names."""
        return MappingProxyType(self._operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. The front puts a :class:`Context` into ``scope["state"]["context"]``."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        context = scope.get("state", {}).get("context") or Context()
        target = request.headers.get("x-amz-target", "")
        operation = self._operations.get(target.rpartition(".")[2])
        runs = Runs.IN_THREAD if operation is None else operation.runs
        if runs is Runs.INLINE:
            answered = self.handle(target, body, context)
        elif runs is Runs.ON_WRITER and self._on_writer is not None:
            answered = await self._written(target, self._on_writer, lambda: self.handle(target, body, context))
        else:
            answered = await anyio.to_thread.run_sync(self.handle, target, body, context)
        await json_response(*answered)(scope, receive, send)

    def handle(self, target: str, body: bytes, context: Context) -> tuple[int, dict[str, Any]]:
        """Answer one request: HTTP status and JSON body. Never raises."""
        try:
            return 200, self.call(target.rpartition(".")[2], parsed(body), context)
        except ApiError as error:
            return _error_answer(error)
        except Exception as error:  # noqa: BLE001 - logged there
            return _internal_error(target, error)

    def refusal(self, target: str, body: bytes) -> tuple[int, dict[str, Any]] | None:
        """Return the answer to a request that breaks the model; None if the request is valid."""
        try:
            self._checks.checked(target.rpartition(".")[2], parsed(body))
        except ApiError as error:
            return _error_answer(error)
        return None

    def call(self, name: str, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Run an operation with the same checks as for a client.

        Raises:
            ApiError: what a client would get.
        """
        model = self._checks.operation(name)
        if name not in self._operations:
            raise ApiError(
                "UnsupportedOperationException",
                f"{name} is not implemented by this local {self.model.service_id}: {self._reason_of(name)}",
            )
        answer = self._operations[name].call(context, self._checks.checked(name, request))
        serialized: dict[str, Any] = serialize(model.output_shape, answer or {})
        return serialized

    async def _written(self, target: str, on_writer: OnWriter, task: Task) -> tuple[int, dict[str, Any]]:
        """Return the answer of ``task`` once the store has kept what it did."""
        try:
            return await asyncio.wrap_future(on_writer(task))
        except Exception as error:  # noqa: BLE001 - logged there
            return _internal_error(target, error)


def json_response(status: int, answer: Mapping[str, Any]) -> Response:
    """Return an answer of :meth:`JsonService.handle` as HTTP."""
    headers = {"x-amzn-requestid": str(uuid.uuid4())}
    if status != 200:
        headers["x-amzn-errortype"] = answer["__type"]
    return Response(json.dumps(answer), status, headers=headers, media_type="application/x-amz-json-1.1")


def _internal_error(target: str, error: Exception) -> tuple[int, dict[str, Any]]:
    """Log a failure of the local Glue itself, and return its answer."""
    text = failure_text(target, error)
    return 500, {"__type": "InternalServiceException", "Message": text, "message": text}


def _error_answer(error: ApiError) -> tuple[int, dict[str, Any]]:
    return error.status, {"__type": error.code, "Message": error.message, "message": error.message}
