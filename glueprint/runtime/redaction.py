"""Values that belong in no log: recognised by the name of the argument that carries them."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "********"
_SECRET = re.compile(
    r"password|passwd|passphrase|pwd$|secret|token|credential|private.?key|access.?key|api.?key|encryption.?key",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether an argument of this name carries a secret: ``--db_password``, ``--ApiKey``, ``--SESSION-TOKEN``."""
    return _SECRET.search(name) is not None


def redacted(arguments: Mapping[str, str]) -> dict[str, str]:
    """``arguments`` fit for a log: the values of those named like secrets are replaced."""
    return {name: HIDDEN if is_secret(name) else value for name, value in arguments.items()}
