"""Finds a Python of a minor version on this machine: in PATH, and among those of pyenv and uv."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments.definitions import version_text
from glueprint.facts.glue_python import Version

_PROBE = """
import importlib.util, json, sys
needed = ("ctypes", "ssl", "venv", "zlib")
lacks = [name for name in needed if importlib.util.find_spec(name) is None]
if "ssl" not in lacks:
    try:
        import ssl, zlib, ctypes
    except ImportError as error:
        lacks.append(error.name or "ssl")
print(json.dumps([list(sys.version_info[:3]), sys.implementation.name,
    getattr(sys, "_base_executable", None) or sys.executable, lacks]))
"""
_PROBE_SECONDS = 30.0


class MissingInterpreter(Exception):
    """No suitable Python was found; the message states how to install one."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of this machine.

    Attributes:
        path: of the installation itself, never of a virtual environment.
        version: complete, such as ``3.13.0``.
    """

    path: Path
    version: str


def find_interpreter(
    python: Version, environ: Mapping[str, str] = os.environ, *, given: Path | None = None
) -> Interpreter:
    """Return the first suitable interpreter of a minor version.

    Args:
        python: the minor version.
        environ: names PATH and the directories of pyenv and uv.
        given: the only one to consider.

    Raises:
        MissingInterpreter: there is none.
    """
    rejected: list[str] = []
    for candidate in [given] if given else _candidates(python, environ):
        found = probe(candidate, python)
        if isinstance(found, Interpreter):
            return found
        if given:
            raise MissingInterpreter(found.reason if found else f"{given} is not a Python that can be started")
        if found and found.right_version and found.reason not in rejected:
            rejected.append(found.reason)
    raise MissingInterpreter(
        "\n".join([f"no Python {version_text(python)} was found", *rejected, *advice(python)])
    )


@dataclass(frozen=True, slots=True)
class Unsuitable:
    """Why a Python cannot be used."""

    reason: str
    right_version: bool


def probe(candidate: Path, python: Version) -> Interpreter | Unsuitable | None:
    """Return the interpreter, or why it cannot be used; None if it cannot be started."""
    try:
        done = subprocess.run(
            [candidate, "-I", "-c", _PROBE],
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        version, implementation, base, lacks = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None  # such as a shim of pyenv whose version is not active
    if version[:2] != list(python):
        reason = f"{candidate} is Python {'.'.join(map(str, version))}, not {version_text(python)}"
        return Unsuitable(reason, right_version=False)
    if implementation != "cpython":
        return Unsuitable(f"{candidate} is {implementation}, not CPython", right_version=True)
    if lacks:
        return Unsuitable(f"{candidate} was built without {', '.join(lacks)}", right_version=True)
    return Interpreter(Path(base), ".".join(map(str, version)))


def _candidates(python: Version, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the places to look at; the same interpreter may come twice."""
    text = version_text(python)
    path = environ.get("PATH", os.defpath)
    if sys.version_info[:2] == python:
        yield Path(sys.executable)
    for name in (f"python{text}", "python3", "python"):
        for folder in path.split(os.pathsep):
            candidate = Path(folder or ".", name)
            if os.access(candidate, os.X_OK) and (name.endswith(text) or _may_be(candidate, text)):
                yield candidate
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    yield from _newest_first(pyenv, f"{text}*/bin/python")
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv_pythons = Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield from _newest_first(uv_pythons, f"cpython-{text}*/bin/python{text}")
    if uv := find_uv(environ):
        yield from _of_uv(uv, text, environ)
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", f"/usr/local/opt/python@{text}/bin"):
        if os.access(candidate := Path(folder, f"python{text}"), os.X_OK):
            yield candidate


def _may_be(candidate: Path, text: str) -> bool:
    """Whether ``python3`` may be this version: its file's name, if it has a version, is the right one."""
    name = candidate.resolve().name
    return not name.startswith("python3.") or name == f"python{text}"


def _newest_first(directory: Path, pattern: str) -> list[Path]:
    def numbers(path: Path) -> list[int]:
        name = path.relative_to(directory).parts[0]
        return [int(part) for part in "".join(c if c.isdigit() else " " for c in name).split()]

    return sorted(directory.glob(pattern), key=numbers, reverse=True)


def find_uv(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the program uv, or None."""
    if found := shutil.which("uv", path=environ.get("PATH", os.defpath)):
        return Path(found)
    home = Path(environ.get("HOME") or Path.home())
    places = (home / ".local" / "bin" / "uv", home / ".cargo" / "bin" / "uv", Path(sys.executable).with_name("uv"))
    return next((place for place in places if os.access(place, os.X_OK)), None)


def _of_uv(uv: Path, text: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield what uv finds, without a download."""
    try:
        done = subprocess.run(
            [uv, "python", "find", "--no-project", "--system", text],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=True,
            env={**environ, "UV_PYTHON_DOWNLOADS": "never"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return
    if found := done.stdout.strip():
        yield Path(found)


def advice(python: Version) -> list[str]:
    """Return how to install a Python, a line each."""
    text = version_text(python)
    return [
        "install it in one of these ways, then try again:",
        f"  uv:              uv python install {text}",
        f"  pyenv:           pyenv install {text}",
        f"  Debian, Ubuntu:  apt-get install python{text} python{text}-venv   (where the release has it)",
        f"  macOS:           brew install python@{text}",
    ]
