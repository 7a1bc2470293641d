"""Tags of every resource that Glue tags (docs/facts/protocol.md#tags; developer guide, "AWS tags in AWS Glue")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import invalid_input, not_found
from glueprint.local.store.resources import Resources, put_tags, remove_tags, tags_of

TAGGED_KINDS = (
    "blueprint",
    "connection",
    "crawler",
    "dataQualityRuleset",
    "database",
    "job",
    "trigger",
    "workflow",
)
"""The kinds of resources that AWS tags and this Glue has; their names in ARNs are those in the store."""

MAX_TAGS = 50

_ARN = re.compile(r"arn:[^:]+:glue:(?P<region>[^:]*):(?P<account>[^:]*):(?P<kind>[^:/]+)/(?P<name>.+)")


class Tags(Family):
    """``TagResource``, ``UntagResource``, ``GetTags``."""

    @operation("TagResource", runs=Runs.ON_WRITER)
    def tag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``TagResource``: adds tags, and overwrites those with the same keys."""
        self.database.write(
            lambda tx: add_tags(tx, _require(tx, context, request["ResourceArn"]), request["TagsToAdd"])
        )
        return {}

    @operation("UntagResource", runs=Runs.ON_WRITER)
    def untag_resource(self, context: Context, request: Request) -> Answer:
        """Service model, ``UntagResource``: a missing key is not an error."""

        def work(tx: Transaction) -> None:
            remove_tags(tx, _require(tx, context, request["ResourceArn"]), request["TagsToRemove"])

        self.database.write(work)
        return {}

    @operation("GetTags", runs=Runs.INLINE)
    def get_tags(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetTags``."""
        return {
            "Tags": self.database.read(lambda tx: tags_of(tx, _require(tx, context, request["ResourceArn"])))
        }


def add_tags(tx: Transaction, resource_arn: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource, or overwrite those with the same keys, within the caller's transaction.

    Raises:
        ApiError: a key is reserved for AWS, or the resource would have too many tags; none was added.
    """
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        raise invalid_input(f"Tag keys must not start with aws: {', '.join(reserved)}")
    if len(tags_of(tx, resource_arn) | dict(tags)) > MAX_TAGS:
        raise invalid_input(f"A resource has at most {MAX_TAGS} tags")
    put_tags(tx, resource_arn, tags)


def _require(tx: Transaction, context: Context, resource_arn: str) -> str:
    """Return the ARN under which the resource's tags are stored.

    Raises:
        ApiError: it is not an ARN of Glue, its kind cannot be tagged, or the resource does not exist.
    """
    found = _ARN.fullmatch(resource_arn)
    if found is None:
        raise invalid_input(f"{resource_arn} is not the ARN of a Glue resource")
    kind, name = found["kind"], found["name"]
    if kind not in TAGGED_KINDS:
        raise invalid_input(f"Resources of type {kind} cannot be tagged; {', '.join(TAGGED_KINDS)} can")
    if kind == "database":
        name = name.lower()
    is_local = (found["account"], found["region"]) == (context.account_id, context.region)
    if not is_local or not Resources(kind).exists(tx, name):
        raise not_found("Entity not found")
    return arn(context.account_id, context.region, f"{kind}/{name}")
