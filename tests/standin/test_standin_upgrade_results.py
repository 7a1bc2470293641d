"""The page about the upgrade to Glue 6.0 states how public scripts end, as ``make upgrade`` checks it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import public_scripts
from amazon_scripts import SAMPLES
from upgrade_results import RESULTS, page_table, result_of

from glueprint.client.job_comparison import Trial

PAGE = Path(__file__).parents[2] / "docs" / "upgrade-to-6.md"


def test_the_page_has_the_table_of_results() -> None:
    """The table of public scripts is the one with which their runs are compared."""
    assert page_table() in PAGE.read_text("utf-8")


def test_every_script_has_one_result() -> None:
    """Each sample and each script is in exactly one row."""
    assert Counter(name for one in RESULTS for name in one.names) == Counter([*SAMPLES, *public_scripts.SCRIPTS])


def test_only_6_0_may_fail() -> None:
    """An error is expected of GlueVersion 6.0 only."""
    encoding = result_of("encoding")
    assert encoding.expected_error("5.1") == ""
    assert encoding.expected_error("6.0") == "INVALID_PARAMETER_VALUE.CHARSET"


def test_scripts_that_did_not_end_have_failed() -> None:
    """How each script of a job ended is read from its output; one without such a line has the job's error."""
    output = ("=== a", "rows", "=== a SUCCEEDED", "=== b", "=== b FAILED NameError no name x", "=== c")
    trial = Trial("6.0", "FAILED", "killed", 1.0, output, (), ())
    found = {"a": "", "b": "NameError no name x", "c": "killed"}
    assert public_scripts.errors(trial, "abc") == found
