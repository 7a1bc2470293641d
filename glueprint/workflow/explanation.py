"""Explanations of a run: what did not run, the reasons, and the chains that these form.

Each job or crawler that did not run and each trigger that did not fire is a *silence*. It has reasons. A reason is
either a root cause (a job that failed, a trigger that was not active, ...) or refers to another silence. The graph
has linear size, whatever the number of paths through it; :meth:`Explanation.chain` walks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.compat import StrEnum
from glueprint.facts.predicate import Node


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A node of the run's graph: ``kind`` is TRIGGER, JOB or CRAWLER; WORKFLOW if it has no starting trigger."""

    kind: str
    name: str

    @classmethod
    def of(cls, node: Node) -> Subject:
        """Return the subject for a job or crawler."""
        return cls(node.kind.value, node.name)


class Cause(StrEnum):
    """The kind of a reason. The first two refer to another silence; the others are root causes."""

    TRIGGER_DID_NOT_FIRE = "TRIGGER_DID_NOT_FIRE"
    NODE_DID_NOT_RUN = "NODE_DID_NOT_RUN"
    ENDED_OTHERWISE = "ENDED_OTHERWISE"
    NOT_ENDED = "NOT_ENDED"
    NOT_ACTIVE = "NOT_ACTIVE"
    NOTHING_STARTS_IT = "NOTHING_STARTS_IT"
    CONTRADICTION = "CONTRADICTION"
    WAITS_IN_A_CIRCLE = "WAITS_IN_A_CIRCLE"
    NO_CONDITIONS = "NO_CONDITIONS"
    RUN_STOPPED = "RUN_STOPPED"
    RUN_REFUSED = "RUN_REFUSED"
    NOT_STARTED_YET = "NOT_STARTED_YET"
    NOT_IN_THE_GRAPH = "NOT_IN_THE_GRAPH"
    NEVER_STARTED = "NEVER_STARTED"
    NOT_DUE = "NOT_DUE"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a silence."""

    cause: Cause
    text: str
    """A sentence for an analyst."""
    about: Subject
    """The node or trigger that the reason is about."""
    refers_to: Subject | None = None
    """The silence behind this reason; None: it is a root cause."""
    state: str | None = None
    run_id: str | None = None
    """The job run that ended so."""
    error: str | None = None
    """The most informative line of its ErrorMessage."""

    def to_json(self) -> dict[str, Any]:
        """Plain data; members without a value are left out."""
        data = {
            "cause": self.cause.value,
            "text": self.text,
            "about": {"kind": self.about.kind, "name": self.about.name},
            "refers_to": self.refers_to and {"kind": self.refers_to.kind, "name": self.refers_to.name},
            "state": self.state,
            "run_id": self.run_id,
            "error": self.error,
        }
        return {name: value for name, value in data.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Step:
    """A reason in a chain, and the number of reasons before it."""

    depth: int
    reason: Reason


@dataclass(frozen=True)
class Explanation:
    """Everything that did not run or fire in a run, and why."""

    status: str
    silences: Mapping[Subject, tuple[Reason, ...]]
    failures: tuple[Reason, ...] = ()
    """The jobs and crawlers that ran and did not end SUCCEEDED."""

    def chain(self, subject: Subject) -> list[Step]:
        """The reasons of one silence and those behind them, each silence once, nearest first.

        Raises:
            KeyError: ``subject`` ran or fired, or is not in the graph.
        """
        steps: list[Step] = []
        seen = {subject}
        todo = [Step(0, reason) for reason in reversed(self.silences[subject])]
        while todo:
            step = todo.pop()
            steps.append(step)
            behind = step.reason.refers_to
            if behind is not None and behind not in seen:
                seen.add(behind)
                todo += [Step(step.depth + 1, reason) for reason in reversed(self.silences[behind])]
        return steps

    def root_causes(self, subject: Subject) -> list[Reason]:
        """The root causes of one silence, each once, nearest first."""
        found = (step.reason for step in self.chain(subject) if step.reason.refers_to is None)
        return list(dict.fromkeys(found))
