"""Hands single operations of a JSON service to another application, by ``X-Amz-Target``."""

from __future__ import annotations

from collections.abc import Collection

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from glueprint.local.http.bodies import replay
from glueprint.local.protocol import Context, JsonService, json_response


class HandOver:
    """A JSON service with some of its operations served by another application.

    Requests are checked against the service model first, so that errors are the same for all operations.
    """

    def __init__(self, service: JsonService, other: ASGIApp, operations: Collection[str]) -> None:
        """``other`` answers the ``operations``, by the model's names; ``service`` answers all others."""
        self._service = service
        self._other = other
        self._operations = frozenset(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        target = request.headers.get("x-amz-target", "")
        if target.rpartition(".")[2] not in self._operations:
            await self._service(scope, receive, send)
            return
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        refusal = await anyio.to_thread.run_sync(self._service.refusal, target, body)
        if refusal is not None:
            await json_response(*refusal)(scope, receive, send)
            return
        await self._other(self._signed(scope, request), replay(body, receive), send)

    def _signed(self, scope: Scope, request: Request) -> Scope:
        """Return the scope with a signature's scope in it: moto reads service and region of a request there."""
        if "authorization" in request.headers:
            return scope
        context = scope.get("state", {}).get("context") or Context()
        name = self._service.model.signing_name
        claimed = f"AWS4-HMAC-SHA256 Credential=unsigned/20000101/{context.region}/{name}/aws4_request"
        return {**scope, "headers": [*scope["headers"], (b"authorization", claimed.encode("ascii"))]}
