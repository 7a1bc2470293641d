"""AWS's managed policies in moto's IAM, parsed once per process.

moto keeps one IAM for each partition of AWS, and makes all of them at the first request that is signed with any
key (``get_account_id_from``), and again at each reset. Each of them parses the 1.5 MB of managed policies: 0.75 s
of processor time, about ten times for one reset (moto 5.2.5).
"""

from __future__ import annotations

import functools
import json
from typing import Any


def parse_managed_policies_once() -> None:
    """Have every IAM that moto makes from now on contain AWS's managed policies, as copies of those parsed first.

    Imports moto's IAM, which by default has none of them.
    """
    from moto.iam.models import IAMBackend

    IAMBackend._init_aws_policies = _policies_of


def _policies_of(backend: Any) -> list[Any]:
    from moto.utilities.utils import get_partition

    partition = get_partition(backend.region_name)
    return [_copied(policy, backend.account_id, partition) for policy in _parsed()]


def _copied(policy: Any, account_id: str, partition: str) -> Any:
    own = _with(policy, account_id=account_id, partition=partition, tags={})
    own.versions = [_with(version, policy_arn=own.arn) for version in policy.versions]
    return own


def _with(original: Any, **changed: Any) -> Any:
    """Return a shallow copy with other attributes; :func:`copy.copy` is too slow for thousands of objects."""
    own = object.__new__(type(original))
    own.__dict__.update(original.__dict__, **changed)
    return own


@functools.cache
def _parsed() -> list[Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy

    return [
        AWSManagedPolicy.from_data(name, account_id="", region_name="us-east-1", data=data)
        for name, data in json.loads(aws_managed_policies_data).items()
    ]
