"""Conditions of statements: operators, and the keys that are known here.

Rules: IAM user guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys
or values". An operator or a key that is not known here is refused by name: if it were ignored, a policy would
allow more here than on AWS.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.compat import UTC
from glueprint.iam.arns import arn_matches, wildcard_matches
from glueprint.iam.problems import PolicyError

Context = Mapping[str, tuple[str, ...]]
"""The values of a request's condition keys, by the key in small letters; a key that is absent has no entry."""

KNOWN_KEYS = frozenset(
    {
        *("aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:resourceaccount", "aws:securetransport"),
        *("aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"),
        *("aws:sourceaccount", "aws:sourcearn", "aws:tagkeys", "aws:viaawsservice"),
        *("events:detail-type", "events:source", "events:targetarn"),
        *("glue:credentialissuingservice", "glue:roleassumedby", "iam:passedtoservice"),
        *("s3:delimiter", "s3:max-keys", "s3:prefix", "s3:resourceaccount", "s3:x-amz-acl"),
        *("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
        *("s3:x-amz-storage-class", "s3:x-amz-copy-source", "sts:externalid"),
    }
)
"""Keys whose value is known here for every request, or that are known to be absent from it."""
KNOWN_PREFIXES = ("aws:requesttag/",)


@dataclass(frozen=True)
class Condition:
    """One operator with one key and its values.

    Attributes:
        operator: in small letters, without ``ForAllValues:``, ``ForAnyValue:`` and ``IfExists``.
        where: the statement, for messages.
        quantifier: ``forallvalues``, ``foranyvalue`` or empty.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    where: str
    if_exists: bool = False
    quantifier: str = ""

    def is_true(self, context: Context, resolve: Callable[[str], str | None]) -> bool:
        """Whether a request satisfies it.

        Args:
            context: of the request.
            resolve: replaces the policy variables of a value; None if one of them has no value.

        Raises:
            PolicyError: the key is not known here. Other statements may still be evaluated: a condition on a key
            of
                another service must not make a policy useless.
        """
        if self.key not in KNOWN_KEYS and not self.key.startswith(KNOWN_PREFIXES):
            raise PolicyError(f"{self.where}: the condition key {self.key!r} is not evaluated here")
        found = context.get(self.key)
        if self.operator == "null":
            return (found is None) == (self.values[0].lower() == "true")
        test, is_negated = _OPERATORS[self.operator]
        if found is None:
            return self.if_exists or is_negated or self.quantifier == "forallvalues"
        wanted = [value for one in self.values if (value := resolve(one)) is not None]

        def matches(value: str) -> bool:
            is_equal = any(test(value, one) for one in wanted)
            return is_equal != is_negated

        return any(map(matches, found)) if self.quantifier == "foranyvalue" else all(map(matches, found))


def parse_conditions(shape: Mapping[str, Any], where: str) -> tuple[Condition, ...]:
    """Return the conditions of a statement, all of which must be true.

    Raises:
        PolicyError: an operator is not known here, or a value has the wrong form.
    """
    if not isinstance(shape, Mapping):
        raise PolicyError(f"{where}: Condition is not a JSON object")
    found = []
    for name, keys in shape.items():
        quantifier, _, plain = name.rpartition(":")
        if_exists = plain.endswith("IfExists")
        base = plain.removesuffix("IfExists").lower()
        if quantifier.lower() not in ("", "forallvalues", "foranyvalue") or (
            base not in _OPERATORS and base != "null"
        ):
            raise PolicyError(f"{where}: the condition operator {name!r} is not evaluated here")
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{where}: Condition {name} is not a JSON object")
        for key, value in keys.items():
            values = tuple(_text(one) for one in (value if isinstance(value, list) else [value]))
            _check(base, values, f"{where}: {name} {key}")
            found.append(Condition(base, key.lower(), values, where, if_exists, quantifier.lower()))
    return tuple(found)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(base: str, values: tuple[str, ...], where: str) -> None:
    """Refuse values that the operator cannot compare."""
    convert = float if base.startswith("numeric") else _moment if base.startswith("date") else None
    for value in values if convert else ():
        try:
            convert(value)  # type: ignore[misc]
        except ValueError as error:
            raise PolicyError(f"{where}: {value!r} cannot be compared") from error


def _moment(text: str) -> float:
    """Return a date of ISO 8601, or seconds since the epoch, as seconds."""
    try:
        return float(text)
    except ValueError:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


Test = Callable[[str, str], bool]


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    return lambda value, wanted: compare(float(value), float(wanted))


def _date(compare: Callable[[float, float], bool]) -> Test:
    return lambda value, wanted: compare(_moment(value), _moment(wanted))


def _like(value: str, wanted: str) -> bool:
    return wildcard_matches(wanted, value)


def _arn_like(value: str, wanted: str) -> bool:
    return arn_matches(wanted, value)


def _equals_ignoring_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
_OPERATORS: Mapping[str, tuple[Test, bool]] = {
    "stringequals": (operator.eq, False),
    "stringnotequals": (operator.eq, True),
    "stringequalsignorecase": (_equals_ignoring_case, False),
    "stringnotequalsignorecase": (_equals_ignoring_case, True),
    "stringlike": (_like, False),
    "stringnotlike": (_like, True),
    "arnequals": (_arn_like, False),
    "arnlike": (_arn_like, False),
    "arnnotequals": (_arn_like, True),
    "arnnotlike": (_arn_like, True),
    "bool": (_equals_ignoring_case, False),
    "numericequals": (_numeric(operator.eq), False),
    "numericnotequals": (_numeric(operator.eq), True),
    "dateequals": (_date(operator.eq), False),
    "datenotequals": (_date(operator.eq), True),
    **{f"numeric{name}": (_numeric(compare), False) for name, compare in _COMPARISONS.items()},
    **{f"date{name}": (_date(compare), False) for name, compare in _COMPARISONS.items()},
}
"""The test of each operator, and whether it is negated: a negated one is true for a key that is absent."""
