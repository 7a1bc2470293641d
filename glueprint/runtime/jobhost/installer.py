"""Installs Python modules for one job with pip, before its script, into a folder that is complete or missing.

Imported only if there is something to install: other jobs do not wait for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from glueprint.runtime.jobhost.script import write_error
from glueprint.runtime.shared.instructions import Installation

_NOT_FOUND = re.compile(r"(?:No matching distribution found for|satisfies the requirement) ([^\s(]+)")
_VERSIONS = re.compile(r"\(from versions: ([^)]+)\)")
_UNREACHABLE = re.compile(
    r"NewConnectionError|NameResolutionError|Failed to establish a new connection|ConnectTimeout|ProxyError"
    r"|Temporary failure in name resolution|Connection refused"
)
_ERROR = re.compile(r"^ERROR: (.*)$", re.MULTILINE)
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+(?=@)")
"""In the address of a package index."""
_PROGRAM = (
    "import json, runpy, sys; sys.argv[1:] = json.load(sys.stdin); runpy.run_module('pip', run_name='__main__')"
)
"""pip with its arguments from the standard input: all users of the machine can read a command line, and the
address of an index may contain a password."""
_RETRIES = "1"
"""Retries of each download, unless pip's configuration has another number: offline, pip's own five take half a
minute."""


class InstallationFailed(Exception):
    """pip did not install what a parameter requires; the message names the parameter and the module."""


def install(todo: Installation, environment: Mapping[str, str]) -> None:
    """Install, unless ``todo.target`` exists already; it is moved there in one step once it is complete.

    The files are made in the run's folder for temporary files, which is removed with the run in any case.

    Args:
        todo: what to install.
        environment: variables for pip, in addition to those of this process.

    Raises:
        InstallationFailed: pip could not.
    """
    if os.path.isdir(todo.target):
        return
    with tempfile.TemporaryDirectory(prefix="modules-") as scratch:
        wheels = _unpacked(todo.bundles, Path(scratch) / "wheels")
        modules = Path(scratch) / "modules"
        _pip(todo, [*todo.arguments, *wheels], modules, {**os.environ, "PIP_RETRIES": _RETRIES, **environment})
        os.makedirs(os.path.dirname(todo.target), exist_ok=True)
        try:
            modules.rename(todo.target)
        except OSError:
            if not os.path.isdir(todo.target):  # otherwise another run has installed the same
                raise


def _unpacked(bundles: Sequence[str], folder: Path) -> list[str]:
    """Unpack the wheels of archives into ``folder``; return pip's arguments for them."""
    folder.mkdir(parents=True)
    for bundle in bundles:
        with zipfile.ZipFile(bundle) as archive:
            for member in archive.infolist():
                if member.filename.endswith(".whl"):
                    with archive.open(member) as source, open(folder / Path(member.filename).name, "wb") as copy:
                        shutil.copyfileobj(source, copy)
    wheels = sorted(map(str, folder.iterdir()))
    return ["--find-links", str(folder), *wheels] if wheels else []


def _pip(todo: Installation, arguments: Sequence[str], target: Path, environment: Mapping[str, str]) -> None:
    target.mkdir(parents=True)
    options = ["--progress-bar=off", "--disable-pip-version-check", "--no-input", "--no-warn-script-location"]
    requested = _PASSWORD.sub("****", todo.requested)
    _show(f"glueprint: {todo.parameter}: installing {requested} (pip) ...")
    start, output = time.monotonic(), []
    with subprocess.Popen(
        [sys.executable, "-I", "-u", "-c", _PROGRAM],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        assert pip.stdin is not None
        assert pip.stdout is not None
        with contextlib.suppress(BrokenPipeError), pip.stdin:  # otherwise it has ended: its output has the reason
            json.dump(["install", *options, "--target", str(target), *arguments], pip.stdin)
        for line in pip.stdout:
            output.append(line)
            _show(_PASSWORD.sub("****", line.rstrip("\n")))
    if pip.returncode != 0:
        raise InstallationFailed(_failure_message(todo, "".join(output)))
    _show(f"glueprint: {todo.parameter}: installed {requested} in {time.monotonic() - start:.1f} s")


def _show(line: str) -> None:
    """Print a line to the job's error log, which is read while pip works."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output


def _failure_message(todo: Installation, output: str) -> str:
    """Return one line for what pip printed."""
    found = _NOT_FOUND.search(output)
    requested = _PASSWORD.sub("****", found[1] if found else todo.requested)
    start = f"{todo.parameter}: pip could not install {requested}"
    if _UNREACHABLE.search(output):
        return (
            f"{start}: the package index cannot be reached. Offline, put wheels into S3 and name them "
            "(s3://bucket/NAME.whl), or have pip's configuration name a folder of wheels (find-links)"
        )
    if "No module named pip" in output:
        return f"{start}: there is no pip in {sys.executable}; install it there (python -m ensurepip)"
    if versions := _VERSIONS.search(output):
        newest = versions[1].split(", ")[-1]  # pip sorts them
        python = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        if newest == "none":
            return f"{start}: the package index has no such module for {python}"
        return f"{start}: there is no such version; the newest for {python} is {newest}"
    reasons = _ERROR.findall(output)
    return f"{start}: {reasons[0] if reasons else 'see the error log'}"


def install_modules(path: str, run_dir: str | None) -> list[str] | None:
    """Install what the file at ``path`` lists and return the entries for the module path.

    Returns None if it failed; then the error is printed and recorded.

    Args:
        path: a file that :func:`~glueprint.runtime.shared.instructions.write_setup` wrote.
        run_dir: where a failure is recorded; nowhere if None.
    """
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        for fields in content["installations"]:
            install(Installation(**fields), content["environment"])
    except InstallationFailed as error:
        print(error, file=sys.stderr)  # noqa: T201 - the job's own error output
        write_error(run_dir, {"message": str(error)})
        return None
    python_path: list[str] = content["python_path"]
    return python_path
