"""The file patterns of the catalogue's jobs."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common.patterns import compile_pattern

LETTERS = "abc[]{}*?!-,\\.é "


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "year=2013/month=01/a.csv", True),
        ("*.csv", "a.csv.gz", False),
        ("2013/*.csv", "2013/a.csv", True),
        ("2013/*.csv", "2013/01/a.csv", False),
        ("2013/**", "2013/01/a.csv", True),
        ("**/a.csv", "a.csv", False),
        ("**/a.csv", "x/y/a.csv", True),
        ("**/a.csv", "xa.csv", False),
        ("*.{csv,parquet}", "a.parquet", True),
        ("*.{csv,parquet}", "a.json", False),
        ("foo.?", "foo.x", True),
        ("foo.?", "foo.xy", False),
        ("[a-c]*", "b.csv", True),
        ("[!a-c]*", "b.csv", False),
        ("[!a-c]*", "d.csv", True),
        ("[-a]x", "-x", True),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("*.CSV", "a.csv", False),
        ("*", "any/thing", True),
    ],
)
def test_a_pattern_matches_as_a_crawlers_exclusion_does(pattern: str, path: str, matches: bool) -> None:
    """The dialect is a crawler's for exclusions (DG:define-crawler); without a slash any folder does (README)."""
    assert bool(compile_pattern(pattern).fullmatch(path)) is matches


@given(st.text(LETTERS, min_size=1, max_size=8))
def test_an_escaped_name_matches_itself_and_nothing_else(name: str) -> None:
    """A backslash takes the next character as it is (DG:define-crawler)."""
    pattern = compile_pattern("".join("\\" + letter for letter in name))
    assert pattern.fullmatch(name)
    assert not pattern.fullmatch(name + "x")


@given(st.text("ab*?", min_size=1, max_size=8), st.text("abc", max_size=8))
def test_stars_and_question_marks_agree_with_fnmatch(pattern: str, name: str) -> None:
    """Within one folder level * and ? mean what Python's fnmatch means by them."""
    assert bool(compile_pattern(pattern).fullmatch(name)) == fnmatch.fnmatchcase(name, pattern)


@given(st.text("ab/*?[]{}!-,\\", min_size=1, max_size=10))
def test_every_text_is_a_pattern_or_a_clear_refusal(pattern: str) -> None:
    """What an analyst types either works or is refused with the pattern in the message."""
    refusal = ""
    try:
        compile_pattern(pattern)
    except ValueError as error:
        refusal = str(error)
    assert not refusal or refusal.startswith("The file pattern")
