"""The form of a blueprint: its fields, what was submitted, and which error belongs to which field. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.parameter_types import ParameterType
from glueprint.blueprint.spec import Parameter
from glueprint.client.parameter_form import ParameterForm, as_text
from glueprint.facts.findings import Finding

PREFIX = "p."
"""Of the names of a form's fields: parameters may be called like other fields."""
_SUGGESTIONS = {
    ParameterType.S3_URI: "locations",
    ParameterType.S3_BUCKET: "buckets",
    ParameterType.IAM_ROLE_ARN: "roles",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter as a field of the form.

    Attributes:
        key: the field's name in the form.
        control: text, number, choice, choices (several of them), or lines (one item on each).
        text: what the field contains.
        chosen: the chosen values of ``choices``.
        options: the values to choose among.
        default: the default as text, or None if the parameter must be given.
        errors: what is wrong.
        suggests: what is suggested: buckets, locations, roles, or nothing.
    """

    name: str
    key: str
    type: str
    control: str
    text: str
    chosen: tuple[str, ...]
    options: tuple[str, ...]
    default: str | None
    description: str
    errors: tuple[str, ...] = ()
    suggests: str = ""


def submitted_values(form: ParameterForm, texts: Callable[[str], list[str]]) -> dict[str, Any]:
    """Return the values of a submitted form; what was left empty has its default.

    Args:
        form: the parameters.
        texts: returns the texts of a field.
    """
    values: dict[str, Any] = {}
    for name in form.names:
        parameter = form.parameter(name)
        given = texts(PREFIX + name)
        if parameter.collection:
            if form.choices(name):
                items = [one for one in given if one]
            else:
                items = [line.strip() for text in given for line in text.splitlines() if line.strip()]
            if items or (given and parameter.default is None):
                values[name] = [form.read(name, item) for item in items]
            continue
        text = given[0] if given else ""
        if text != "":
            values[name] = form.read(name, text)
    return values


def fields(
    form: ParameterForm, texts: Callable[[str], list[str]] | None, errors: Mapping[str, Iterable[str]]
) -> list[Field]:
    """Return the fields of a form, those without a default first.

    Args:
        form: the parameters; its values are what the fields contain if nothing was submitted.
        texts: returns the submitted texts of a field; None: nothing was submitted.
        errors: what is wrong, by parameter.
    """
    return [_field(form, name, texts, tuple(errors.get(name, ()))) for name in form.names]


def _field(
    form: ParameterForm, name: str, texts: Callable[[str], list[str]] | None, errors: tuple[str, ...]
) -> Field:
    parameter = form.parameter(name)
    choices = form.choices(name)
    default = parameter.default
    given = texts(PREFIX + name) if texts is not None else _texts_of(form.current(name))
    return Field(
        name,
        PREFIX + name,
        f"list of {parameter.type}" if parameter.collection else str(parameter.type),
        _control(parameter, choices),
        "\n".join(given) if parameter.collection else (given[0] if given else ""),
        tuple(given),
        tuple(choices),
        None if default is None else ", ".join(_texts_of(default)),
        parameter.description or "",
        errors,
        suggests=_SUGGESTIONS.get(parameter.type, ""),
    )


def _texts_of(value: Any) -> list[str]:
    if value is None:
        return []
    return [as_text(one) for one in value] if isinstance(value, list) else [as_text(value)]


def _control(parameter: Parameter, choices: list[str]) -> str:
    if parameter.collection:
        return "choices" if choices else "lines"
    if choices:
        return "choice"
    return "number" if parameter.type in (ParameterType.INTEGER, ParameterType.DOUBLE) else "text"


def errors_by_field(findings: Iterable[Finding], names: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return findings by the parameter that they are about, and those that are about none."""
    known = set(names)
    found: dict[str, list[str]] = {}
    others = []
    for finding in findings:
        text = ". ".join(filter(None, (finding.message, finding.remedy)))
        if finding.place.subject in known:
            found.setdefault(finding.place.subject, []).append(text)
        else:
            others.append(f"{finding.place.subject}: {text}" if finding.place.subject else text)
    return found, others


def fields_of_message(message: str, names: Iterable[str]) -> list[str]:
    """Return the parameters that a message of a layout names, each as a word of its own."""
    return [name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", message)]
