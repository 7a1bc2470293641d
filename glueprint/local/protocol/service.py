"""One JSON service: from an HTTP request to an operation and back."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import anyio.to_thread
import botocore.session
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glueprint.local.protocol.errors import ApiError
from glueprint.local.protocol.operations import Context, Operation, Runs
from glueprint.local.protocol.serialize import serialize
from glueprint.local.protocol.validate import known_members, message, problems

logger = logging.getLogger(__name__)


Task = Callable[[], tuple[int, dict[str, Any]]]
"""Answers one request: HTTP status and JSON body."""

OnWriter = Callable[[Task], Future[tuple[int, dict[str, Any]]]]
"""Runs a task as one unit of work of the store; its answer comes when that is stored."""


@lru_cache(maxsize=8)
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service; read once, since Glue's takes a tenth of a second."""
    model: ServiceModel = botocore.session.get_session().get_service_model(service)
    return model


class JsonService:
    """Serves the operations of one botocore service model over JSON 1.1.

    Args:
        service: botocore's name, e.g. ``glue``.
        operations: by the model's operation names; what is missing is refused by name.
        reason_of: why an operation is refused, in a few words.
        invalid_code: the error code for a request that breaks the model (Glue: boto3 #3229).
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
        self.model = service_model(service)
        self._operations = dict(operations)
        self._reason_of = reason_of
        self._invalid_code = invalid_code
        self._on_writer = on_writer
        self._models: dict[str, OperationModel] = {}
        unknown = sorted(set(self._operations) - set(self.model.operation_names))
        if unknown:
            raise ValueError(f"{service} has no operation {', '.join(unknown)}")

    @staticmethod
    def operation_names(service: str) -> list[str]:
        """Every operation of a service's model."""
        names: list[str] = service_model(service).operation_names
        return names

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations that are really here, by the model's names."""
        return MappingProxyType(self._operations)

    @property
    def implemented(self) -> frozenset[str]:
        """Their names."""
        return frozenset(self._operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI face. The front puts a :class:`Context` into ``scope["state"]["context"]``."""
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
            return 200, self._dispatch(target.rpartition(".")[2], body, context)
        except ApiError as error:
            return _told(error)
        except Exception as error:  # noqa: BLE001 - logged there
            return _broken(target, error)

    def refusal(self, target: str, body: bytes) -> tuple[int, dict[str, Any]] | None:
        """What a request that breaks the model is answered, whoever serves the operation; None: it is sound."""
        try:
            self.checked(target.rpartition(".")[2], _parsed(body))
        except ApiError as error:
            return _told(error)
        return None

    def call(self, name: str, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Run an operation from inside the house, with the checks that a client would meet.

        Raises:
            ApiError: what a client would get.
        """
        model = self._model(name)
        if name not in self._operations:
            raise ApiError(
                "UnsupportedOperationException",
                f"{name} is not implemented by this local {self.model.service_id}: {self._reason_of(name)}",
            )
        answer = self._operations[name].call(context, self.checked(name, request))
        serialized: dict[str, Any] = serialize(model.output_shape, answer or {})
        return serialized

    def checked(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request as the operation gets it: without members that the model does not know.

        Raises:
            ApiError: it breaks the model; every member that does is named.
        """
        shape = self._model(name).input_shape
        found = problems(shape, request) if shape is not None else []
        if found:
            raise ApiError(self._invalid_code, message(found))
        known: dict[str, Any] = known_members(shape, request)
        return known

    async def _written(
        self, target: str, on_writer: OnWriter, task: Task
    ) -> tuple[int, dict[str, Any]]:
        """The answer of ``task`` once the store has kept what it did."""
        try:
            return await asyncio.wrap_future(on_writer(task))
        except Exception as error:  # noqa: BLE001 - logged there
            return _broken(target, error)

    def _dispatch(self, name: str, body: bytes, context: Context) -> dict[str, Any]:
        return self.call(name, _parsed(body), context)

    def _model(self, name: str) -> OperationModel:
        model = self._models.get(name)
        if model is None:
            try:
                model = self.model.operation_model(name)
            except OperationNotFoundError as error:
                raise ApiError(
                    "UnknownOperationException", f"{self.model.service_id} has no operation {name!r}"
                ) from error
            self._models[name] = model
        return model


def json_response(status: int, answer: Mapping[str, Any]) -> Response:
    """An answer of :meth:`JsonService.handle` as HTTP."""
    headers = {"x-amzn-requestid": str(uuid.uuid4())}
    if status != 200:
        headers["x-amzn-errortype"] = answer["__type"]
    return Response(json.dumps(answer), status, headers=headers, media_type="application/x-amz-json-1.1")


def _parsed(body: bytes) -> dict[str, Any]:
    """The members of a request.

    Raises:
        ApiError: the body is not a JSON object.
    """
    try:
        # Decoded here: json.loads would guess an encoding, and let halves of surrogate pairs pass.
        request = json.loads(body.decode() or "{}", parse_constant=_refuse_constant)
        if b"\\u" in body:
            json.dumps(request, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "the body must be a JSON object")
    return request


def _refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(f"{name} is no number")


def _broken(target: str, error: Exception) -> tuple[int, dict[str, Any]]:
    """What a client is told of a failure of ours."""
    logger.error("%s failed", target, exc_info=error)
    text = f"internal error in {target}: {type(error).__name__}: {error}"
    return 500, {"__type": "InternalServiceException", "Message": text, "message": text}


def _told(error: ApiError) -> tuple[int, dict[str, Any]]:
    return error.status, {"__type": error.code, "Message": error.message, "message": error.message}
