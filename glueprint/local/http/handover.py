"""Hands single operations of a JSON service to another application, by ``X-Amz-Target``."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.http.bodies import replay
from glueprint.local.protocol import Context, JsonService, json_response

_CREATED_ARNS = {"CreateRegistry": "RegistryArn", "CreateSchema": "SchemaArn"}
"""The member with the ARN in the answer of operations that take tags."""


class HandOver:
    """A JSON service with some of its operations served by another application.

    Requests are checked against the service model first, so that errors are the same for all operations.
    """

    def __init__(
        self,
        service: JsonService,
        other: ASGIApp,
        operations: Collection[str],
        also: Callable[[str, bytes], bool] = lambda operation, body: False,
    ) -> None:
        """Hand operations over.

        Args:
            service: answers all other operations.
            other: answers the ``operations``, by the model's names.
            also: whether a request of another operation is for ``other``, by operation and body.
        """
        self._service = service
        self._other = other
        self._operations = frozenset(operations)
        self._also = also

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        target = request.headers.get("x-amz-target", "")
        operation = target.rpartition(".")[2]
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        if operation not in self._operations and not self._also(operation, body):
            await self._service(scope, replay(body, receive), send)
            return
        refusal = await anyio.to_thread.run_sync(self._service.refusal, target, body)
        if refusal is not None:
            await json_response(*refusal)(scope, receive, send)
            return
        handed = self._signed(scope, request)
        if operation not in _CREATED_ARNS or not json.loads(body).get("Tags"):
            await self._other(handed, replay(body, receive), send)
            return
        await self._create_with_tags(handed, operation, body, receive, send)

    async def _create_with_tags(
        self, scope: Scope, operation: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        """Create, then tag: moto's registries and schemas do not show the tags that they were created with."""
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        async def ignore(message: Message) -> None:
            return

        await self._other(scope, replay(body, receive), keep)
        if sent and sent[0]["status"] == 200:
            answer = json.loads(b"".join(message.get("body", b"") for message in sent[1:]))
            tags = {"ResourceArn": answer[_CREATED_ARNS[operation]], "TagsToAdd": json.loads(body)["Tags"]}
            tagging = json.dumps(tags).encode("utf-8")
            replaced = (b"x-amz-target", b"content-length")
            headers = [(name, value) for name, value in scope["headers"] if name.lower() not in replaced]
            headers.append((b"x-amz-target", b"AWSGlue.TagResource"))
            headers.append((b"content-length", str(len(tagging)).encode("ascii")))
            await self._other({**scope, "headers": headers}, replay(tagging, receive), ignore)
        for message in sent:
            await send(message)

    def _signed(self, scope: Scope, request: Request) -> Scope:
        """Return the scope with a signature's scope in it: moto reads service and region of a request there."""
        if "authorization" in request.headers:
            return scope
        context = scope.get("state", {}).get("context") or Context()
        name = self._service.model.signing_name
        claimed = f"AWS4-HMAC-SHA256 Credential=unsigned/20000101/{context.region}/{name}/aws4_request"
        return {**scope, "headers": [*scope["headers"], (b"authorization", claimed.encode("ascii"))]}
