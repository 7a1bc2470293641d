"""Tags of all kinds of resources."""

from __future__ import annotations

import pytest
from catalog_harness import Catalog

from glueprint.local.glue.tags import TAGGED_KINDS
from glueprint.local.store.resources import Resources


def _arn(kind: str, name: str, account: str = "123456789012", region: str = "us-east-1") -> str:
    return f"arn:aws:glue:{region}:{account}:{kind}/{name}"


@pytest.mark.parametrize("kind", TAGGED_KINDS)
def test_every_kind_is_tagged(catalog: Catalog, kind: str) -> None:
    """Tags of each kind that AWS tags are added, overwritten, removed, and read back after a restart
    (developer guide, "AWS tags in AWS Glue")."""
    catalog.database.write(lambda tx: Resources(kind).put(tx, "a/b c", {"Name": "a/b c"}))
    arn = _arn(kind, "a/b c")
    assert catalog.call("GetTags", ResourceArn=arn)["Tags"] == {}
    catalog.call("TagResource", ResourceArn=arn, TagsToAdd={"k": "v", "l": ""})
    catalog.call("TagResource", ResourceArn=arn, TagsToAdd={"k": "w"})
    catalog.reopen()
    assert catalog.call("GetTags", ResourceArn=arn)["Tags"] == {"k": "w", "l": ""}
    catalog.call("UntagResource", ResourceArn=arn, TagsToRemove=["l", "nosuch"])
    catalog.reopen()
    assert catalog.call("GetTags", ResourceArn=arn)["Tags"] == {"k": "w"}


def test_tags_of_creation_are_the_resources(catalog: Catalog) -> None:
    """Tags given to CreateDatabase and CreateJob are those that GetTags shows (docs/facts/protocol.md#tags)."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "Db"}, Tags={"a": "1"})
    catalog.call("CreateJob", Name="j", Role="r", Command={"Name": "glueetl"}, Tags={"b": "2"})
    assert catalog.call("GetTags", ResourceArn=_arn("database", "Db"))["Tags"] == {"a": "1"}
    assert catalog.call("GetTags", ResourceArn=_arn("job", "j"))["Tags"] == {"b": "2"}


@pytest.mark.parametrize(
    "arn",
    [
        _arn("job", "nosuch"),
        _arn("database", "nosuch"),
        _arn("database", "d", account="999999999999"),
        _arn("database", "d", region="eu-west-1"),
    ],
)
def test_unknown_resources_are_not_found(catalog: Catalog, arn: str) -> None:
    """EntityNotFoundException (service model), for another account's and region's resources too."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d"})
    for operation, members in (
        ("GetTags", {}),
        ("TagResource", {"TagsToAdd": {"a": "b"}}),
        ("UntagResource", {"TagsToRemove": ["a"]}),
    ):
        assert catalog.refused(operation, ResourceArn=arn, **members).code == "EntityNotFoundException"


@pytest.mark.parametrize("arn", [_arn("table", "d/t"), "arn:aws:glue:us-east-1:123456789012:catalog"])
def test_resources_that_aws_does_not_tag_are_refused(catalog: Catalog, arn: str) -> None:
    """Tables are not in the list of "AWS tags in AWS Glue" (developer guide)."""
    assert catalog.refused("GetTags", ResourceArn=arn).code == "InvalidInputException"


def test_at_most_fifty_tags(catalog: Catalog) -> None:
    """50 tags an entity, and none that starts with aws: (same page); a refused call adds none."""
    catalog.call("CreateDatabase", DatabaseInput={"Name": "d"})
    arn = _arn("database", "d")
    catalog.call("TagResource", ResourceArn=arn, TagsToAdd={f"k{number}": "" for number in range(50)})
    catalog.call("TagResource", ResourceArn=arn, TagsToAdd={"k0": "again"})
    assert catalog.refused("TagResource", ResourceArn=arn, TagsToAdd={"x": ""}).code == "InvalidInputException"
    assert catalog.refused("TagResource", ResourceArn=arn, TagsToAdd={"aws:x": ""}).code == "InvalidInputException"
    assert len(catalog.call("GetTags", ResourceArn=arn)["Tags"]) == 50
