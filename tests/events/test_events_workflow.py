"""The bus in front of the engine: an event starts an EVENT workflow, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from events_harness import PLACE, ROLE, workflow_target

from glueprint.local.clock import ManualClock
from glueprint.local.engine.dispatcher import Slots
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.listener import RunListener
from glueprint.local.events import EVENTS_SCHEMA, EventBridge, Events
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.orchestration.triggers import Triggers
from glueprint.local.glue.orchestration.workflows import Workflows
from glueprint.local.store import Database
from glueprint.local.store.schema import GLUE_SCHEMA


class Glue:
    """Workflows, triggers, engine and EventBridge, put together as the server does."""

    def __init__(self, path: Path) -> None:
        clock = ManualClock()
        self.database = Database(path, (GLUE_SCHEMA, EVENTS_SCHEMA), lambda: self.engine.forget())
        self.engine = Engine(self.database, clock, Slots(1), RunListener())
        self.workflows = Workflows(self.database, clock)
        self.jobs = Jobs(self.database, clock)
        self.triggers = Triggers(self.database, clock, self.engine)
        events = Events(lambda tx, workflow, event: self.engine.windows.arrived(tx, workflow, event.id))
        self.bridge = EventBridge(self.database, self.engine, events, clock.now)

    def send(self, number: int) -> list[str]:
        """Put that many events; their ids."""
        entries = [{"Source": "app", "DetailType": "News", "Detail": "{}"}] * number
        answer = self.bridge.put_events(PLACE, {"Entries": entries})
        return [one["EventId"] for one in answer["Entries"]]

    def batches(self) -> list[list[str]]:
        """The event ids of each run of a workflow, as its run properties hold them."""
        query = "SELECT value FROM run_property WHERE key = 'aws:eventIds'"
        return self.database.read(lambda tx: [json.loads(row["value"]) for row in tx.execute(query)])


@pytest.fixture
def glue(tmp_path: Path) -> Iterator[Glue]:
    glue = Glue(tmp_path / "state.sqlite")
    try:
        prepare(glue)
        yield glue
    finally:
        glue.database.close()


def prepare(glue: Glue) -> None:
    """A job, a workflow, and a rule that notifies it."""
    glue.jobs.create_job(PLACE, {"Name": "load", "Role": ROLE, "Command": {"Name": "pythonshell"}})
    glue.workflows.create_workflow(PLACE, {"Name": "w"})
    pattern = json.dumps({"source": ["app"]})
    glue.bridge.put_rule(PLACE, {"Name": "r", "EventPattern": pattern})
    glue.bridge.put_targets(PLACE, {"Rule": "r", "Targets": [workflow_target("w")]})


def event_trigger(glue: Glue, **condition: Any) -> None:
    request = {"Name": "t", "WorkflowName": "w", "Type": "EVENT", "Actions": [{"JobName": "load"}]}
    glue.triggers.create_trigger(PLACE, request | condition)


def test_an_event_starts_the_workflow_and_its_id_is_in_the_run_properties(glue: Glue) -> None:
    """EVENT triggers are live on creation; aws:eventIds holds the ids
    (docs/facts/workflows.md#start-by-events)."""
    event_trigger(glue)
    (event,) = glue.send(1)
    assert glue.batches() == [[event]]


def test_a_batch_of_events_starts_one_run(glue: Glue) -> None:
    """BatchSize events start one run, then a new batch starts (docs/facts/workflows.md#start-by-events)."""
    event_trigger(glue, EventBatchingCondition={"BatchSize": 3, "BatchWindow": 900})
    first = glue.send(2)
    assert glue.batches() == []
    rest = glue.send(2)
    assert glue.batches() == [[*first, rest[0]]]
