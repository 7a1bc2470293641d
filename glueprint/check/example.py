"""Example parameters: with which values a layout is run when it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.blueprint.json_text import JsonFault, read_object
from glueprint.blueprint.parameter_types import ParameterType
from glueprint.blueprint.spec import Parameter, ParameterErrors, ParameterSpec
from glueprint.check.empty_account import ACCOUNT_ID
from glueprint.check.rule import error
from glueprint.check.subject import EXAMPLE_NAME, Subject
from glueprint.facts.findings import Finding

EXAMPLE = error(
    "example-parameters",
    "The example parameters are not accepted by the blueprint",
    f"{EXAMPLE_NAME} contains the values that readers copy and with which the layout is checked.",
    "correct the file, or blueprint.cfg",
    "docs/check.md",
)
RULES = (EXAMPLE,)

_INVENTED: Mapping[ParameterType, Any] = {
    ParameterType.STRING: "example",
    ParameterType.INTEGER: 2,
    ParameterType.DOUBLE: 2.0,
    ParameterType.BOOLEAN: True,
    ParameterType.S3_URI: "s3://example-bucket/example/",
    ParameterType.S3_BUCKET: "example-bucket",
    ParameterType.IAM_ROLE_ARN: f"arn:aws:iam::{ACCOUNT_ID}:role/Example",
    ParameterType.IAM_ROLE_NAME: "Example",
}


def example_parameters(
    subject: Subject, given: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, list[Finding], bool]:
    """Return values for all parameters, what is wrong with the example, and whether values were invented.

    The values are those that the caller gives, those of the blueprint's example file, defaults, and for parameters
    without one a value of the right type.
    """
    assert subject.config is not None
    assert subject.archive is not None
    spec, path = subject.config.spec, subject.folder + EXAMPLE_NAME
    values: dict[str, Any] = {}
    if given is not None:
        values = dict(given)
    elif path in subject.archive.files:
        try:
            values = read_object(subject.archive.files[path].decode("utf-8-sig"))
        except (JsonFault, UnicodeDecodeError) as failure:
            return None, [EXAMPLE.at(subject.place(path), f"not a JSON object of name to value: {failure}")], False
    missing = {name: one for name, one in spec.parameters.items() if name not in values and one.default is None}
    is_invented = given is None and path not in subject.archive.files and bool(missing)
    if given is None and path not in subject.archive.files:
        values = {**values, **{name: _invented(one) for name, one in missing.items()}}
    return _resolved(subject, spec, values, path if given is None else "", is_invented)


def _resolved(
    subject: Subject, spec: ParameterSpec, values: Mapping[str, Any], path: str, is_invented: bool
) -> tuple[dict[str, Any] | None, list[Finding], bool]:
    try:
        return spec.resolve(values), [], is_invented
    except ParameterErrors as failure:
        place = subject.place(path) if path else subject.place("")
        return None, [EXAMPLE.at(place, str(one)) for one in failure.findings], is_invented


def _invented(parameter: Parameter) -> Any:
    if parameter.allowed_values:
        value = parameter.allowed_values[0]
    elif parameter.type is ParameterType.S3_URI:
        # Two locations must not be the same: a copy onto itself is refused by good layouts.
        value = f"s3://example-bucket/{parameter.name.lower()}/"
    else:
        value = _INVENTED[parameter.type]
    return [value] if parameter.collection else value
