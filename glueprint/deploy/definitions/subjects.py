"""The one blueprint that a command names, and the values with which its layout runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.check.example import example_parameters
from glueprint.check.subject import EXAMPLE_NAME, NoSubject, Subject, find_subjects
from glueprint.client.blueprint_parameters import typed_values
from glueprint.client.errors import InvalidArgument
from glueprint.facts.findings import Finding, Severity


class NoBlueprint(InvalidArgument):
    """A word of the command line does not name a blueprint."""


@dataclass(frozen=True, slots=True)
class LayoutValues:
    """Values for a layout.

    Attributes:
        values: by parameter; defaults may be missing.
        is_invented: whether some are neither the user's nor the author's.
        origin: where they come from, for people.
    """

    values: Mapping[str, Any]
    is_invented: bool
    origin: str


def one_subject(what: str, root: Path) -> Subject:
    """Return the blueprint that a word of the command line names.

    Args:
        what: a blueprint of the catalogue in ``root``, a folder, a zip, or a blueprint that Glueprint ships.

    Raises:
        NoBlueprint: there is none.
        InvalidArgument: there are several.
    """
    try:
        subjects = find_subjects(what, root)
    except NoSubject as error:
        raise NoBlueprint(str(error)) from error
    if len(subjects) != 1:
        names = ", ".join(subject.name for subject in subjects)
        raise InvalidArgument(f"{what} has several blueprints: {names}", "name one of them")
    return subjects[0]


def layout_values(
    subject: Subject, file: Mapping[str, Any] | None, given: Iterable[tuple[str, str]]
) -> LayoutValues:
    """Return values for the layout of a usable blueprint.

    Args:
        file: parameters; None: those of the blueprint's example, or invented ones.
        given: single parameters as text, which take precedence.

    Raises:
        InvalidArgument: the example, or a given text, is not accepted.
    """
    assert subject.archive is not None
    assert subject.config is not None
    single = typed_values(given, json.loads(subject.config.spec.to_wire()))
    also = ", and --param" if single else ""
    if file is not None:
        return LayoutValues({**file, **single}, False, f"those of --params{also}")
    base, wrong, is_invented = example_parameters(subject, None)
    if base is None:
        raise unusable(subject, wrong)
    has_example = subject.folder + EXAMPLE_NAME in subject.archive.files
    origin = f"the blueprint's {EXAMPLE_NAME}" if has_example else "defaults"
    invented = f"invented values{also}: pass --params FILE for your own"
    return LayoutValues({**base, **single}, is_invented, invented if is_invented else f"{origin}{also}")


def unusable(subject: Subject, findings: Iterable[Finding]) -> InvalidArgument:
    """Return the error of a blueprint whose layout cannot run, or did not return a workflow."""
    errors = [one for one in findings if one.severity is not Severity.NOTE]
    lines = "".join(f"\n  {one.place}: {one.message}" for one in errors)
    return InvalidArgument(f"nothing is known about what {subject.name} makes:{lines}", "see glueprint check")
