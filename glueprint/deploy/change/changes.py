"""The difference between a wanted and a deployed workflow, as changes in the order in which they can be made.

The order: the workflow; crawlers and jobs that are new or changed; triggers that go; triggers that change or are
new; jobs and crawlers that go, which no trigger names any more; last what starts runs. Each step leaves a workflow
that Glue accepts: a trigger is never there before what it names (docs/facts/triggers.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.compat import StrEnum
from glueprint.deploy.definitions.comparison import Difference, differences
from glueprint.deploy.definitions.model import Definition, Key, Kind, WorkflowDefinition

NODE_KINDS = (Kind.JOB, Kind.CRAWLER)
STATE_MEMBER = "StartOnCreation"
"""Of a trigger: whether it is active. Its state is changed by StartTrigger and StopTrigger."""


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one resource.

    Attributes:
        action: what happens.
        key: the resource.
        wanted: its wanted definition; None if it is deleted.
        deployed: its present definition; None if it is created.
        differences: what changes.
        reason: why it is replaced, or what a deletion loses.
        drift: the paths of members that others have changed since the last version was applied, and whose present
            values are lost; an empty path stands for a resource that others deleted or added.
    """

    action: Action
    key: Key
    wanted: Definition | None = None
    deployed: Definition | None = None
    differences: tuple[Difference, ...] = field(default=())
    reason: str = ""
    drift: tuple[tuple[str, ...], ...] = ()


def changes_between(
    wanted: WorkflowDefinition | None,
    deployed: Mapping[Key, Definition],
    *,
    owned: Iterable[Key],
    before: Mapping[Key, Definition] | None = None,
) -> list[Change]:
    """Return the changes that make a deployed workflow the wanted one, in order.

    Args:
        wanted: the wanted workflow; None: none of it.
        deployed: what there is of it.
        owned: what may be deleted; other jobs and crawlers stay.
        before: what was wanted when it was deployed, as far as that is known.
    """
    want = wanted.by_key() if wanted is not None else {}
    known = before or {}
    may_go = set(owned)
    found = [
        change
        for key, one in want.items()
        if (change := _change(one, deployed.get(key), known.get(key))) is not None
    ]
    found += [
        Change(Action.DELETE, key, deployed=one, reason=_LOSSES.get(key.kind, ""))
        for key, one in deployed.items()
        if key not in want and (key in may_go or key.kind is Kind.TRIGGER)
    ]
    return sorted(found, key=_order)


def with_drift(
    changes: Iterable[Change], applied: WorkflowDefinition | None, before: Mapping[Key, Definition]
) -> list[Change]:
    """Return changes with what each of them takes back of others.

    Args:
        changes: of the deployed workflow.
        applied: the version that was applied last; None: nothing is recorded, and nothing is known of others.
        before: what was wanted when it was applied.
    """
    if applied is None:
        return list(changes)
    known = applied.by_key()
    return [replace(one, drift=tuple(_drift(one, known.get(one.key), before.get(one.key)))) for one in changes]


def _drift(change: Change, applied: Definition | None, before: Definition | None) -> Iterator[tuple[str, ...]]:
    if (applied is None) is not (change.deployed is None):  # deleted by others, or added by them
        yield ()
    elif applied is not None and change.deployed is not None:
        by_others = [one.path for one in differences(applied, change.deployed, before)]
        for mine in change.differences:
            if any(mine.path[: len(one)] == one[: len(mine.path)] for one in by_others):
                yield mine.path


_LOSSES = {Kind.JOB: "its runs and its bookmark are lost", Kind.CRAWLER: "its history is lost"}


def _change(wanted: Definition, deployed: Definition | None, before: Definition | None) -> Change | None:
    if deployed is None:
        return Change(Action.CREATE, wanted.key, wanted)
    found = tuple(differences(wanted, deployed, before))
    if not found:
        return None
    reason = replacement_reason(wanted, deployed)
    action = Action.REPLACE if reason else Action.UPDATE
    return Change(action, wanted.key, wanted, deployed, found, reason)


def replacement_reason(wanted: Definition, deployed: Definition) -> str:
    """Return why a resource cannot be updated in place; empty if it can."""
    if wanted.kind is Kind.TRIGGER:
        for member in ("Type", "WorkflowName"):  # not members of TriggerUpdate (service model)
            if wanted.members.get(member) != deployed.members.get(member):
                return f"UpdateTrigger cannot change {member}"
    if wanted.kind is Kind.CRAWLER:
        policies = [(one.members.get("RecrawlPolicy") or {}).get("RecrawlBehavior") for one in (wanted, deployed)]
        if policies == ["CRAWL_NEW_FOLDERS_ONLY"] * 2 and _paths(wanted) != _paths(deployed):
            return "UpdateCrawler cannot change S3 targets with CRAWL_NEW_FOLDERS_ONLY"  # DG:incremental-crawls
    return ""


def _paths(crawler: Definition) -> list[Any]:
    return [one.get("Path") for one in (crawler.members.get("Targets") or {}).get("S3Targets") or ()]


def starts_runs(trigger: Definition) -> bool:
    """Whether a trigger starts runs by itself: by a schedule or by events."""
    return trigger.members.get("Type") in ("SCHEDULED", "EVENT")


def without_activity(trigger: Definition) -> Definition:
    """Return a trigger as it is after StopTrigger."""
    return replace(trigger, members={name: one for name, one in trigger.members.items() if name != STATE_MEMBER})


def _order(change: Change) -> tuple[int, str, str]:
    return next(rank for rank, test in enumerate(_RANKS) if test(change)), change.key.kind.value, change.key.name


def _is(action: Action, *kinds: Kind) -> Any:
    return lambda change: change.action is action and change.key.kind in kinds


def _starts_at_end(change: Change) -> bool:
    return change.key.kind is Kind.TRIGGER and change.wanted is not None and starts_runs(change.wanted)


_RANKS = (
    lambda change: change.key.kind is Kind.WORKFLOW and change.action is not Action.DELETE,
    lambda change: change.key.kind in NODE_KINDS and change.action is not Action.DELETE,
    _is(Action.DELETE, Kind.TRIGGER),
    lambda change: change.key.kind is Kind.TRIGGER and not _starts_at_end(change),
    _is(Action.DELETE, *NODE_KINDS),
    _starts_at_end,
    lambda change: True,  # the workflow, if it is deleted
)


def by_action(changes: Iterable[Change]) -> Iterator[tuple[Action, int]]:
    """Return how many changes there are of each action."""
    found = [change.action for change in changes]
    for action in Action:
        if action in found:
            yield action, found.count(action)
