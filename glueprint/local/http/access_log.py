"""A line of JSON for each request: who called what, as CloudTrail shows it on AWS (``serve --access-log``).

Clients state in their user agent what calls for them: Airflow's hooks name operator and provider.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.http import signatures
from glueprint.local.http.wire import WireRequest


class AccessLog:
    """Writes a line when a request has been answered. Requests for ``/health`` are left out.

    Args:
        app: the application whose requests are logged.
        file: receives the lines.
        now: the present time, aware.
    """

    def __init__(
        self, app: ASGIApp, file: IO[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._app = app
        self._file = file
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = WireRequest.from_scope(scope)
        if request.raw_path == b"/health":
            await self._app(scope, receive, send)
            return
        answer: dict[str, Any] = {"status": None, "error": None}
        started = time.monotonic()

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                errors = [value for name, value in message["headers"] if name.lower() == b"x-amzn-errortype"]
                answer["error"] = errors[0].decode("latin-1").partition(":")[0] if errors else None
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        finally:
            line = {
                "time": self._now().isoformat(timespec="milliseconds"),
                **_call(request),
                **answer,
                "seconds": round(time.monotonic() - started, 3),
                "user_agent": request.header("user-agent"),
            }
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


def _call(request: WireRequest) -> dict[str, str | None]:
    """Return who calls which operation of which service; an operation without a name is method and path."""
    scope = signatures.claimed_scope(request)
    target = request.header("x-amz-target")
    path = request.raw_path.decode("latin-1")
    return {
        "access_key": None if scope is None else scope.access_key,
        "service": None if scope is None else scope.service,
        "operation": f"{request.method} {path}" if target is None else target.rpartition(".")[2],
    }
