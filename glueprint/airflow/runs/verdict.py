"""Whether an ended workflow run is a success, and the text of its failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.client.presence import presence_markers
from glueprint.client.runs import RunOutcome, RunView
from glueprint.workflow.explain import explain
from glueprint.workflow.explanation import Explanation, Reason

_MAX_SHOWN = 20
"""How many failures, and how many nodes that did not run, a text names."""


class WrongMarker(ValueError):
    """A presence marker is missing, or neither "true" nor "false"."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an ended run counts.

    Attributes:
        text: one line for a success; for a failure also each node with its state and error.
    """

    is_success: bool
    text: str


def presence(run: RunView, key: str) -> bool:
    """Return a presence marker as a boolean.

    Raises:
        WrongMarker: a missing marker is an error, not "false".
    """
    return presence_value(run.properties, key, _name(run))


def presence_value(properties: Mapping[str, str], key: str, run: str) -> bool:
    """Return the presence marker ``key`` of run properties as a boolean; ``run`` names the run in an error.

    Raises:
        WrongMarker: as in :func:`presence`.
    """
    value = properties.get(key)
    if value in ("true", "false"):
        return value == "true"
    found = "is missing" if value is None else f"is {value!r}"
    raise WrongMarker(
        f"run property {key} of {run} {found}: it must be true or false, in lower case; "
        "presence_key names the run property that the workflow's first job puts"
    )


def judge(run: RunView, presence_key: str | None = None) -> Verdict:
    """Judge an ended run.

    COMPLETED is a success if no action failed, timed out, was in error or was stopped: Glue's status is COMPLETED
    also when all actions failed (DG:resuming-workflow). STOPPED is a success only if a presence marker is "false"
    and no action failed: the workflow stopped itself because there was no input. A run that a person stopped
    while it loaded has the marker "true" and no rows.

    Args:
        run: an ended run.
        presence_key: the marker that counts for STOPPED; None: any.
    """
    if run.outcome is RunOutcome.SUCCEEDED:
        return Verdict(True, f"{_name(run)} succeeded")
    if run.outcome is RunOutcome.STOPPED:
        markers = [one for one in presence_markers(run.properties) if presence_key in (None, one.name)]
        missing = next((one for one in markers if not one.is_present), None)
        if missing is not None:
            reason = f": {missing.reason}" if missing.reason else ""
            return Verdict(True, f"{_name(run)} stopped itself, {missing.name} is false{reason}")
    return Verdict(False, failure_text(run, presence_key))


def failure_text(run: RunView, presence_key: str | None = None) -> str:
    """Return what failed in a run: a line with the counts, then each node with its state and error.

    Args:
        run: an ended run.
        presence_key: the marker that counts for STOPPED; None: any.
    """
    explanation = explain(run.wire)
    lines = [f"{_name(run)} ended {run.status}{_counts(run)}"]
    if run.error:
        lines.append(f"  {run.error}")
    lines += _limited([_failure(one) for one in explanation.failures])
    if run.outcome is RunOutcome.STOPPED:
        lines.append(f"  {_why_stopped(run, presence_key)}")
    lines += _limited(_did_not_run(run, explanation))
    return "\n".join(lines)


def _why_stopped(run: RunView, presence_key: str | None) -> str:
    others = [one.name for one in presence_markers(run.properties) if not one.is_present]
    if others and presence_key is not None:
        return f"its run property {presence_key} is not false, but {', '.join(others)} is: is presence_key right?"
    return "it was stopped from outside: no presence marker is false"


def _name(run: RunView) -> str:
    return f"workflow {run.workflow} run {run.run_id}"


def _counts(run: RunView) -> str:
    names = {"FailedActions": "failed", "TimeoutActions": "timed out", "ErroredActions": "in error"}
    names["StoppedActions"] = "stopped"
    found = [f"{run.statistics[name]} {text}" for name, text in names.items() if run.statistics.get(name)]
    total = run.statistics.get("TotalActions")
    return f": {', '.join(found)} of {total} actions" if found and total else ""


def _failure(failure: Reason) -> str:
    about, error = failure.about, f": {failure.error}" if failure.error else ""
    run_id = f" ({failure.run_id})" if failure.run_id else ""
    return f"  {about.kind.lower()} {about.name} {failure.state}{error}{run_id}"


def _did_not_run(run: RunView, explanation: Explanation) -> list[str]:
    names = [subject for subject in explanation.silences if subject.kind != "TRIGGER"]
    return [f"  {one.kind.lower()} {one.name} did not run" for one in names]


def _limited(lines: list[str]) -> list[str]:
    left = len(lines) - _MAX_SHOWN
    return lines if left <= 0 else [*lines[:_MAX_SHOWN], f"  and {left} more"]
