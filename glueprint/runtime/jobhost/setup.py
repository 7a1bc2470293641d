"""What stands between a job's start and its script when parameters ask for more Python: installed modules, entries
of the module path.

Imported only then: a Python shell job without such parameters does not wait for it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from glueprint.runtime.jobhost.installer import Installation, InstallationFailed, install
from glueprint.runtime.jobhost.script import leave_word


@dataclass(frozen=True, slots=True)
class Setup:
    """``python_path``: entries for the module path, behind the script's own folder. ``installations`` fill some
    of them.
    """

    python_path: list[str]
    installations: list[Installation]


def write(path: Path, setup: Setup, environment: Mapping[str, str]) -> None:
    """Write ``setup`` to ``path``, for the owner's eyes: options of pip may hold keys.

    Args:
        environment: pip's own, beside that of the job.
    """
    fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        json.dump({"environment": dict(environment), **asdict(setup)}, file)


def carry_out(path: str, run_dir: str | None) -> list[str] | None:
    """Install what the file at ``path`` says; what to put on the module path. None: it failed, and why has been
    told.

    Args:
        run_dir: where a failure leaves its one line; nowhere when None.
    """
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        for fields in told["installations"]:
            install(Installation(**fields), told["environment"])
    except InstallationFailed as error:
        print(error, file=sys.stderr)  # noqa: T201 - the job's own error output
        leave_word(run_dir, {"message": str(error)})
        return None
    python_path: list[str] = told["python_path"]
    return python_path
