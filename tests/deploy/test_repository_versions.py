"""Versions and what selects one of them (https://semver.org)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.client.errors import InvalidArgument
from glueprint.deploy.repository.versions import Bump, Selector, Version

ORDERED = (
    *("0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"),
)
numbers = st.tuples(*[st.integers(0, 12)] * 3)
identifiers = st.one_of(st.integers(0, 99).map(str), st.from_regex(r"[a-z-][a-z0-9-]{0,3}", fullmatch=True))
versions = st.builds(Version, numbers, st.lists(identifiers, max_size=3).map(tuple))


def test_precedence_is_semvers() -> None:
    """The example of semver's rule 11, between other versions."""
    parsed = [Version.parse(one) for one in ORDERED]
    assert sorted(random.Random(0).sample(parsed, len(parsed))) == parsed


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "01.2.3", "1.2.3-01", "1.2.3-", "v1.2.3", "1.2.3+b1", "1.2.3\n", "../../x", "1.2.3/x"]
)
def test_what_is_not_a_version_is_refused(text: str) -> None:
    """semver's grammar, without build metadata: a version is also the name of a folder."""
    with pytest.raises(InvalidArgument, match="is not a version"):
        Version.parse(text)


def test_a_version_with_a_v_is_corrected() -> None:
    """``v1.2.3`` is a common name of a tag, not a version (semver's FAQ)."""
    with pytest.raises(InvalidArgument, match=r"did you mean 1\.2\.3"):
        Version.parse("v1.2.3")


@given(versions)
def test_a_version_is_what_it_is_written_as(version: Version) -> None:
    """The text of a version is read as that version."""
    assert Version.parse(str(version)) == version


@given(versions, st.sampled_from(Bump))
def test_a_raised_version_is_the_next_release(version: Version, bump: Bump) -> None:
    """semver's rules 6 to 8: it is later, a release, and the numbers behind the raised one are zero."""
    raised = version.bumped(bump)
    assert raised > version
    assert raised.is_release
    assert bump is Bump.PATCH or raised.numbers[2] == 0
    assert bump is not Bump.MAJOR or raised.numbers[1:] == (0, 0)


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("latest", "2.0.0"),
        ("1", "1.10.0"),
        ("1.0", "1.0.1"),
        ("0", "0.9.9"),
        ("1.0.0-rc.1", "1.0.0-rc.1"),
        (">=1.0.0-rc.1,<1.0.0", None),
        (">=1.0,<1.2", "1.0.1"),
        (">1,<=1.2.0", "1.2.0"),
        ("<2, !=1.10.0", "1.2.0"),
        ("==1.2", "1.2.0"),
        ("3", None),
        ("1.1.1", None),
    ],
)
def test_what_a_selector_selects(text: str, newest: str | None) -> None:
    """The newest release that is meant; a prerelease only by its exact version (docs/repository.md#versions)."""
    found = Selector.parse(text).newest(map(Version.parse, ORDERED))
    assert (str(found) if found else None) == newest


@pytest.mark.parametrize("text", ["newest", ">=", ">=1,", "~1.2", "1.2.3.4", "=1", ">=x"])
def test_a_selector_that_selects_nothing_is_refused(text: str) -> None:
    """A misspelt selector is a mistake in the arguments, not an empty result."""
    with pytest.raises(InvalidArgument):
        Selector.parse(text)
