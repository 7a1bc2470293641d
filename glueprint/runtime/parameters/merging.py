"""Which value of an argument counts, and how lists are written in one."""

from __future__ import annotations

from collections.abc import Mapping


def merged(
    defaults: Mapping[str, str], of_the_run: Mapping[str, str], non_overridable: Mapping[str, str]
) -> dict[str, str]:
    """The arguments of a run.

    A job's NonOverridableArguments win over the run's Arguments, and these over the job's DefaultArguments
    (DG:aws-glue-programming-etl-glue-arguments, "Accessing job parameters").
    """
    return {**defaults, **of_the_run, **non_overridable}


def listed(value: str) -> list[str]:
    """The entries of a comma-separated value; spaces around them are not part of them."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def is_on(arguments: Mapping[str, str], name: str) -> bool:
    """Whether a switch is set: its presence is enough, whatever the value, unless that is ``false``.

    Older pages of DG:aws-glue-programming-etl-glue-arguments say "only specify the key; no value is needed", newer
    ones "set the value to true".
    """
    return name in arguments and arguments[name].strip().lower() != "false"
