"""The environment variables that direct AWS clients to a local Glue, and those that would override them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


AIRFLOW_VARIABLE = "AIRFLOW_CONN_AWS_DEFAULT"
"""The environment variable in which Airflow looks for the connection ``aws_default``."""

_AIRFLOW_RETRIES = {"mode": "standard", "total_max_attempts": 12}
"""Retries that outlast a restart of the server: with waits of up to 20 s, more than a minute (botocore, standard
mode)."""


def airflow_connection(endpoint: Endpoint) -> dict[str, Any]:
    """Return Airflow's connection ``aws_default`` (provider "Amazon", page "Amazon Web Services Connection").

    Every hook uses ``endpoint_url``; STS is configured on its own, since a hook that assumes a role, and the test
    of the connection, call it.
    """
    return {
        "conn_type": "aws",
        "login": endpoint.access_key,
        "password": endpoint.secret_key,
        "extra": {
            "region_name": endpoint.region,
            "endpoint_url": endpoint.url,
            "service_config": {"sts": {"endpoint_url": endpoint.url}, "s3": {"endpoint_url": endpoint.url}},
            "config_kwargs": {"retries": _AIRFLOW_RETRIES, "s3": {"addressing_style": "path"}},
        },
    }


def overriding(environment: Mapping[str, str]) -> list[str]:
    """Return the variables to unset: a fixed list, and every endpoint of a single service in ``environment``."""
    return [*_OVERRIDING, *sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))]
