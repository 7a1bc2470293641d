"""Operations of a service of ours that another application serves: known by ``X-Amz-Target`` alone."""

from __future__ import annotations

from collections.abc import Collection

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from glueprint.local.http.bodies import replay
from glueprint.local.protocol import Context, JsonService, json_response


class HandOver:
    """A JSON service with some of its operations served elsewhere.

    Requests are checked against the service model first, so that what is wrong is said in the same words whoever
    serves the operation.
    """

    def __init__(self, service: JsonService, elsewhere: ASGIApp, operations: Collection[str]) -> None:
        """``elsewhere`` answers the ``operations``, by the model's names; ``service`` all others."""
        self._service = service
        self._elsewhere = elsewhere
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
        await self._elsewhere(self._signed(scope, request), replay(body, receive), send)

    def _signed(self, scope: Scope, request: Request) -> Scope:
        """With a signature's scope: it is how moto knows the service and the region of a request."""
        if "authorization" in request.headers:
            return scope
        context = scope.get("state", {}).get("context") or Context()
        name = self._service.model.signing_name
        claimed = f"AWS4-HMAC-SHA256 Credential=unsigned/20000101/{context.region}/{name}/aws4_request"
        return {**scope, "headers": [*scope["headers"], (b"authorization", claimed.encode("ascii"))]}
