"""The eight types of a blueprint parameter, and which JSON values each accepts.

Source: DG:developing-blueprints-code-parameters.
Formats that the page leaves open follow the services' own: S3 bucket naming rules, the ``RoleArn`` pattern of the
Glue service model, the role name pattern of IAM.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from glueprint.compat import StrEnum


class ParameterType(StrEnum):
    """The ``type`` of a parameter in ``blueprint.cfg``."""

    STRING = "String"
    INTEGER = "Integer"
    DOUBLE = "Double"
    BOOLEAN = "Boolean"
    S3_URI = "S3Uri"
    S3_BUCKET = "S3Bucket"
    IAM_ROLE_ARN = "IAMRoleArn"
    IAM_ROLE_NAME = "IAMRoleName"

    @property
    def kind(self) -> str:
        """What a value of this type is, for an error message."""
        return _RULES[self].kind

    @property
    def example(self) -> str:
        """A right value, as JSON."""
        return _RULES[self].example

    @property
    def wants(self) -> str:
        """What a value of this type is, with an example."""
        return self.kind if self is ParameterType.BOOLEAN else f"{self.kind} such as {self.example}"

    @property
    def wants_list(self) -> str:
        """What a list of values of this type is, with an example."""
        return f"a list such as [{self.example}] of {self}, {self.kind}"

    def has_json_type(self, value: object) -> bool:
        """Whether ``value`` is of the right JSON type, whatever its format (``Double`` takes whole numbers)."""
        return _RULES[self].json_type(value)

    def accepts(self, value: object) -> bool:
        """Whether ``value`` is of the right JSON type and format."""
        rule = _RULES[self]
        return rule.json_type(value) and rule.well_formed(value)


_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+\Z)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ROLE_ARN = re.compile(r"arn:aws[^:]*:iam::[0-9]*:role/.+")
_ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_URI_SCHEME = "s3://"
_MAX_KEY_BYTES = 1024


def _is_string(value: object) -> bool:
    return isinstance(value, str)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_double(value: object) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _anything(_value: object) -> bool:
    return True


def _is_bucket(value: object) -> bool:
    return isinstance(value, str) and _BUCKET.fullmatch(value) is not None


def _is_s3_uri(value: object) -> bool:
    if not isinstance(value, str) or not value.startswith(_URI_SCHEME):
        return False
    bucket, _, key = value.removeprefix(_URI_SCHEME).partition("/")
    return _is_bucket(bucket) and len(key.encode("utf-8", "surrogatepass")) <= _MAX_KEY_BYTES


def _is_role_arn(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 1024 and _ROLE_ARN.fullmatch(value) is not None


def _is_role_name(value: object) -> bool:
    return isinstance(value, str) and _ROLE_NAME.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    example: str
    json_type: Callable[[object], bool]
    well_formed: Callable[[object], bool] = _anything


_RULES: Mapping[ParameterType, _Rule] = {
    ParameterType.STRING: _Rule("a string", '"orders"', _is_string),
    ParameterType.INTEGER: _Rule("a whole number", "3", _is_integer),
    ParameterType.DOUBLE: _Rule("a number", "0.5", _is_double),
    ParameterType.BOOLEAN: _Rule("true or false", "true", _is_boolean),
    ParameterType.S3_URI: _Rule("a complete path", '"s3://bucket/folder/"', _is_string, _is_s3_uri),
    ParameterType.S3_BUCKET: _Rule(
        'a bucket name without "s3://" (3 to 63 of a-z, 0-9, dot, hyphen)', '"my-bucket"', _is_string, _is_bucket
    ),
    ParameterType.IAM_ROLE_ARN: _Rule(
        "a role ARN", '"arn:aws:iam::123456789012:role/GlueRole"', _is_string, _is_role_arn
    ),
    ParameterType.IAM_ROLE_NAME: _Rule(
        "a role name, not an ARN (1 to 64 of letters, digits and _+=,.@-)", '"GlueRole"', _is_string, _is_role_name
    ),
}
