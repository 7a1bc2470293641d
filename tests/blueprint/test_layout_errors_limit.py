"""The text of a layout's exception is limited."""

from __future__ import annotations

from glueprint.blueprint.layout_result import LayoutError
from glueprint.facts.long_text import MAX_ERROR_LENGTH


def test_a_long_exception_text_is_cut_and_its_length_named() -> None:
    """GetBlueprintRun returns it with each call: five megabytes become ten thousand characters, with the end."""
    error = LayoutError("ValueError", f"{'x' * 5_000_000} the cause")
    assert len(error.aws_message) < MAX_ERROR_LENGTH + 200
    assert "of 5,000,010 characters left out) ... x" in error.aws_message
    assert error.aws_message.endswith("x the cause")
    assert LayoutError("ValueError", "short").aws_message.endswith("ValueError: short")
