"""Options of ``EvaluateDataQuality``: defaults, values, and what AWS does not know."""

from __future__ import annotations

import pytest

from glueprint.runtime.quality.options import QualityOptions


def test_defaults_are_the_documented_ones() -> None:
    """DG:glue-etl-scala-apis-glue-dq-EvaluateDataQuality: context, publishing and prefix."""
    options = QualityOptions.of(None, None)
    assert (options.context, options.publishes, options.s3_prefix) == ("default_context", True, "")
    assert not any((options.by_row, options.caches, options.best_effort, options.counts_rows))


def test_values_are_read_as_scripts_write_them() -> None:
    """Booleans and their texts; names of values without regard to case (public scripts of Glue Studio)."""
    publishing = {"dataQualityEvaluationContext": "x", "enableDataQualityResultsPublishing": "false"}
    options = QualityOptions.of(publishing, {"compositeRuleEvaluation.method": "row"})
    assert (options.context, options.publishes, options.by_row) == ("x", False, True)


def test_an_unknown_option_is_named_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """An option without an effect is never ignored silently."""
    QualityOptions.of({"enableDataQualityMetrics": True}, {"failureOptions": {}})
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith(
        "Data quality: publishing_options contains enableDataQualityMetrics, which has no effect"
    )
    assert lines[1].startswith("Data quality: additional_options contains failureOptions, which has no effect")


def test_a_value_that_an_option_cannot_have_is_refused() -> None:
    """The message has the option, the values and what was given."""
    with pytest.raises(ValueError, match=r"compositeRuleEvaluation\.method must be COLUMN or ROW, not 'BOTH'"):
        QualityOptions.of(None, {"compositeRuleEvaluation.method": "BOTH"})
