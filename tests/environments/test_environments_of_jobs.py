"""Which environment a job run gets, and the message if there is none: with invented environments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.installed import RECORD, environment_directory, own
from glueprint.local.executors import environments
from glueprint.local.executors.environments import choose
from glueprint.runtime.launch.jobs import UnsupportedJob

Add = Callable[[str], Path]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Make an environment with a Python that does nothing; the user's own ones are out of sight."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def make(name: str) -> Path:
        directory = environment_directory(RUNTIMES[name])
        python = directory / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text("#!/bin/sh\n")
        python.chmod(0o755)
        record = {"java_home": None, "packages": {}, "python": "3.0.0"}
        (directory / RECORD).write_text(json.dumps(record))
        return directory

    return make


def _other() -> str:
    """A runtime with Spark that this Python is not."""
    this = own()
    return next(name for name, one in RUNTIMES.items() if one.spark and one != this)


def test_a_job_runs_in_the_runtime_of_its_glue_version(add: Add) -> None:
    """Each GlueVersion has its Spark and Python (DG:release-notes)."""
    name = _other()
    directory = add(name)
    chosen = choose("glueetl", RUNTIMES[name].glue_versions[0], {})
    assert chosen.environment is not None
    assert (chosen.environment.directory, chosen.notes) == (directory, ())


def test_a_missing_runtime_is_refused_with_the_command_that_adds_it(add: Add) -> None:
    """Nothing runs on another Spark in silence."""
    name = _other()
    version = RUNTIMES[name].glue_versions[0]
    with pytest.raises(UnsupportedJob, match=rf"GlueVersion {version} needs .*`glueprint runtime add {name}`"):
        choose("glueetl", version, {})


@pytest.mark.parametrize("version", ["auto", "7.3"])
def test_an_unknown_version_is_refused(version: str) -> None:
    """A version that no runtime has is refused; the message names those that can be used."""
    with pytest.raises(UnsupportedJob, match=rf"GlueVersion {version} .*use .*5\.1"):
        choose("glueetl", version, {})


def test_older_versions_run_on_the_nearest_runtime_with_a_note(add: Add) -> None:
    """Glue 3.0 is Spark 3.1, 2.0 is past its end of life (DG:glue-version-support-policy)."""
    add("4.0")
    chosen = choose("glueetl", "3.0", {})
    assert chosen.environment is not None
    assert chosen.environment.runtime.name == "4.0"
    assert chosen.notes[0].startswith("Glue 3.0 has Spark 3.1")
    assert choose("glueetl", "2.0", {}).notes[0].startswith("AWS would refuse this: Glue 2.0")


def test_a_python_shell_job_without_a_python_3_9_runs_on_this_one(
    add: Add, caplog: pytest.LogCaptureFixture
) -> None:
    """Python shell jobs have Python 3.9 (DG:add-job-python): the server's log states the difference, once."""
    environments._note_own_python.cache_clear()
    for _ in range(2):
        chosen = choose("pythonshell", None, {})
        assert (chosen.environment, chosen.notes) == (None, ())
    (record,) = caplog.records
    assert "Python 3.9 on AWS" in record.message
    assert "glueprint runtime add pythonshell-analytics" in record.message


def test_the_library_set_of_a_python_shell_job_chooses_its_environment(add: Add) -> None:
    """``library-set`` is ``analytics`` unless it is ``none`` (DG:add-job-python)."""
    plain = add("pythonshell")
    chosen = choose("pythonshell", None, {"library-set": "none"})
    assert chosen.environment is not None
    assert (chosen.environment.directory, chosen.notes) == (plain, ())
    without = choose("pythonshell", None, {})
    assert without.environment is not None
    assert without.environment.directory == plain
    assert "glueprint runtime add pythonshell-analytics" in without.notes[0]
    analytics = add("pythonshell-analytics")
    chosen = choose("pythonshell", None, {"--library-set": "analytics"})
    assert chosen.environment is not None
    assert (chosen.environment.directory, chosen.notes) == (analytics, ())
