"""Reading a job's arguments: Glue's own reader supports required ones only."""

from typing import Sequence

from awsglue.utils import getResolvedOptions


def read_arguments(argv: Sequence[str], required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, str]:
    """Read arguments; an optional one that was not given is an empty string.

    ``getResolvedOptions`` requires a value for every name that it is called with, so an optional name is passed
    only when it was given. Blueprints leave empty values out of a job's arguments (docs/facts/jobs.md#arguments),
    hence the empty string.

    Args:
        argv: ``sys.argv``.
        required: names without their dashes; Glue's reader raises when one is missing.
        optional: names without their dashes.
    """
    given = [
        name
        for name in optional
        if any(text == "--" + name or text.startswith("--" + name + "=") for text in argv)
    ]
    values = getResolvedOptions(list(argv), [*required, *given])
    return {name: str(values[name]) if name in values else "" for name in (*required, *optional)}
