"""What a waiting worker and the server agree on: the worker's directory, and the run that it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.shared import rundir

WORK = "work"
"""Name of the working directory within the worker's directory."""
OUTPUTS = ("stdout", "stderr")
"""Names of its output files there; descriptors 1 and 2."""


@dataclass(frozen=True)
class PreparedRun:
    """A run that was prepared in ``run_dir`` and that a worker is to carry out."""

    run_dir: Path
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    instructions: Path
    outputs: tuple[Path, Path]

    @classmethod
    def read(cls, run_dir: Path) -> PreparedRun:
        """Read the run from ``spec.json`` there."""
        spec = rundir.read_json(str(run_dir), rundir.SPEC)
        assert spec is not None, f"{run_dir} has no {rundir.SPEC}"
        argv, env = spec["argv"], spec["env"]
        assert isinstance(argv, list)
        assert isinstance(env, dict)
        return cls(
            run_dir,
            tuple(argv),
            {**env, rundir.MARK: str(run_dir)},
            Path(str(spec["cwd"])),
            Path(str(spec["order"])),
            (Path(str(spec["stdout"])), Path(str(spec["stderr"]))),
        )


def can_move(run: PreparedRun, workers: Path) -> bool:
    """Whether a worker below ``workers`` can become this run: files are moved within one file system only."""
    targets = {run.cwd, *(path.parent for path in run.outputs)}
    return len({path.stat().st_dev for path in (workers, *targets)}) == 1 and len(set(run.outputs)) == 2
