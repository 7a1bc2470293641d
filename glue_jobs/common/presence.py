"""The presence marker: a run property that states whether a run's input was there, for all later jobs to obey.

A marker is a property whose key is ``file_presence`` or ends in ``.presence``, with the value ``"true"`` or
``"false"``. Its details are the properties whose keys start with the marker's key and a dot: ``.count``,
``.bytes`` and so on. A job writes only its own keys. A missing marker is an error, never "false": it means that
no job looked.

Later jobs add counts, whose keys are the blueprint's name, a dot and ``rows``, ``files_in``, ``files_out`` and so
on: ``compaction.rows``; those of the blueprint ``file_presence`` are therefore next to its marker's details.
"""

from dataclasses import dataclass
from typing import Any, Mapping

from glue_jobs.common.workflow_run import get_properties, put_properties

FILE_PRESENCE = "file_presence"


class MarkerMissing(Exception):
    """The run has no presence marker, or one that is neither "true" nor "false", or a detail of it is missing."""


@dataclass(frozen=True)
class Marker:
    """What was found at a location.

    Attributes:
        present: whether enough, recent enough files are there.
        count: files that match.
        total_bytes: their size together, in bytes.
        newest: the newest file's modification time, ISO 8601 in UTC; empty when there is no file.
        checked_at: when the search was made, ISO 8601 in UTC.
        location: the folder that was searched.
        reason: why the files do not count as present; empty when they do.
        manifest: where the frozen list of files is; empty when they do not count as present.
    """

    present: bool
    count: int
    total_bytes: int
    newest: str
    checked_at: str
    location: str
    reason: str
    manifest: str


def marker_to_properties(marker: Marker, key: str = FILE_PRESENCE) -> "dict[str, str]":
    """The marker as run properties: all of its keys, so that none of an earlier run's marker stays."""
    return {
        key: "true" if marker.present else "false",
        key + ".count": str(marker.count),
        key + ".bytes": str(marker.total_bytes),
        key + ".newest": marker.newest,
        key + ".checked_at": marker.checked_at,
        key + ".location": marker.location,
        key + ".reason": marker.reason,
        key + ".manifest": marker.manifest,
    }


def marker_from_properties(properties: Mapping[str, str], key: str = FILE_PRESENCE) -> Marker:
    """Read a marker from run properties.

    Raises:
        MarkerMissing: there is none, or :func:`marker_to_properties` did not write it.
    """
    value = properties.get(key)
    if value not in ("true", "false"):
        raise MarkerMissing(
            "The run property {} is {}; the job that looks for the files must run before this one, in the same "
            "workflow run.".format(key, "missing" if value is None else repr(value))
        )
    try:
        return Marker(
            present=value == "true",
            count=int(properties[key + ".count"]),
            total_bytes=int(properties[key + ".bytes"]),
            newest=properties[key + ".newest"],
            checked_at=properties[key + ".checked_at"],
            location=properties[key + ".location"],
            reason=properties[key + ".reason"],
            manifest=properties[key + ".manifest"],
        )
    except (KeyError, ValueError) as error:
        raise MarkerMissing("The presence marker is incomplete: {!r}.".format(error)) from error


def put_marker(glue: Any, workflow: str, run_id: str, marker: Marker, key: str = FILE_PRESENCE) -> None:
    """Write the marker into the run's properties."""
    put_properties(glue, workflow, run_id, marker_to_properties(marker, key))


def get_marker(glue: Any, workflow: str, run_id: str, key: str = FILE_PRESENCE) -> Marker:
    """The marker of the run.

    Raises:
        MarkerMissing: there is none.
    """
    return marker_from_properties(get_properties(glue, workflow, run_id), key)


def put_count(glue: Any, workflow: str, run_id: str, name: str, count: int, prefix: str = FILE_PRESENCE) -> None:
    """Add a count to the run's properties, such as ``compaction.rows``; see :func:`put_counts`."""
    put_counts(glue, workflow, run_id, {name: count}, prefix)


def put_counts(
    glue: Any, workflow: str, run_id: str, counts: Mapping[str, int], prefix: str = FILE_PRESENCE
) -> None:
    """Add counts to the run's properties, all in one request.

    Args:
        glue: a boto3 Glue client.
        workflow: the workflow.
        run_id: its run.
        counts: by name: ``rows``, ``files_in``, ``files_out`` and so on.
        prefix: the blueprint's name; the keys are ``<blueprint>.<name>``.
    """
    put_properties(
        glue, workflow, run_id, {"{}.{}".format(prefix, name): str(count) for name, count in counts.items()}
    )


def count_from_properties(properties: Mapping[str, str], name: str, prefix: str = FILE_PRESENCE) -> int:
    """Read a count that a job has added.

    Raises:
        MarkerMissing: no job has.
    """
    try:
        return int(properties["{}.{}".format(prefix, name)])
    except KeyError as error:
        raise MarkerMissing(
            "The run property {} is missing: the job that counts has not ended.".format(error.args[0])
        ) from error
