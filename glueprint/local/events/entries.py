"""PutEvents: from an entry of the request to an event, or to what is wrong with it.

Source: API reference, PutEvents, PutEventsRequestEntry, PutEventsResultEntry; the messages are those of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.utils import parse_timestamp

from glueprint.local.events.event import Event, new_event
from glueprint.local.protocol import ApiError, Context

MAX_REQUEST_BYTES = 1024 * 1024
"""Bytes of all entries together (service model, PutEvents)."""
_TIME_BYTES = 14
"""What EventBridge counts for an entry's Time (guide, "Calculating PutEvents event entry size")."""


@dataclass(frozen=True, slots=True)
class EntryFault:
    """Why an entry is not an event."""

    code: str
    message: str


def check_size(entries: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a request that is too large.

    Raises:
        ApiError: ValidationException.
    """
    if sum(_size(entry) for entry in entries) >= MAX_REQUEST_BYTES:
        raise ApiError("ValidationException", "Total size of the entries in the request is over the limit.")


def event_of(entry: Mapping[str, Any], place: Context, now: float) -> Event | EntryFault:
    """Return the event of an entry, or what is wrong with it.

    Args:
        now: its time unless the entry has one, seconds since the epoch.
    """
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return _argument(name, f"{name} is a required argument.")
    if entry["Source"].startswith("aws."):
        return EntryFault("NotAuthorizedForSourceException", "Not authorized for the source.")
    detail = json_object(entry["Detail"])
    if detail is None:
        return EntryFault("MalformedDetail", "Detail is malformed.")
    at = now
    if "Time" in entry:
        try:
            at = parse_timestamp(entry["Time"]).timestamp()
        except (ValueError, OverflowError):
            return _argument("Time", f"{entry['Time']!r} is not a time.")
    resources = entry.get("Resources") or ()
    return new_event(place, entry["Source"], entry["DetailType"], at, detail, resources)


def json_object(text: str) -> dict[str, Any] | None:
    """Return ``text`` as a JSON object; None if it is not one."""
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _argument(name: str, reason: str) -> EntryFault:
    return EntryFault("InvalidArgument", f"Parameter {name} is not valid. Reason: {reason}")


def _size(entry: Mapping[str, Any]) -> int:
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources") or ()
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + _TIME_BYTES if "Time" in entry else size


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
