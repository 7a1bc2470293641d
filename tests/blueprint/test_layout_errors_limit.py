"""The text of a layout's exception is limited."""

from __future__ import annotations

from glueprint.blueprint.layout_result import MAX_ERROR_LENGTH, LayoutError


def test_a_long_exception_text_is_cut_and_its_length_named() -> None:
    """GetBlueprintRun returns it with each call: five megabytes become ten thousand characters."""
    error = LayoutError("ValueError", "x" * 5_000_000)
    assert len(error.aws_message) < MAX_ERROR_LENGTH + 200
    assert error.aws_message.endswith("(5000000 characters)")
    assert LayoutError("ValueError", "short").aws_message.endswith("ValueError: short")
