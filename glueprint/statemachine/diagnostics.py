"""What is wrong with a definition: the diagnostics of ValidateStateMachineDefinition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SCHEMA = "SCHEMA_VALIDATION_FAILED"
MISSING_TARGET = "MISSING_TRANSITION_TARGET"
DUPLICATE_NAME = "DUPLICATE_STATE_NAME"
INVALID_JSON = "INVALID_JSON_DESCRIPTION"
UNSUPPORTED = "NOT_SUPPORTED_HERE"
"""Not a code of AWS: AWS accepts it, and this machine cannot run it."""
UNREACHABLE = "UNREACHABLE_STATE"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault or warning; ``location`` is like ``/States/Load/Next``."""

    code: str
    message: str
    location: str
    is_error: bool = True

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return those that are errors."""
    return [one for one in diagnostics if one.is_error]
