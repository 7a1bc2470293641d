"""Payload templates (Parameters, ResultSelector, ItemSelector), and what paths mean in a state."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.statemachine.faults import PARAMETER_PATH_FAILURE, RUNTIME, StateFault
from glueprint.statemachine.intrinsics import evaluate, is_intrinsic, parse_intrinsic
from glueprint.statemachine.paths import InvalidPath, NoMatch, Path, parse_path


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
        try:
            return self.find(parse_path(text))
        except NoMatch as error:
            raise StateFault(
                RUNTIME, f"Invalid path '{text}' in {field}: it finds nothing in the input"
            ) from error

    def fill(self, template: Any) -> Any:
        """Return a payload template with its fields ``NAME.$`` replaced.

        Raises:
            StateFault: States.ParameterPathFailure, States.IntrinsicFailure.
        """
        return self._filled(template, random.Random(self.seed))

    def evaluate(self, text: str, name: str, chance: random.Random | None = None) -> Any:
        """Return the value of a path or an intrinsic function.

        Raises:
            StateFault: States.ParameterPathFailure, States.IntrinsicFailure.
        """

        def find(path: Path) -> Any:
            try:
                return self.find(path)
            except NoMatch as error:
                cause = (
                    f"The JSONPath '{path.text}' specified for the field '{name}' could not be found in the input"
                )
                raise StateFault(PARAMETER_PATH_FAILURE, cause) from error

        if is_intrinsic(text):
            return evaluate(parse_intrinsic(text), find, chance or random.Random(self.seed))
        return find(parse_path(text))

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
