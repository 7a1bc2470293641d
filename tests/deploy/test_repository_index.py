"""The index of a repository: what can be added, and what is not read as one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.client.errors import InvalidArgument, NotFound
from glueprint.deploy.repository.index import (
    AlreadyPublished,
    DamagedRepository,
    Entry,
    Index,
    Withdrawal,
    check_name,
)
from glueprint.deploy.repository.publishing import plain_text
from glueprint.deploy.repository.versions import Selector, Version

text = st.text(st.characters(codec="utf-8"), max_size=20)
entries = st.builds(
    Entry,
    st.sampled_from(["orders", "returns", "a.b-c_d"]),
    st.builds(Version, st.tuples(*[st.integers(0, 3)] * 3), st.sampled_from([(), ("rc", "1")])),
    st.integers(0, 5).map(lambda one: f"{one:064x}"),
    st.integers(0, 10**6),
    st.just("2026-11-30T12:00:00Z"),
    text,
    text,
    text,
    st.none() | st.just("-----BEGIN SSH SIGNATURE-----\n"),
    st.none() | st.builds(Withdrawal, st.just("2026-12-01T12:00:00Z"), text, text),
)


def entry(name: str = "orders", version: str = "1.0.0", sha256: str = "a" * 64) -> Entry:
    """A version."""
    return Entry(name, Version.parse(version), sha256, 1, "2026-11-30T12:00:00Z", "anna@example.com")


def damaged(**members: Any) -> bytes:
    """An index with one version that has these members."""
    return json.dumps({"Format": 1, "Blueprints": {"orders": [{**entry().to_wire(), **members}]}}).encode()


@given(st.lists(entries))
def test_a_version_stays_what_it_was_when_others_are_added(added: list[Entry]) -> None:
    """Versions are immutable: the first entry of a name and version is the one that is read back, for ever."""
    index, first = Index(), {}
    for one in added:
        try:
            index = Index.parse(index.adding(one).to_bytes())
        except AlreadyPublished:
            there = first[one.name, one.version]
            assert there.sha256 != one.sha256 or there.withdrawn
        first.setdefault((one.name, one.version), one)
    read = {(name, version): one for name, found in index.entries.items() for version, one in found.items()}
    assert read == first


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "a b", "x" * 129, "ä", "a\n"])
def test_a_name_cannot_leave_the_repository(name: str) -> None:
    """Names are folders: what is not Glue's ``OrchestrationNameString``, or is ``..``, is refused."""
    with pytest.raises(InvalidArgument):
        check_name(name)
    with pytest.raises(DamagedRepository):
        Index.parse(json.dumps({"Format": 1, "Blueprints": {name: [entry().to_wire()]}}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"Format": 1}',
        b'{"Format": 1, "Blueprints": []}',
        b'{"Format": 1, "Blueprints": {"orders": [{}]}}',
        damaged(Version="../../etc"),
        damaged(Sha256="../../../../etc/passwd"),
        damaged(Sha256=7),
        damaged(Size="many"),
    ],
)
def test_what_is_not_an_index_is_refused(data: bytes) -> None:
    """An index that another program wrote or damaged is reported, never taken for an empty one."""
    with pytest.raises(DamagedRepository):
        Index.parse(data)


BACK = Withdrawal("2026-12-01T12:00:00Z", "bert@example.com", "loses rows")


def test_a_withdrawn_version_is_only_selected_exactly() -> None:
    """A withdrawn version stays on record: its exact version selects it, ranges and ``latest`` do not, it is not
    published again, and a bump does not use its number (docs/repository.md#withdraw-a-version)."""
    index = Index().adding(entry()).adding(entry(version="1.1.0", sha256="b" * 64))
    index = Index.parse(index.withdrawing("orders", Version.parse("1.1.0"), BACK).to_bytes())
    selected = {one: index.select("orders", Selector.parse(one)) for one in ("latest", "1", ">=1.0", "1.1.0")}
    assert [str(one.version) for one in selected.values()] == ["1.0.0", "1.0.0", "1.0.0", "1.1.0"]
    assert selected["1.1.0"].withdrawn == BACK
    assert index.withdrawing("orders", Version.parse("1.1.0"), Withdrawal("later", "another")) is index
    with pytest.raises(AlreadyPublished, match=r"withdrawn on 2026-12-01 by bert@example\.com: loses rows"):
        index.adding(entry(version="1.1.0", sha256="b" * 64))
    with pytest.raises(NotFound, match=r"1\.1\.0 \(withdrawn\), 1\.0\.0"):
        index.select("orders", Selector.parse("1.1"))
    newest = [index.newest("orders"), index.newest("orders", withdrawn=True)]
    assert [str(one.version) for one in newest if one is not None] == ["1.0.0", "1.1.0"]


def test_a_withdrawal_is_not_lost_by_an_older_program() -> None:
    """Format 1 ignores withdrawals and would write the index without them: one with a withdrawal has format 2."""
    index = Index().adding(entry())
    assert json.loads(index.to_bytes())["Format"] == 1
    assert json.loads(index.withdrawing("orders", Version.parse("1.0.0"), BACK).to_bytes())["Format"] == 2


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("Loads [files](a.md) of **any** `s3_key` into _tables_.", "Loads files of any s3_key into tables."),
        ("Keeps snake_case_names, 2*3*4 and a * b.", "Keeps snake_case_names, 2*3*4 and a * b."),
        ("![logo](x.png) [x][1] \\* y", "logo x * y"),
    ],
)
def test_a_summary_is_plain_text(markdown: str, plain: str) -> None:
    """`glueprint list` prints summaries in a table, where marks of Markdown are noise (CommonMark 6)."""
    assert plain_text(markdown) == plain


def test_an_index_of_a_later_format_is_not_touched() -> None:
    """An older glueprint must not write what it cannot read."""
    with pytest.raises(DamagedRepository, match="install a newer glueprint"):
        Index.parse(b'{"Format": 3, "Blueprints": {}}')


def test_unknown_names_and_versions_list_what_is_there() -> None:
    """Errors name the remedy (docs/contributing.md)."""
    index = Index().adding(entry()).adding(entry(version="1.1.0"))
    with pytest.raises(NotFound, match="did you mean orders"):
        index.select("order", Selector.parse("latest"))
    with pytest.raises(NotFound, match=r"no version 2 of orders; there are: 1\.1\.0, 1\.0\.0"):
        index.select("orders", Selector.parse("2"))
    with pytest.raises(NotFound, match="glueprint publish"):
        Index().versions("orders")


def test_the_newest_version_is_a_release_if_there_is_one() -> None:
    """A prerelease is not offered to those who use releases (semver's rule 9)."""
    index = Index().adding(entry(version="2.0.0-rc.1"))
    assert str(index.newest("orders").version) == "2.0.0-rc.1"  # type: ignore[union-attr]
    assert str(index.adding(entry(version="1.0.0")).newest("orders").version) == "1.0.0"  # type: ignore[union-attr]
