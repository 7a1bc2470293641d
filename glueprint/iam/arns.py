"""Amazon Resource Names: where they are, and how a pattern of a policy matches one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from glueprint.compat import Self


@dataclass(frozen=True)
class Location:
    """The partition, account and region of ARNs; any of them may be a variable such as ``${AWS::AccountId}``."""

    account_id: str = "123456789012"
    region: str = "us-east-1"
    partition: str = "aws"

    def glue(self, resource: str) -> str:
        """Return the ARN of a resource of Glue, such as ``job/NAME`` or ``catalog``."""
        return self._arn("glue", resource)

    def log_group(self, group: str, stream: str = "") -> str:
        """Return the ARN with which CloudWatch Logs checks a log group (without a stream) or a log stream."""
        return f"arn:{self.partition}:logs:{self.region}:{self.account_id}:log-group:{group}:log-stream:{stream}"

    def athena(self, resource: str) -> str:
        """Return the ARN of a resource of Athena, such as ``workgroup/NAME``."""
        return self._arn("athena", resource)

    def states(self, resource: str) -> str:
        """Return the ARN of a resource of Step Functions, such as ``stateMachine:NAME``."""
        return self._arn("states", resource)

    def events(self, resource: str) -> str:
        """Return the ARN of a resource of EventBridge, such as ``rule/NAME``."""
        return self._arn("events", resource)

    def bucket(self, bucket: str, key: str | None = None) -> str:
        """Return the ARN of a bucket, or of an object or a pattern of objects in it."""
        return f"arn:{self.partition}:s3:::{bucket}" + ("" if key is None else f"/{key}")

    def role(self, role: str) -> str:
        """Return the ARN of a role that is given by name or by ARN."""
        return role if role.startswith("arn:") else f"arn:{self.partition}:iam::{self.account_id}:role/{role}"

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    @classmethod
    def variables(cls) -> Self:
        """Return the pseudo parameters of CloudFormation, for templates."""
        return cls("${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}")


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether a pattern of a Resource element matches an ARN.

    Wildcards do not reach over the colons before the resource: ``arn:aws:s3:*`` is not a bucket (IAM user guide,
    "IAM JSON policy elements: Resource").
    """
    if not pattern.strip("*"):
        return True
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) < 6 or len(found) < 6:
        return pattern == arn
    return all(wildcard_matches(one, other) for one, other in zip(wanted, found, strict=True))


def wildcard_matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether ``pattern`` with ``*`` (any characters) and ``?`` (one character) matches the complete text."""
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    return pattern == text or _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": ".", LITERAL_STAR: r"\*", LITERAL_QUESTION: r"\?"}
    return re.compile("".join(parts.get(one) or re.escape(one) for one in pattern), re.DOTALL)


LITERAL_STAR, LITERAL_QUESTION = "\ue000", "\ue001"
"""Stand for ``${*}`` and ``${?}`` of a policy, and for such characters in the value of a policy variable."""
