"""Operations of Glue that moto serves: what they store is in memory only, and Glueprint does not act upon it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "schemas are kept and compared as moto does; no local serializer requests them": (
        "CreateRegistry",
        "CreateSchema",
        "DeleteRegistry",
        "DeleteSchema",
        "GetRegistry",
        "GetSchema",
        "GetSchemaByDefinition",
        "GetSchemaVersion",
        "ListRegistries",
        "PutSchemaVersionMetadata",
        "RegisterSchemaVersion",
        "UpdateSchema",
    ),
    "jobs and crawlers may name it; nothing is encrypted by it": (
        "CreateSecurityConfiguration",
        "DeleteSecurityConfiguration",
        "GetSecurityConfiguration",
        "GetSecurityConfigurations",
    ),
    "the policy is kept, and not enforced": (
        "DeleteResourcePolicy",
        "GetResourcePolicy",
        "PutResourcePolicy",
    ),
    "the settings are kept; the local catalog is not encrypted": (
        "GetDataCatalogEncryptionSettings",
        "PutDataCatalogEncryptionSettings",
    ),
}

_TAGGING = ("GetTags", "TagResource", "UntagResource")
_TAGGED = re.compile(rb'"ResourceArn"\s*:\s*"arn:[^:"]+:glue:[^:"]*:[^:"]*:(registry|schema)/')


def tags_of_moto(operation: str, body: bytes) -> bool:
    """Whether a request is for the tags of a registry or of a schema, which moto keeps with them."""
    return operation in _TAGGING and _TAGGED.search(body) is not None


SERVED_BY_MOTO: Mapping[str, str] = {
    operation: meaning for meaning, operations in _FAMILIES.items() for operation in operations
}
"""The meaning of each of these operations locally, by operation."""
