"""Why jobs and crawlers of a run did not run, with the last log lines of what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from glueprint.client.event_sources import event_problems
from glueprint.client.graph_names import find_subjects
from glueprint.client.last_lines import LastLines, last_lines_of_failures
from glueprint.client.runs import RunView
from glueprint.client.session import Session
from glueprint.client.workflows import WorkflowView
from glueprint.facts.states import TriggerType
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Explanation, Reason, Subject
from glueprint.workflow.root_causes import behind, roots, silences_json
from glueprint.workflow.unstarted import why_not_started

Logs = Mapping[Subject, LastLines]
"""The last log lines of failed jobs and crawlers."""


@dataclass(frozen=True, slots=True)
class ExplainedRun:
    """A run with its explanation.

    Attributes:
        subjects: the jobs, crawlers or triggers that are explained; None explains the complete run.
        logs: the last log lines of the failures that matter to them.
    """

    run: RunView
    explanation: Explanation
    subjects: tuple[Subject, ...] | None = None
    logs: Logs = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything that is explained ran, or fired."""
        subjects = self.subjects
        if subjects is None:
            subjects = tuple(Subject.of(view.node) for view in self.run.nodes)
        return not any(subject in self.explanation.silences for subject in subjects)

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as plain data (docs/json-output.md)."""
        failed = set(relevant_failures(self.explanation, self.subjects))
        marker = self.run.missing_input
        shown = (
            list(self.explanation.silences) if self.subjects is None else behind(self.explanation, self.subjects)
        )
        return {
            "workflow": self.run.workflow,
            "run_id": self.run.run_id,
            "status": self.run.status,
            "files_missing": None if marker is None else marker.reason or "no reason is given",
            "failures": [
                self._failure(failure) for failure in self.explanation.failures if failure.about in failed
            ],
            "silences": silences_json(self.explanation, shown),
        }

    def _failure(self, failure: Reason) -> dict[str, Any]:
        log = self.logs.get(failure.about)
        return failure.to_json() if log is None else {**failure.to_json(), "log": log.to_json()}


@dataclass(frozen=True, slots=True)
class UnstartedWorkflow:
    """A workflow that has not run yet, and why."""

    workflow: str
    reason: Reason

    def to_json(self) -> dict[str, Any]:
        """Return the reason as plain data, in the form of an explained run (docs/json-output.md)."""
        explanation = Explanation("", {self.reason.about: (self.reason,)}, ())
        silences = silences_json(explanation, explanation.silences)
        return {"workflow": self.workflow, "run_id": None, "status": None, "failures": [], "silences": silences}


def explain_run(session: Session, run: RunView, name: str | None, lines: int) -> ExplainedRun:
    """Explain a run, or the jobs, crawlers and triggers of one name.

    Args:
        session: for the logs.
        run: the run.
        name: the name or its prefix; None explains the complete run.
        lines: how many log lines are read for each failure; 0 reads no logs.

    Raises:
        NotFound, Ambiguous: ``name`` matches nothing in the run's graph, or several names.
    """
    explanation = explain(run.wire)
    subjects = None if name is None else tuple(find_subjects(name, run.graph, session.notify))
    failed = relevant_failures(explanation, subjects)
    logs = last_lines_of_failures(session.client("logs"), run, failed, lines) if failed and lines else {}
    return ExplainedRun(run, explanation, subjects, logs)


def explain_unstarted(session: Session, workflow: WorkflowView, now: datetime) -> UnstartedWorkflow:
    """Explain a workflow without runs by its starting trigger.

    Args:
        session: for what keeps events from an EVENT trigger.
        workflow: the workflow.
        now: the present time, aware.
    """
    reason = why_not_started(workflow.name, workflow.graph, now)
    starting = workflow.graph.starting
    if starting is not None and starting.type is TriggerType.EVENT:
        reason = replace(reason, text=" ".join([reason.text, *event_problems(session, workflow.name)]))
    return UnstartedWorkflow(workflow.name, reason)


def relevant_failures(explanation: Explanation, subjects: Sequence[Subject] | None) -> list[Subject]:
    """Return everything that failed; with ``subjects`` only these themselves and their root causes."""
    failed = [failure.about for failure in explanation.failures]
    if subjects is None:
        return failed
    causes = roots(explanation)
    relevant = {root.about for subject in subjects for root in causes.get(subject, ())}.union(subjects)
    return [subject for subject in failed if subject in relevant]
