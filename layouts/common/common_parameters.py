"""The parameters that every blueprint of the catalogue has under the same names.

``WorkflowName``, ``IAMRole`` and ``ScriptBucket`` are in each of them. ``Schedule``,
``GlueVersion``, ``WorkerType``, ``NumberOfWorkers``, ``MaxRetries``, ``TimeoutMinutes`` and ``Tags`` are in those
that declare them.
"""

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Mapping, Optional

from layouts.common.parameters import if_declared, is_number, is_text, matches

MAX_RETRIES = 10
MAX_TIMEOUT_MINUTES = 7 * 24 * 60
MAX_TAGS = 50


@dataclass(frozen=True)
class CommonSettings:
    """The common parameters, in their normal form.

    Attributes:
        workflow: name of the workflow.
        role: ARN of the role of its jobs and crawlers.
        script_bucket: the bucket for scripts and manifests.
        schedule: when the workflow starts, ``cron(...)``; None when it is only started on demand.
        glue_version: of Spark jobs; empty for blueprints without Spark.
        worker_type: size of a Spark worker; empty for blueprints without Spark.
        number_of_workers: of each Spark job.
        max_retries: of each job that may be retried.
        timeout_minutes: for each job; None when each job has its own.
        tags: of the workflow, its jobs and crawlers.
    """

    workflow: str
    role: str
    script_bucket: str
    schedule: Optional[str] = None
    glue_version: str = ""
    worker_type: str = ""
    number_of_workers: int = 0
    max_retries: int = 0
    timeout_minutes: Optional[int] = None
    tags: Dict[str, str] = field(default_factory=dict)


def _tag_problems(params: Mapping[str, Any]) -> Iterator[str]:
    texts = [text for text in params["Tags"] if text.strip()]
    if not all(text.partition("=")[0].strip() and "=" in text for text in texts):
        yield "Tags must be a list of key=value."
    if len(read_tags(texts)) < len(texts):
        yield "Tags must not name a key twice."
    if len(texts) > MAX_TAGS:
        yield "Tags must not be more than {}.".format(MAX_TAGS)


_SCHEDULE = r"(cron\(\S+( \S+){5}\))?"

COMMON_CHECKS = (
    is_text("WorkflowName"),
    if_declared("Schedule", matches("Schedule", _SCHEDULE, "be empty or six fields such as cron(0 6 * * ? *)")),
    if_declared("NumberOfWorkers", is_number("NumberOfWorkers", 2, reason="one of them is Spark's driver")),
    if_declared("MaxRetries", is_number("MaxRetries", 0, MAX_RETRIES)),
    if_declared("TimeoutMinutes", is_number("TimeoutMinutes", 0, MAX_TIMEOUT_MINUTES)),
    if_declared("Tags", _tag_problems),
)
"""The checks of the common parameters, for the list of each blueprint."""


def read_tags(texts: "list[str]") -> Dict[str, str]:
    """Tags from ``key=value`` texts; empty texts do not count."""
    pairs = [text.partition("=") for text in texts if text.strip()]
    return {key.strip(): value.strip() for key, _, value in pairs}


def common_settings(params: Mapping[str, Any]) -> CommonSettings:
    """The common parameters of a blueprint, which have been checked."""
    return CommonSettings(
        workflow=params["WorkflowName"].strip(),
        role=params["IAMRole"],
        script_bucket=params["ScriptBucket"],
        schedule=params.get("Schedule", "").strip() or None,
        glue_version=params.get("GlueVersion", ""),
        worker_type=params.get("WorkerType", ""),
        number_of_workers=int(params.get("NumberOfWorkers", 0)),
        max_retries=int(params.get("MaxRetries", 0)),
        timeout_minutes=int(params.get("TimeoutMinutes", 0)) or None,
        tags=read_tags(params.get("Tags", [])),
    )
