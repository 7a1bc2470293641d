"""The private route: from an HTTP request to a call of a job run, or to what commands read, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from glueprint.local.protocol import ApiError, json_response
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.protocol.failures import failure_text

Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the id of the job run and the members of the request, returns the members of the answer."""

Read = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Takes the members of the request, returns the members of the answer."""

_PATH = re.compile(r"/glueprint/v1/job-runs/([^/]+)/(.+)")
_READ_PREFIX = "/glueprint/v1/"


class JobApi:
    """The ASGI application behind the front for requests that were signed for ``glueprint``.

    Args:
        calls: of job runs, by the end of their path.
        reads: what commands read that AWS has no operation for, by the end of their path.
    """

    def __init__(self, calls: Mapping[str, Call], reads: Mapping[str, Read] = MappingProxyType({})) -> None:
        self._calls = dict(calls)
        self._reads = dict(reads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        answered = await anyio.to_thread.run_sync(self.handle, request.method, path, body)
        await json_response(*answered)(scope, receive, send)

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request: HTTP status and JSON body. Never raises."""
        try:
            call = self._route(method, path)
            return 200, dict(call(_members(body)))
        except ApiError as error:
            return error.status, {"__type": error.code, "message": error.message}
        except Exception as error:  # noqa: BLE001 - logged there
            return 500, {"__type": "InternalServiceException", "message": failure_text(path, error)}

    def _route(self, method: str, path: str) -> Read:
        match = _PATH.fullmatch(path)
        if match is not None and (call := self._calls.get(match[2])):
            found: Read | None = partial(call, unquote(match[1]))
        else:
            found = self._reads.get(path.removeprefix(_READ_PREFIX)) if path.startswith(_READ_PREFIX) else None
        if found is None:
            raise ApiError("UnknownOperationException", f"there is no call at {path}", 404)
        if method != "POST":
            raise ApiError("UnknownOperationException", f"{path} takes POST, not {method}", 405)
        return found


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        members = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(members, dict):
        raise invalid_input("the body must be a JSON object")
    return members
