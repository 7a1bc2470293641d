"""The transform that Glue Studio writes into scripts (DG:tutorial-data-quality)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.transforms import GlueTransform

from glueprint.runtime.quality.options import QualityOptions
from glueprint.runtime.quality.transform import Assessment, store_of_this_run


class EvaluateDataQuality(GlueTransform):  # type: ignore[misc]  # Amazon's class has no types
    """Evaluates a DQDL ruleset on a DynamicFrame."""

    ORIGINAL_DATA_KEY = "originalData"
    DATA_QUALITY_RULE_OUTCOMES_KEY = "ruleOutcomes"
    DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY = "rowLevelOutcomes"
    AGGREGATED_METRICS_KEY = "aggregatedMetrics"

    def __call__(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, object] | None = None,
        additional_options: Mapping[str, object] | None = None,
        additional_data_sources: Mapping[str, DynamicFrame] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Return a frame with a record for each rule; scripts call it as ``EvaluateDataQuality.apply``."""
        found = _assess(frame, ruleset, publishing_options, additional_options, additional_data_sources)
        return DynamicFrame.fromDF(found.outcomes, frame.glue_ctx, self.DATA_QUALITY_RULE_OUTCOMES_KEY)

    def process_rows(
        self,
        frame: DynamicFrame,
        ruleset: str,
        publishing_options: Mapping[str, object] | None = None,
        additional_options: Mapping[str, object] | None = None,
        additional_data_sources: Mapping[str, DynamicFrame] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """Return the original data, the outcomes of rules and the outcomes of rows."""
        found = _assess(frame, ruleset, publishing_options, additional_options, additional_data_sources)
        context = frame.glue_ctx
        frames = {
            self.ORIGINAL_DATA_KEY: frame,
            self.DATA_QUALITY_RULE_OUTCOMES_KEY: DynamicFrame.fromDF(
                found.outcomes, context, self.DATA_QUALITY_RULE_OUTCOMES_KEY
            ),
            self.DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY: DynamicFrame.fromDF(
                found.rows, context, self.DATA_QUALITY_ROW_LEVEL_OUTCOMES_KEY
            ),
        }
        aggregated = found.aggregated
        if aggregated is not None:
            frames[self.AGGREGATED_METRICS_KEY] = DynamicFrame.fromDF(
                aggregated, context, self.AGGREGATED_METRICS_KEY
            )
        return DynamicFrameCollection(frames, context)


def _assess(
    frame: DynamicFrame,
    ruleset: str,
    publishing: Mapping[str, object] | None,
    additional: Mapping[str, object] | None,
    sources: Mapping[str, DynamicFrame] | None,
) -> Assessment:
    options = QualityOptions.of(publishing, additional)
    others = {alias: _data(one, f"additional_data_sources[{alias!r}]") for alias, one in (sources or {}).items()}
    return Assessment(_data(frame, "frame"), ruleset, options, others, store_of_this_run())


def _data(frame: Any, what: str) -> Any:
    if not isinstance(frame, DynamicFrame):
        raise TypeError(
            f"EvaluateDataQuality: {what} must be a DynamicFrame, not {type(frame).__name__}; "
            "use DynamicFrame.fromDF(data_frame, glueContext, 'name')"
        )
    return frame.toDF()
