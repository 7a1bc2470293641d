"""``glueprint runtime``: what users see."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from environments.fake_installer import Fake, make_fake

from glueprint.cli.main import cli
from glueprint.environments import creation, definitions, installed

Run = Callable[..., Result]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A user with a fake uv, whose ``pythonshell`` and ``4.0`` are runtimes of the Python that runs the tests."""
    fake = make_fake(tmp_path, uv=True)
    for name, value in fake.environ.items():
        monkeypatch.setenv(name, value)
    for name in ("pythonshell", "4.0"):
        runtime = replace(definitions.RUNTIMES[name], python=sys.version_info[:2], unchecked=())
        monkeypatch.setitem(definitions.RUNTIMES, name, runtime)
    return fake


@pytest.fixture
def runtime() -> Run:
    """Runs a subcommand; an error is one that users see."""

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(cli, ["runtime", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_add_shows_steps_and_what_was_installed(fake: Fake, runtime: Run) -> None:
    """In a pipe a line for each step; the second time it states that it is there."""
    first = runtime("add", "pythonshell")
    assert first.exit_code == 0
    assert first.stdout == ""
    lines = first.stderr.splitlines()
    assert lines[0].startswith("making an environment of Python 3.")
    assert "  Resolved 2 packages" in lines
    assert lines[-1].startswith("runtime pythonshell: Python 3.")
    again = runtime("add", "pythonshell")
    assert again.stdout.endswith(": installed already\n")
    assert [one["Added"] for one in json.loads(runtime("add", "pythonshell", "--json").stdout)["Runtimes"]] == [
        False
    ]


def test_the_runtime_of_this_python_needs_no_installation(fake: Fake, runtime: Run) -> None:
    """Also by another GlueVersion that it runs."""
    own = installed.own()
    assert own is not None
    result = runtime("add", own.glue_versions[-1])
    assert result.exit_code == 0
    assert "this Python: installed already" in result.stdout
    assert fake.steps == []


def test_add_explains_names_missing_pythons_and_failures(fake: Fake, runtime: Run) -> None:
    """A wrong name is a usage error with a guess; the others end with exit code 1."""
    result = runtime("add", "pythonshel")
    assert result.exit_code == 2
    assert (
        "there are 6.0, 5.1, 4.0, pythonshell, pythonshell-analytics. Did you mean pythonshell?" in result.stderr
    )
    definitions.RUNTIMES["4.0"] = replace(definitions.RUNTIMES["4.0"], python=(3, 99))  # type: ignore[index]
    result = runtime("add", "4.0")
    assert result.exit_code == 1
    assert "Error: runtime 4.0 needs Python 3.99: no Python 3.99 was found" in result.stderr
    assert "uv python install 3.99" in result.stderr
    fake.let("fail-install", "No space left on device\n")
    result = runtime("add", "pythonshell")
    assert result.exit_code == 1
    assert "Error: runtime pythonshell was not installed: the disk is full" in result.stderr


def test_ls_lists_what_is_there_and_what_can_be_added(fake: Fake, runtime: Run) -> None:
    """Own Python, cache, missing, incomplete and outdated; JSON has all packages."""
    runtime("add", "pythonshell")
    parent = installed.runtimes_directory()
    (parent / "6.0-0123456789ab").mkdir()
    installed.environment_directory(definitions.RUNTIMES["4.0"]).mkdir()
    result = runtime("ls")
    lines = {line.split()[0]: line for line in result.stdout.splitlines()[1:-1]}
    assert str(installed.environment_directory(definitions.RUNTIMES["pythonshell"])) in lines["pythonshell"]
    assert "incomplete: glueprint runtime add 4.0" in lines["4.0"]
    assert "not installed: glueprint runtime add pythonshell-analytics" in lines["pythonshell-analytics"]
    assert result.stdout.splitlines()[-1].split()[0] == "6.0"
    assert result.stdout.splitlines()[-1].endswith("(outdated)")
    assert "rm --outdated" in result.stderr
    rows = {(row["Name"], row["State"]): row for row in json.loads(runtime("ls", "--json").stdout)["Runtimes"]}
    own = installed.own()
    assert own is not None
    assert "pyspark" in rows[own.name, "this Python"]["Packages"]
    assert rows["pythonshell", "installed"]["Bytes"] > 0
    assert "boto3 " in runtime("ls", "--packages").stdout


def test_rm_removes_one_all_or_what_is_not_used(fake: Fake, runtime: Run) -> None:
    """The Python of Glueprint itself stays."""
    runtime("add", "pythonshell", "4.0")
    outdated = installed.runtimes_directory() / "6.0-0123456789ab"
    outdated.mkdir()
    assert runtime("rm", "--outdated").stdout == f"removed {outdated}\n"
    assert runtime("rm", "pythonshell").stdout.startswith("removed ")
    assert runtime("rm", "pythonshell").stderr == "Error: runtime pythonshell is not installed\n"
    assert len(runtime("rm", "--all").stdout.splitlines()) == 1
    assert runtime("rm", "--all").stdout == "there is nothing to remove\n"
    own = installed.own()
    assert own is not None
    assert "is the Python of Glueprint itself" in runtime("rm", own.name).stderr
    assert runtime("rm").exit_code == 2


def test_doctor_starts_what_is_installed(fake: Fake, runtime: Run) -> None:
    """Each check with its result; what fails states what to do, and the exit code is 1."""
    runtime("add", "pythonshell")
    result = runtime("doctor", "pythonshell")
    assert result.exit_code == 0
    assert "runtime pythonshell: healthy" in result.stdout
    assert "  ok   modules  imported boto3" in result.stdout
    python = installed.environment_directory(definitions.RUNTIMES["pythonshell"]) / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    python.chmod(0o755)
    result = runtime("doctor", "pythonshell")
    assert result.exit_code == 1
    assert "  FAIL python   the Python ended: status 3\n       broken\n" in result.stdout
    assert "what to do: glueprint runtime rm pythonshell && glueprint runtime add pythonshell" in result.stdout
    (answer,) = json.loads(runtime("doctor", "pythonshell-analytics", "--json").stdout)["Runtimes"]
    assert answer["Healthy"] is False
    assert answer["Checks"][0]["Remedy"] == "glueprint runtime add pythonshell-analytics"


def test_add_lets_uv_install_a_python_only_on_request(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--install-python``; without it nothing is downloaded."""
    tiny = replace(definitions.RUNTIMES["pythonshell"], python=(3, 99))
    with pytest.raises(creation.MissingInterpreter):
        creation.create(tiny, lambda step, line: None)
    assert not any(call.startswith("python install") for call in fake.calls)
    with pytest.raises(creation.CreationError):  # the fake cannot download
        creation.create(tiny, lambda step, line: None, install_python=True)
    assert "python install 3.99" in fake.calls


def test_serve_adds_runtimes_before_it_listens(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``--runtime``: a failure ends the command, and nothing was started."""
    from glueprint.local import server

    monkeypatch.setattr(server, "serve", lambda options, ready: ready("http://127.0.0.1:1"))
    serve = ["serve", "--port", "0", "--data-dir", str(tmp_path / "data"), "--runtime", "pythonshell"]
    fake.let("fail-install", "Connection refused\n")
    result = CliRunner().invoke(cli, serve)
    assert result.exit_code == 1
    assert "runtime pythonshell was not installed: the package index cannot be reached" in result.stderr
    assert "ready" not in result.stdout
    fake.stop("fail-install")
    result = CliRunner().invoke(cli, serve)
    assert "ready http://127.0.0.1:1" in result.stdout
    assert installed.find("pythonshell") is not None
