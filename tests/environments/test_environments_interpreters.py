"""Finding a Python: PATH, pyenv, uv; never one that does not fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from glueprint.environments.interpreters import Interpreter, MissingInterpreter, advice, find_interpreter

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a program that answers as a Python does."""

    def write(path: str, version: str, *, implementation: str = "cpython", lacks: tuple[str, ...] = ()) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        answer = json.dumps([[int(part) for part in version.split(".")], implementation, str(file), lacks])
        file.write_text(f"#!/bin/sh\necho '{answer}'\n")
        file.chmod(0o755)
        return file

    return write


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user with an empty home and one folder in PATH."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}


def test_path_comes_before_pyenv_and_uv(make: Make, environ: dict[str, str]) -> None:
    """The user's PATH decides, then pyenv, then uv; of several patch versions, the newest."""
    of_uv = make(".local/share/uv/python/cpython-3.99.2-linux/bin/python3.99", "3.99.2")
    assert find_interpreter((3, 99), environ) == Interpreter(of_uv, "3.99.2")
    make(".pyenv/versions/3.99.2/bin/python", "3.99.2")
    of_pyenv = make(".pyenv/versions/3.99.10/bin/python", "3.99.10")
    assert find_interpreter((3, 99), environ) == Interpreter(of_pyenv, "3.99.10")
    in_path = make("bin/python3.99", "3.99.1")
    assert find_interpreter((3, 99), environ) == Interpreter(in_path, "3.99.1")


def test_pyenv_and_uv_may_be_elsewhere(make: Make, environ: dict[str, str], tmp_path: Path) -> None:
    """``PYENV_ROOT``, ``UV_PYTHON_INSTALL_DIR``; and uv itself finds what it knows, without a download."""
    moved = make("pyenv/versions/3.99.0/bin/python", "3.99.0")
    assert find_interpreter((3, 99), {**environ, "PYENV_ROOT": str(tmp_path / "pyenv")}).path == moved
    moved = make("uv/cpython-3.99.0/bin/python3.99", "3.99.0")
    assert find_interpreter((3, 99), {**environ, "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv")}).path == moved
    known = make("opt/python", "3.98.0")
    uv = tmp_path / "bin" / "uv"
    uv.write_text(f'#!/bin/sh\n[ "$UV_PYTHON_DOWNLOADS" = never ] && [ "$5" = 3.98 ] && echo {known}\n')
    uv.chmod(0o755)
    assert find_interpreter((3, 98), environ).path == known


def test_a_plain_python3_counts_if_it_is_the_version(make: Make, environ: dict[str, str]) -> None:
    """A shim that does not start, and another version, are passed over."""
    shim = make("bin/python3.99", "3.99.0")
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.99: command not found' >&2\nexit 127\n")
    make("bin/python3", "3.97.0")
    plain = make("bin/python", "3.99.3")
    assert find_interpreter((3, 99), environ) == Interpreter(plain, "3.99.3")


def test_a_python_that_cannot_be_used_is_named(make: Make, environ: dict[str, str]) -> None:
    """One without ssl or of another implementation; then how to install one."""
    first = make("bin/python3.99", "3.99.0", lacks=("ssl", "zlib"))
    second = make("bin/python3", "3.99.0", implementation="pypy")
    with pytest.raises(MissingInterpreter) as caught:
        find_interpreter((3, 99), environ)
    assert str(caught.value).splitlines() == [
        "no Python 3.99 was found",
        f"{first} was built without ssl, zlib",
        f"{second} is pypy, not CPython",
        *advice((3, 99)),
    ]


def test_only_a_given_python_is_considered(make: Make, environ: dict[str, str], tmp_path: Path) -> None:
    """``--python``: its version must fit, and it must start."""
    other = make("opt/python", "3.98.1")
    with pytest.raises(MissingInterpreter, match=rf"^{other} is Python 3.98.1, not 3.99$"):
        find_interpreter((3, 99), environ, given=other)
    with pytest.raises(MissingInterpreter, match="is not a Python that can be started"):
        find_interpreter((3, 99), environ, given=tmp_path)


def test_an_environments_python_leads_to_the_installation_it_was_made_from() -> None:
    """An environment that is removed later must not take the runtime with it."""
    found = find_interpreter(sys.version_info[:2])
    assert found.path.resolve() == Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
