"""Memory that ran out: in Java, in Python, on the whole machine.

On AWS the same failures read ``Command failed with exit code 10``, ``... exit status: 137`` or
``java.lang.OutOfMemoryError`` (AWS Glue guide, "Debugging OOM exceptions and job abnormalities").
"""

from __future__ import annotations

import re

from glueprint.runtime.results.ending import Ending

_JAVA_HEAP = re.compile(r"java\.lang\.OutOfMemoryError(?:: (?P<what>[^\n]*))?|\b(?P<bare>Java heap space)\b")
_JAVA_KILLED = "The Java process of Spark was killed (SIGKILL)"
_PYTHON = re.compile(r"^(\w+\.)*\w*MemoryError\b", re.MULTILINE)
_ARROW = re.compile(r"malloc of size \d+ failed|std::bad_alloc")
_WORKER = re.compile(r"Python worker exited unexpectedly \(crashed\)|Python worker died")
_LESS = "Read less at a time (partitions, a push-down predicate, fewer columns), or do not collect() what is large"


def java_heap(ending: Ending) -> str | None:
    """Spark's heap was full."""
    match = _JAVA_HEAP.search(ending.said)
    if match is None:
        return None
    what = match["what"] or match["bare"] or "OutOfMemoryError"
    return (
        f"Spark's Java process ran out of memory ({what.strip()}). {_LESS}; here the heap is a quarter of this "
        "machine's memory, at most 4 GiB, on AWS that of the worker type."
    )


def java_killed(ending: Ending) -> str | None:
    """The kernel took the JVM away; the script only saw a connection that broke."""
    if _JAVA_KILLED not in ending.said:
        return None
    return f"Spark's Java process was killed: most likely this machine ran out of memory. {_LESS}."


def python_memory(ending: Ending) -> str | None:
    """Python, or a library of it, was refused memory."""
    if not (_PYTHON.search(ending.said) or _ARROW.search(ending.said)):
        return None
    return f"The script's Python process was refused memory. {_LESS}, or process the data in pieces."


def python_worker(ending: Ending) -> str | None:
    """A worker that ran Python functions for Spark is gone."""
    if not _WORKER.search(ending.said):
        return None
    return (
        "A Python process that ran functions of the script for Spark (map, udf) ended abruptly: most likely "
        "memory ran out. Use more and smaller partitions, or hold less in one function."
    )


def killed(ending: Ending) -> str | None:
    """SIGKILL out of nowhere: Linux's answer to memory that ran out."""
    if not ending.killed:
        return None
    return f"The process was killed (SIGKILL) and nobody here asked for it: most likely memory ran out. {_LESS}."
