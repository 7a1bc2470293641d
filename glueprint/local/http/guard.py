"""Refuses requests of web pages and unknown host names, signed or not.

The endpoint starts programs, so a page in the user's browser must never reach it: not across origins (Origin,
Sec-Fetch-Site), and not through an attacker's name that resolves to 127.0.0.1 (Host). AWS clients send none of
these headers of browsers. No CORS header is ever sent, whatever a mounted service answers.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.http.wire import WireRequest

_OWN_FETCHES = frozenset({"same-origin", "none"})
_JSON_TYPES = frozenset({"application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json"})


@dataclass(frozen=True, slots=True)
class HostRules:
    """The host names under which this server can be called.

    Loopback names always: ``localhost``, ``*.localhost`` (S3 clients put the bucket there), loopback addresses.

    Attributes:
        names: further host names or addresses, in small letters.
        any_address: every literal IP address is allowed: for a server bound to all interfaces. DNS can map a name,
        but not a
            literal address, to another machine.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def for_bind(cls, host: str, allowed: Iterable[str] = ()) -> HostRules:
        """Return the rules of a server that listens on ``host`` (``--host``).

        Args:
            allowed: further names (``--allow-host``).
        """
        names = frozenset(name.lower().rstrip(".") for name in allowed)
        address = _address(host)
        if address is not None and address.is_unspecified:
            return cls(names, any_address=True)
        return cls(names | {host.lower()})

    def allows(self, authority: str) -> bool:
        """Whether ``authority`` (the value of a Host header, with or without port) is allowed."""
        name = host_name(authority)
        if name is None:
            return False
        if name == "localhost" or name.endswith(".localhost") or name in self.names:
            return True
        address = _address(name)
        return address is not None and (self.any_address or address.is_loopback)


@lru_cache(maxsize=128)  # clients send the same Host again and again
def host_name(authority: str) -> str | None:
    """Return the host in ``host:port``, in small letters and without brackets; None if it is not a host."""
    try:
        split = urlsplit(f"//{authority}")
        _ = split.port  # raises if it is not a port
    except ValueError:
        return None
    if split.netloc != authority or "@" in authority or split.path or not split.hostname:
        return None
    return split.hostname.rstrip(".")


def refusal(request: WireRequest, rules: HostRules) -> str | None:
    """Return why this request must not be answered, as text; None if it may."""
    hosts = request.values("host")
    if len(hosts) != 1:
        return "a request needs exactly one Host header"
    host = hosts[0].decode("latin-1")
    if not rules.allows(host):
        return (
            f"Host {host!r} is not a name of this server: it starts programs, so it answers to loopback names "
            "only; `glueprint serve --allow-host NAME` adds one"
        )
    origins = request.values("origin")
    if any(not _same_origin(origin.decode("latin-1"), host) for origin in origins):
        return f"requests from web pages of another origin ({origins[0].decode('latin-1')!r}) are refused"
    site = request.header("sec-fetch-site")
    if site is not None and site not in _OWN_FETCHES:
        return f"requests from web pages of another site (Sec-Fetch-Site: {site}) are refused"
    return None


def content_type_problem(request: WireRequest) -> str | None:
    """Return what is wrong with the content type of a call that names its operation in ``X-Amz-Target``.

    A web page can send ``text/plain`` across origins unasked, but not these types.
    """
    if request.header("x-amz-target") is None:
        return None
    sent = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if sent in _JSON_TYPES:
        return None
    return f"Content-Type must be application/x-amz-json-1.1, not {sent!r}"


class Guard:
    """The outermost ASGI layer: applies :func:`refusal`, strips CORS headers, refuses web sockets."""

    def __init__(self, app: ASGIApp, rules: HostRules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = refusal(WireRequest.from_scope(scope), self._rules)
        if reason is not None:
            await _forbid(send, reason)
            return

        async def send_without_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    (name, value)
                    for name, value in message.get("headers", ())
                    if not name.lower().startswith(b"access-control-")
                ]
                message = {**message, "headers": kept}
            await send(message)

        await self._app(scope, receive, send_without_cors)


async def _forbid(send: Send, reason: str) -> None:
    body = json.dumps({"__type": "AccessDeniedException", "message": reason}).encode("utf-8")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _same_origin(origin: str, host: str) -> bool:
    """An origin is scheme and authority; ``null`` (sandboxed pages, files) never matches."""
    split = urlsplit(origin)
    return split.scheme in ("http", "https") and split.netloc.lower() == host.lower()
