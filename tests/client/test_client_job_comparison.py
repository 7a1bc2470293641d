"""One script under two GlueVersions: what counts as a difference, and what any two runs differ in."""

from __future__ import annotations

from typing import Any

import pytest

from glueprint.client.job_comparison import Trial, compare, normal_line
from glueprint.client.written_data import DataSet


def trial(version: str, **members: Any) -> Trial:
    """A run that succeeded and wrote one data set of two rows."""
    members = {"state": "SUCCEEDED", "error": None, "output": (), "errors": (), "written": (data(),)} | members
    return Trial(version, seconds=1.0, **members)


def data(**members: Any) -> DataSet:
    """Two rows of Parquet."""
    rows = {"n=1": 1, "n=2": 1}
    members = {"rows": 2, "schema": {"n": "int64"}, "content": rows, "size": 10} | members
    return DataSet("s3://lake/out/", "parquet", 1, **members)


def test_other_log_lines_and_times_do_not_make_another_result() -> None:
    """The version that a script prints may differ: what counts is what it wrote."""
    found = compare(trial("5.1", output=("spark 3.5",)), trial("6.0", output=("spark 4.1",)))
    assert found.is_same
    assert found.output == ("--- 5.1", "+++ 6.0", "-spark 3.5", "+spark 4.1")


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (data(rows=3, content={}), "rows: 2 and 3"),
        (data(schema={"n": "int32"}, content={}), "column n: int64 and int32"),
        (data(schema={"n": "int64", "m": "string"}, content={}), "column m: missing and string"),
        (data(content={"n=1": 1, "n=None": 1}), "only 5.1 has the row n=2"),
        (data(rows=None, size=11, content={}), "bytes: 10 and 11 (the rows cannot be compared)"),
    ],
)
def test_other_rows_or_columns_are_another_result(other: DataSet, problem: str) -> None:
    """Each difference of the data is named."""
    found = compare(trial("5.1"), trial("6.0", written=(other,)))
    assert not found.is_same
    assert problem in found.data[0].problems


def test_a_data_set_that_only_one_run_wrote_is_named() -> None:
    """Output that is missing is a difference."""
    found = compare(trial("5.1"), trial("6.0", written=()))
    assert [one.problems for one in found.data] == [("only 5.1 wrote it",)]


def test_of_many_rows_a_few_are_shown_and_long_ones_are_cut() -> None:
    """A difference in every row does not fill the terminal."""
    left = {f"n={'x' * 300}{number}": 1 for number in range(9)}
    (problems,) = (one.problems for one in compare(trial("5.1", written=(data(content=left),)), trial("6.0")).data)
    assert len(problems) == 8
    assert problems[5] == "and 4 more rows that only 5.1 has"
    assert max(map(len, problems)) < 250


def test_a_failed_run_is_not_the_same_result() -> None:
    """Two runs that wrote the same but did not both succeed differ."""
    assert not compare(trial("5.1"), trial("6.0", state="FAILED")).is_same


@pytest.mark.parametrize(
    ("line", "normal"),
    [
        (f"run jr_{'a1' * 32} started", "run jr_... started"),
        ("2026-11-30 12:00:01,123 WARN [main] x", "<time> WARN [main] x"),
        ('File "/venv/lib/python3.13/site-packages/pyspark/sql.py"', 'File "site-packages/pyspark/sql.py"'),
        ("calling o123.save.", "calling o...save."),
        (
            "/venv/lib/python3.11/site-packages/pyspark/sql.py:147: UserWarning: x",
            "site-packages/pyspark/sql.py: UserWarning: x",
        ),
        ("[NO_COLUMN] there is no n#143L. SQLSTATE: 42703; line 4", "[NO_COLUMN] there is no n#...; line 4"),
    ],
)
def test_what_differs_between_any_two_runs_is_left_out(line: str, normal: str) -> None:
    """Ids, times, paths of installations and numbers of Java objects."""
    assert normal_line(line) == normal


def test_stack_frames_of_libraries_are_left_out() -> None:
    """What names the error and the script's own line stays; Python 3.13 marks more of a line than 3.11."""
    errors = (
        "Traceback (most recent call last):",
        '  File "load.py", line 7, in <module>',
        "    frame.count()",
        "    ~~~~~~~~~~~^^",
        '  File "/venv/lib/python3.13/site-packages/pyspark/sql.py", line 2003, in count',
        "    self._jdf.count(",
        '        "several lines",',
        '  File "/data/job-side/glueprint/runtime/frames/unbox.py", line 77, in content',
        "    first, second = pair",
        "    ^^^^^^",
        "java.lang.Error: x",
        "\tat org.apache.spark.A(B.scala:1)",
        "\tSuppressed: java.lang.Error: y",
        "\t\tat org.apache.spark.sql.QueryExecution.org$apache$spark$$eagerly$1(QueryExecution.scala:184)",
        "\t... 17 more",
        '{"ts": "2026-11-30 12:00:00.123", "level": "ERROR", "logger": "SQLQueryContextLogger", "msg": "x"}',
    )
    found = compare(trial("5.1"), trial("6.0", errors=errors))
    assert [line[1:] for line in found.errors[2:]] == [*errors[:3], "java.lang.Error: x"]
