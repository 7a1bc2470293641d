"""Options as a script gives them: JSON, where the same thing may be ``true``, ``"true"`` or ``"True"``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.runtime.storage.errors import BadOption, StorageError


class Options(Mapping[str, Any]):
    """A script's options, with readers that check the values.

    Names are looked up exactly and then in any case: Amazon's own pages write ``multiLine`` and ``multiline``,
    ``dbtable`` and ``dbTable``.
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = dict(values or {})
        self._by_folded = {name.lower(): name for name in self._values}

    @staticmethod
    def of_json(text: str) -> Options:
        """Return the options that Amazon's package passes as JSON text."""
        values = json.loads(text or "{}")
        if not isinstance(values, dict):
            raise StorageError(f"options must be a JSON object, not {text}")
        return Options(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[self._name(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _name(self, name: str) -> str:
        return name if name in self._values else self._by_folded.get(name.lower(), name)

    def merged(self, other: Mapping[str, Any]) -> Options:
        """Return these options, overridden by ``other``."""
        return Options({**self._values, **{self._name(name): value for name, value in other.items()}})

    def text(self, name: str, default: str = "") -> str:
        """Return a string; numbers become their text (``"quoteChar": -1``)."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
        raise BadOption(name, value, "a string")

    def required(self, name: str, of: str) -> str:
        """Return a string that must exist; ``of`` names what requires it."""
        value = self.text(name)
        if not value:
            raise StorageError(f"{of} needs the option {name!r}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        raise BadOption(name, value, "true or false")

    def number(self, name: str) -> int | None:
        """Return a whole number that is not negative, also from text."""
        value = self.get(name)
        if value is None:
            return None
        try:
            number = int(str(value))
        except ValueError:
            number = -1
        if number < 0 or isinstance(value, bool):
            raise BadOption(name, value, "a whole number of 0 or more")
        return number

    def texts(self, name: str) -> tuple[str, ...]:
        """Return several strings: from a list, its JSON text (as ``exclusions`` is documented), or one string."""
        value = self.get(name)
        if isinstance(value, str):
            value = _listed(value)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise BadOption(name, value, "a list of strings")


def _listed(text: str) -> Any:
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    return found if isinstance(found, list) else [text]
