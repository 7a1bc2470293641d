"""The program of a Python shell job: no Spark to import, our own ``awsglue.utils``, then the script.

As on AWS: neither pyspark nor Amazon's whole package is there (AWS Glue guide, "Python shell jobs").
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from glueprint.runtime import rundir
from glueprint.runtime.jobhost import order, script

ABSENT = frozenset({"pyspark", "py4j", "glueprint"})
"""Top-level modules that are installed here and are not there in Glue's Python shell."""
_OWN_MODULES = Path(__file__).parent.parent / "shell_modules"


class _Absent(MetaPathFinder):
    """Answers for modules of :data:`ABSENT` as Python does for a module that is not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def main(order_file: str) -> int:
    """Run the script of ``order_file``; the exit status for the process."""
    todo = order.read(Path(order_file))
    for line in todo.notes:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
    sys.path[:0] = [str(Path(todo.script).parent), str(_OWN_MODULES)]
    sys.meta_path.insert(0, _Absent())
    for name in [name for name in sys.modules if name.partition(".")[0] in ABSENT]:
        del sys.modules[name]
    return script.run(Path(todo.script), todo.arguments, os.environ.get(rundir.MARK))
