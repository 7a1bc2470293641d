"""Glue's rules for crawler definitions (pure; docs/facts/crawlers.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.crawler.configuration import BadConfigurationError, Configuration
from glueprint.crawler.policy import policy_conflicts
from glueprint.facts.defaults import (
    DEFAULT_DELETE_BEHAVIOR,
    DEFAULT_RECRAWL_BEHAVIOR,
    DEFAULT_UPDATE_BEHAVIOR,
)
from glueprint.local.glue.crawling.crawler_targets import target_kinds, target_problems
from glueprint.local.glue.refusals import unsupported
from glueprint.workflow.schedule import ScheduleError, parse


def definition_problems(members: Mapping[str, Any]) -> list[str]:
    """Return every rule of Glue that a definition breaks, as text.

    Raises:
        ApiError: the definition has an option that is not supported.
    """
    found = target_problems(members)
    policy, recrawl = members.get("SchemaChangePolicy", {}), members.get("RecrawlPolicy", {})
    found += policy_conflicts(
        recrawl.get("RecrawlBehavior", DEFAULT_RECRAWL_BEHAVIOR),
        policy.get("UpdateBehavior", DEFAULT_UPDATE_BEHAVIOR),
        policy.get("DeleteBehavior", DEFAULT_DELETE_BEHAVIOR),
        target_kinds(members),
    )
    if members.get("Schedule"):
        found += schedule_problems(members["Schedule"])
    if recrawl.get("RecrawlBehavior") == "CRAWL_EVENT_MODE":
        raise unsupported("RecrawlBehavior CRAWL_EVENT_MODE")
    try:
        Configuration.from_json(members.get("Configuration"))
    except BadConfigurationError as error:
        found.append(str(error))
    return found


def schedule_problems(expression: str) -> list[str]:
    """Return why a schedule cannot be read; empty if it can."""
    try:
        parse(expression)
    except ScheduleError as error:
        return [str(error)]
    return []


def target_change_problems(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return why an update cannot change the targets.

    With the option for new folders only, "you can't change the Amazon S3 target data stores"
    (DG:incremental-crawls). A request that also turns the option off can change them.
    """
    new_folders_only = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    if before["RecrawlPolicy"] == after.get("RecrawlPolicy") == new_folders_only:
        paths = [[target["Path"] for target in one["Targets"].get("S3Targets") or ()] for one in (before, after)]
        if paths[0] != paths[1]:
            return ['The Amazon S3 targets cannot be changed with "Crawl new folders only".']
    return []
