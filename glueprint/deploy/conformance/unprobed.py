"""Uncertain rows of docs/fidelity that no probe answers, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

PAGES: Mapping[str, str] = {
    "bookmarks": "each takes several Spark runs with a bookmark between them, of some minutes each",
    "crawler": "databases, and formats that one crawl of small files cannot show",
    "events": "limits of EventBridge's matcher, which is another service",
    "frames": "further observations for the probe spark-frames, which asks the most frequent ones first",
    "http": "the form of an error that no AWS client causes",
    "permissions": "they need roles and policies of their own; probes use the one role that they are given",
    "quality": "they need evaluation runs of data quality, of several minutes each",
    "query": "queries of Athena are billed for what they read, and are not part of Glue",
    "sparksql": "further observations for a Spark job with the Data Catalog",
    "storage": "further observations for the probe spark-frames, which asks the most frequent ones first",
}
"""By page: the reason for all of its rows that no probe answers."""

ROWS: Mapping[tuple[str, str], str] = {
    ("blueprint", "Limits of a layout"): "a layout over a limit may stay RUNNING for hours (aws/aws-cli#7371)",
    (
        "catalogue",
        "how Glue's `attachFilename` writes special characters",
    ): "the blueprint recognises both forms, whatever Glue writes",
    (
        "operations",
        "Catalog targets: a table that does not exist, or whose files are not in S3",
    ): "a crawl for each, of ten billed minutes",
    ("runtime", "`--JOB_ID`"): "scripts cannot depend on its content",
    (
        "runtime",
        "A value that a transform of a DynamicFrame cannot convert",
    ): "a further observation for the probe spark-frames in Glue 6.0",
    (
        "workflow",
        "A condition on a node that was started several times in a run",
    ): "a cycle: its run may not end, and would be billed until it is stopped",
    (
        "workflow",
        'When a predicate "becomes true" again',
    ): "triggers outside workflows fire within minutes, at times that a probe cannot await",
    (
        "workflow",
        "What happened while such a trigger was not ACTIVATED, or before it was updated",
    ): "as for triggers outside workflows: their absence cannot be awaited",
    ("workflow", "History"): "it takes 90 days",
    (
        "workflow",
        "`MaxConcurrentRuns` of a job is raised while runs wait",
    ): "queued runs start at times that AWS does not state",
    ("workflow", "A node that several triggers had started"): "a resumed run with cycles, see above",
    ("workflow", "A node whose every starter fires again (a cycle)"): "a resumed run with cycles, see above",
    (
        "workflow",
        "An EVENT trigger is deleted while its window holds events",
    ): "needs EventBridge rules, and 15 minutes for a window",
}
"""By page and row."""
