"""The presence marker: what a run's jobs tell one another through the workflow run properties.

A job puts only its own keys; PutWorkflowRunProperties keeps all others
(docs/facts/workflows.md#run-properties). A missing marker is an
error, never "false": it means that nobody looked.
"""

from dataclasses import dataclass
from typing import Any, Mapping

MARKER_KEY = "file_presence"
ROWS_KEY = "file_presence.rows"


class MarkerMissing(Exception):
    """The run has no presence marker, or one that says neither "true" nor "false"."""


@dataclass(frozen=True)
class Marker:
    """What was found at a location.

    Attributes:
        present: whether enough, fresh enough files are there.
        count: files that match.
        total_bytes: their size together, in bytes.
        newest: the newest file's modification time, ISO 8601 in UTC; empty when there is no file.
        checked_at: when the search was made, ISO 8601 in UTC.
        location: the folder that was searched.
        reason: why the files do not count as present; empty when they do.
        manifest: where the frozen list of files lies; empty when they do not count as present.
    """

    present: bool
    count: int
    total_bytes: int
    newest: str
    checked_at: str
    location: str
    reason: str
    manifest: str


def marker_to_properties(marker: Marker) -> dict[str, str]:
    """The marker as run properties: all of its keys, so that none of an earlier run's marker stays."""
    return {
        MARKER_KEY: "true" if marker.present else "false",
        "file_presence.count": str(marker.count),
        "file_presence.bytes": str(marker.total_bytes),
        "file_presence.newest": marker.newest,
        "file_presence.checked_at": marker.checked_at,
        "file_presence.location": marker.location,
        "file_presence.reason": marker.reason,
        "file_presence.manifest": marker.manifest,
    }


def marker_from_properties(properties: Mapping[str, str]) -> Marker:
    """Read the marker from run properties.

    Raises:
        MarkerMissing: there is none, or it is not one that :func:`marker_to_properties` wrote.
    """
    value = properties.get(MARKER_KEY)
    if value not in ("true", "false"):
        raise MarkerMissing(
            "The run property {} is {}; the job that looks for the files must run before this one, in the same "
            "workflow run.".format(MARKER_KEY, "missing" if value is None else repr(value))
        )
    try:
        return Marker(
            present=value == "true",
            count=int(properties["file_presence.count"]),
            total_bytes=int(properties["file_presence.bytes"]),
            newest=properties["file_presence.newest"],
            checked_at=properties["file_presence.checked_at"],
            location=properties["file_presence.location"],
            reason=properties["file_presence.reason"],
            manifest=properties["file_presence.manifest"],
        )
    except (KeyError, ValueError) as error:
        raise MarkerMissing("The presence marker is incomplete: {!r}.".format(error)) from error


def put_marker(glue: Any, workflow: str, run_id: str, marker: Marker) -> None:
    """Write the marker into the run's properties."""
    glue.put_workflow_run_properties(Name=workflow, RunId=run_id, RunProperties=marker_to_properties(marker))


def put_rows(glue: Any, workflow: str, run_id: str, rows: int) -> None:
    """Add the number of loaded rows to the run's properties."""
    glue.put_workflow_run_properties(Name=workflow, RunId=run_id, RunProperties={ROWS_KEY: str(rows)})


def get_properties(glue: Any, workflow: str, run_id: str) -> dict[str, str]:
    """The run's properties."""
    properties: dict[str, str] = glue.get_workflow_run_properties(Name=workflow, RunId=run_id)["RunProperties"]
    return properties
