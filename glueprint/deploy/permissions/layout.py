"""The blueprint whose policies are written, and what its layout makes with given parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from glueprint.check import layout_run
from glueprint.check.example import example_parameters
from glueprint.check.layout_run import LayoutRun
from glueprint.check.subject import Subject
from glueprint.deploy.definitions.subjects import layout_values, one_subject, unusable


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
    subject = one_subject(what, root)
    if subject.archive is None or subject.config is None:
        raise unusable(subject, subject.findings)
    chosen = layout_values(subject, file, given)
    parameters, wrong, _ = example_parameters(subject, chosen.values)
    if parameters is None:
        raise unusable(subject, wrong)
    run, found = layout_run.run(subject, parameters, objects=objects, is_invented=chosen.is_invented)
    if run is None:
        raise unusable(subject, found)
    return subject, run, chosen.origin
