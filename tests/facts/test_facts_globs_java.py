"""Globs beside Java's own (``FileSystem.getPathMatcher``), whose rules DG:define-crawler describes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyspark.errors import IllegalArgumentException

from glueprint.facts.globs import BadGlobError, excluded

pytestmark = pytest.mark.spark

REFUSED = "refused"
IN_BRACKETS = re.compile(r"\[!?([^\]]*)")
NAMES = st.text("ab-.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PATTERNS = st.lists(
    st.sampled_from([*"ab/*?.-,{}\\", "**", "[ab]", "[!a]", "[a-b]", "[-a]", "[", "]"]), max_size=8
).map("".join)


def javas(jvm: Any, pattern: str, path: str) -> bool | str:
    """Java's answer; REFUSED if it does not accept the pattern."""
    files = jvm.java.nio.file.FileSystems.getDefault()
    try:
        matcher = files.getPathMatcher(f"glob:{pattern}")
    except IllegalArgumentException:  # PySpark's; Java's PatternSyntaxException is one
        return REFUSED
    return bool(matcher.matches(jvm.java.io.File(path).toPath()))


def glueprints(pattern: str, path: str) -> bool | str:
    """Glueprint's answer."""
    try:
        return excluded([pattern])(path)
    except BadGlobError:
        return REFUSED


@pytest.mark.parametrize(
    ("pattern", "path", "answer"),
    [
        ("**/a.csv", "a.csv", False),
        ("**/a.csv", "x/y/a.csv", True),
        ("[]a]x", "]x", REFUSED),
        ("[!]a]x", "bx", REFUSED),
        ("[]", "]", REFUSED),
        ("a\\", "a\\", REFUSED),
        ("{a,{b}}", "a", REFUSED),
        ("[z-a]", "a", REFUSED),
        ("[a-]x", "-x", True),
        ("[^a]x", "^x", True),
        ("[a\\]x", "\\x", True),
        ("a}x", "a}x", True),
        ("a,b", "a,b", True),
        ("{,x}a", "a", True),
        ("{a/b,c}", "a/b", True),
    ],
)
def test_open_cases_are_decided_by_java(spark: Any, pattern: str, path: str, answer: bool | str) -> None:
    """What the guide leaves open is as in Java, whose globs it describes."""
    assert javas(spark._jvm, pattern, path) == answer
    assert glueprints(pattern, path) == answer


@settings(max_examples=300)
@given(pattern=PATTERNS, path=PATHS)
def test_globs_match_as_javas(spark: Any, pattern: str, path: str) -> None:
    """The same paths match and the same patterns are refused.

    Left out is what Java's translation into a regular expression makes of odd brackets: nested and empty ones, a
    slash or two hyphens in them.
    """
    for inside in IN_BRACKETS.findall(pattern):
        assume(inside and not re.search(r"[/\[\\]|-.*-|^-.*-", inside))
    assert glueprints(pattern, path) == javas(spark._jvm, pattern, path)
