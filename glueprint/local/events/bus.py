"""The default event bus: delivers each event to what its rules select, within one transaction."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from glueprint.local.events.event import Event
from glueprint.local.events.pattern import parse_pattern
from glueprint.local.events.rules import Transaction, has_subscriptions, subscriptions
from glueprint.local.events.targets import gets_messages, input_of, is_state_machine
from glueprint.statemachine.paths import json_text

logger = logging.getLogger(__name__)

T = TypeVar("T")

Deliver = Callable[[Transaction, str, Event], bool]
"""Delivers an event to the workflow of that name, within the transaction; False if it has no EVENT trigger."""


StartExecution = Callable[[Transaction, str, Event, Any], bool]
"""Starts an execution of the state machine of that name, with this input; False: there is none."""


SendMessage = Callable[[Transaction, str, Mapping[str, Any], str], None]
"""Sends a text to a queue or topic, the target of the rule of that name, once the transaction is stored."""


class Writer(Protocol):
    """Writes to the store, and carries out the actions that deliveries cause: the engine."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in a transaction and return its result once it is on disk."""
        ...


class Events:
    """The bus.

    Args:
        deliver: the receiver: EVENT triggers and their windows.
        start_execution: the receiver of events for state machines.
        send: sends events to queues and topics.
    """

    def __init__(
        self,
        deliver: Deliver,
        start_execution: StartExecution = lambda tx, machine, event, given: False,
        send: SendMessage = lambda tx, rule, target, text: None,
    ) -> None:
        self._deliver = deliver
        self._start_execution = start_execution
        self._send = send

    def put(self, tx: Transaction, events: Iterable[Event]) -> None:
        """Deliver events, in their order, as part of ``tx``: they arrive if and only if it is committed.

        An event that two rules select for the same workflow arrives twice, as from EventBridge.
        """
        wanted = [(one, parse_pattern(one.pattern)) for one in subscriptions(tx)]
        if not wanted:
            return
        for event in events:
            envelope = event.envelope()
            for one, pattern in wanted:
                if not pattern.matches(envelope):
                    continue
                if gets_messages(one.arn):
                    target = json.loads(one.body)
                    self._send(tx, one.rule, target, json_text(input_of(target, envelope)))
                    continue
                if is_state_machine(one.arn):
                    given = input_of(json.loads(one.body), envelope)
                    lost = not self._start_execution(tx, one.workflow, event, given)
                    kind, why = "state machine", "which does not exist"
                else:
                    lost = not self._deliver(tx, one.workflow, event)
                    kind, why = "workflow", "which does not exist or has no EVENT trigger"
                if lost:
                    logger.warning(
                        "rule %s sent event %s (%s) to %s %s, %s: the event is lost",
                        one.rule,
                        event.id,
                        event.detail_type,
                        kind,
                        one.workflow,
                        why,
                    )

    def rule_for(self, tx: Transaction, event: Event) -> str | None:
        """Return the name of a rule that would deliver this event, or None."""
        envelope = event.envelope()
        return next((one.rule for one in subscriptions(tx) if parse_pattern(one.pattern).matches(envelope)), None)

    def has_subscribers(self, tx: Transaction) -> bool:
        """Whether any enabled rule has a target: without one, no event needs to be made."""
        return has_subscriptions(tx)
