"""What Glue refuses among the arguments of a job, of a run, and of a trigger's action.

Source: Glue guide "Using job parameters in AWS Glue jobs": some names are Glue's own; 260 KB are the most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

RESERVED = ("--JOB_NAME", "--debug", "--mode", "--endpoint")
"""Arguments that Glue sets itself (the guide; ``--endpoint``: aws-cdk #38480)."""
MOST_BYTES = 260 * 1024
"""Names and values together, as UTF-8."""


def argument_faults(given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Every rule that arguments break, in words.

    Args:
        given: the members of one request that hold arguments, by name; those that are absent may be empty.
    """
    for source, arguments in given.items():
        for name in RESERVED:
            if name in arguments:
                yield f"{source} must not set the reserved argument {name}"
    texts = (name + value for arguments in given.values() for name, value in arguments.items())
    size = sum(len(text.encode()) for text in texts)
    if size > MOST_BYTES:
        sources = " and ".join(source for source, arguments in given.items() if arguments)
        yield f"{sources}: {size} bytes, at most {MOST_BYTES} (260 KB)"
