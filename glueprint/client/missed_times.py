"""Times of schedules that passed while no server ran. Only the local Glue has any: AWS is never down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.client.private_route import read
from glueprint.client.session import Session
from glueprint.compat import UTC


@dataclass(frozen=True, slots=True)
class MissedTimes:
    """The missed times of one schedule.

    Attributes:
        kind: trigger or crawler.
        name: the trigger's or crawler's.
        count: how many there are; they are kept for 365 days.
        noticed: when a server found the latest one, which is when it started.
    """

    kind: str
    name: str
    count: int
    first: datetime
    latest: datetime
    noticed: datetime

    def to_json(self) -> dict[str, Any]:
        """Return them as plain data (docs/json-output.md)."""
        return {
            "kind": self.kind,
            "name": self.name,
            "count": self.count,
            "first": self.first,
            "latest": self.latest,
            "noticed": self.noticed,
        }


Missed = Mapping[tuple[str, str], MissedTimes]
"""The missed times by kind and name, the latest first."""


def missed_times(session: Session) -> Missed:
    """Return the missed times of all schedules; empty for AWS, and for a Glue that does not report them."""
    if session.endpoint is None:
        return {}
    found = [_missed(one) for one in read(session.endpoint, "missed-times", {}).get("MissedTimes", ())]
    return {(one.kind, one.name): one for one in found}


def _missed(shape: Mapping[str, Any]) -> MissedTimes:
    kind, _, name = shape["Subject"].partition("/")
    first, latest, noticed = (datetime.fromtimestamp(shape[at], UTC) for at in ("First", "Latest", "Noticed"))
    return MissedTimes(kind, name, shape["Count"], first, latest, noticed)
