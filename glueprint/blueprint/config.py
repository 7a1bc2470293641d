"""``blueprint.cfg``: which function makes the layout, and which parameters it takes.

Source: DG:developing-blueprints-code-config.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.json_text import JsonFault, kind_of, read_object, shown
from glueprint.blueprint.spec import ParameterSpec, SpecErrors
from glueprint.facts.findings import Finding, FindingsError, Place, Severity

CONFIG_NAME = "blueprint.cfg"
_KNOWN = ("layoutGenerator", "parameterSpec")
MAX_SPEC_CHARACTERS = 131072
"""Service model: the longest ``ParameterSpec`` that GetBlueprint can return."""


class ConfigError(FindingsError):
    """A ``blueprint.cfg`` that is not valid; ``findings`` has every fault of the file."""

    def __str__(self) -> str:
        return f"{CONFIG_NAME}: {super().__str__()}"


@dataclass(frozen=True, slots=True)
class BlueprintConfig:
    """The content of a ``blueprint.cfg``."""

    layout_module: str
    """Dotted path of the layout's module, from the directory that the zip is extracted to."""
    layout_function: str
    spec: ParameterSpec
    warnings: tuple[Finding, ...] = ()
    """What is valid but probably a mistake."""

    @property
    def layout_generator(self) -> str:
        """``layoutGenerator`` as the file has it."""
        return f"{self.layout_module}.{self.layout_function}"

    @property
    def layout_file(self) -> str:
        """The path of the layout's module in the zip."""
        return self.layout_module.replace(".", "/") + ".py"


def parse_config(data: bytes) -> BlueprintConfig:
    """Read the bytes of a ``blueprint.cfg`` (JSON in UTF-8).

    Raises:
        ConfigError: with every fault at once; where the text is not JSON, its line and column.
    """
    try:
        declared = read_object(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        text = f"line {line}: not UTF-8 text (byte 0x{data[error.start]:02x})"
        raise ConfigError([Finding("config-not-utf8", Place(), text)]) from error
    except JsonFault as error:
        raise ConfigError([Finding("config-not-json", Place(), f"not valid JSON: {error}")]) from error

    problems: list[Finding] = []
    module, function = _read_generator(declared.get("layoutGenerator"), problems)
    spec = _read_spec(declared.get("parameterSpec"), problems)
    if problems:
        raise ConfigError(problems)
    return BlueprintConfig(module, function, spec, (*_unknown_members(declared), *spec.warnings))


def _read_generator(value: object, problems: list[Finding]) -> tuple[str, str]:
    example = 'wants "<module path>.<function>", such as "my_blueprint.layout.generate_layout"'
    if not isinstance(value, str):
        got = "it is missing" if value is None else f"it is {kind_of(value)}"
        problems.append(Finding("wrong-layout-generator", Place(subject="layoutGenerator"), got, example))
        return "", ""
    module, _, function = value.rpartition(".")
    wrong = None
    if "/" in value or "\\" in value:
        wrong = "separate folders with dots, not slashes"
    elif function == "py":
        wrong = "it names a file; leave .py out and name the function"
    elif not module:
        wrong = "it names no module" if function else "it is empty"
    elif not function.isidentifier() or not all(_importable(part) for part in module.split(".")):
        wrong = "it is not a dotted path of names"
    if wrong is not None:
        text = f"got {shown(value)}: {wrong}"
        problems.append(Finding("wrong-layout-generator", Place(subject="layoutGenerator"), text, example))
    return module, function


def _importable(part: str) -> bool:
    """Whether importlib can import it: names with a hyphen, too, which an import statement cannot contain."""
    return part.replace("-", "_").isidentifier()


def _read_spec(value: object, problems: list[Finding]) -> ParameterSpec:
    try:
        spec = ParameterSpec.parse({} if value is None else value)
    except SpecErrors as error:
        problems.extend(error.findings)
        return ParameterSpec({})
    size = len(spec.to_wire())
    if size > MAX_SPEC_CHARACTERS:
        text = f"{size:,} characters, Glue returns at most {MAX_SPEC_CHARACTERS:,}"
        problems.append(Finding("parameter-spec-too-long", Place(subject="parameterSpec"), text))
    return spec


def _unknown_members(declared: dict[str, Any]) -> Iterable[Finding]:
    for member in declared:
        if member not in _KNOWN:
            similar = difflib.get_close_matches(member, _KNOWN, n=1)
            remedy = f"did you mean {similar[0]}?" if similar else ""
            text = f"member {shown(member)} is not one Glue reads"
            yield Finding("unknown-member", Place(), text, remedy, severity=Severity.WARNING)
