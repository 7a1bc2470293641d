"""Why nodes of a run did not run, from what GetWorkflowRun returns with IncludeGraph; works on AWS, too.

The graph does not contain which triggers fired. It is inferred: a trigger fired if a job run names it
(``TriggerName``), or if it starts only crawlers, all of them crawled, and its predicate is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.facts.predicate import Condition, Node
from glueprint.facts.states import NodeKind, NodeState, TriggerState, is_final, node_state
from glueprint.workflow.explanation import Cause, Explanation, Reason, Subject
from glueprint.workflow.model import Graph, Trigger
from glueprint.workflow.wire import graph_from_wire

Wire = Mapping[str, Any]

_MAX_NAMED = 5
"""Nodes of a cycle that the text names; the chain has all."""


def explain(run: Wire) -> Explanation:
    """Explain a workflow run.

    Args:
        run: the ``Run`` of GetWorkflowRun with IncludeGraph=true.

    Raises:
        ValueError: there is no graph in it, or the graph is not one of the service model.
    """
    if not run.get("Graph"):
        raise ValueError("the run has no Graph: call GetWorkflowRun with IncludeGraph=true")
    return _Reader(run).read()


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest job run or crawl of a node."""

    state: NodeState
    run_id: str | None
    error: str | None
    detail: str | None
    attempts: int


