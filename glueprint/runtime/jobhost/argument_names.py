"""What is wrong with the names of a run's arguments, when ``getResolvedOptions`` does not find one.

Imported when that has failed, only.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

_MISSING = re.compile(r"the following arguments are required: (?P<names>.+)")
"""Message of Python's argparse, on which ``getResolvedOptions`` is built."""
_OF_GLUE = frozenset({"--JOB_ID", "--JOB_RUN_ID", "--JOB_NAME", "--TempDir", "--RedshiftTempDir"})


def explanation(message: str, arguments: Sequence[str]) -> str | None:
    """Return a line that names the arguments that are missing, and similar ones that the run has.

    Args:
        message: of the exception.
        arguments: the run's, as the script gets them.
    """
    found = _MISSING.search(message)
    if found is None:
        return None
    given = [name for one in arguments if one.startswith("--") and (name := one.partition("=")[0]) not in _OF_GLUE]
    lower = {name.lower(): name for name in given}
    questions = []
    for name in found["names"].split(", "):
        close = difflib.get_close_matches(name.lower(), lower, n=1)
        if close:
            questions.append(f"it has {lower[close[0]]}, did you mean {name}?")
    hint = "; ".join(questions) if questions else f"it has {', '.join(given) or 'none'}"
    return f"The run lacks arguments that the script requires: {found['names']} ({hint})."
