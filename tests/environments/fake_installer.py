"""A stand-in for uv, and for a Python with venv and pip: one script that records its calls.

Files in its directory control it: ``fail-STEP`` contains what the step prints before it fails, ``kill-STEP`` makes
the step kill the process that started it. The steps are ``venv``, ``install`` and ``inspect``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glueprint.environments.definitions import Runtime

_SCRIPT = """\
#!/bin/sh
fake={fake}
step() {{
    echo "$1" >> "$fake/steps"
    if [ -e "$fake/kill-$1" ]; then kill -9 $PPID; sleep 0.5; echo "orphan of $1" >> "$fake/steps"; exit 0; fi
    if [ -e "$fake/fail-$1" ]; then cat "$fake/fail-$1"; exit 1; fi
}}
echo "$*" >> "$fake/calls"
for last; do :; done
case "$*" in
    "python find"*) exit 1 ;;
    "venv "*|"-m venv "*) mkdir -p "$last/bin" && cp "$0" "$last/bin/python" && step venv ;;
    *"pip install"*) step install; echo "Resolved 2 packages"; echo " + boto3==1.0" ;;
    *distributions*) step inspect; exec {python} "$@" ;;
    *) exec {python} "$@" ;;
esac
"""

TINY = Runtime(
    name="tiny",
    title="nothing but Python",
    glue_versions=(),
    python=sys.version_info[:2],
    spark=None,
    java=None,
    requirements=("six==1.17.0",),
    unchecked=(("other==1.0", (3, 7)),),
)
"""A runtime of the Python that runs the tests."""


@dataclass(frozen=True)
class Fake:
    """The fake programs, and what they were called with."""

    directory: Path
    python: Path
    environ: Mapping[str, str]

    @property
    def steps(self) -> list[str]:
        """The steps that ran, in order."""
        return self._lines("steps")

    @property
    def calls(self) -> list[str]:
        """All command lines."""
        return self._lines("calls")

    def _lines(self, name: str) -> list[str]:
        file = self.directory / name
        return file.read_text().splitlines() if file.exists() else []

    def let(self, what: str, output: str = "") -> None:
        """Let ``fail-STEP`` or ``kill-STEP`` happen."""
        (self.directory / what).write_text(output)

    def stop(self, what: str) -> None:
        """Let it happen no more."""
        (self.directory / what).unlink()


def make_fake(tmp_path: Path, *, uv: bool) -> Fake:
    """Write the programs, and return them with the variables of a user who has only these."""
    fake = tmp_path / "fake"
    (fake / "bin").mkdir(parents=True)
    python = fake / "python"
    for program in (python, *([fake / "bin" / "uv"] if uv else [])):
        program.write_text(_SCRIPT.format(fake=fake, python=sys.executable))
        program.chmod(0o755)
    environ = {
        "PATH": f"{fake / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PIP_CONFIG_FILE": "/dev/null",
    }
    return Fake(fake, python, environ)
