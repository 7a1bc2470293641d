"""Keys of job runs and layouts: each signs with its own, so that the server knows whose call it gets.

They are derived from the data directory's secret and contain the run's id: nothing is stored, and the keys of a
run that goes on after a restart of the server stay valid. As with AWS's keys of a role, a run gets them in its
environment; there is no session token, since the key itself names its session.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum


class RunKind(Enum):
    """What signs with the keys of a run."""

    JOB = "GLPRJOB."
    LAYOUT = "GLPRLAYOUT."


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as its access key names it."""

    kind: RunKind
    run_id: str


@dataclass(frozen=True, slots=True)
class RunKeys:
    """Issues keys to runs.

    Attributes:
        secret: of the data directory.
    """

    secret: str

    def keys_of(self, kind: RunKind, run_id: str) -> tuple[str, str]:
        """Return the access key and the secret key of a run."""
        access_key = f"{kind.value}{run_id}"
        return access_key, self._secret_of(access_key)

    def secret_of(self, access_key: str) -> str | None:
        """Return the secret of a run's access key; None for any other key."""
        return None if run_of(access_key) is None else self._secret_of(access_key)

    def _secret_of(self, access_key: str) -> str:
        return hmac.new(self.secret.encode(), access_key.encode(), hashlib.sha256).hexdigest()[:40]


def run_of(access_key: str) -> Run | None:
    """Return the run that an access key names; None if it is not a run's."""
    for kind in RunKind:
        if access_key.startswith(kind.value) and len(access_key) > len(kind.value):
            return Run(kind, access_key.removeprefix(kind.value))
    return None
