"""An EventBridge over a real store, and a workflow side that notes what reaches it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.local.clock import ManualClock
from glueprint.local.events import EVENTS_SCHEMA, Event, EventBridge, Events
from glueprint.local.events.rules import Transaction
from glueprint.local.protocol import Context, JsonService, Operation
from glueprint.local.s3 import S3_SCHEMA, S3_SETTINGS_SCHEMA
from glueprint.local.store import Database
from glueprint.local.store.schema import GLUE_SCHEMA

PLACE = Context("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/notifies-glue"


def workflow_arn(name: str) -> str:
    """The ARN of a workflow of the tests' account."""
    return f"arn:aws:glue:{PLACE.region}:{PLACE.account_id}:workflow/{name}"


def workflow_target(name: str, id_: str = "1", **more: Any) -> dict[str, Any]:
    """An entry of PutTargets."""
    return {"Id": id_, "Arn": workflow_arn(name), "RoleArn": ROLE, **more}


class Refused(Exception):
    """An error answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass
class Workflows:
    """The receiving side: writes what it gets into the store, within the transaction that delivers it."""

    closed: set[str] = field(default_factory=set)

    def deliver(self, tx: Transaction, workflow: str, event: Event) -> bool:
        if workflow in self.closed:
            return False
        tx.execute(
            "INSERT INTO held_event (workflow, event_id, at) VALUES (?, ?, ?)", (workflow, event.id, event.time)
        )
        return True


class Counter:
    """The JSON service of all bridges: loading botocore's model takes longer than most tests."""

    _service: JsonService | None = None
    _open: EventBridge

    @classmethod
    def serving(cls, api: EventBridge) -> JsonService:
        """The service, which from now on calls ``api``."""
        cls._open = api
        if cls._service is None:
            operations = {name: cls._caller(name) for name in api.operations}
            cls._service = JsonService("events", operations, invalid_code="ValidationException")
        return cls._service

    @classmethod
    def _caller(cls, name: str) -> Operation:
        return Operation(lambda context, request: cls._open.operations[name].call(context, request))


class Bridge:
    """EventBridge as a client sees it; one at a time."""

    def __init__(self, path: Path) -> None:
        self.clock = ManualClock()
        self.database = Database(path, (GLUE_SCHEMA, S3_SCHEMA, EVENTS_SCHEMA, S3_SETTINGS_SCHEMA))
        self.workflows = Workflows()
        self.events = Events(self.workflows.deliver)
        self.service = Counter.serving(EventBridge(self.database, self.database, self.events, self.clock.now))

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """One call; an error answer raises :class:`Refused`."""
        status, answer = self.service.handle(f"AWSEvents.{operation}", json.dumps(request).encode(), PLACE)
        if status != 200:
            assert status == 400, answer
            raise Refused(answer["__type"], answer["message"])
        return answer

    def rule(self, name: str, pattern: dict[str, Any], *workflows: str) -> None:
        """A rule that notifies workflows."""
        self.call("PutRule", Name=name, EventPattern=json.dumps(pattern))
        if workflows:
            targets = [workflow_target(one, str(number)) for number, one in enumerate(workflows)]
            answer = self.call("PutTargets", Rule=name, Targets=targets)
            assert answer["FailedEntryCount"] == 0, answer

    def send(self, detail: dict[str, Any], source: str = "app", kind: str = "News") -> str:
        """Put one event; its id."""
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
        answer = self.call("PutEvents", Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return str(answer["Entries"][0]["EventId"])

    def held(self) -> list[tuple[str, str]]:
        """What reached workflows: their names and the events' ids, in order."""
        query = "SELECT workflow, event_id FROM held_event ORDER BY id"
        return self.database.read(lambda tx: [(row["workflow"], row["event_id"]) for row in tx.execute(query)])

    def close(self) -> None:
        self.database.close()


@contextmanager
def bridge_at(path: Path) -> Iterator[Bridge]:
    """A bridge over the state file at ``path``, closed at the end."""
    bridge = Bridge(path)
    try:
        yield bridge
    finally:
        bridge.close()
