"""Reads request bodies: small ones completely, large ones as checked streams.

The bodies of JSON and form requests are read up to a limit and for a limited time. S3 bodies are streams: their
hash is computed as they pass, and the last piece is only handed over if it matches. So an S3 handler must not
publish an object before it has read the end of the body, and must not catch :class:`BodyRefused`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from glueprint.local.http.refusals import Reason, Refused
from glueprint.local.http.wire import WireRequest


class BodyRefused(Refused):
    """The body breaks a rule. Raised by ``receive``; the front answers it in the service's form."""


async def read_body(request: WireRequest, receive: Receive, *, limit: int, seconds: float) -> bytes:
    """Return the complete body.

    Args:
        request: its head; a Content-Length over the limit is refused before anything is read.
        receive: ASGI.
        limit: bytes.
        seconds: the time within which all of it must arrive.

    Raises:
        BodyRefused: too large or too slow.
        ClientDisconnect: the client went away.
    """
    declared = request.header("content-length")
    if declared is not None and declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > limit:
                    raise _too_large(limit)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise BodyRefused(Reason.TOO_SLOW, f"the request's body did not arrive within {seconds:g} s") from error
    return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that returns ``body`` first, and then the messages of the connection."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def streamed(receive: Receive, *, sha256: str | None, idle_seconds: float) -> Receive:
    """Return a ``receive`` for a body that is not kept in memory.

    Args:
        receive: ASGI.
        sha256: what the body must hash to, in hex; None: not checked.
        idle_seconds: the longest wait for the next piece.

    Returns:
        A ``receive`` that raises :class:`BodyRefused` in place of the last piece of a body that does not fit.
    """
    digest = hashlib.sha256() if sha256 is not None else None
    complete = False

    async def checked() -> Message:
        nonlocal complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout(idle_seconds):
                message = await receive()
        except TimeoutError as error:
            raise BodyRefused(
                Reason.TOO_SLOW,
                "Your socket connection to the server was not read from or written to within the timeout period.",
            ) from error
        if message["type"] != "http.request":
            return message
        if digest is not None:
            digest.update(message.get("body", b""))
        if not message.get("more_body", False):
            complete = True
            if digest is not None and not hmac.compare_digest(digest.hexdigest(), sha256 or ""):
                raise BodyRefused(
                    Reason.PAYLOAD,
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                )
        return message

    return checked


def _too_large(limit: int) -> BodyRefused:
    return BodyRefused(Reason.TOO_LARGE, f"the request's body is larger than {limit} bytes")
