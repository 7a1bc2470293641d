"""Making environments: complete or not visible, one process at a time, and failures in plain words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from environments.fake_installer import TINY, Fake, make_fake

from glueprint.environments import creation, installed, removal
from glueprint.environments.creation import create
from glueprint.environments.failures import CreationError, explain
from glueprint.environments.installed import RECORD, Environment
from glueprint.environments.interpreters import Interpreter, MissingInterpreter
from glueprint.environments.locking import is_locked, locked


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """A machine with uv."""
    return make_fake(tmp_path, uv=True)


def quiet(step: str, line: str) -> None:
    """Report nothing."""


def directory(fake: Fake) -> Path:
    """Where the environment is made."""
    return installed.environment_directory(TINY, fake.environ)


def visible(fake: Fake) -> Environment | None:
    """The environment, as a server finds it."""
    return installed.read(TINY, directory(fake))


def test_uv_makes_an_environment_and_progress_is_reported(fake: Fake) -> None:
    """Steps in order, the installer's lines, and a record of what is there; the second time nothing runs."""
    reports: list[tuple[str, str]] = []
    made = create(TINY, lambda *report: reports.append(report), fake.environ)
    assert fake.steps == ["venv", "install", "install", "inspect"]
    assert any(call.startswith("pip install --python") and "--compile-bytecode" in call for call in fake.calls)
    assert any(call.endswith("--no-deps --python-version 3.7 other==1.0") for call in fake.calls)
    assert ("installing 1 packages with uv (about 0 MB on disk)", "Resolved 2 packages") in reports
    assert (directory(fake) / "requirements.txt").read_text() == "six==1.17.0\n"
    record = json.loads((directory(fake) / RECORD).read_text())
    assert record["name"] == "tiny"
    assert record["bytes"] > 0
    assert made == visible(fake)
    assert made.python_version == ".".join(map(str, sys.version_info[:3]))
    assert create(TINY, quiet, fake.environ) == made
    assert len(fake.steps) == 4
    assert not list(directory(fake).parent.glob("*.log"))


