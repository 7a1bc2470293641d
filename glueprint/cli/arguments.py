"""Command-line arguments that several commands take: ``KEY=VALUE`` pairs, and JSON files of parameters."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click


def pairs(given: Iterable[str], option: str) -> list[tuple[str, str]]:
    """Return the keys and values of ``("a=1", "b=2")``.

    Raises:
        click.UsageError: it names every value that is not a pair.
    """
    split = [(text, *text.partition("=")) for text in given]
    wrong = [text for text, key, equals, _ in split if not key or not equals]
    if wrong:
        raise click.UsageError(f"{option} takes KEY=VALUE, not {', '.join(map(repr, wrong))}")
    return [(key, value) for _, key, _, value in split]


def json_object(file: Path | None) -> dict[str, Any]:
    """Return the JSON object in a file, or in standard input for ``-``; an empty one for None.

    Raises:
        click.UsageError: there is no such file, or it does not contain a JSON object.
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
        raise click.UsageError(f"{file} must contain a JSON object: parameter names and values")
    return found


def objects_of_s3(given: Iterable[str]) -> dict[tuple[str, str], bytes]:
    """Return the objects of ``--object``, by bucket and key.

    Raises:
        click.UsageError: an address is not one of S3, or a file cannot be read.
    """
    objects: dict[tuple[str, str], bytes] = {}
    for address, file in pairs(given, "--object"):
        bucket, _, key = address.removeprefix("s3://").partition("/")
        if not address.startswith("s3://") or not bucket or not key:
            raise click.UsageError(f"--object takes s3://BUCKET/KEY=FILE, not {address}={file}")
        try:
            objects[bucket, key] = Path(file).read_bytes()
        except OSError as error:
            raise click.UsageError(f"cannot read {file}: {error.strerror}") from error
    return objects
