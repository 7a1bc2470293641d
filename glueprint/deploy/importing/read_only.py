"""A session that can only read: for the account that a workflow is imported from."""

from __future__ import annotations

from typing import Any

from glueprint.client.errors import GlueprintError
from glueprint.client.session import Session

_READS = ("BatchGet", "Describe", "Get", "Head", "List", "Search")


class ChangeRefused(GlueprintError):
    """Something would have been changed where only reading is allowed: a fault of Glueprint."""


class ReadOnly:
    """The clients of a session; a call whose operation could change something is refused before it is sent.

    Attributes:
        session: whose clients these are. They stay read-only.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._guarded: set[str] = set()

    def client(self, service: str) -> Any:
        """Return the client for a service."""
        client = self.session.client(service)
        if service not in self._guarded:
            client.meta.events.register("before-call.*.*", _refuse_changes)
            self._guarded.add(service)
        return client

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.client("glue")


def _refuse_changes(model: Any, **_: Any) -> None:
    if not model.name.startswith(_READS):
        raise ChangeRefused(f"{model.name} is not a read; an import changes nothing where it reads")
