"""What the tags of a resource may be (developer guide, "AWS tags in AWS Glue")."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.local.glue.family import Transaction
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.store.resources import put_tags, tags_of

MAX_TAGS = 50


def add_tags(tx: Transaction, resource_arn: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource, or overwrite those of the same keys, within the caller's transaction.

    Raises:
        ApiError: a key is reserved for AWS, or the resource would have too many; nothing was added.
    """
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        raise invalid_input(f"Tag keys must not begin with aws: {', '.join(reserved)}")
    if len(tags_of(tx, resource_arn) | dict(tags)) > MAX_TAGS:
        raise invalid_input(f"A resource has at most {MAX_TAGS} tags")
    put_tags(tx, resource_arn, tags)
