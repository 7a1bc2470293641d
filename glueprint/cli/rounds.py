"""A simulated run in rounds: what starts at once, then what the ends of that set off, and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glueprint.workflow.simulate import Simulation


@dataclass(frozen=True, slots=True)
class Turn:
    """One start of a job or crawler."""

    round: int
    """1 for what the starting trigger starts; else one more than the latest of what made its trigger fire."""
    kind: str
    name: str
    state: str
    """In which it ends."""
    trigger: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "round": self.round,
            "kind": self.kind,
            "name": self.name,
            "state": self.state,
            "trigger": self.trigger,
        }


def turns(simulation: Simulation) -> list[Turn]:
    """Everything that would run, round by round."""
    rounds: dict[int, int] = {}
    found = []
    for seq, one in sorted(simulation.run.invocations.items()):  # what made it fire has smaller numbers
        rounds[seq] = 1 + max((rounds[before] for before in one.predecessors), default=0)
        found.append(Turn(rounds[seq], one.node.kind.value, one.node.name, one.state.value, one.trigger))
    return sorted(found, key=lambda turn: turn.round)
