"""Rules that send events to SQS queues and SNS topics, in front of services that note what they get."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from events_harness import PLACE

from glueprint.local.clock import ManualClock
from glueprint.local.engine.pending_actions import actions_after
from glueprint.local.events import EVENTS_SCHEMA, EventBridge, Events
from glueprint.local.events.messages import Messages, send
from glueprint.local.store import Database
from glueprint.local.store.schema import GLUE_SCHEMA

QUEUE = "arn:aws:sqs:us-east-1:123456789012:ends"
TOPIC = "arn:aws:sns:us-east-1:123456789012:ends"


class Services:
    """SQS and SNS."""

    def __init__(self, status: int = 200) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._status = status

    def call(self, service: str, operation: str, parameters: Any) -> tuple[Any, Any]:
        """Note a call, or refuse it."""
        if self._status != 200:
            answer = {"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": self._status}}
            raise ClientError(answer, operation)  # type: ignore[arg-type]
        self.calls.append((operation, parameters))
        return None, {"QueueUrl": "http://q"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A store with a rule for source app."""
    database = Database(tmp_path / "state.sqlite", (GLUE_SCHEMA, EVENTS_SCHEMA), lambda: None)
    try:
        yield database
    finally:
        database.close()


def put_event(database: Database, *targets: dict[str, Any]) -> list[str]:
    """Create a rule with these targets and put an event; the subjects of the actions that are pending then."""
    bridge = EventBridge(database, database, Events(lambda *event: False, send=send), ManualClock().now)
    bridge.put_rule(PLACE, {"Name": "r", "EventPattern": json.dumps({"source": ["app"]})})
    assert not bridge.put_targets(PLACE, {"Rule": "r", "Targets": list(targets)})["FailedEntries"]
    event = {"Source": "app", "DetailType": "News", "Detail": json.dumps({"n": 1})}
    bridge.put_events(PLACE, {"Entries": [event]})
    return [one.subject for one in database.read(lambda tx: actions_after(tx, 0))]


def test_queues_and_topics_get_the_event(database: Database) -> None:
    """The message is the event as JSON, the part that InputPath selects, or Input; no role is needed, since
    resource policies allow rules to send (EventBridge guide, "Targets")."""
    subjects = put_event(
        database,
        {"Id": "1", "Arn": QUEUE},
        {"Id": "2", "Arn": TOPIC, "InputPath": "$.detail.n"},
        {"Id": "3", "Arn": f"{QUEUE}.fifo", "Input": '"x"', "SqsParameters": {"MessageGroupId": "g"}},
    )
    services = Services()
    for subject in subjects:
        Messages(services).deliver(subject)
    (get, sent, published, get_other, grouped) = services.calls
    assert get == ("GetQueueUrl", {"QueueName": "ends"})
    assert (sent[0], sent[1]["QueueUrl"]) == ("SendMessage", "http://q")
    body = json.loads(sent[1]["MessageBody"])
    assert (body["source"], body["detail"]) == ("app", {"n": 1})
    assert published == ("Publish", {"TopicArn": TOPIC, "Message": "1"})
    assert get_other[1] == {"QueueName": "ends.fifo"}
    assert grouped[1] == {"QueueUrl": "http://q", "MessageBody": '"x"', "MessageGroupId": "g"}


def test_a_refused_message_is_lost_and_a_failed_one_is_sent_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a DeadLetterConfig, an event that a target refuses is dropped (EventBridge guide, "Retry policy");
    the server logs it. A failure of the service leaves the action pending."""
    (subject,) = put_event(database, {"Id": "1", "Arn": QUEUE})
    with caplog.at_level(logging.WARNING):
        Messages(Services(400)).deliver(subject)
    assert f"rule r cannot send to {QUEUE}" in caplog.text
    with pytest.raises(ClientError):
        Messages(Services(500)).deliver(subject)
