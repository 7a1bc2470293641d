"""Rules for the arguments of a job, of a run, and of a trigger's action.

Source: docs/facts/jobs.md (reserved names; at most 260 KB).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

RESERVED_ARGUMENTS = ("--JOB_NAME", "--debug", "--mode", "--endpoint")
"""Arguments that Glue sets itself (the guide; ``--endpoint``: aws-cdk #38480)."""
MAX_ARGUMENTS_BYTES = 260 * 1024
"""Names and values together, as UTF-8."""


def argument_faults(given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Return every rule that arguments break, as text.

    Args:
        given: the members of one request that contain arguments, by name; empty if they are absent.
    """
    for source, arguments in given.items():
        for name in RESERVED_ARGUMENTS:
            if name in arguments:
                yield f"{source} must not set the reserved argument {name}"
    texts = (name + value for arguments in given.values() for name, value in arguments.items())
    size = sum(len(text.encode()) for text in texts)
    if size > MAX_ARGUMENTS_BYTES:
        sources = " and ".join(source for source, arguments in given.items() if arguments)
        yield f"{sources}: {size} bytes, at most {MAX_ARGUMENTS_BYTES} (260 KB)"
