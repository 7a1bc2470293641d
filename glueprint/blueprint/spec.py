"""The parameters of a blueprint: what ``parameterSpec`` declares, and which values it accepts.

Source: DG:developing-blueprints-code-parameters; what must be accepted is what Amazon's sample blueprints use.
Which wrong values the service refuses, and with which message, is not documented: Glueprint's choices are in
docs/fidelity/blueprint.md.
"""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.blueprint.json_text import JsonFault, kind_of, read_object, shown
from glueprint.blueprint.parameter_types import ParameterType
from glueprint.facts.findings import Finding, FindingsError, Place, Severity

__all__ = ["Parameter", "ParameterErrors", "ParameterSpec", "ParameterType", "SpecErrors"]


class SpecErrors(FindingsError):
    """A ``parameterSpec`` that is not valid."""


class ParameterErrors(FindingsError):
    """Values that a ParameterSpec does not accept; ``str()`` is the message of InvalidInputException."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as ``blueprint.cfg`` declares it; members left out there, or null, are None."""

    name: str
    type: ParameterType
    collection: bool | None = None
    description: str | None = None
    default: Any = None
    """The JSON value that is used if a run has none; None: the run must have one."""
    allowed_values: tuple[Any, ...] | None = None

    @property
    def wants(self) -> str:
        """What a value must be, as text."""
        if self.allowed_values is None:
            return self.type.wants_list if self.collection else f"{self.type}, {self.type.wants}"
        one = f"{self.type}, {self.type.kind}"
        wanted = f"a list [...] of {one}" if self.collection else one
        return f"{wanted}; one of {', '.join(map(shown, self.allowed_values))}"

    def fault(self, value: object) -> str | None:
        """What is wrong with ``value``, or None. The default is always accepted, whatever its format."""
        if self.default is not None and _same(value, self.default):
            return None
        if self.collection and isinstance(value, list):
            wrong = [item for item in value if not self._takes(item)]
            return f"got {', '.join(map(_described, wrong))} in its list, wants {self.wants}" if wrong else None
        if self.collection or not self._takes(value):
            return f"got {_described(value)}, wants {self.wants}"
        return None

    def _takes(self, value: object) -> bool:
        if self.allowed_values is None:
            return self.type.accepts(value)
        # An author may list "" or a placeholder for an S3Uri: the list takes precedence over the format.
        return self.type.has_json_type(value) and any(
            _same(value, allowed) for allowed in self.allowed_values
        )

    def to_wire(self) -> dict[str, Any]:
        """The five members that GetBlueprint returns for every parameter, null where the file has none."""
        return {
            "type": str(self.type),
            "collection": self.collection,
            "description": self.description,
            "defaultValue": self.default,
            "allowedValues": None if self.allowed_values is None else list(self.allowed_values),
        }


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """All parameters of a blueprint, in the order of the file."""

    parameters: Mapping[str, Parameter]
    warnings: tuple[Finding, ...] = field(default=(), compare=False)
    """What is valid but probably a mistake, such as a misspelt member that makes a parameter mandatory."""

    @classmethod
    def parse(cls, declared: object) -> ParameterSpec:
        """Read the JSON value of ``parameterSpec``.

        Raises:
            SpecErrors: naming every fault of every parameter.
        """
        if not isinstance(declared, Mapping):
            raise SpecErrors(
                [_wrong_spec("parameterSpec", f"it is {kind_of(declared)}, wants an object {{...}}")]
            )
        readings = [_Reading(name, members) for name, members in declared.items()]
        problems = [problem for reading in readings for problem in reading.problems]
        if problems:
            raise SpecErrors(problems)
        return cls(
            parameters={reading.name: reading.parameter() for reading in readings},
            warnings=tuple(warning for reading in readings for warning in reading.warnings),
        )

    def resolve(self, values: Mapping[str, object]) -> dict[str, Any]:
        """The values that a layout gets: those given, and the default of every parameter that was left out.

        Args:
            values: JSON values by parameter name, as in StartBlueprintRun's ``Parameters``.

        Raises:
            ParameterErrors: naming every unknown, missing and wrong parameter.
        """
        problems = [self._unknown(name) for name in values if name not in self.parameters]
        resolved: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            if name in values:
                fault = parameter.fault(values[name])
                if fault is not None:
                    problems.append(Finding("wrong-parameter-value", Place(subject=name), fault))
                resolved[name] = copy.deepcopy(values[name])
            elif parameter.default is not None:
                resolved[name] = copy.deepcopy(parameter.default)
            else:
                text = f"got nothing, wants {parameter.wants} (it has no default)"
                problems.append(Finding("missing-parameter", Place(subject=name), text))
        if problems:
            raise ParameterErrors(problems)
        return resolved

    def resolve_text(self, text: str | None) -> dict[str, Any]:
        """`resolve` for the JSON string that StartBlueprintRun carries; None means that no value is given.

        Raises:
            ParameterErrors: also when ``text`` is not a JSON object.
        """
        if text is None:
            return self.resolve({})
        try:
            values = read_object(text)
        except JsonFault as error:
            text = f"not a JSON object of name to value: {error}"
            raise ParameterErrors([Finding("parameters-not-json", Place(subject="Parameters"), text)]) from error
        return self.resolve(values)

    def to_wire(self) -> str:
        """The JSON string that GetBlueprint returns as ``ParameterSpec``."""
        wire = {name: parameter.to_wire() for name, parameter in self.parameters.items()}
        return json.dumps(wire, separators=(",", ":"))

    def _unknown(self, name: str) -> Finding:
        similar = difflib.get_close_matches(name, self.parameters, n=1)
        text = "the blueprint has no such parameter"
        if not similar:
            text += f" (it has: {', '.join(self.parameters) or 'none'})"
        remedy = f"did you mean {similar[0]}?" if similar else ""
        return Finding("unknown-parameter", Place(subject=name), text, remedy)


