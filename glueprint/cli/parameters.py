"""``KEY=VALUE`` on the command line, and values for a blueprint's parameters."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

_SPACE = re.compile(r"\s")
_TEXT_TYPES = frozenset({"String", "S3Uri", "S3Bucket", "IAMRoleArn", "IAMRoleName"})
"""Parameter types whose value is text
(docs/facts/blueprints.md#parameter-types): taken as it stands, never read as JSON."""


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """From ``("a=1", "b=2")``.

    Raises:
        click.UsageError: naming every one that is no pair.
    """
    split = [(text, *text.partition("=")) for text in given]
    wrong = [text for text, key, equals, _ in split if not key or not equals]
    if wrong:
        raise click.UsageError(f"{option} takes KEY=VALUE, not {', '.join(map(repr, wrong))}")
    return {key: value for _, key, _, value in split}


def read_file(file: Path | None) -> dict[str, Any]:
    """The JSON object of a ``--params`` file, with ``-`` of standard input; empty for None.

    Raises:
        click.UsageError: it is not one.
    """
    if file is None:
        return {}
    try:
        found = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text("utf-8"))
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError(f"{file} must hold a JSON object: parameter names and values")
    return found


def typed(given: Iterable[str], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Values for StartBlueprintRun from ``--param NAME=VALUE``, as the parameter's type wants them.

    Text stays text. Anything else is read as JSON (``3``, ``true``, ``["a", "b"]``), and left as text where it is
    none: then the service names the mistake. A name that is given several times, or that stands for a collection,
    becomes a list.

    Args:
        given: the options' values.
        spec: the blueprint's ParameterSpec, decoded.

    Raises:
        click.UsageError: naming every one that is no pair.
    """
    collected: dict[str, list[str]] = {}
    for text in given:
        ((name, value),) = pairs([text], "--param").items()
        collected.setdefault(name, []).append(value)
    return {name: _value(values, spec.get(name) or {}) for name, values in collected.items()}


def _value(values: list[str], parameter: Mapping[str, Any]) -> Any:
    is_text = parameter.get("type", "String") in _TEXT_TYPES
    if parameter.get("collection"):
        if len(values) == 1 and values[0].lstrip().startswith("["):
            return _from_json(values[0])
        return [value if is_text else _from_json(value) for value in values]
    converted = [value if is_text else _from_json(value) for value in values]
    return converted[0] if len(converted) == 1 else converted


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def problems_in(message: str) -> list[tuple[str, str]]:
    """The parameters and what is wrong with each, from an InvalidInputException of StartBlueprintRun.

    The local Glue writes ``Parameters of blueprint NAME: p1: ...; p2: ...``; another wording gives an empty list.
    """
    head, separator, told = message.partition(": ")
    if not separator or not head.startswith("Parameters of blueprint "):
        return []
    found: list[tuple[str, str]] = []
    for part in told.split("; "):
        name, colon, problem = part.partition(": ")
        if colon and not _SPACE.search(name):
            found.append((name, problem))
        elif found:  # a problem that itself holds a semicolon
            found[-1] = (found[-1][0], f"{found[-1][1]}; {part}")
    return found
