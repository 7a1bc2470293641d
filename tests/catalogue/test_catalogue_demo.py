"""``glueprint demo``: its data, its shell session, and the whole of it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.cli.demo.command import _own_directory
from glueprint.cli.demo.flights import FLIGHTS, find_archive, flight_files
from glueprint.cli.demo.shell import _wrapped, environment, expect


def archive(path: Path, lines: list[str]) -> Path:
    """A zip like the package's."""
    with zipfile.ZipFile(path / "flights.csv.zip", "w") as zipped:
        zipped.writestr("flights.csv", "\n".join(["year,month,day,dep_delay,carrier", *lines, ""]))
    return path / "flights.csv.zip"


def test_every_flight_lands_once_in_its_month() -> None:
    """336,776 flights, 20 small files per month; the package documents the number of flights."""
    files = list(flight_files(find_archive()))
    assert sum(file.rows for file in files) == FLIGHTS
    assert len(files) == 240
    assert [file.path for file in files] == sorted(file.path for file in files)
    assert files[0].path == "year=2013/month=01/part-000.csv"
    assert all(file.content.count(b"\n") == file.rows + 1 for file in files)


def test_missing_values_become_empty_fields(tmp_path: Path) -> None:
    """R writes NA; in CSV no value is an empty field. Nothing that merely contains NA is touched."""
    source = archive(tmp_path, ["2013,1,1,NA,UA", "2013,1,2,5,NAT", "2013,2,1,NA,NA"])
    assert [file.content for file in flight_files(source, 1)] == [
        b"day,dep_delay,carrier\n1,,UA\n2,5,NAT\n",
        b"day,dep_delay,carrier\n1,,\n",
    ]


def test_another_table_is_refused(tmp_path: Path) -> None:
    """A package with another layout is an error, not wrong data."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr("flights.csv", "a,b,c\n1,2,3\n")
    with pytest.raises(ValueError, match="the first columns are"):
        list(flight_files(tmp_path / "x.zip"))


@given(st.lists(st.text("ab -'\"$*\\é", min_size=1, max_size=30), max_size=12))
def test_the_command_that_is_shown_is_the_command(words: list[str]) -> None:
    """Pasted into a shell it gives the same arguments (demo.shell: each line that is shown is what runs)."""
    shown = _wrapped(["glueprint", *words]).replace("\\\n", "")  # a shell joins such lines; shlex does not
    assert shlex.split(shown) == ["glueprint", *words]


def test_a_directory_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    """The demo empties its own directory only."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(click.ClickException, match="no demo wrote"), _own_directory(tmp_path, keep=False):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_variables_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's data directory holds for the demo only."""
    monkeypatch.setenv("DEMO_ONE", "before")
    monkeypatch.delenv("DEMO_TWO", raising=False)
    with environment({"DEMO_ONE": "x", "DEMO_TWO": "y"}):
        assert (os.environ["DEMO_ONE"], os.environ["DEMO_TWO"]) == ("x", "y")
    assert os.environ["DEMO_ONE"] == "before"
    assert "DEMO_TWO" not in os.environ


def test_a_broken_promise_is_an_error() -> None:
    """What the demo claims is checked (nothing is ever simulated)."""
    expect(True, "all is well")
    with pytest.raises(click.ClickException, match="rows are loaded"):
        expect(False, "rows are loaded")


@pytest.mark.examples
@pytest.mark.spark
def test_the_demo_keeps_its_promises(tmp_path: Path) -> None:
    """Graph, live run, run properties, query, small files that become few, and a run without files."""
    command = [sys.executable, "-m", "glueprint.cli", "demo", "--json", "--data-dir", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1000, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    run, empty = printed["run"], printed["empty_run"]
    assert run["Status"] == "COMPLETED"
    assert run["Statistics"]["SucceededActions"] == 4
    assert run["WorkflowRunProperties"]["file_presence"] == "true"
    assert run["WorkflowRunProperties"]["file_presence.rows"] == str(FLIGHTS)
    assert sum(month["flights"] for month in printed["months"]) == FLIGHTS
    assert printed["months"][0] == {"month": "01", "flights": 27004, "mean_delay": pytest.approx(10.04, abs=0.01)}
    compacted = printed["compacted"]
    assert (compacted["files_before"], compacted["files_after"], compacted["rows"]) == (240, 12, FLIGHTS)
    assert compacted["run"]["WorkflowRunProperties"]["compaction.files_out"] == "12"
    assert empty["Status"] == "STOPPED"
    assert empty["WorkflowRunProperties"]["file_presence"] == "false"
    assert printed["empty_destination"] == []
    for shown in ("$ glueprint graph flights", "on demand", "file_presence.rows", "nothing was written"):
        assert shown in done.stderr
    assert not (tmp_path / "demo").exists()
