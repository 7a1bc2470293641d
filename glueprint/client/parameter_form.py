"""A form for a blueprint's parameters: what a user must enter, and which texts are right. Pure; no terminal.

The same checker decides as in a blueprint run (:mod:`glueprint.blueprint.spec`), so what the form accepts, the
service accepts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from glueprint.blueprint.parameter_types import ParameterType
from glueprint.blueprint.spec import Parameter, ParameterSpec
from glueprint.client.blueprint_parameters import Parameters, typed_values

_TRUE, _FALSE = ("true", "yes", "y"), ("false", "no", "n")


class ParameterForm:
    """The parameters of one blueprint, and the values given so far.

    Attributes:
        values: by name; parameters that are not in it have their default.

    Raises:
        SpecErrors: the ParameterSpec cannot be read.
    """

    def __init__(self, parameters: Parameters, given: Mapping[str, Any]) -> None:
        self._spec = ParameterSpec.parse(parameters)
        self.values = dict(given)

    @property
    def has_unknown(self) -> bool:
        """Whether there is a value for a parameter that the blueprint does not have."""
        return not self.values.keys() <= self._spec.parameters.keys()

    @property
    def names(self) -> list[str]:
        """All parameters, those without a default first."""
        return sorted(self._spec.parameters, key=lambda name: self._spec.parameters[name].default is not None)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter's declaration."""
        return self._spec.parameters[name]

    def open_questions(self) -> list[str]:
        """Return the parameters that have no value and no default, or a wrong value."""
        return [name for name in self.names if self.problem(name) is not None]

    def problem(self, name: str) -> str | None:
        """Return what is wrong with a parameter's present value, or None."""
        parameter = self.parameter(name)
        if name in self.values:
            return parameter.fault(self.values[name])
        return None if parameter.default is not None else "it has no default"

    def current(self, name: str) -> Any:
        """Return the value that a run would use now; None if there is none."""
        return self.values[name] if name in self.values else self.parameter(name).default

    def choices(self, name: str) -> list[str]:
        """Return the texts among which a value must be, or an empty list."""
        parameter = self.parameter(name)
        if parameter.allowed_values is not None:
            return [as_text(one) for one in parameter.allowed_values]
        return ["true", "false"] if parameter.type is ParameterType.BOOLEAN else []

    def read(self, name: str, text: str) -> Any:
        """Return the value that a text means; of a list, one item. It is not checked."""
        parameter = self.parameter(name)
        if parameter.type is ParameterType.BOOLEAN and text.strip().lower() in (*_TRUE, *_FALSE):
            return text.strip().lower() in _TRUE
        is_text = parameter.type.has_json_type("")
        one = {"type": str(parameter.type)}
        return typed_values([(name, text if is_text else text.strip())], {name: one})[name]

    def fault(self, name: str, text: str) -> str | None:
        """Return what is wrong with a text as a value (of a list: as an item), or None."""
        parameter = self.parameter(name)
        value = self.read(name, text)
        fault = parameter.fault([value] if parameter.collection else value)
        if fault is None and text == "" and "" not in self.choices(name) and parameter.default != "":
            return f"enter a value: {parameter.wants}"
        return fault

    def set_text(self, name: str, text: str) -> None:
        """Set a parameter that is not a list."""
        self.values[name] = self.read(name, text)

    def set_items(self, name: str, texts: Sequence[str]) -> None:
        """Set a parameter that is a list."""
        self.values[name] = [self.read(name, text) for text in texts]


def as_text(value: Any) -> str:
    """Return a value as a person types it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
