"""Installations by pip: complete or not there, in words when they fail."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path

import pytest
from parameters_files import wheel

from glueprint.runtime.jobhost.installer import Installation, InstallationFailed, install


def own(folder: Path, target: Path, *arguments: str) -> Installation:
    """An installation of the wheel ``own`` from ``folder`` alone."""
    found = ["--no-index", "--find-links", str(folder), *(arguments or ("own==1.0",))]
    return Installation("--additional-python-modules", "own==1.0", found, [], str(target))


def test_two_runs_that_ask_for_the_same_at_once_both_find_it(tmp_path: Path) -> None:
    """Whoever is second uses what the first has put there (decision 160)."""
    wheel(tmp_path, "own", "X = 1")
    target, problems = tmp_path / "modules" / "key", []

    def run() -> None:
        try:
            install(own(tmp_path, target), {})
        except Exception as error:  # noqa: BLE001 - told by the test
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (target / "own.py").read_text() == "X = 1"
    assert [path.name for path in target.parent.iterdir()] == ["key"]


def test_what_could_not_be_installed_leaves_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The module is named, pip's own words are in the error log, the folder is not there (issue 5, item 4)."""
    target = tmp_path / "modules" / "key"
    with pytest.raises(InstallationFailed, match=r"python-modules: pip could not install other==2") as told:
        install(own(tmp_path, target, "other==2"), {})
    assert "package index" not in str(told.value)
    assert "No matching distribution found for other==2" in capfd.readouterr().err
    assert not target.exists()


def test_a_bundle_needs_nothing_but_itself(tmp_path: Path) -> None:
    """The wheels of an archive find each other, in whatever folders they lie (DG:libraries, zip of wheels)."""
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
