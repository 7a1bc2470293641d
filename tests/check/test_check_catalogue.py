"""The catalogue passes its own check."""

from __future__ import annotations

from pathlib import Path

import pytest

from glueprint.blueprint.bundler import catalogue_names
from glueprint.check.checking import check
from glueprint.check.subject import find_subjects

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", catalogue_names(ROOT))
def test_a_blueprint_of_the_catalogue_has_no_findings(name: str) -> None:
    """With its example parameters nothing is reported, not even a note: it is what authors copy."""
    (subject,) = find_subjects(name, ROOT)
    checked = check(subject)
    assert ([str(one) for one in checked.findings], checked.layout_ran) == ([], True)
