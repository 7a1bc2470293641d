"""Messages of rules to SQS queues and SNS topics.

A message is a pending action, stored with the event: it is sent once the event has happened, also after a crash
of the server, and possibly twice then (EventBridge delivers at least once). Queues and topics are in memory.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.store.database import Connection

logger = logging.getLogger(__name__)

_SERVER_FAILURE = 500


class Calls(Protocol):
    """Calls services of this server."""

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return an operation's output shape and its answer."""
        ...


def send(tx: Connection, rule: str, target: Mapping[str, Any], text: str) -> None:
    """Store a message for a target, a queue or a topic."""
    message = {"rule": rule, "arn": target["Arn"], "sqs": target.get("SqsParameters") or {}, "text": text}
    add_action(tx, ActionKind.SEND_MESSAGE, json.dumps(message))


class Messages:
    """Sends the messages that are pending."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def deliver(self, subject: str) -> None:
        """Send a message; one that the service refuses is lost, as on AWS without a DeadLetterConfig.

        Raises:
            ClientError: the service failed; the message is sent again later.
        """
        message = json.loads(subject)
        try:
            self._deliver(message["arn"], message["sqs"], message["text"])
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= _SERVER_FAILURE:
                raise
            text = "rule %s cannot send to %s: %s; the event is lost"
            logger.warning(text, message["rule"], message["arn"], error)

    def _deliver(self, arn: str, parameters: Mapping[str, Any], text: str) -> None:
        service, name = arn.split(":")[2], arn.split(":")[5]
        if service == "sns":
            self._calls.call("sns", "Publish", {"TopicArn": arn, "Message": text})
            return
        _, found = self._calls.call("sqs", "GetQueueUrl", {"QueueName": name})
        self._calls.call("sqs", "SendMessage", {"QueueUrl": found["QueueUrl"], "MessageBody": text, **parameters})
