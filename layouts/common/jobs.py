"""Arguments of jobs, in the form that survives Glue's own reader of them."""

from typing import Mapping, Union


def job_arguments(values: Mapping[str, Union[str, int, float]]) -> "dict[str, str]":
    """Arguments for a job's ``DefaultArguments``: every value a string, empty ones left out.

    Args:
        values: by argument name, without its dashes.

    Raises:
        ValueError: values that begin with a dash, which ``getResolvedOptions`` takes for the next argument's name.
    """
    texts = {name: str(value) for name, value in values.items()}
    wrong = ["{}={!r}".format(name, text) for name, text in texts.items() if text.startswith("-")]
    if wrong:
        raise ValueError("A value must not begin with a dash: {}.".format(", ".join(wrong)))
    return {"--" + name: text for name, text in texts.items() if text}
