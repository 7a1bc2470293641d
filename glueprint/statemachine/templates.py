"""Payload templates (Parameters, ResultSelector, ItemSelector), and what paths mean in a state."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.statemachine.faults import RUNTIME, StateFault
from glueprint.statemachine.intrinsics import evaluate, is_intrinsic, parse_intrinsic
from glueprint.statemachine.paths import InvalidPath, NoMatch, Path, json_text, parse_path

MAX_DATA_LENGTH = 10_000
"""Characters of a state's data in a cause, which has at most 32,768 (service model, ``SensitiveCause``)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What paths are applied to.

    Attributes:
        data: ``$``.
        context: ``$$``.
        seed: makes random numbers and UUIDs the same when a decision is repeated.
    """

    data: Any
    context: Mapping[str, Any]
    seed: str = ""

    def find(self, path: Path) -> Any:
        """Return what a path selects.

        Raises:
            NoMatch: nothing.
        """
        return path.find(self.context if path.of_context else self.data)

    def apply(self, text: str | None, field: str) -> Any:
        """Return what InputPath, OutputPath, ItemsPath and the like select; null selects an empty object.

        Raises:
            StateFault: States.Runtime.
        """
        if text is None:
            return {}
        path = parse_path(text)
        try:
            return self.find(path)
        except NoMatch as error:
            cause = f"Invalid path '{text}' in {field}: No results for path: {path.canonical}"
            raise self._nothing_found(path, cause) from error

    def fill(self, template: Any) -> Any:
        """Return a payload template with its fields ``NAME.$`` replaced.

        Raises:
            StateFault: States.Runtime, States.IntrinsicFailure.
        """
        return self._filled(template, random.Random(self.seed))

    def evaluate(self, text: str, name: str, chance: random.Random | None = None) -> Any:
        """Return the value of a path or an intrinsic function for the field ``name``.

        A path that finds nothing is States.Runtime, not States.ParameterPathFailure: see
        docs/facts/orchestration.md#errors-of-paths-in-step-functions.

        Raises:
            StateFault: States.Runtime, States.IntrinsicFailure.
        """
        is_call = is_intrinsic(text)

        def find(path: Path) -> Any:
            try:
                return self.find(path)
            except NoMatch as error:
                data = json_text(self.context if path.of_context else self.data)[:MAX_DATA_LENGTH]
                where = f"could not be found in the input '{data}'"
                cause = f"The JSONPath '{path.text}' specified for the field '{name}' {where}"
                if is_call:
                    missing = f"The JsonPath argument for the field '{path.text}' {where}"
                    cause = f"The function '{text}' had the following error: {missing}"
                raise self._nothing_found(path, cause) from error

        if is_call:
            return evaluate(parse_intrinsic(text), find, chance or random.Random(self.seed))
        return find(parse_path(text))

    def _nothing_found(self, path: Path, cause: str) -> StateFault:
        """Return the fault of a path that finds nothing."""
        if self.data is None and not path.of_context:
            cause = "Unable to apply Path transformation to null or empty input."
        return StateFault(RUNTIME, cause)

    def _filled(self, template: Any, chance: random.Random) -> Any:
        if isinstance(template, list):
            return [self._filled(one, chance) for one in template]
        if not isinstance(template, dict):
            return template
        return {
            name.removesuffix(".$"): (
                self.evaluate(value, name, chance) if name.endswith(".$") else self._filled(value, chance)
            )
            for name, value in template.items()
        }


def template_faults(template: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield the place and text of each fault of a payload template."""
    if isinstance(template, list):
        for number, one in enumerate(template):
            yield from template_faults(one, f"{place}[{number}]")
    if not isinstance(template, dict):
        return
    for name, value in template.items():
        if not name.endswith(".$"):
            yield from template_faults(value, f"{place}/{name}")
            continue
        if name.removesuffix(".$") in template:
            yield f"{place}/{name}", f"the field {name.removesuffix('.$')} is given twice"
        if not isinstance(value, str):
            yield f"{place}/{name}", "the value of a field that ends in .$ must be a path or an intrinsic function"
            continue
        try:
            parse_intrinsic(value) if is_intrinsic(value) else parse_path(value)
        except InvalidPath as error:
            yield f"{place}/{name}", str(error)