def test_without_uv_the_environment_is_made_with_venv_and_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip ignores the Python that the metadata of an unchecked package names."""
    fake = make_fake(tmp_path, uv=False)
    monkeypatch.setattr(creation, "find_interpreter", lambda *_, **__: Interpreter(fake.python, "3.11.0"))
    create(TINY, quiet, fake.environ)
    assert fake.steps == ["venv", "install", "install", "inspect"]
    assert any(call.startswith("-m pip install --progress-bar off --requirement") for call in fake.calls)
    assert any(call.endswith("--no-deps --ignore-requires-python other==1.0") for call in fake.calls)


@pytest.mark.parametrize("step", ["venv", "install", "inspect"])
def test_a_creation_that_is_killed_leaves_nothing_visible(fake: Fake, step: str) -> None:
    """SIGKILL at any step: no environment is found; the next creation waits for the installer, and cleans up."""
    fake.let(f"kill-{step}")
    code = (
        "import json, sys\n"
        "from environments.fake_installer import TINY\n"
        "from glueprint.environments.creation import create\n"
        "create(TINY, lambda step, line: None, json.loads(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(dict(fake.environ))],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    assert done.returncode == -9
    assert visible(fake) is None
    left = directory(fake)
    assert left.exists()
    fake.stop(f"kill-{step}")
    reports: list[str] = []
    create(TINY, lambda step, line: reports.append(step), fake.environ)
    assert visible(fake) is not None
    if step != "inspect":  # the inspection is not an installer: it writes nothing
        assert reports[0] == "waiting for another process that installs runtime tiny"
        assert fake.steps.index(f"orphan of {step}") < fake.steps.index("inspect")


@pytest.mark.parametrize(
    ("output", "message", "remedy"),
    [
        ("error: No space left on device (os error 28)\n", "the disk is full", "XDG_CACHE_HOME"),
        (
            "error sending request for url\ndns error: Name or service not known\n",
            "cannot be reached",
            "HTTPS_PROXY",
        ),
        ("SSLError(SSLCertVerificationError(1, 'certificate verify failed'))\n", "certificate", "PIP_CERT"),
        ("ERROR: 403 Client Error: Forbidden for url\n", "refused access", "password"),
        ("No solution found when resolving dependencies:\n", "does not have one of the pinned", "mirrors PyPI"),
        (
            "Connection refused\nNo matching distribution found for six==1.17.0\n",
            "cannot be reached",
            "HTTPS_PROXY",
        ),
        ("ERROR: Could not find a version of six (from versions: none)\n", "offers no version", "PIP_INDEX_URL"),
        ("error: command '/usr/bin/g++' failed with exit code 1\n", "no wheel for this machine", "C compiler"),
        ("something else\n", "ended with status 1", "last lines"),
    ],
)
def test_a_failed_installer_is_explained(output: str, message: str, remedy: str) -> None:
    """Cause, remedy and the end of the output."""
    first, second, third, *others = explain("tiny", "3.13", 1, output).splitlines()
    assert first.startswith("runtime tiny was not installed: ")
    assert message in first
    assert remedy in second
    assert third == "last lines of the installer:"
    assert others[-1] == f"  {output.splitlines()[-1]}"


def test_a_failed_creation_leaves_only_the_installers_output(fake: Fake) -> None:
    """The message names the file, which the next success removes."""
    fake.let("fail-install", "first\nNo space left on device\n")
    with pytest.raises(
        CreationError, match=r"^runtime tiny was not installed: the disk is full \(\S+ MB are free\)"
    ) as it:
        create(TINY, quiet, fake.environ)
    log = Path(str(it.value).splitlines()[-1].removeprefix("its complete output: "))
    assert "first\nNo space left on device\n" in log.read_text()
    assert not directory(fake).exists()
    fake.stop("fail-install")
    create(TINY, quiet, fake.environ)
    assert not log.exists()


def test_passwords_of_an_index_are_not_printed(fake: Fake) -> None:
    """Neither in the message nor in the file."""
    fake.let("fail-install", "Could not fetch https://me:secret@index.example/simple/six\n")
    with pytest.raises(CreationError) as caught:
        create(TINY, quiet, fake.environ)
    assert "secret" not in str(caught.value)
    assert "https://***@index.example/simple/six" in str(caught.value)
    assert "secret" not in next(directory(fake).parent.glob("*.log")).read_text()


def test_a_second_creation_waits_and_uses_the_first(fake: Fake) -> None:
    """Two commands at once install once."""
    reports: list[str] = []
    waiting = threading.Event()
    found: list[Environment] = []

    def report(step: str, line: str) -> None:
        reports.append(step)
        waiting.set()

    thread = threading.Thread(target=lambda: found.append(create(TINY, report, fake.environ)))
    with locked(directory(fake).parent, "tiny"):
        thread.start()
        assert waiting.wait(30)
        assert reports == ["waiting for another process that installs runtime tiny"]
        assert fake.steps == []
    thread.join(60)
    assert found == [visible(fake)]


def test_an_incomplete_environment_that_is_completed_meanwhile_is_kept(fake: Fake) -> None:
    """``rm --outdated`` waits for a creation, and does not remove what it made."""
    create(TINY, quiet, fake.environ)
    assert not removal.remove(directory(fake), only_incomplete=True)
    assert visible(fake) is not None
    assert not is_locked(directory(fake).parent, "tiny")
    with locked(directory(fake).parent, "tiny"):
        assert is_locked(directory(fake).parent, "tiny")


def test_what_an_interrupted_creation_left_is_removed(fake: Fake) -> None:
    """Of this runtime only; also an environment whose Python was removed, and older incomplete ones."""
    parent = directory(fake).parent
    older, complete, other = (
        parent / name for name in ("tiny-0123456789ab", "tiny-ba9876543210", "tiny-x-0123456789ab")
    )
    for one in (directory(fake), older, complete, other):
        one.mkdir(parents=True)
    (directory(fake) / RECORD).write_text("{}")
    (complete / RECORD).write_text("{}")
    create(TINY, quiet, fake.environ)
    assert not older.exists()
    assert complete.exists()  # rm --outdated removes it: an older Glueprint may use it
    assert other.exists()


def test_a_missing_python_is_explained(fake: Fake) -> None:
    """Each way to install it is named exactly; nothing is left."""
    missing = replace(TINY, python=(3, 99))
    with pytest.raises(MissingInterpreter) as caught:
        create(missing, quiet, fake.environ)
    for line in ("uv python install 3.99", "pyenv install 3.99", "apt-get install python3.99 python3.99-venv"):
        assert line in str(caught.value)
    assert not installed.environment_directory(missing, fake.environ).exists()


def test_a_cache_that_cannot_be_written_is_explained(fake: Fake, tmp_path: Path) -> None:
    """Such as a file in its place."""
    (tmp_path / "cache").write_text("")
    with pytest.raises(CreationError, match="runtime tiny was not installed"):
        create(TINY, quiet, fake.environ)


def test_an_environment_that_a_process_uses_is_not_removed(fake: Fake) -> None:
    """The message names the process; afterwards it is removed completely."""
    create(TINY, quiet, fake.environ)
    program = directory(fake) / "bin" / "reader"
    program.symlink_to("/bin/sh")
    command = [program, "-c", "echo ready; read line"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            with pytest.raises(removal.InUse, match=f"is used by process {process.pid}"):
                removal.remove(directory(fake))
            assert visible(fake) is not None
        finally:
            process.kill()
    removal.remove(directory(fake))
    assert not directory(fake).exists()
