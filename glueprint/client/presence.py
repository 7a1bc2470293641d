"""Presence markers: run properties in which a job reports whether the input of its workflow was present.

A marker is a run property named ``file_presence``, or with a name that ends in ``.presence``, whose value is
"true" or "false". Its details are the run properties whose names start with the marker's name and a dot, such as
``file_presence.reason`` and ``orders.presence.count``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_VALUES = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class PresenceMarker:
    """One marker.

    Attributes:
        name: the run property.
        is_present: its value.
        details: its details, by name without the marker's name and the dot.
    """

    name: str
    is_present: bool
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str | None:
        """The reason that the job gave for the value, if it gave one."""
        return self.details.get("reason")


def presence_markers(properties: Mapping[str, str]) -> tuple[PresenceMarker, ...]:
    """Return the markers among the properties of a run, sorted by name."""
    return tuple(
        PresenceMarker(name, _VALUES[properties[name]], _details(name, properties))
        for name in sorted(properties)
        if (name == "file_presence" or name.endswith(".presence")) and properties[name] in _VALUES
    )


def _details(marker: str, properties: Mapping[str, str]) -> dict[str, str]:
    prefix = f"{marker}."
    return {name.removeprefix(prefix): value for name, value in properties.items() if name.startswith(prefix)}
