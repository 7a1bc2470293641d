"""``getResolvedOptions`` for Python shell jobs, without Spark: reads ``--NAME value`` pairs from the argument
vector.

Behaves as documented in the AWS Glue guide ("Accessing parameters using getResolvedOptions") and as Amazon's
published package was seen to behave from outside; the code is Glueprint's own. Runs on any Python 3.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import NoReturn

_BOOKMARK_CHOICES = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
_CONTINUATION = {
    "continuation-enabled": "job-bookmark-enable",
    "continuation-readonly": "job-bookmark-pause",
    "continuation-ignore": "job-bookmark-disable",
}
"""The old names of the bookmark choices."""
_TEMP_DIRS = ("TempDir", "RedshiftTempDir")
_RANGE = ("job-bookmark-from", "job-bookmark-to")
_RESERVED = (
    "continuation-option",
    "job-bookmark-option",
    *_RANGE,
    "JOB_ID",
    "JOB_RUN_ID",
    "SECURITY_CONFIGURATION",
    "encryption-type",
    "enable-data-lineage",
)


class GlueArgumentError(Exception):
    """An argument is missing or cannot be read."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Iterable[str]) -> dict[str, str | None]:  # noqa: N802
    """Return the values of the job's arguments named in ``options``.

    Args:
        args: the argument vector, script first: ``sys.argv``.
        options: names without the leading ``--``. All except ``TempDir`` are required; other arguments are
            ignored.

    Returns:
        Name to value, ``-`` in names replaced by ``_``; with Glue's own arguments among them.

    Raises:
        GlueArgumentError: an argument is missing, or has no value (one that starts with ``--`` is not a value).
        RuntimeError: a name is reserved by Glue, or the bookmark arguments contradict each other.
    """
    wanted = list(options)
    for name in _RESERVED:
        if name in wanted:
            raise RuntimeError(f"Using reserved arguments {name}")
    parser = _Parser()
    parser.add_argument("--job-bookmark-option", choices=_BOOKMARK_CHOICES)
    parser.add_argument("--continuation-option", choices=tuple(_CONTINUATION))
    parser.add_argument("--encryption-type", choices=("sse-s3",))
    for name in (
        *_RANGE,
        "JOB_ID",
        "JOB_RUN_ID",
        "SECURITY_CONFIGURATION",
        "enable-data-lineage",
        *_TEMP_DIRS,
    ):
        parser.add_argument(f"--{name}")
    for name in wanted:
        if name not in _TEMP_DIRS:
            parser.add_argument(f"--{name}", required=True)
    values: dict[str, str | None] = vars(parser.parse_known_args(list(args[1:]))[0])
    _settle_temp_dirs(values)
    _settle_bookmark(values)
    return values


def _settle_temp_dirs(values: dict[str, str | None]) -> None:
    """Set ``TempDir`` and ``RedshiftTempDir`` to the same value; the former wins."""
    first, second = _TEMP_DIRS
    if values[first] is not None:
        values[second] = values[first]
    else:
        values[first] = values[second]


def _settle_bookmark(values: dict[str, str | None]) -> None:
    old = values.pop("continuation_option")
    if values["job_bookmark_option"] is None:
        values["job_bookmark_option"] = "job-bookmark-disable" if old is None else _CONTINUATION[old]
    absent = [name for name in _RANGE if values[name.replace("-", "_")] is None]
    if values["job_bookmark_option"] == "job-bookmark-pause":
        if len(absent) == 1:
            raise RuntimeError(f"Missing option or value for --{absent[0]}")
    elif not absent:
        raise RuntimeError("Invalid option(s)" + " ".join(f"--{name}" for name in _RANGE))
