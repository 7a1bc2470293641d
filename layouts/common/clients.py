"""The AWS clients of a layout: the region of the blueprint run, and retries of throttled calls."""

from typing import Any, Mapping

import boto3
from botocore.config import Config


def aws_client(service: str, system_params: Mapping[str, str]) -> Any:
    """Return a boto3 client that makes up to ten attempts of a throttled or failed call, with growing pauses.

    Args:
        service: boto3's name of the service, such as ``s3``.
        system_params: of the layout; ``region`` is the blueprint run's.
    """
    config = Config(retries={"mode": "standard", "max_attempts": 10})
    return boto3.client(service, region_name=system_params["region"], config=config)
