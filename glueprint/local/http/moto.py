"""Everything else of AWS - IAM, STS, SNS, SQS, ... - through moto's server application, in this process.

moto is imported at the first request that needs it (0.1 s, 20 MB; each of its services loads at its first
call). Its state is in memory only: a restart of the server forgets it, except for what ``restore`` repeats.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import anyio.to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from glueprint.local.http.moto_policies import parse_managed_policies_once

WORKERS = 10
"""Threads that moto's WSGI application runs on."""


class Moto:
    """moto as an ASGI application. Call :meth:`close` when done."""

    def __init__(
        self,
        restore: Callable[[Any], None] = lambda wsgi: None,
        has_more: Callable[[], bool] = lambda: False,
    ) -> None:
        """Mount nothing yet.

        Args:
            restore: called with moto's WSGI application before it answers the first request.
            has_more: whether ``restore`` has something to restore.
        """
        self._restore = restore
        self._has_more = has_more
        self._mounting = threading.Lock()
        self._mounted: ASGIApp | None = None
        self._wsgi: Any = None
        self._shut: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        app = self._mounted
        if app is None:
            app = await anyio.to_thread.run_sync(self._mount)
        await app(scope, receive, send)

    def secret_of(self, access_key: str) -> str | None:
        """Return the secret of an active key that moto's IAM or STS issued; None for any other key."""
        if "moto.iam.models" not in sys.modules:  # not imported: nothing was issued
            return None
        from moto.iam.models import iam_backends

        for account in list(iam_backends.values()):
            for backend in list(account.values()):
                key = backend.access_keys.get(access_key)
                if key is not None and key.status == "Active":
                    secret: str = key.secret_access_key
                    return secret
        return None

    def restore_keys(self) -> None:
        """Restore what an earlier server's IAM issued, if that was not done yet; this takes seconds."""
        if self._mounted is None and self._has_more():
            self._mount()

    def reset(self) -> None:
        """Delete moto's state."""
        if self._mounted is None:
            return
        from moto.moto_api._internal.models import moto_api_backend

        moto_api_backend.reset()

    def close(self) -> None:
        """End moto's threads."""
        with self._mounting:
            self._shut()

    def wsgi(self) -> Any:
        """Return moto's WSGI application."""
        self._mount()
        return self._wsgi

    def _mount(self) -> ASGIApp:
        with self._mounting:
            if self._mounted is None:
                from a2wsgi import WSGIMiddleware
                from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

                parse_managed_policies_once()
                self._wsgi = DomainDispatcherApplication(create_backend_app)
                self._restore(self._wsgi)
                mounted = WSGIMiddleware(self._wsgi, workers=WORKERS)
                self._shut = mounted.executor.shutdown
                self._mounted = mounted
            return self._mounted
