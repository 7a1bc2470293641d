"""Checks of a blueprint's parameters beyond their types.

A blueprint lists its checks, and all problems are reported at once. A check is any function from the parameters to
sentences, each of which names a parameter and what it must be.
"""

import re
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional

from layouts.common.locations import normal_folder, overlap

Parameters = Mapping[str, Any]
Check = Callable[[Parameters], Iterator[str]]


def check_parameters(params: Parameters, checks: Iterable[Check]) -> None:
    """Apply all checks.

    Raises:
        ValueError: every problem, one per line.
    """
    problems = [problem for check in checks for problem in check(params)]
    if problems:
        raise ValueError("The parameters do not fit together:\n" + "\n".join(problems))


def given(texts: Iterable[str]) -> "list[str]":
    """The texts of a list that is a parameter, without the empty ones that its default consists of."""
    return [text.strip() for text in texts if text.strip()]


def is_folder(name: str) -> Check:
    """The parameter is an S3 folder."""

    def check(params: Parameters) -> Iterator[str]:
        if normal_folder(params[name]) is None:
            yield "{} must be an S3 folder such as s3://bucket/folder/.".format(name)

    return check


def are_apart(first: str, second: str, reason: str) -> Check:
    """Neither of two folders contains the other; ``reason`` is the end of the sentence that reports it."""

    def check(params: Parameters) -> Iterator[str]:
        one, other = normal_folder(params[first]), normal_folder(params[second])
        if one and other and overlap(one, other):
            yield "{} and {} must not lie in one another: {}.".format(first, second, reason)

    return check


def is_text(name: str) -> Check:
    """The parameter can be passed to a job: not empty, and it does not start with a dash."""

    def check(params: Parameters) -> Iterator[str]:
        value = str(params[name])
        if not value.strip():
            yield "{} must not be empty.".format(name)
        if value.startswith("-"):
            yield "{} must not start with a dash.".format(name)

    return check


def is_number(name: str, minimum: int, maximum: Optional[int] = None, reason: str = "") -> Check:
    """The parameter is within these limits; ``reason`` explains them."""
    wanted = "from {} to {}".format(minimum, maximum) if maximum is not None else "{} or more".format(minimum)

    def check(params: Parameters) -> Iterator[str]:
        value = int(params[name])
        if value < minimum or (maximum is not None and value > maximum):
            yield "{} must be {}{}.".format(name, wanted, ": " + reason if reason else "")

    return check


def matches(name: str, expression: str, requirement: str) -> Check:
    """The parameter, without the spaces around it, matches a regular expression.

    Args:
        name: the parameter.
        expression: for its complete value.
        requirement: what it must be, after "must".
    """

    def check(params: Parameters) -> Iterator[str]:
        if not re.fullmatch(expression, params[name].strip()):
            yield "{} must {}.".format(name, requirement)

    return check


def if_declared(name: str, check: Check) -> Check:
    """A check that applies only to blueprints that declare the parameter."""

    def check_declared(params: Parameters) -> Iterator[str]:
        if name in params:
            yield from check(params)

    return check_declared
