"""From what Amazon's package sends through py4j to plain Python."""

from __future__ import annotations

import json
from typing import Any


def items(sequence: Any) -> list[Any]:
    """The elements of what ``PythonUtils.toSeq`` made: a list of ours, or a Scala ``Seq``."""
    if isinstance(sequence, list):
        return sequence
    return [sequence.apply(at) for at in range(sequence.size())]


def parts(product: Any) -> list[Any]:
    """The elements of a Scala tuple."""
    return [product.productElement(at) for at in range(product.productArity())]


def options(text: str) -> dict[str, Any]:
    """The options that ``JsonOptions`` was made of."""
    found: dict[str, Any] = json.loads(text or "{}")
    return found
