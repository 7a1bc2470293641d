"""What costs are computed from: a deployed workflow or a blueprint, its runs, and durations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from glueprint.client.errors import InvalidArgument, NotFound
from glueprint.client.session import Session
from glueprint.deploy.definitions.layout import lay_out
from glueprint.deploy.definitions.model import Definition, WorkflowDefinition
from glueprint.deploy.definitions.reading import owner, read_workflow
from glueprint.deploy.definitions.subjects import layout_values, one_subject

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def of_blueprint(
    what: str, root: Path, file: Mapping[str, Any] | None, given: Iterable[tuple[str, str]]
) -> WorkflowDefinition:
    """Return what a blueprint's layout makes, without its side effects.

    Args:
        what: a blueprint of the catalogue in ``root``, a folder or a zip.
        file: parameters; None: those of its example, or invented ones.
        given: single parameters as text, which take precedence.

    Raises:
        GlueprintError: there is no such blueprint, or its layout does not return a workflow.
    """
    subject = one_subject(what, root)
    if subject.config is None:
        return lay_out(subject, {}).definition  # raises, with what is wrong
    return lay_out(subject, layout_values(subject, file, given).values).definition


def of_workflow(session: Session, name: str) -> WorkflowDefinition:
    """Return a deployed workflow.

    Raises:
        NotFound: there is none.
    """
    found = read_workflow(session.glue, name, account_id=owner(session), tags=False)
    if found is None:
        raise NotFound(f"there is no workflow {name}")
    return found


def node_named(name: str, nodes: Iterable[Definition]) -> str:
    """Return the job or crawler that a name, a prefix of it, or a part between underscores means.

    Raises:
        InvalidArgument: there is none, or there are several.
    """
    names = [one.name for one in nodes]
    if name in names:
        return name
    found = [one for one in names if one.startswith(name)] or [one for one in names if f"_{name}_" in f"_{one}_"]
    if len(found) != 1:
        problem = "matches several" if found else "is not one of the workflow's"
        raise InvalidArgument(f"{name!r} {problem} jobs and crawlers: {', '.join(found or names)}")
    return found[0]


def seconds_of(text: str) -> float:
    """Return the seconds in ``90``, ``90s``, ``5m`` or ``1h30m``.

    Raises:
        InvalidArgument: it is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise InvalidArgument(f"{text!r} is not a duration", "write 90s, 5m or 1h30m")
    hours, minutes, seconds = (float(one or 0) for one in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def bytes_of(text: str) -> float:
    """Return the bytes in ``500MB`` or ``1.5GB``, in powers of ten.

    Raises:
        InvalidArgument: it is not a size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidArgument(f"{text!r} is not a size", "write 500MB or 1.5GB")
    return float(match[1]) * _UNITS[(match[2] or "B").upper()]


def measured_bytes(run: Mapping[str, Any]) -> int | None:
    """Return the size of a run's input, as its presence markers state it; None if they do not."""
    properties = run.get("WorkflowRunProperties") or {}
    sizes = [
        int(value) for name, value in properties.items() if name.endswith("presence.bytes") and value.isdigit()
    ]
    return sum(sizes) or None


def measured_seconds(run: Mapping[str, Any]) -> dict[str, float]:
    """Return how long each job and crawler of a run took: its last attempt that succeeded."""
    found: dict[str, float] = {}
    for node in (run.get("Graph") or {}).get("Nodes", ()):
        for one in (node.get("JobDetails") or {}).get("JobRuns", ()):
            if one.get("JobRunState") == "SUCCEEDED" and one.get("ExecutionTime") is not None:
                found[node["Name"]] = float(one["ExecutionTime"])
        for one in (node.get("CrawlerDetails") or {}).get("Crawls", ()):
            if one.get("State") == "SUCCEEDED" and one.get("StartedOn") and one.get("CompletedOn"):
                found[node["Name"]] = (one["CompletedOn"] - one["StartedOn"]).total_seconds()
    return found
