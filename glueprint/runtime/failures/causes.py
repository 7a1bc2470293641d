"""The causes of failures that are recognised: memory, permissions, disk, limits, modules, a missing terminal.

On AWS, memory that ran out reads ``Command failed with exit code 10``, ``... exit status: 137`` or
``java.lang.OutOfMemoryError`` (AWS Glue guide, "Debugging OOM exceptions and job abnormalities").
"""

from __future__ import annotations

import re
import signal as signals
from collections.abc import Callable

from glueprint.runtime.failures.ending import Ending
from glueprint.runtime.parameters.library_set import distribution_of

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


_NO_CREDENTIALS = re.compile(r"(No|Partial)CredentialsError|Unable to locate credentials|ProfileNotFound")
_NO_BUCKET = "NoSuchBucket"
_BUCKET_NAME = re.compile(r"NoSuchBucket[^\n]*?s3[an]?://(?P<name>[a-z0-9.-]+)")
_DENIED = re.compile(
    r"\b(AccessDenied(?:Exception)?|UnauthorizedOperation|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|UnrecognizedClientException|InvalidClientTokenId)\b|\b403 Forbidden\b|Status Code: 403"
)
_FILE = re.compile(r"PermissionError: \[Errno (?:1|13)\][^\n]*?(?P<path>'[^']*')?$", re.MULTILINE)


def no_credentials(ending: Ending) -> str | None:
    """boto3 found no keys: the script chose other ones than the run has."""
    if not _NO_CREDENTIALS.search(ending.said):
        return None
    return (
        "The script asked for credentials that a job does not have (a profile, or none at all). Make clients "
        "without profile_name and keys: the run's own are in its environment, here as on AWS."
    )


def no_bucket(ending: Ending) -> str | None:
    """A bucket that is not there."""
    if _NO_BUCKET not in (ending.error or ""):
        return None
    name = _BUCKET_NAME.search(ending.said)
    bucket = name["name"] if name else "NAME"
    return (
        f"The bucket {'of that name' if name is None else bucket} does not exist here: buckets of a real account "
        f"are not visible. Make it (aws s3 mb s3://{bucket}) and put the data there, or pass another path."
    )


def access_denied(ending: Ending) -> str | None:
    """A service said no. Here only wrong keys or an endpoint beside ours can be the reason."""
    match = _DENIED.search(ending.error or "")
    if match is None:
        return None
    return (
        f"The call was refused ({match[1] or '403'}). The local Glue checks no permissions, only signatures: the "
        "script probably sets keys or an endpoint of its own. On AWS the job's role lacks the permission."
    )


def file_permission(ending: Ending) -> str | None:
    """A file that this user may not touch."""
    match = _FILE.search(ending.error or "")
    if match is None:
        return None
    path = match["path"] or "a file"
    return (
        f"The script may not use {path} of this machine. A job may write in its working directory and in the "
        "folder for temporary files; on AWS there is nothing else either."
    )


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
    brought = distribution_of(module)
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


_KINDS: tuple[Callable[[Ending], str | None], ...] = (
    java_heap,
    java_killed,
    python_memory,
    python_worker,
    killed,
    no_credentials,
    no_bucket,
    access_denied,
    file_permission,
    disk_full,
    limit,
    missing_module,
    debugger,
)
"""The surest signs first: who runs out of memory may fail in many ways afterwards."""


def explanation(ending: Ending) -> str | None:
    """What happened and what to do; None for a success and for failures that speak for themselves."""
    if not ending.failed:
        return None
    return next((told for kind in _KINDS if (told := kind(ending)) is not None), None)
