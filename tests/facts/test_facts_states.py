"""States, compared with the installed service model."""

from __future__ import annotations

import botocore.session
import pytest

from glueprint.compat import StrEnum
from glueprint.facts import states
from glueprint.facts.predicate import Logical
from glueprint.facts.states import (
    ACTIVE_CRAWL_STATES,
    ACTIVE_JOB_STATES,
    ADMITTED_JOB_STATES,
    CrawlerHistoryState,
    CrawlState,
    JobState,
    NodeKind,
    RunStatus,
    history_state,
    is_final,
    node_state,
)
from glueprint.local.store.literals import text_list
from glueprint.local.store.schema import GLUE_SCHEMA

MODEL = botocore.session.get_session().get_service_model("glue")


@pytest.mark.parametrize(
    ("shape", "enum"),
    [
        ("JobRunState", states.JobState),
        ("CrawlState", states.CrawlState),
        ("CrawlerState", states.CrawlerState),
        ("CrawlerHistoryState", states.CrawlerHistoryState),
        ("ScheduleState", states.ScheduleState),
        ("PartitionIndexStatus", states.PartitionIndexStatus),
        ("WorkflowRunStatus", states.RunStatus),
        ("BlueprintStatus", states.BlueprintStatus),
        ("BlueprintRunState", states.BlueprintRunState),
        ("TriggerType", states.TriggerType),
        ("TriggerState", states.TriggerState),
        ("Logical", Logical),
    ],
)
def test_states_are_those_of_the_service_model(shape: str, enum: type[StrEnum]) -> None:
    """No state is missing and none is invented (service model)."""
    assert sorted(enum) == sorted(MODEL.shape_for(shape).enum)


def test_each_state_is_active_or_final() -> None:
    """A job run in WAITING is active, and not admitted (service model, JobRunState)."""
    for state in [*JobState, *CrawlState]:
        assert is_final(state) is not (state in (*ACTIVE_JOB_STATES, *ACTIVE_CRAWL_STATES))
    assert set(ACTIVE_JOB_STATES) - set(ADMITTED_JOB_STATES) == {JobState.WAITING}
    assert [status for status in RunStatus if not status.is_final] == [RunStatus.RUNNING, RunStatus.STOPPING]


@pytest.mark.parametrize("state", list(CrawlState))
def test_an_ended_crawl_has_ended_in_the_history(state: CrawlState) -> None:
    """ListCrawls shows a crawl under way as RUNNING (service model, CrawlerHistoryState)."""
    assert is_final(state) is (history_state(state) is not CrawlerHistoryState.RUNNING)


def test_states_of_nodes_are_read_by_kind() -> None:
    """Jobs and crawlers have different states (service model)."""
    assert node_state(NodeKind.JOB, "TIMEOUT") is JobState.TIMEOUT
    assert node_state(NodeKind.CRAWLER, "CANCELLED") is CrawlState.CANCELLED
    with pytest.raises(ValueError, match="TIMEOUT"):
        node_state(NodeKind.CRAWLER, "TIMEOUT")


def test_the_indexes_of_active_runs_cover_the_active_states() -> None:
    """The schema is never edited, so its partial indexes repeat the states: the same ones."""
    assert f"WHERE state IN {text_list(ACTIVE_JOB_STATES)};" in GLUE_SCHEMA
    assert f"WHERE state IN {text_list(ACTIVE_CRAWL_STATES)};" in GLUE_SCHEMA
