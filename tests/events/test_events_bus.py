"""The bus: which workflows get an event, if and only if its transaction is committed."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

import pytest
from events_harness import PLACE, Bridge, bridge_at

from glueprint.local.events.event import Event, new_event
from glueprint.local.events.rules import Transaction


def _news(**detail: object) -> Event:
    return new_event(PLACE, "app", "News", 1_700_000_000.5, detail)


def test_a_matching_event_reaches_the_rule_s_workflow(bridge: Bridge) -> None:
    """The rule targets the workflow's ARN; the event's id reaches the workflow
    (docs/facts/workflows.md#start-by-events)."""
    bridge.rule("r", {"source": ["app"], "detail": {"kind": ["good"]}}, "w")
    wanted = bridge.send({"kind": "good"})
    bridge.send({"kind": "bad"})
    assert bridge.held() == [("w", wanted)]
    assert str(uuid.UUID(wanted)) == wanted


def test_every_matching_rule_and_target_gets_the_event(bridge: Bridge) -> None:
    """Events are not de-duplicated: two rules for one workflow deliver twice
    (docs/facts/workflows.md#start-by-events)."""
    bridge.rule("one", {"source": ["app"]}, "w", "v")
    bridge.rule("two", {"detail-type": ["News"]}, "w")
    event = bridge.send({})
    assert bridge.held() == [("w", event), ("v", event), ("w", event)]


def test_disabled_rules_deliver_nothing_until_enabled(bridge: Bridge) -> None:
    """DisableRule: a disabled rule does not match any events (API reference)."""
    bridge.rule("r", {"source": ["app"]}, "w")
    bridge.call("DisableRule", Name="r")
    bridge.send({})
    bridge.call("EnableRule", Name="r")
    event = bridge.send({})
    assert bridge.held() == [("w", event)]


def test_delivery_belongs_to_the_transaction_that_puts_the_event(bridge: Bridge) -> None:
    """A transaction that is undone delivers nothing: a crash loses or invents no event."""
    bridge.rule("r", {"source": ["app"]}, "w")
    seen_inside: list[int] = []

    def work(tx: Transaction) -> None:
        bridge.events.put(tx, [_news()])
        seen_inside.append(tx.execute("SELECT count(*) FROM held_event").fetchone()[0])
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        bridge.database.write(work)
    assert seen_inside == [1]
    assert bridge.held() == []


def test_rules_targets_and_what_was_delivered_survive_a_restart(tmp_path: Path) -> None:
    """EVENT tests restart the server between the rule and the event."""
    path = tmp_path / "state.sqlite"
    with bridge_at(path) as first:
        first.rule("r", {"source": ["app"], "detail": {"n": [{"numeric": [">", 1]}]}}, "w")
        before = first.send({"n": 2})
    with bridge_at(path) as second:
        after = second.send({"n": 3})
        second.send({"n": 1})
        assert second.held() == [("w", before), ("w", after)]


def test_an_event_without_a_receiver_is_logged(bridge: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    """A dropped event is logged."""
    bridge.workflows.closed.add("gone")
    bridge.rule("r", {"source": ["app"]}, "gone", "w")
    with caplog.at_level(logging.WARNING):
        event = bridge.send({})
    assert bridge.held() == [("w", event)]
    assert f"rule r sent event {event} (News) to workflow gone" in caplog.text


def test_the_envelope_is_eventbridge_s() -> None:
    """The members of an event (EventBridge guide, "Events"); time in whole seconds, UTC."""
    event = _news(a=1)
    assert event.envelope() == {
        "version": "0",
        "id": event.id,
        "detail-type": "News",
        "source": "app",
        "account": "123456789012",
        "time": "2023-11-14T22:13:20Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"a": 1},
    }


def test_has_subscribers_says_whether_events_are_worth_making(bridge: Bridge) -> None:
    """A put object costs no transaction while no enabled rule has a target (a choice,
    docs/decisions/eventbridge.md)."""

    def has_subscribers() -> bool:
        return bridge.database.read(bridge.events.has_subscribers)

    bridge.rule("r", {"source": ["aws.s3"]})
    assert not has_subscribers()
    bridge.rule("r", {"source": ["aws.s3"]}, "w")
    assert has_subscribers()
    bridge.call("DisableRule", Name="r")
    assert not has_subscribers()
