"""What keeps events from an EVENT trigger: rules that are missing or disabled, buckets that send nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.client.errors import error_code
from glueprint.client.session import Session

_NOT_ALLOWED = ("AccessDenied", "AccessDeniedException", "AllAccessDisabled")


def event_problems(session: Session, workflow: str) -> list[str]:
    """Return what keeps events from a workflow's EVENT trigger, in sentences; nothing if it cannot be read.

    Args:
        session: the Glue, with EventBridge and S3.
        workflow: the workflow's full name.
    """
    events = session.client("events")
    try:
        pages = events.get_paginator("list_rule_names_by_target").paginate(TargetArn=_arn(session, workflow))
        rules = [events.describe_rule(Name=name) for page in pages for name in page["RuleNames"]]
        if not rules:
            return [f"No EventBridge rule has workflow `{workflow}` as its target."]
        return [problem for rule in rules for problem in _problems(session, rule)]
    except events.exceptions.ClientError as error:
        if error_code(error) not in _NOT_ALLOWED:
            raise
        return []


def _arn(session: Session, workflow: str) -> str:
    meta = session.glue.meta
    if session.endpoint is not None:
        account = session.endpoint.account_id
    else:
        account = session.client("sts").get_caller_identity()["Account"]
    return f"arn:{meta.partition}:glue:{meta.region_name}:{account}:workflow/{workflow}"


def _problems(session: Session, rule: Mapping[str, Any]) -> Iterator[str]:
    name = rule["Name"]
    if rule.get("State") == "DISABLED":
        yield f"Rule `{name}` is DISABLED; EnableRule enables it."
    for bucket in _buckets(rule.get("EventPattern")):
        problem = _silence(session, bucket)
        if problem:
            yield f"Rule `{name}` waits for events of bucket `{bucket}`, which {problem}"


def _buckets(pattern: str | None) -> list[str]:
    """Return the buckets that a pattern names in full."""
    try:
        found = json.loads(pattern or "{}")
        names = found.get("detail", {}).get("bucket", {}).get("name", [])
    except (ValueError, AttributeError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _silence(session: Session, bucket: str) -> str | None:
    """Return why a bucket sends no events to EventBridge; None if it does."""
    s3 = session.client("s3")
    try:
        found = s3.get_bucket_notification_configuration(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        return "does not exist." if error_code(error) in ("NoSuchBucket", "404") else None
    if found.get("EventBridgeConfiguration") is not None:
        return None
    return (
        f"does not send events to EventBridge: `glueprint bucket create {bucket} --events` enables them "
        "(aws s3api put-bucket-notification-configuration)."
    )
