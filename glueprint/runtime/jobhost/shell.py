"""The program of a Python shell job: no Spark to import, Glueprint's own ``awsglue.utils``, then the script.

As on AWS, neither pyspark nor Amazon's complete package exists (AWS Glue guide, "Python shell jobs"). All that
runs between Python's own start and the script is here and in ``script``: see there for what may be imported.
"""

from __future__ import annotations

import os
import sys

from glueprint.runtime.jobhost import script
from glueprint.runtime.shared import rundir, shell_instructions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

HIDDEN_MODULES = frozenset({"pyspark", "py4j", "glueprint"})
"""Top-level modules that are installed here and do not exist in Glue's Python shell."""
_OWN_MODULES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "shell_modules")


class _HiddenModules:
    """An import finder that raises for :data:`HIDDEN_MODULES` as Python does for modules that are not installed.

    It also prints each of ``notices`` once, when the script first imports the module that it is about.
    """

    def __init__(self, notices: dict[str, str]) -> None:
        self._notices = notices

    def reveal(self) -> None:
        """Hide nothing any more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in HIDDEN_MODULES:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if notice := self._notices.pop(fullname, None):
            print(notice, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
        return None


def _wait_at_gate() -> None:
    """Wait until user code may run: the supervisor opens the gate once no other process can run the same."""
    gate = os.environ.pop(rundir.GATE, None)
    if gate is None:
        return  # it was opened before this process was started
    opened = os.read(int(gate), 1)
    os.close(int(gate))
    if not opened:
        sys.exit("The run was cancelled before the script started.")


def main(instructions_file: str) -> int:
    """Run the script of ``instructions_file`` and return the exit status for the process."""
    script_path, arguments, notes, notices, setup_file = shell_instructions.read(instructions_file)
    run_dir = os.environ.get(rundir.MARK)
    _wait_at_gate()
    for line in notes:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the job's own error output
    sys.path[:0] = [_OWN_MODULES]
    if setup_file is not None:
        from glueprint.runtime.jobhost.installer import install_modules

        added = install_modules(setup_file, run_dir)
        if added is None:
            return 1
        sys.path[:0] = added
    script.install_debugger()  # before Glueprint's modules are hidden
    sys.path.insert(0, os.path.dirname(script_path))
    hidden = _HiddenModules(notices)
    sys.meta_path.insert(0, hidden)
    for name in [name for name in sys.modules if name.partition(".")[0] in HIDDEN_MODULES]:
        del sys.modules[name]
    return script.run_script(script_path, arguments, run_dir, reveal=hidden.reveal)
