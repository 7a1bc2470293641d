"""All probes, and the uncertain rows of docs/fidelity that have none, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from glueprint.client.errors import InvalidArgument
from glueprint.client.names import did_you_mean
from glueprint.deploy.conformance.probe import Cost, Probe
from glueprint.deploy.conformance.probes import blueprints, catalog, crawling, jobs, spark, triggers, workflows

PROBES: tuple[Probe, ...] = (
    *triggers.PROBES,
    *catalog.PROBES,
    *blueprints.PROBES,
    *jobs.PROBES,
    *workflows.PROBES,
    *crawling.PROBES,
    *spark.PROBES,
)
"""The free ones first."""


def chosen(names: Sequence[str]) -> tuple[Probe, ...]:
    """Return the probes with these names, or subjects (``trigger`` is all whose name starts with ``trigger-``).

    Raises:
        InvalidArgument: there is no such probe.
    """
    if not names:
        return PROBES
    known = [one.name for one in PROBES]
    unknown = [name for name in names if not any(one == name or one.startswith(f"{name}-") for one in known)]
    if unknown:
        advice = did_you_mean(unknown[0], known) or "`glueprint conformance --list` shows all"
        raise InvalidArgument(f"there is no probe {', '.join(map(repr, unknown))}", advice)
    return tuple(
        one for one in PROBES if any(one.name == name or one.name.startswith(f"{name}-") for name in names)
    )


def total_cost(probes: Sequence[Probe]) -> Cost:
    """Return the most that probes cause together."""
    return sum((one.cost for one in probes), Cost())