@dataclass
class _Reader:
    run: Wire
    graph: Graph = field(init=False)
    last: dict[Node, _Last] = field(init=False)
    named: set[str] = field(init=False)
    """The triggers that a job run names."""
    starters: dict[Node, list[Trigger]] = field(init=False)

    def __post_init__(self) -> None:
        nodes = self.run["Graph"].get("Nodes") or []
        self.graph = graph_from_wire(self.run["Graph"])
        self.last, self.named, self.starters = {}, set(), {}
        for shape in nodes:
            self._read_node(shape)
        for trigger in self.graph.triggers:
            for action in trigger.actions:
                self.starters.setdefault(action.node, []).append(trigger)

    def _read_node(self, shape: Wire) -> None:
        if shape["Type"] == NodeKind.JOB:
            runs = (shape.get("JobDetails") or {}).get("JobRuns") or []
            if runs:
                self.last[Node(NodeKind.JOB, shape["Name"])] = _last_job_run(runs)
            self.named.update(one["TriggerName"] for one in runs if one.get("TriggerName"))
        elif shape["Type"] == NodeKind.CRAWLER:
            crawls = (shape.get("CrawlerDetails") or {}).get("Crawls") or []
            if crawls:
                self.last[Node(NodeKind.CRAWLER, shape["Name"])] = _last_crawl(crawls)

    def read(self) -> Explanation:
        silences: dict[Subject, tuple[Reason, ...]] = {}
        for node in self.graph.nodes:
            if node not in self.last:
                silences[Subject.of(node)] = tuple(self._why_not_run(node))
        for trigger in self.graph.triggers:
            if not self._fired(trigger):
                silences[_subject(trigger)] = tuple(self._why_not_fired(trigger))
        failures = tuple(self._failures())
        return Explanation(self.run.get("Status") or "", _with_roots_of_cycles(silences), failures)

    def _failures(self) -> Iterator[Reason]:
        for node, last in self.last.items():
            if is_final(last.state) and last.state != "SUCCEEDED":
                yield self._end_of(node, last, f"`{node.name}` ")

    def _end_of(self, node: Node, last: _Last, before: str) -> Reason:
        return Reason(
            Cause.ENDED_OTHERWISE,
            before + self._ended(last),
            Subject.of(node),
            state=last.state.value,
            run_id=last.run_id,
            error=last.error,
        )

    def _ended(self, last: _Last) -> str:
        by = f" (run {last.run_id})" if last.run_id else ""
        if last.state == "SUCCEEDED":
            return f"ended SUCCEEDED{by}."
        after = f" after {last.attempts} attempts" if last.attempts > 1 else ""
        error = last.error
        if error is None and self._stopped and last.state in ("STOPPED", "CANCELLED"):
            error = "the workflow run was stopped"
        return f"ended {last.state}{after}{by}" + (f": {error}" if error else ".")

    @property
    def _stopped(self) -> bool:
        return self.run.get("Status") in ("STOPPING", "STOPPED")

    def _fired(self, trigger: Trigger) -> bool:
        if trigger.name in self.named:
            return True
        crawlers_only = all(action.node.kind is NodeKind.CRAWLER for action in trigger.actions)
        crawled = bool(trigger.actions) and all(action.node in self.last for action in trigger.actions)
        if not (crawlers_only and crawled):
            return False
        return trigger.starts_workflow or self.graph.predicates[trigger.name].evaluate(self._met)

    def _met(self, condition: Condition) -> bool:
        last = self.last.get(condition.node)
        return last is not None and last.state == condition.state

    def _why_not_run(self, node: Node) -> Iterator[Reason]:
        starters = self.starters.get(node, [])
        if not starters:
            yield Reason(
                Cause.NOTHING_STARTS_IT,
                f"No trigger of this workflow starts `{node.name}`; runs started elsewhere do not count here.",
                Subject.of(node),
            )
        for trigger in starters:
            if self._fired(trigger):
                yield self._fired_without_it(trigger, node)
            else:
                yield Reason(
                    Cause.TRIGGER_DID_NOT_FIRE,
                    f"`{node.name}` is started by trigger `{trigger.name}`, which did not fire.",
                    _subject(trigger),
                    refers_to=_subject(trigger),
                )

    def _fired_without_it(self, trigger: Trigger, node: Node) -> Reason:
        """The trigger fired, but one of its nodes has no run."""
        fired = f"Trigger `{trigger.name}` fired, but `{node.name}`"
        if self._stopped:
            text = f"{fired} had not started when the workflow run was stopped."
            return Reason(Cause.RUN_STOPPED, text, Subject.of(node))
        return Reason(Cause.NOT_STARTED_YET, f"{fired} has not started yet.", Subject.of(node))

    def _why_not_fired(self, trigger: Trigger) -> Iterator[Reason]:
        own = _subject(trigger)
        status = self.run.get("Status")
        if status == "ERROR":
            message = self.run.get("ErrorMessage") or "no message is given"
            text = f"The workflow run was refused before anything started: {message}"
            yield Reason(Cause.RUN_REFUSED, text, own, error=message)
            return
        if trigger.starts_workflow:
            yield self._why_not_started(trigger)
            return
        if trigger.state is not TriggerState.ACTIVATED:
            yield Reason(
                Cause.NOT_ACTIVE,
                f"Trigger `{trigger.name}` was {trigger.state} when the run started, and only an ACTIVATED "
                "trigger fires; StartTrigger activates it for later runs.",
                own,
                state=trigger.state.value,
            )
        if not trigger.conditions:
            text = f"Trigger `{trigger.name}` has no conditions, so nothing makes it fire."
            yield Reason(Cause.NO_CONDITIONS, text, own)
            return
        yield from self._contradictions(trigger)
        missing = self.graph.predicates[trigger.name].missing(self._met)
        for condition in missing:
            yield self._why_unmet(trigger, condition)
        if not missing and trigger.state is TriggerState.ACTIVATED:
            yield self._why_idle(trigger)

    def _why_not_started(self, trigger: Trigger) -> Reason:
        own = _subject(trigger)
        if not trigger.actions:
            text = f"Starting trigger `{trigger.name}` has no actions, so the run had nothing to do."
            return Reason(Cause.NOTHING_STARTS_IT, text, own)
        if self._stopped:
            text = f"The workflow run was stopped before starting trigger `{trigger.name}` started anything."
            return Reason(Cause.RUN_STOPPED, text, own)
        return Reason(Cause.NOT_STARTED_YET, f"Nothing of starting trigger `{trigger.name}` has started yet.", own)

    def _contradictions(self, trigger: Trigger) -> Iterator[Reason]:
        """An AND that needs one node in two states."""
        for node, states in self.graph.predicates[trigger.name].contradictions().items():
            yield Reason(
                Cause.CONTRADICTION,
                f"Trigger `{trigger.name}` needs `{node.name}` {' and '.join(states)} at once, "
                "which is impossible.",
                _subject(trigger),
            )

    def _why_unmet(self, trigger: Trigger, condition: Condition) -> Reason:
        node, about = condition.node, Subject.of(condition.node)
        waits = f"Trigger `{trigger.name}` waits for `{node.name}` {condition.state}"
        last = self.last.get(node)
        if last is None:
            text = f"{waits}; `{node.name}` did not run."
            return Reason(Cause.NODE_DID_NOT_RUN, text, about, refers_to=about)
        if not is_final(last.state):
            detail = f" ({last.detail})" if last.detail else ""
            text = f"{waits}; `{node.name}` is still {last.state}{detail}."
            return Reason(Cause.NOT_ENDED, text, about, state=last.state.value, run_id=last.run_id)
        return self._end_of(node, last, f"{waits}; `{node.name}` ")

    def _why_idle(self, trigger: Trigger) -> Reason:
        """Its predicate is true, it is active, and it did not fire."""
        own = _subject(trigger)
        if self._stopped:
            text = f"The conditions of trigger `{trigger.name}` are true, but the workflow run was stopped first."
            return Reason(Cause.RUN_STOPPED, text, own)
        if self.run.get("Status") == "RUNNING":
            text = f"The conditions of trigger `{trigger.name}` are true; it is about to fire."
            return Reason(Cause.NOT_STARTED_YET, text, own)
        return Reason(
            Cause.NOT_IN_THE_GRAPH,
            f"The conditions of trigger `{trigger.name}` are true now, but it did not fire; the run's graph does "
            "not contain the reason (on AWS: check whether this workflow started the watched runs).",
            own,
        )


