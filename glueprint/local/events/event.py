"""An event, and the envelope in which EventBridge delivers it (EventBridge guide, "Events")."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glueprint.local.protocol import Context


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Args:
        id: a UUID; ``aws:eventIds`` of a workflow run contains it.
        time: when it happened, seconds since the epoch.
        resources: ARNs.
        detail: JSON data, by the publisher's own rules.
    """

    id: str
    source: str
    detail_type: str
    account: str
    region: str
    time: float
    resources: tuple[str, ...]
    detail: Mapping[str, Any]

    def envelope(self) -> dict[str, Any]:
        """The JSON object that patterns are matched against."""
        return {
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account,
            "time": iso_time(self.time),
            "region": self.region,
            "resources": list(self.resources),
            "detail": self.detail,
        }


def new_event(
    place: Context,
    source: str,
    detail_type: str,
    at: float,
    detail: Mapping[str, Any],
    resources: Iterable[str] = (),
) -> Event:
    """Return an event with a new id.

    Args:
        place: account and region in which it happens.
        at: when, seconds since the epoch.
    """
    return Event(
        str(uuid.uuid4()), source, detail_type, place.account_id, place.region, at, tuple(resources), detail
    )


def iso_time(at: float) -> str:
    """A time as events carry it, whole seconds in UTC: ``2017-10-02T16:24:49Z``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
