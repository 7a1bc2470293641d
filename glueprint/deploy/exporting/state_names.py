"""Names of states, and keys of steps in an execution's data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from glueprint.facts.predicate import Node
from glueprint.facts.states import NodeKind

MAX_LENGTH = 80
"""Characters of a state's name (SFN:service-quotas)."""
_PLAIN = re.compile(r"[\w .\-/:]+")
_HASH_LENGTH = 8


class StateNames:
    """Names that are unique in one definition, and the same each time."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._keys: dict[Node, str] = {}
        for node in nodes:
            clashes = Node(NodeKind.JOB, node.name) in self._keys
            wanted = f"{node.name} (crawler)" if clashes and node.kind is NodeKind.CRAWLER else node.name
            self._keys[node] = wanted if _PLAIN.fullmatch(wanted) else f"node-{_digest(wanted)}"
        self._given: dict[tuple[str, Node | None], str] = {}
        self._taken: set[str] = set()
        self._together = 0

    def key(self, node: Node) -> str:
        """Return the key of a step in ``$.nodes``."""
        return self._keys[node]

    def of(self, label: str, node: Node | None = None) -> str:
        """Return the name of a state: the same for the same label and step."""
        if (label, node) not in self._given:
            wanted = label if node is None else f"{self._keys[node]}: {label}" if label else self._keys[node]
            self._given[label, node] = self._unique(wanted)
        return self._given[label, node]

    def together(self, label: str = "") -> str:
        """Return the name of a Parallel state, or with ``label`` of the state after the latest one."""
        if not label:
            self._together += 1
            return self.of(f"Together {self._together}")
        return self.of(f"Together {self._together}: {label}")

    def _unique(self, wanted: str) -> str:
        name = (
            wanted if len(wanted) <= MAX_LENGTH else f"{wanted[: MAX_LENGTH - _HASH_LENGTH - 1]}-{_digest(wanted)}"
        )
        number = 1
        while name in self._taken:
            number += 1
            suffix = f" ({number})"
            name = wanted[: MAX_LENGTH - len(suffix)] + suffix
        self._taken.add(name)
        return name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]
