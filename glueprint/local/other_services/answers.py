"""Refusals of operations that are not served, and moto's own failures as refusals.

Clients repeat what fails with HTTP 500, some of them fifteen times; so a failure of moto is a 400 that names the
operation.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from xml.sax.saxutils import escape

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.http.refusals import Dialect, Reason, Refused, render
from glueprint.local.http.wire import WireRequest

logger = logging.getLogger(__name__)

Named = Callable[[Scope], tuple[str, Dialect]]
"""Returns how a request's operation is named in errors, and the form of these errors."""

_KEPT_BODY_BYTES = 4096


def refused(message: str, dialect: Dialect) -> Response:
    """Return the answer to a request that is not served."""
    answer = render(Refused(Reason.NOT_SERVED, message), dialect)
    headers = {"x-amzn-errortype": answer.error_type}
    if dialect is Dialect.CBOR:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    return Response(answer.body, answer.status, headers, answer.content_type)


def caller_identity(user_id: str, arn: str) -> Response:
    """Return the answer to GetCallerIdentity (STS API reference)."""
    account = arn.split(":")[4]
    text = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{escape(arn)}</Arn><UserId>{escape(user_id)}</UserId><Account>{account}</Account>"
        f"</GetCallerIdentityResult><ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )
    return Response(text, media_type="text/xml")


def json_operation(scope: Scope) -> tuple[str, Dialect]:
    """Return the name of a JSON request's operation, e.g. of Glue."""
    return (WireRequest.from_scope(scope).header("x-amz-target") or "").rpartition(".")[2], Dialect.JSON


class CrashesRefused:
    """moto, with its failures (HTTP 5xx, exceptions, pages of its web server) answered as refusals.

    Args:
        moto: the application.
        named: names the operation of a request.
    """

    def __init__(self, moto: ASGIApp, named: Named = json_operation) -> None:
        self._moto = moto
        self._named = named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        failed: list[Message] = []
        started = False

        async def checked_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start" and _is_failure(message):
                failed.append(message)
            elif failed:
                if len(failed) < _KEPT_BODY_BYTES:
                    failed.append(message)
            else:
                started = True
                await send(message)

        reason: str | None = None
        try:
            await self._moto(scope, receive, checked_send)
        except Exception as error:
            if started:
                raise
            reason = f"{type(error).__name__}: {error}"
            logger.warning("moto failed", exc_info=error)
        if failed and reason is None:
            body = b"".join(message.get("body", b"") for message in failed[1:])
            reason = f"HTTP {failed[0]['status']}: {_first_words(body)}"
        if reason is not None:
            operation, dialect = self._named(scope)
            logger.warning("moto, which serves %s here, failed: %s", operation, reason)
            message = f"{operation} could not be carried out: moto, which serves it here, failed ({reason})"
            await refused(message, dialect)(scope, receive, send)


def _is_failure(start: Message) -> bool:
    """Whether an answer begins that no service of AWS would give for what a client did."""
    if start["status"] >= 500:
        return True
    types = [value for name, value in start.get("headers", ()) if name.lower() == b"content-type"]
    return start["status"] in (404, 405) and any(value.startswith(b"text/html") for value in types)


def _first_words(body: bytes) -> str:
    text = re.sub(r"<[^>]+>", " ", body.decode("utf-8", "replace"))
    return " ".join(text.split())[:200]
