"""Environments of this machine: the own interpreter, and those in the user's cache."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from glueprint.environments import installed
from glueprint.environments.definitions import RUNTIMES


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an interpreter that is no runtime."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(installed, "own", lambda: None)
    return tmp_path / "glueprint" / "runtimes"


def make(name: str, **record: object) -> Path:
    """Make a directory that looks like the environment of a runtime."""
    directory = installed.environment_directory(RUNTIMES[name])
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "python").symlink_to(sys.executable)
    content = {"python": "3.9.18", "java_home": None, "packages": {"boto3": "1.40.0"}, **record}
    (directory / installed.RECORD).write_text(json.dumps(content))
    return directory


def test_the_own_interpreter_is_the_runtime_that_pip_installed() -> None:
    """``pip install glueprint[local]`` brings the runtime of the interpreter that it is installed in."""
    found = installed.own()
    assert found is not None
    assert found.python == sys.version_info[:2]
    environment = installed.find(found.name)
    assert environment is not None
    assert environment.python == Path(sys.executable)
    assert environment.packages["pyspark"].startswith(f"{found.spark}.")
    assert environment.java_home is not None
    assert (environment.java_home / "bin" / "java").exists()


def test_environments_are_found_in_the_users_cache(cache: Path) -> None:
    """An environment is complete once its record exists; all are listed, the newest Glue first."""
    assert installed.environments() == []
    make("pythonshell")
    make("6.0", java_home="lib/java")
    assert [found.runtime.name for found in installed.environments()] == ["6.0", "pythonshell"]
    found = installed.find("6.0")
    assert found is not None
    assert found.directory is not None
    assert found.directory.parent == cache
    assert found.java_home == found.directory / "lib" / "java"
    assert found.packages == {"boto3": "1.40.0"}


def test_what_is_incomplete_or_broken_is_no_environment(cache: Path) -> None:
    """Without a record, with a damaged one, or when the Python that it was made from has been removed."""
    directory = make("pythonshell")
    (directory / "bin" / "python").unlink()
    (directory / "bin" / "python").symlink_to(cache / "removed")
    assert installed.find("pythonshell") is None
    directory = make("6.0")
    (directory / installed.RECORD).write_text("{")
    assert installed.find("6.0") is None
    (directory / installed.RECORD).unlink()
    assert installed.find("6.0") is None


def test_names_of_distributions_are_compared_as_package_indexes_do() -> None:
    """``PyYAML``, ``redshift_connector`` and ``ruamel.yaml`` (packaging.python.org, name normalization)."""
    names = ["PyYAML", "redshift_connector", "ruamel.yaml", "a--b"]
    assert [installed.normalized(name) for name in names] == ["pyyaml", "redshift-connector", "ruamel-yaml", "a-b"]
