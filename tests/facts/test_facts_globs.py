"""Exclude patterns (DG:define-crawler, "Include and exclude patterns")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.facts.globs import BadGlobError, excluded

KEYS = st.text(alphabet="ab/.*[]{}\\,!-?x", max_size=12)
NAMES = st.text(alphabet="abc.-_", min_size=1, max_size=6)

DOCUMENTED = [
    ("*.csv", "a.csv", True),
    ("*.csv", "f/a.csv", False),
    ("*.*", "a.csv", True),
    ("*.*", "acsv", False),
    ("*.{csv,avro}", "a.avro", True),
    ("*.{csv,avro}", "a.json", False),
    ("foo.?", "foo.x", True),
    ("foo.?", "foo.xy", False),
    ("myfolder/*", "myfolder/mysource", True),
    ("myfolder/*", "myfolder/mysource/data", False),
    ("myfolder/*/*", "myfolder/mysource/data", True),
    ("myfolder/**", "myfolder/mysource/mydata", True),
    ("myfolder**", "myfolder", True),
    ("myfolder**", "myfolder/mydata.txt", True),
    ("Market*", "Market_us", True),
    ("departments/**", "departments/finance.json", True),
    ("departments/**", "employees/hr.json", False),
    ("departments/market*", "departments/market-us.json", True),
    ("departments/market*", "departments/finance.json", False),
    ("**.csv", "employees/john.csv", True),
    ("employees/*.csv", "employees/juan.txt", False),
    (" 2015/01/{[!0],0[8-9]}**", "2015/01/08/a", True),
    (" 2015/01/{[!0],0[8-9]}**", "2015/01/31/a", True),
    (" 2015/01/{[!0],0[8-9]}**", "2015/01/07/a", False),
    ("2015/0[2-9]/**", "2015/05/01/a", True),
    ("2015/1[0-2]/**    ", "2015/12/01/a", True),
    ("*", ".hidden", True),
    ("[!a-c]x", "dx", True),
    ("[!a-c]x", "bx", False),
    ("[-a]x", "-x", True),
    ("[!-a]x", "-x", False),
    ("[*?]x", "*x", True),
    ("[*?]x", "ax", False),
    (r"\{a", "{a", True),
    (r"a\\b", r"a\b", True),
    ("a[b/c]d", "a/d", False),
]


@pytest.mark.parametrize(("pattern", "key", "expected"), DOCUMENTED)
def test_documented_patterns(pattern: str, key: str, expected: bool) -> None:
    """The patterns of the documentation's tables exclude what it says (DG:define-crawler)."""
    assert excluded((pattern,))(key) is expected


@pytest.mark.parametrize("pattern", ["[a", "{a", "{a,{b}}", "[]", "[!]", "[z-a]", "a\\"])
def test_patterns_without_sense_are_refused_by_name(pattern: str) -> None:
    """A pattern that cannot be read is an error that quotes it (DG:define-crawler: groups cannot be nested)."""
    with pytest.raises(BadGlobError, match="Exclude pattern"):
        excluded((pattern,))


@given(KEYS)
def test_an_escaped_key_matches_itself_only(key: str) -> None:
    """A backslash makes any character literal (DG:define-crawler: escape of special characters)."""
    pattern = "".join("\\" + symbol for symbol in key)
    matches = excluded((pattern,))
    assert matches(key)
    assert not matches(key + "x")


@given(KEYS, KEYS)
def test_any_text_is_a_pattern_or_refused(pattern: str, key: str) -> None:
    """No pattern breaks the crawl in another way than by its own error (hostile input)."""
    try:
        matches = excluded((pattern,))
    except BadGlobError:
        return
    assert matches(key) in (True, False)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_single_star_stays_in_its_folder(parts: list[str]) -> None:
    """``*`` for each part matches a key of that depth and no other; ``**`` matches any (DG:define-crawler)."""
    key = "/".join(parts)
    assert excluded(("/".join("*" for _ in parts),))(key)
    assert not excluded(("/".join("*" for _ in range(len(parts) + 1)),))(key)
    assert excluded(("**",))(key)


@given(NAMES, NAMES)
def test_groups_are_alternatives(left: str, right: str) -> None:
    """``{a,b}`` matches what ``a`` or ``b`` matches (DG:define-crawler)."""
    either = excluded((f"{{{left},{right}}}",))
    assert either(left)
    assert either(right)
    assert either("zz") is ("zz" in (left, right))
