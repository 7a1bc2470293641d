"""Arguments of jobs, in a form that Glue's own reader of arguments can read."""

from typing import Mapping, Union


def job_arguments(values: Mapping[str, Union[str, int, float]]) -> "dict[str, str]":
    """Return a job's ``DefaultArguments``: every value is a string, empty ones are left out.

    Args:
        values: by argument name, without its dashes.

    Raises:
        ValueError: a value starts with a dash, which ``getResolvedOptions`` takes for the next argument's name.
    """
    texts = {name: str(value) for name, value in values.items()}
    wrong = ["{}={!r}".format(name, text) for name, text in texts.items() if text.startswith("-")]
    if wrong:
        raise ValueError("A value must not start with a dash: {}.".format(", ".join(wrong)))
    return {"--" + name: text for name, text in texts.items() if text}
