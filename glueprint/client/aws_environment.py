"""The environment variables that direct AWS clients to a local Glue, and those that would override them."""

from __future__ import annotations

from collections.abc import Mapping

from glueprint.client.servers import Endpoint

_OVERRIDING = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
"""Variables that take precedence over the exported ones, or do not work with a custom endpoint (AWS SDKs and Tools
Reference Guide)."""


def variables(endpoint: Endpoint) -> dict[str, str]:
    """Return the variables that every AWS client reads."""
    return {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": endpoint.access_key,
        "AWS_SECRET_ACCESS_KEY": endpoint.secret_key,
        "AWS_DEFAULT_REGION": endpoint.region,
    }


def overriding(environment: Mapping[str, str]) -> list[str]:
    """Return the variables to unset: a fixed list, and every endpoint of a single service in ``environment``."""
    return [*_OVERRIDING, *sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))]
