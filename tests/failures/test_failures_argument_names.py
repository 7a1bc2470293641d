"""Arguments that ``getResolvedOptions`` does not find: which ones, and which similar ones the run has."""

from __future__ import annotations

import pytest

from glueprint.runtime.jobhost.argument_names import explanation

MISSING = "the following arguments are required: "


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("--inp", ["--input", "1"], "--inp (it has --input, did you mean --inp?)."),
        ("--inp", ["--INP=1", "--JOB_NAME", "x"], "--inp (it has --INP, did you mean --inp?)."),
        ("--inp, --day", ["--days", "1", "--a", "2"], "--inp, --day (it has --days, did you mean --day?)."),
        ("--inp", ["--xyz", "1", "--a", "2"], "--inp (it has --xyz, --a)."),
        ("--inp", ["--JOB_NAME", "x"], "--inp (it has none)."),
    ],
)
def test_missing_arguments_are_named_with_similar_ones(message: str, arguments: list[str], expected: str) -> None:
    """The message is argparse's, of Amazon's package and of Glueprint's own for Python shell alike."""
    text = explanation(MISSING + message, arguments)
    assert text == f"The run lacks arguments that the script requires: {expected}"


def test_other_errors_of_arguments_need_no_explanation() -> None:
    """argparse's own message names the argument."""
    assert explanation("argument --inp: expected one argument", ["--inp"]) is None
