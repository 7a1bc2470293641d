"""A simulated run as rounds: what starts at once, then what the ends of that start, and so on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from glueprint.workflow.simulate import Simulation


@dataclass(frozen=True, slots=True)
class SimulatedStart:
    """One start of a job or crawler in a simulated run.

    Attributes:
        round: 1 for what the starting trigger starts; otherwise one more than the highest round of the nodes whose
            ends made the trigger fire.
        state: the state in which it ends.
        trigger: the trigger that starts it.
    """

    round: int
    kind: str
    name: str
    state: str
    trigger: str

    def to_json(self) -> dict[str, Any]:
        """Return the start as plain data."""
        return asdict(self)


def simulated_rounds(simulation: Simulation) -> list[SimulatedStart]:
    """Return every start of a simulated run, sorted by round."""
    rounds: dict[int, int] = {}
    starts = []
    for seq, one in sorted(simulation.run.invocations.items()):  # predecessors have smaller numbers
        rounds[seq] = 1 + max((rounds[before] for before in one.predecessors), default=0)
        starts.append(
            SimulatedStart(rounds[seq], one.node.kind.value, one.node.name, one.state.value, one.trigger)
        )
    return sorted(starts, key=lambda start: start.round)
