"""Our own modules as programs: a fresh Python that runs a module's ``main``."""

from __future__ import annotations

import sys
from pathlib import Path

import glueprint


def own_program(module: str, *arguments: str) -> tuple[str, ...]:
    """The argv that runs ``main(*arguments)`` of ``glueprint.runtime.<module>``; its answer is the exit status."""
    code = (
        # First on the path while we look for ourselves: otherwise all of site-packages is listed for it.
        "import sys; sys.path.insert(0, sys.argv[1]); "
        f"from glueprint.runtime.{module} import main; sys.path.append(sys.path.pop(0)); "
        "sys.exit(main(*sys.argv[2:]))"
    )
    return sys.executable, "-I", "-c", code, str(Path(glueprint.__file__).parent.parent), *arguments
