"""Operations of Glue that moto serves: what they store is in memory alone, and nothing here acts upon it."""

from __future__ import annotations

from collections.abc import Mapping

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "schemas are kept and compared as moto does; no serializer here asks for them": (
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
    "jobs and crawlers may name it; nothing here is encrypted by it": (
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
    "the settings are kept; the catalog here is not encrypted": (
        "GetDataCatalogEncryptionSettings",
        "PutDataCatalogEncryptionSettings",
    ),
}

SERVED_BY_MOTO: Mapping[str, str] = {
    operation: meaning for meaning, operations in _FAMILIES.items() for operation in operations
}
"""What each of these operations means here, by its name."""
