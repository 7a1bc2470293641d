"""``getResolvedOptions`` of Python shell jobs behaves as the published one
(docs/facts/runtime.md#getresolvedoptions)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.runtime.shell_modules.awsglue.utils import GlueArgumentError, getResolvedOptions

NAMES = st.text("abcXYZ_-", min_size=5, max_size=5).map(lambda name: f"x{name}")
"""Of one length, since a name may also be written as the beginning of a longer one."""
VALUES = st.text(min_size=1, max_size=20).filter(lambda value: not value.startswith("-"))
RESERVED = (
    "continuation-option",
    "job-bookmark-option",
    "job-bookmark-from",
    "job-bookmark-to",
    "JOB_ID",
    "JOB_RUN_ID",
    "SECURITY_CONFIGURATION",
    "encryption-type",
    "enable-data-lineage",
)


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.dictionaries(NAMES, VALUES, max_size=3))
def test_named_arguments_are_found_among_others(wanted: dict[str, str], others: dict[str, str]) -> None:
    """Each name yields its value, ``-`` becomes ``_``, unknown arguments are ignored
    (docs/facts/runtime.md#getresolvedoptions)."""
    pairs = {**others, **wanted}
    argv = ["script.py", *(part for name, value in pairs.items() for part in (f"--{name}", value))]
    found = getResolvedOptions(argv, list(wanted))
    by_key = {name.replace("-", "_"): value for name, value in wanted.items()}
    assert {key: found[key] for key in by_key} == by_key


def test_a_name_may_be_abbreviated() -> None:
    """The beginning of a name is taken for it, a trap that only Glue 6.0 closes
    (docs/facts/runtime.md#getresolvedoptions)."""
    assert getResolvedOptions(["s", "--locat", "x"], ["location"])["location"] == "x"


def test_a_missing_argument_is_an_error_with_its_name() -> None:
    """A name that is not given raises GlueArgumentError (docs/facts/runtime.md#getresolvedoptions)."""
    with pytest.raises(GlueArgumentError, match=r"the following arguments are required: --b"):
        getResolvedOptions(["s", "--a", "1"], ["a", "b"])


def test_a_value_that_looks_like_an_option_is_none() -> None:
    """A value that begins with ``--`` breaks the reading, as it does in Glue
    (docs/facts/runtime.md#getresolvedoptions)."""
    with pytest.raises(GlueArgumentError, match="expected one argument"):
        getResolvedOptions(["s", "--a", "--b"], ["a"])


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names_are_refused(name: str) -> None:
    """Glue's own arguments cannot be requested (docs/facts/runtime.md#getresolvedoptions)."""
    with pytest.raises(RuntimeError, match="Using reserved arguments"):
        getResolvedOptions(["s", f"--{name}", "x"], [name])


def test_the_job_name_may_be_requested() -> None:
    """JOB_NAME is not among the reserved names (docs/facts/runtime.md#getresolvedoptions)."""
    assert getResolvedOptions(["s", "--JOB_NAME", "j"], ["JOB_NAME"])["JOB_NAME"] == "j"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], (None, None)),
        (["--TempDir", "s3://t"], ("s3://t", "s3://t")),
        (["--RedshiftTempDir", "s3://r"], ("s3://r", "s3://r")),
        (["--TempDir", "s3://t", "--RedshiftTempDir", "s3://r"], ("s3://t", "s3://t")),
    ],
)
def test_temp_dirs_are_optional_and_mirrored(
    argv: list[str], expected: tuple[str | None, str | None]
) -> None:
    """TempDir and RedshiftTempDir are optional even if requested, and mirror each other
    (docs/facts/runtime.md#getresolvedoptions)."""
    found = getResolvedOptions(["s", *argv], ["TempDir"])
    assert (found["TempDir"], found["RedshiftTempDir"]) == expected


@pytest.mark.parametrize(
    ("argv", "option"),
    [
        ([], "job-bookmark-disable"),
        (["--job-bookmark-option", "job-bookmark-enable"], "job-bookmark-enable"),
        (["--continuation-option", "continuation-readonly"], "job-bookmark-pause"),
    ],
)
def test_the_bookmark_option_has_a_default(argv: list[str], option: str) -> None:
    """Without a word bookmarks are disabled; the old continuation names are translated
    (docs/facts/runtime.md#getresolvedoptions)."""
    assert getResolvedOptions(["s", *argv], [])["job_bookmark_option"] == option


def test_a_paused_bookmark_wants_both_ends_or_neither() -> None:
    """Pause with one of from/to lacks the other; from/to without pause are invalid
    (docs/facts/runtime.md#getresolvedoptions)."""
    pause = ["s", "--job-bookmark-option", "job-bookmark-pause"]
    assert getResolvedOptions(pause, [])["job_bookmark_from"] is None
    both = ["--job-bookmark-from", "a", "--job-bookmark-to", "b"]
    assert getResolvedOptions([*pause, *both], [])["job_bookmark_to"] == "b"
    with pytest.raises(RuntimeError, match="Missing option or value for --job-bookmark-to"):
        getResolvedOptions([*pause, "--job-bookmark-from", "a"], [])
    with pytest.raises(RuntimeError, match=r"Invalid option\(s\)"):
        getResolvedOptions(["s", *both], [])
