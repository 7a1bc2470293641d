"""Installations by pip: complete or not there, in words when they fail."""

from __future__ import annotations

import re
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from parameters_files import wheel

from glueprint.runtime.jobhost.installer import Installation, InstallationFailed, install

PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"


def own(folder: Path, target: Path, *arguments: str) -> Installation:
    """An installation of the wheel ``own`` from ``folder`` alone."""
    found = ["--no-index", "--find-links", str(folder), *(arguments or ("own==1.0",))]
    return Installation("--additional-python-modules", "own==1.0", found, [], str(target))


def test_two_runs_that_ask_for_the_same_at_once_both_find_it(tmp_path: Path) -> None:
    """Whoever is second uses what the first has put there (docs/decisions/job-parameters.md)."""
    wheel(tmp_path, "own", "X = 1")
    target, problems = tmp_path / "modules" / "key", []

    def run() -> None:
        try:
            install(own(tmp_path, target), {})
        except Exception as error:  # noqa: BLE001 - reported by the test
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (target / "own.py").read_text() == "X = 1"
    assert [path.name for path in target.parent.iterdir()] == ["key"]


def test_pips_progress_is_in_the_error_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Large modules take minutes: the first line appears at once, then pip's own, then how long it took. An
    installation that is kept needs no word."""
    wheel(tmp_path, "own", "")
    for _ in range(2):
        install(own(tmp_path, tmp_path / "modules" / "key"), {})
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "glueprint: --additional-python-modules: installing own==1.0 (pip) ..."
    assert any(line.startswith("Installing collected packages: own") for line in lines)
    assert re.fullmatch(r"glueprint: --additional-python-modules: installed own==1\.0 in \d+\.\d s", lines[-1])
    assert len([line for line in lines if line.startswith("glueprint: ")]) == 2


def test_what_could_not_be_installed_leaves_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The module is named, pip's own output is in the error log, the folder does not exist."""
    target = tmp_path / "modules" / "key"
    with pytest.raises(InstallationFailed, match=r"python-modules: pip could not install other==2") as raised:
        install(own(tmp_path, target, "other==2"), {})
    assert str(raised.value).endswith("other==2: the package index has no such module for " + PYTHON)
    assert "No matching distribution found for other==2" in capfd.readouterr().err
    assert not target.exists()


def test_a_missing_version_is_reported_with_the_newest_one(tmp_path: Path) -> None:
    """Not with pip's list of all versions, which is longer than an ErrorMessage of Glue's."""
    wheel(tmp_path, "own", "")
    with pytest.raises(InstallationFailed) as raised:
        install(own(tmp_path, tmp_path / "modules" / "key", "own==2.0"), {})
    assert str(raised.value).endswith(f"own==2.0: there is no such version; the newest for {PYTHON} is 1.0")


def test_the_password_of_an_index_is_on_no_command_line_and_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Command lines are open to everybody on the machine, and logs to more than the job."""
    python, seen = tmp_path / "python", tmp_path / "seen"
    python.write_text(f'#!/bin/sh\necho "$@" > {seen}\nexec {sys.executable} "$@"\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    words = ["own==1.0", "-i", "https://user:hunter2@127.0.0.1:9/simple", "--no-such-option"]
    todo = Installation("--additional-python-modules", " ".join(words), words, [], str(tmp_path / "modules"))
    with pytest.raises(InstallationFailed) as raised:
        install(todo, {})
    assert "pip" in seen.read_text()
    assert "https://****@127.0.0.1:9/simple" in str(raised.value)
    assert not any("hunter2" in text for text in (seen.read_text(), str(raised.value), capfd.readouterr().err))


def test_a_bundle_needs_nothing_but_itself(tmp_path: Path) -> None:
    """The wheels of an archive find each other, in whatever folders they lie
    (DG:aws-glue-programming-python-libraries, zip of wheels)."""
    needed, asking = wheel(tmp_path, "needed", ""), wheel(tmp_path, "asking", "", requires="needed")
    bundle = tmp_path / "x.gluewheels.zip"
    with zipfile.ZipFile(bundle, "w") as made:
        made.write(needed, f"deep/{needed.name}")
        made.write(asking, asking.name)
        made.writestr("../escaped.txt", "no wheel")
    target = tmp_path / "modules" / "key"
    install(Installation("--additional-python-modules", "x", ["--no-index"], [str(bundle)], str(target)), {})
    assert {"asking.py", "needed.py"} <= {path.name for path in target.iterdir()}
    assert not (tmp_path.parent / "escaped.txt").exists()