def _with_roots_of_cycles(silences: dict[Subject, tuple[Reason, ...]]) -> dict[Subject, tuple[Reason, ...]]:
    """Add a root cause to silences that only refer to each other: nothing else explains them.

    Each cycle gets one, at its first element: the others, and all silences that wait for the cycle, lead to it.
    """
    rooted: set[Subject] = set()
    waiting: dict[Subject, list[Subject]] = {}
    ahead: dict[Subject, Subject] = {}
    for subject, reasons in silences.items():
        for reason in reasons:
            if reason.refers_to in silences:
                waiting.setdefault(reason.refers_to, []).append(subject)
                ahead.setdefault(subject, reason.refers_to)

    def root(found: list[Subject]) -> None:
        while found:
            subject = found.pop()
            if subject not in rooted:
                rooted.add(subject)
                found += waiting.get(subject, [])

    root([one for one, reasons in silences.items() if any(reason.refers_to not in silences for reason in reasons)])
    explained = dict(silences)
    for subject in silences:
        if subject not in rooted:
            cycle = _cycle_from(subject, ahead)
            explained[cycle[0]] = (*silences[cycle[0]], _waits_in_a_cycle(cycle))
            root(cycle)
    return explained


def _cycle_from(start: Subject, ahead: Mapping[Subject, Subject]) -> list[Subject]:
    """Return the cycle that the path from ``start`` leads into."""
    path: dict[Subject, None] = {}
    while start not in path:
        path[start] = None
        start = ahead[start]
    passed = list(path)
    return passed[passed.index(start) :]


def _waits_in_a_cycle(cycle: list[Subject]) -> Reason:
    names = [f"`{one.name}`" for one in cycle if one.kind != "TRIGGER"]
    if len(names) == 1:
        text = f"{names[0]} waits for itself, and nothing else sets it off."
    else:
        if len(names) > _MAX_NAMED + 1:
            names = [*names[:_MAX_NAMED], f"{len(names) - _MAX_NAMED} more"]
        text = f"{', '.join(names[:-1])} and {names[-1]} wait for each other; nothing else sets any of them off."
    return Reason(Cause.WAITS_IN_A_CIRCLE, text, cycle[0])


def _last_job_run(runs: list[Wire]) -> _Last:
    newest = max(enumerate(runs), key=lambda pair: (_moment(pair[1]), pair[1].get("Attempt") or 0, pair[0]))[1]
    return _Last(
        node_state(NodeKind.JOB, newest["JobRunState"]),
        newest.get("Id"),
        error_line(newest.get("ErrorMessage")),
        newest.get("StateDetail"),
        (newest.get("Attempt") or 0) + 1,
    )


def _last_crawl(crawls: list[Wire]) -> _Last:
    newest = max(enumerate(crawls), key=lambda pair: (_moment(pair[1]), pair[0]))[1]
    state = node_state(NodeKind.CRAWLER, newest["State"])
    return _Last(state, None, error_line(newest.get("ErrorMessage")), None, 1)


def _moment(shape: Wire) -> float:
    """Return ``StartedOn`` as a number: botocore returns a datetime, the wire has a number."""
    started = shape.get("StartedOn")
    if started is None:
        return 0.0
    return float(started) if isinstance(started, (int, float)) else float(started.timestamp())


def error_line(message: str | None) -> str | None:
    """Return the most informative line of an ErrorMessage: the last of a traceback, else the first."""
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()]
    if not lines:
        return None
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]


def _subject(trigger: Trigger) -> Subject:
    return Subject("TRIGGER", trigger.name)
