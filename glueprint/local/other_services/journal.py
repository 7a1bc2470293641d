"""The requests that changed IAM, kept in the store and repeated when the server starts again.

moto keeps IAM in memory only. Its answers depend on nothing but the requests, the time and a source of random
numbers, so each request is stored with both and gives the same ids and keys when it is repeated. What a deleted
role, user, group, policy or instance profile had been through is forgotten with it.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from glueprint.local.other_services import decisions
from glueprint.local.other_services.requests import Purpose
from glueprint.local.store import Database
from glueprint.local.store.database import Connection

logger = logging.getLogger(__name__)

MAX_SESSION_SECONDS = 12 * 3600
"""How long the keys of AssumeRole are kept (its longest DurationSeconds)."""

_READING = ("Get", "List")
_DELETIONS = {
    "DeleteRole": "RoleName",
    "DeleteUser": "UserName",
    "DeleteGroup": "GroupName",
    "DeletePolicy": "PolicyArn",
    "DeleteInstanceProfile": "InstanceProfileName",
}
_NAMES = (*_DELETIONS.values(), "PolicyName", "NewUserName", "NewGroupName")

_Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    seed: str
    service: str
    operation: str
    authorization: str
    body: str


class Journal:
    """The journal of one data directory.

    Args:
        database: has the tables of :mod:`glueprint.local.store.journal_schema`.
        now: seconds since the epoch.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._wsgi: Callable[[], WsgiApp] | None = None
        self._lock = threading.Lock()

    def connect(self, wsgi: Callable[[], WsgiApp]) -> None:
        """Set what returns moto's application, once it is needed."""
        self._wsgi = wsgi

    @staticmethod
    def keeps(service: str, operation: str) -> bool:
        """Whether a request of this operation is kept."""
        entry = decisions.served(service, operation)
        if entry is None:
            return False
        if service == "sts":
            return operation == "AssumeRole"
        return service == "iam" and not operation.startswith(_READING)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to repeat."""
        return not self._database.read(lambda tx: tx.execute("SELECT 1 FROM moto_request LIMIT 1").fetchone())

    def replay(self, wsgi: WsgiApp) -> None:
        """Repeat every request; keys of roles that have ended by now are forgotten first."""
        ended = self._now() - MAX_SESSION_SECONDS
        if self.is_empty:
            return
        self._database.write(
            lambda tx: tx.execute("DELETE FROM moto_request WHERE service = 'sts' AND at < ?", (ended,))
        )
        columns = "at, seed, service, operation, authorization, body"
        rows = self._database.read(
            lambda tx: tx.execute(f"SELECT {columns} FROM moto_request ORDER BY seq").fetchall()
        )
        for row in rows:
            entry = _Entry(*row)
            status, _, body = self._performed(wsgi, entry)
            if status != 200:
                logger.warning("%s, done before the restart, failed now: %s", entry.operation, body[:500])

    def application(self, wanted: Purpose, body: bytes) -> ASGIApp:
        """Return what answers one request, and keeps it if moto carried it out."""

        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
            credential = headers.get(b"authorization", "").partition(", ")[0]
            sent = "&".join(part for part in (scope["query_string"].decode("latin-1"), body.decode()) if part)
            entry = _Entry(
                self._now(),
                secrets.token_hex(32),
                wanted.service,
                wanted.operation,
                f"{credential}, SignedHeaders=host, Signature=kept",
                sent,
            )
            status, answered, content = await anyio.to_thread.run_sync(self._carried_out, entry, wanted.parameters)
            await Response(content, status, dict(answered))(scope, receive, send)

        return answering

    def _carried_out(self, entry: _Entry, parameters: Mapping[str, str]) -> _Answer:
        if self._wsgi is None:
            raise RuntimeError("the journal is not connected to moto")
        wsgi = self._wsgi()
        with self._lock:
            status, headers, body = self._performed(wsgi, entry)
            if status == 200:
                self._database.write(lambda tx: _keep(tx, entry, parameters))
        return status, headers, body

    @staticmethod
    def _performed(wsgi: WsgiApp, entry: _Entry) -> _Answer:
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        environ = EnvironBuilder(
            path="/",
            method="POST",
            data=entry.body,
            content_type="application/x-www-form-urlencoded; charset=utf-8",
            headers=[("Authorization", entry.authorization)],
        ).get_environ()
        with _reproducible(entry.seed, entry.at):
            answer, status, headers = run_wsgi_app(wsgi, environ, buffered=True)
            body = b"".join(answer)
        kept = [(name, value) for name, value in headers.to_wsgi_list() if name.lower() != "content-length"]
        return int(status.split()[0]), kept, body


def _keep(tx: Connection, entry: _Entry, parameters: Mapping[str, str]) -> None:
    """Add an entry; a deletion removes all that is known of its subject instead, unless that was renamed."""
    member = _DELETIONS.get(entry.operation)
    name = parameters.get(member, "") if member else ""
    if name and not _was_renamed(tx, name):
        subjects = [(member, name)]
        if member == "PolicyArn":
            subjects.append(("PolicyName", name.rpartition("/")[2]))
        for subject in subjects:
            about = "SELECT seq FROM moto_request_name WHERE member = ? AND name = ?"
            only = " AND operation = 'CreatePolicy'" if subject[0] == "PolicyName" else ""
            tx.execute(f"DELETE FROM moto_request WHERE seq IN ({about}){only}", subject)
        return
    row = (entry.at, entry.seed, entry.service, entry.operation, entry.authorization, entry.body)
    columns = "at, seed, service, operation, authorization, body"
    added = tx.execute(f"INSERT INTO moto_request ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
    names = [(each, parameters[each], added.lastrowid) for each in _NAMES if each in parameters]
    tx.executemany("INSERT INTO moto_request_name VALUES (?, ?, ?)", names)


def _was_renamed(tx: Connection, name: str) -> bool:
    """Whether a rename, or a path that CreatePolicy's name does not show, is part of the subject's history."""
    found = tx.execute("SELECT 1 FROM moto_request_name WHERE member LIKE 'New%' AND name = ?", (name,)).fetchone()
    return found is not None


@contextlib.contextmanager
def _reproducible(seed: str, at: float) -> Iterator[None]:
    """Make moto's IAM draw its ids and keys from ``seed``, and take ``at`` for the time."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.iam.models import iam_backends
    from moto.moto_api._internal.moto_random import MotoRandom

    _ = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]  # made now: it gives random ids to AWS's own policies
    numbers = MotoRandom(int(seed, 16))
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    replaced = {"random": numbers, "utcnow": lambda: moment}
    names = ("iam.models", "iam.utils", "sts.models", "sts.utils")
    modules = [importlib.import_module(f"moto.{name}") for name in names]
    before = [
        (module, name, getattr(module, name)) for module in modules for name in replaced if hasattr(module, name)
    ]
    for module, name, _ in before:
        setattr(module, name, replaced[name])
    try:
        yield
    finally:
        for module, name, original in before:
            setattr(module, name, original)
