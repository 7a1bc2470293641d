"""The options that a script passes to ``EvaluateDataQuality``."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.runtime.quality.notes import note

DEFAULT_CONTEXT = "default_context"
"""The defaults of publishing options: DG:glue-etl-scala-apis-glue-dq-EvaluateDataQuality."""

_PUBLISHING = (
    "dataQualityEvaluationContext",
    "enableDataQualityCloudWatchMetrics",
    "enableDataQualityResultsPublishing",
    "resultsS3Prefix",
)
_ADDITIONAL: Mapping[str, tuple[str, ...]] = {
    "compositeRuleEvaluation.method": ("COLUMN", "ROW"),
    "dataQualityResultsPublishing.strategy": ("STRICT", "BEST_EFFORT"),
    "observations.scope": ("ALL", "NONE"),
    "performanceTuning.caching": ("CACHE_NOTHING", "CACHE_INPUT"),
    "publishAggregatedMetrics.status": ("DISABLED", "ENABLED"),
    "rowLevelConfiguration.filteredRowLabel": ("PASSED", "SKIPPED"),
    "rowLevelConfiguration.ruleWithLabels": ("DISABLED", "ENABLED"),
}
"""Options and their values, the default first where AWS documents one."""


@dataclass(frozen=True)
class QualityOptions:
    """What the options mean.

    Attributes:
        context: the name of the evaluation.
        publishes: the result is served by the API.
        s3_prefix: where results are written; may be empty.
        best_effort: a result that cannot be published does not fail the job.
        caches: the data is kept in memory while it is evaluated.
        by_row: composite rules are evaluated row by row.
        skips_filtered, shows_labels: how rows show rules.
        counts_rows: rows are counted for each rule.
    """

    context: str = DEFAULT_CONTEXT
    publishes: bool = True
    s3_prefix: str = ""
    best_effort: bool = False
    caches: bool = False
    by_row: bool = False
    skips_filtered: bool = False
    shows_labels: bool = False
    counts_rows: bool = False

    @classmethod
    def of(
        cls, publishing: Mapping[str, object] | None, additional: Mapping[str, object] | None
    ) -> QualityOptions:
        """Return the options of a call; those that AWS does not know are named on the error output.

        Raises:
            ValueError: an option has a value that it cannot have.
        """
        publishing, additional = publishing or {}, additional or {}
        _name_unknown("publishing_options", publishing, _PUBLISHING)
        _name_unknown("additional_options", additional, tuple(_ADDITIONAL))
        return cls(
            context=str(publishing.get("dataQualityEvaluationContext") or DEFAULT_CONTEXT),
            publishes=_is_true(publishing.get("enableDataQualityResultsPublishing", True)),
            s3_prefix=str(publishing.get("resultsS3Prefix") or ""),
            best_effort=_chosen(additional, "dataQualityResultsPublishing.strategy") == "BEST_EFFORT",
            caches=_chosen(additional, "performanceTuning.caching") == "CACHE_INPUT",
            by_row=_chosen(additional, "compositeRuleEvaluation.method") == "ROW",
            skips_filtered=_chosen(additional, "rowLevelConfiguration.filteredRowLabel") == "SKIPPED",
            shows_labels=_chosen(additional, "rowLevelConfiguration.ruleWithLabels") == "ENABLED",
            counts_rows=_chosen(additional, "publishAggregatedMetrics.status") == "ENABLED",
        )


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _chosen(options: Mapping[str, object], name: str) -> str:
    allowed = _ADDITIONAL[name]
    value = str(options.get(name, allowed[0])).upper()
    if value not in allowed:
        raise ValueError(f"additional_options: {name} must be {' or '.join(allowed)}, not {options[name]!r}")
    return value


def _name_unknown(what: str, options: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
            note(f"{what} contains {name}, which has no effect ({advice})")
