"""A crawler's policies, and which combinations of them Glue refuses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from glueprint.facts.defaults import DEFAULT_DELETE_BEHAVIOR, DEFAULT_RECRAWL_BEHAVIOR, DEFAULT_UPDATE_BEHAVIOR

from .configuration import Configuration


@dataclass(frozen=True, slots=True)
class CrawlPolicy:
    """A crawler's policies.

    Attributes:
        crawler: its name: a crawler deprecates and deletes only what it wrote itself.
        update_behavior: ``SchemaChangePolicy.UpdateBehavior``.
        delete_behavior: ``SchemaChangePolicy.DeleteBehavior``.
        recrawl_behavior: ``RecrawlPolicy.RecrawlBehavior``.
        configuration: its ``Configuration``.
        crawled_before: whether an earlier crawl succeeded: the first crawl always reads everything.
        catalog_targets: whether its targets are catalog tables: no table is created then, and deletions are only
            logged.
    """

    crawler: str
    update_behavior: str = DEFAULT_UPDATE_BEHAVIOR
    delete_behavior: str = DEFAULT_DELETE_BEHAVIOR
    recrawl_behavior: str = DEFAULT_RECRAWL_BEHAVIOR
    configuration: Configuration = field(default_factory=Configuration)
    crawled_before: bool = False
    catalog_targets: bool = False

    @property
    def new_folders_only(self) -> bool:
        """Whether this crawl may only add partitions."""
        return self.crawled_before and self.recrawl_behavior == "CRAWL_NEW_FOLDERS_ONLY"


def policy_conflicts(
    recrawl_behavior: str, update_behavior: str, delete_behavior: str, target_kinds: Collection[str]
) -> list[str]:
    """Return why Glue refuses a combination of policies, in its words; empty if it does not.

    Args:
        recrawl_behavior: ``RecrawlPolicy.RecrawlBehavior``.
        update_behavior: ``SchemaChangePolicy.UpdateBehavior``.
        delete_behavior: ``SchemaChangePolicy.DeleteBehavior``.
        target_kinds: members of ``Targets`` that are not empty, such as ``S3Targets``.
    """
    if recrawl_behavior != "CRAWL_NEW_FOLDERS_ONLY":
        return []
    refusals: list[str] = []
    if set(target_kinds) - {"S3Targets"}:
        refusals.append('RecrawlBehavior "Crawl new folders only" can only apply to Amazon S3 target.')
    if (update_behavior, delete_behavior) != ("LOG", "LOG"):
        refusals.append(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG '
            "DeleteBehavior value and LOG UpdateBehavior value."
        )
    return refusals
