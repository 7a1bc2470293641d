"""Values for a blueprint's parameters: converted from text, and checked before a run is started.

The checks use the blueprint's own ParameterSpec, which GetBlueprint returns on AWS too, and the checker with
which the local Glue resolves parameters. So every problem is reported at once, wherever the blueprint runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from glueprint.blueprint.spec import ParameterErrors, ParameterSpec, SpecErrors
from glueprint.client.errors import GlueprintError
from glueprint.facts.findings import Finding

_TEXT_TYPES = frozenset({"String", "S3Uri", "S3Bucket", "IAMRoleArn", "IAMRoleName"})
"""Parameter types whose value is text: it is taken as it is, never read as JSON."""

Parameters = Mapping[str, Mapping[str, Any]]
"""A decoded ParameterSpec, as in :class:`~glueprint.client.blueprints.BlueprintView`."""


class ParametersRefused(GlueprintError):
    """Values that a blueprint does not accept.

    Attributes:
        findings: what is wrong; the subject of each is a parameter.
    """

    def __init__(self, blueprint: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        number = len(self.findings)
        super().__init__(
            f"blueprint {blueprint} does not accept {number} parameter{'' if number == 1 else 's'}",
            "nothing was created",
        )


def typed_values(given: Iterable[tuple[str, str]], parameters: Parameters) -> dict[str, Any]:
    """Convert values from text to what each parameter's type requires.

    Text stays text. A value of any other type is read as JSON (``3``, ``true``, ``["a", "b"]``), and stays text
    if it is not JSON; the check then reports it. A parameter that is given several times, or that is a
    collection, becomes a list.

    Args:
        given: names and values.
        parameters: the blueprint's parameters.
    """
    collected: dict[str, list[str]] = {}
    for name, value in given:
        collected.setdefault(name, []).append(value)
    return {name: _value(values, parameters.get(name) or {}) for name, values in collected.items()}


def check_values(blueprint: str, parameters: Parameters | None, values: Mapping[str, Any]) -> None:
    """Check values against a blueprint's parameters.

    If the ParameterSpec is not known, or cannot be read here, the check is left to the service.

    Args:
        blueprint: the blueprint's name, for the error message.
        parameters: its parameters.
        values: JSON values by parameter name.

    Raises:
        ParametersRefused: it contains every unknown, missing and wrong parameter.
    """
    if parameters is None:
        return
    try:
        ParameterSpec.parse(parameters).resolve(values)
    except ParameterErrors as error:
        raise ParametersRefused(blueprint, _with_quoting(error.findings, parameters, values)) from error
    except SpecErrors:
        return


def _with_quoting(
    findings: Iterable[Finding], parameters: Parameters, values: Mapping[str, Any]
) -> Iterator[Finding]:
    """Return findings with a remedy for lists whose quotation marks a shell has removed."""
    for finding in findings:
        name = finding.place.subject
        value = values.get(name)
        if isinstance(value, str) and value.startswith("[") and (parameters.get(name) or {}).get("collection"):
            finding = replace(finding, remedy=f"""in a shell, quote it as one word: '{name}=["a", "b"]'""")
        yield finding


def _value(values: list[str], parameter: Mapping[str, Any]) -> Any:
    is_text = parameter.get("type", "String") in _TEXT_TYPES
    if parameter.get("collection") and len(values) == 1 and values[0].lstrip().startswith("["):
        return _from_json(values[0])
    converted = [value if is_text else _from_json(value) for value in values]
    return converted[0] if len(converted) == 1 and not parameter.get("collection") else converted


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