class _Reading:
    """Reads one entry of ``parameterSpec`` into a Parameter; collects all that is wrong."""

    _KNOWN = ("type", "collection", "description", "defaultValue", "allowedValues")

    def __init__(self, name: str, members: object) -> None:
        self.name = name
        self.problems: list[Finding] = []
        self.warnings: list[Finding] = []
        self._members: Mapping[str, Any] = {}
        self._type: ParameterType | None = None
        if not isinstance(members, Mapping):
            self._wrong(f'it is {kind_of(members)}, wants an object like {{"type": "String"}}')
            return
        self._members = members
        for unknown in (key for key in members if key not in self._KNOWN):
            similar = difflib.get_close_matches(unknown, self._KNOWN, n=1, cutoff=0.5)
            remedy = f"did you mean {similar[0]}?" if similar else ""
            self._doubtful("unknown-member", f"member {shown(unknown)} is not one Glue reads", remedy)
        self._read_type()
        self._expect("collection", bool, "true or false")
        self._expect("description", str, "a string")
        self._expect("allowedValues", list, "a list [...]")
        if not self.problems:
            self._check_allowed_values()
            self._check_default()

    def parameter(self) -> Parameter:
        """The parameter, once there are no problems."""
        assert self._type is not None
        allowed = self._members.get("allowedValues")
        return Parameter(
            name=self.name,
            type=self._type,
            collection=self._members.get("collection"),
            description=self._members.get("description"),
            default=copy.deepcopy(self._members.get("defaultValue")),
            allowed_values=None if allowed is None else tuple(copy.deepcopy(allowed)),
        )

    def _read_type(self) -> None:
        given = self._members.get("type")
        try:
            self._type = ParameterType(str(given))
        except ValueError:
            got = "no type" if given is None else f"type {shown(given)}"
            self._wrong(f"got {got}, wants one of {', '.join(ParameterType)}")

    def _expect(self, member: str, kind: type, wants: str) -> None:
        value = self._members.get(member)
        if value is not None and not isinstance(value, kind):
            self._wrong(f"{member}: got {_described(value)}, wants {wants}")

    def _check_allowed_values(self) -> None:
        assert self._type is not None
        for value in self._members.get("allowedValues") or ():
            if not self._type.has_json_type(value):
                self._wrong(f"allowedValues: got {_described(value)}, wants {self._type}, {self._type.wants}")

    def _check_default(self) -> None:
        assert self._type is not None
        default = self._members.get("defaultValue")
        if default is None:
            return
        if self._members.get("collection"):
            if not isinstance(default, list):
                self._wrong(f"defaultValue: got {_described(default)}, wants {self._type.wants_list}")
                return
            items = default
        else:
            items = [default]
        for item in items:
            # The right JSON type is enough: the samples have "" and made-up paths as defaults.
            if not self._type.has_json_type(item):
                self._wrong(f"defaultValue: got {_described(item)}, wants {self._type}, {self._type.wants}")
        allowed = self._members.get("allowedValues")
        if allowed is not None and not all(any(_same(item, one) for one in allowed) for item in items):
            self._doubtful("default-not-allowed", f"defaultValue {shown(default)} is not one of allowedValues")

    def _wrong(self, message: str) -> None:
        self.problems.append(_wrong_spec(self.name, message))

    def _doubtful(self, rule: str, message: str, remedy: str = "") -> None:
        place = Place(subject=self.name)
        self.warnings.append(Finding(rule, place, message, remedy, severity=Severity.WARNING))


def _wrong_spec(subject: str, message: str) -> Finding:
    return Finding("wrong-parameter-spec", Place(subject=subject), message)


def _described(value: object) -> str:
    return "null" if value is None else f"{shown(value)} ({kind_of(value)})"


def _same(one: object, other: object) -> bool:
    """Equality of JSON values: 2 is 2.0, but true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
