"""``awsglue.blueprint.crawler``: a crawler of a workflow, its CreateCrawler request, and what it waits for."""

from enum import Enum
from typing import Any, ClassVar

from .base_resource import BaseResource, ensure_type

__all__ = [
    "BaseResource",
    "CatalogTarget",
    "Crawler",
    "DeleteBehavior",
    "DynamoDBTarget",
    "Enum",
    "JDBCTarget",
    "S3Target",
    "SchemaChangePolicy",
    "Targets",
    "UpdateBehavior",
    "ensure_type",
]


class UpdateBehavior(Enum):
    """What a crawler does about changed tables."""

    LOG = "LOG"
    UPDATE_IN_DATABASE = "UPDATE_IN_DATABASE"

    @staticmethod
    def has_value(item: Any) -> bool:
        """Whether ``item`` is the value of a member."""
        return any(item == known.value for known in UpdateBehavior)


class DeleteBehavior(Enum):
    """What a crawler does about tables whose data is gone."""

    LOG = "LOG"
    DELETE_FROM_DATABASE = "DELETE_FROM_DATABASE"
    DEPRECATE_IN_DATABASE = "DEPRECATE_IN_DATABASE"

    @staticmethod
    def has_value(item: Any) -> bool:
        """Whether ``item`` is the value of a member."""
        return any(item == known.value for known in DeleteBehavior)


class CatalogTarget(BaseResource):
    """Checks one of ``CatalogTargets``."""

    _members: ClassVar = {"DatabaseName": (str, True), "Tables": (list, True)}

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)


class DynamoDBTarget(BaseResource):
    """Checks one of ``DynamoDBTargets``."""

    _members: ClassVar = {"Path": (str, True)}

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)


class S3Target(BaseResource):
    """Checks one of ``S3Targets``."""

    _members: ClassVar = {"Path": (str, True), "Exclusions": (list, False)}

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)


class JDBCTarget(BaseResource):
    """Checks one of ``JDBCTargets``."""

    _members: ClassVar = {"ConnectionName": (str, True), "Path": (str, True), "Exclusions": (list, False)}

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)


class SchemaChangePolicy(BaseResource):
    """Checks a crawler's ``SchemaChangePolicy``."""

    _members: ClassVar = {"DeleteBehavior": (str, False), "UpdateBehavior": (str, False)}
    _drops_falsy = True

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def _check(self, key: str, value: Any) -> None:
        known = DeleteBehavior.has_value if key == "DeleteBehavior" else UpdateBehavior.has_value
        if not known(value):
            raise TypeError(f"{value} is not a valid value for key {key} in {type(self).__name__}")


class Targets(BaseResource):
    """Checks a crawler's ``Targets``; the library has JDBCTargets where the API has JdbcTargets."""

    _members: ClassVar = {
        "S3Targets": (list, False),
        "JDBCTargets": (list, False),
        "CatalogTargets": (list, False),
        "DynamoDBTargets": (list, False),
    }
    _kinds: ClassVar = {
        "S3Targets": S3Target,
        "JDBCTargets": JDBCTarget,
        "CatalogTargets": CatalogTarget,
        "DynamoDBTargets": DynamoDBTarget,
    }

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def validate(self) -> None:
        """Check every target.

        Raises:
            TypeError: at the first one that is not valid.
        """
        for member, kind in self._kinds.items():
            for target in vars(self)[member] or ():
                kind(**target).validate()


class Crawler(BaseResource):
    """A crawler. Members are CreateCrawler's, with ``DependsOn`` (a dict of Job or Crawler to state) and
    ``WaitForDependencies`` (``AND`` or ``ANY``); newer members of CreateCrawler are dropped."""

    _members: ClassVar = {
        "Name": (str, True),
        "Description": (str, False),
        "Role": (str, True),
        "Targets": (dict, True),
        "DatabaseName": (str, False),
        "Classifiers": (list, False),
        "SchemaChangePolicy": (dict, False),
        "TablePrefix": (str, False),
        "Configuration": (str, False),
        "CrawlerSecurityConfiguration": (str, False),
        "Tags": (dict, False),
        "DependsOn": (dict, False),
        "Schedule": (str, False),
        "WaitForDependencies": (str, False),
    }
    _drops_falsy = True
    _warns = True

    def __init__(self, **kwargs: Any) -> None:
        self._fill(kwargs)

    def _check(self, key: str, value: Any) -> None:
        if key == "Targets":
            Targets(**value).validate()
            if "JDBCTargets" in value:
                self._warn("Targets.JDBCTargets", "is not a member of CreateCrawler, which reads JdbcTargets")
        elif key == "SchemaChangePolicy":
            SchemaChangePolicy(**value).validate()
