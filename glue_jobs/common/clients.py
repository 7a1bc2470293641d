"""The AWS clients of a job: one region, and retries of throttled calls."""

from typing import Any

import boto3
from botocore.config import Config


def aws_client(service: str, region: str) -> Any:
    """Return a boto3 client that makes up to ten attempts of a throttled or failed call, with growing pauses.

    Args:
        service: boto3's name of the service, such as ``s3``.
        region: passed on always: the Glue client has no default region inside a job
        (docs/facts/runtime.md#python-shell-jobs).
    """
    return boto3.client(
        service, region_name=region, config=Config(retries={"mode": "standard", "max_attempts": 10})
    )
