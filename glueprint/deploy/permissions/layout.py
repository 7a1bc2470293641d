"""The blueprint whose policies are written, and what its layout makes with given parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from glueprint.blueprint.json_text import JsonFault, read_object
from glueprint.check import layout_run
from glueprint.check.example import example_parameters
from glueprint.check.layout_run import LayoutRun
from glueprint.check.subject import EXAMPLE_NAME, NoSubject, Subject, find_subjects
from glueprint.client.blueprint_parameters import typed_values
from glueprint.client.errors import InvalidArgument, NotFound
from glueprint.facts.findings import Finding, Severity


def run_layout(
    what: str,
    root: Path,
    file: Mapping[str, Any] | None = None,
    given: Iterable[tuple[str, str]] = (),
    objects: Mapping[tuple[str, str], bytes] | None = None,
) -> tuple[Subject, LayoutRun, str]:
    """Return a blueprint, the run of its layout with parameters, and where these come from.

    The layout's calls of AWS are answered in memory.

    Args:
        what: a blueprint of the catalogue in ``root``, a folder or a zip.
        file: parameters; None: those of the blueprint's example, or invented ones.
        given: single parameters as text, which take precedence.
        objects: of S3, which the layout reads.

    Raises:
        GlueprintError: there is no such blueprint, or its layout does not return a workflow.
    """
    try:
        subjects = find_subjects(what, root)
    except NoSubject as error:
        raise NotFound(str(error)) from error
    if len(subjects) != 1:
        names = ", ".join(subject.name for subject in subjects)
        raise InvalidArgument(f"{what} has several blueprints: {names}", "name one of them")
    (subject,) = subjects
    if subject.archive is None or subject.config is None:
        raise _unusable(subject, subject.findings)
    single = typed_values(given, json.loads(subject.config.spec.to_wire()))
    values = None if file is None and not single else {**(_example(subject) if file is None else file), **single}
    parameters, wrong, is_invented = example_parameters(subject, values)
    if parameters is None:
        raise _unusable(subject, wrong)
    run, found = layout_run.run(subject, parameters, objects=objects, is_invented=is_invented)
    if run is None:
        raise _unusable(subject, found)
    return subject, run, _origin(subject, file is not None, bool(single), is_invented)


def _origin(subject: Subject, is_given: bool, has_single: bool, is_invented: bool) -> str:
    """Return where the parameters come from, for people."""
    also = ", and --param" if has_single else ""
    if is_given:
        return f"those of --params{also}"
    example = f"the blueprint's {EXAMPLE_NAME}" if _example(subject) else "defaults"
    return "invented values: pass --params FILE for your own" if is_invented else f"{example}{also}"


def _example(subject: Subject) -> Mapping[str, Any]:
    """Return the blueprint's example parameters; nothing if it has none."""
    assert subject.archive is not None
    content = subject.archive.files.get(subject.folder + EXAMPLE_NAME)
    try:
        return {} if content is None else read_object(content.decode("utf-8-sig"))
    except (JsonFault, UnicodeDecodeError):
        return {}


def _unusable(subject: Subject, findings: Iterable[Finding]) -> InvalidArgument:
    errors = [one for one in findings if one.severity is not Severity.NOTE]
    lines = "".join(f"\n  {one.place}: {one.message}" for one in errors)
    return InvalidArgument(f"nothing is known about what {subject.name} makes:{lines}", "see glueprint check")
