"""The reason in a Java stack trace, as py4j passes it on: one message for ``ErrorMessage``.

Imported when a Spark job has failed, only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TRACEBACK = "Traceback (most recent call last):"
_UNKNOWN_BUCKET = re.compile(r"Could not initialize target File System for URI : (s3[an]?://[^/]+)")
"""Message of Hadoop's view file system if nothing is mounted for a bucket."""
_STAGE_FAILURE = re.compile(r"failed \d+ times, most recent failure.*?\(TID \d+\).*?\): (.*)$")
"""Spark's message about a stage: the task's own exception follows."""
_WRAPPERS = re.compile(
    r"Job aborted\.?$|Job aborted due to|\[TASK_WRITE_FAILED\]|Task failed while writing rows"
    r"|\[FAILED_EXECUTE_UDF\]|Failed to execute user defined function|Exception thrown in (awaitResult|Future)"
    r"|Multiple failures in stage materialization|Exception thrown when executing query|Boxed (Error|Exception)"
    r"|\[FAILED_READ_FILE|Encountered error while reading file"
)
"""Messages that only pass on another exception."""
_WRAPPED = re.compile(r"(?:[a-z_]\w*\.)+[A-Z]\w*(?:Exception|Error)\b")
"""The message of an exception that was made of another one: that one's class and message."""
_EXCEPTION = re.compile(r"(?P<class>(?:[A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*)(?:: (?P<message>.*))?$", re.DOTALL)


def reason(lines: Sequence[str]) -> str:
    """Return the first message from the top that is not only a wrapper of another exception.

    The innermost exception is often a detail (``delta.DefaultSource``), the first one is what the caller of Java
    would be shown. A message of one word gets the name of its exception. Without any message: the class of the
    last exception. Of an exception in a Python function, that exception.
    """
    if unknown := _UNKNOWN_BUCKET.search("\n".join(lines)):
        return f"NoSuchBucket: the specified bucket does not exist: {unknown[1]}"
    if raised := raised_in_python(lines):
        return raised
    found = [_parts(line) for line in lines if line.startswith((": ", "Caused by: "))]
    passed_on = ""
    for name, message in found:
        if _WRAPPERS.match(message) or _WRAPPED.match(message):
            passed_on = message
        elif message:
            return message if re.search(r"\s", message) else f"{name.rpartition('.')[2]}: {message}"
    return passed_on or (found[-1][0] if found else "")


def raised_in_python(lines: Sequence[str]) -> str:
    """Return the last line of a Python traceback within ``lines``, the exception; empty if there is none."""
    within = False
    for line in lines:
        if line.endswith(TRACEBACK):
            within = True
        elif within and line and not line[0].isspace():
            return line
    return ""


def _parts(line: str) -> tuple[str, str]:
    """Return class and message of the exception in a line of a stack trace; of a stage, those of its task."""
    text = line.removeprefix("Caused by").removeprefix(": ")
    if stage := _STAGE_FAILURE.search(text):
        text = stage[1]
    match = _EXCEPTION.match(text)
    if match is None:
        return "", text
    return match["class"], match["message"] or ""
