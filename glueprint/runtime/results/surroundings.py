"""Failures whose cause lies around the script: disk, limits, modules, a terminal that is not there."""

from __future__ import annotations

import re
import signal as signals

from glueprint.runtime.parameters.library_set import distribution
from glueprint.runtime.results.ending import Ending

_DISK_FULL = re.compile(r"\[Errno 28\]|No space left on device")
_MODULE = re.compile(r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'")
_SPARKS = frozenset({"pyspark", "py4j", "awsglue"})


def disk_full(ending: Ending) -> str | None:
    """The disk of this machine."""
    if not _DISK_FULL.search(ending.said):
        return None
    return "The disk is full: S3, logs and Spark's temporary files share the data directory's disk here."


def limit(ending: Ending) -> str | None:
    """A resource limit (setrlimit) of the process."""
    if ending.signal == signals.SIGXCPU:
        return "The process used up its limit of processor time (ulimit -t)."
    if ending.signal == signals.SIGXFSZ:
        return "The process wrote a file beyond the limit of file sizes (ulimit -f)."
    return None


def missing_module(ending: Ending) -> str | None:
    """An import that found nothing."""
    match = _MODULE.search(ending.error or "")
    if match is None:
        return None
    module = match["name"].partition(".")[0]
    if module in _SPARKS:
        return f"Python shell jobs have no {match['name']}, here as on AWS: make it a Spark job (glueetl)."
    brought = distribution(module)
    if brought is not None:
        return (
            f"{brought} is in the analytics library set of Glue's Python shell and is not installed here: install "
            f"it beside glueprint, or give the job --additional-python-modules {brought}."
        )
    return (
        f"{module} is not installed: give the job --additional-python-modules (from a package index) or "
        "--extra-py-files (from S3)."
    )


def debugger(ending: Ending) -> str | None:
    """breakpoint() where nobody types."""
    if not (ending.error or "").startswith("BdbQuit"):
        return None
    return (
        "The script was ended at breakpoint(): by quit, or because nobody was there to type "
        "(`glueprint job run SCRIPT --debug` is)."
    )
