"""The page of licences names every installed package that is not permissive."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "licences.md").read_text()
COPYLEFT = re.compile(
    r"\b(A?L?GPL|GNU|Mozilla|MPL|EPL|Eclipse|CDDL|EUPL|Amazon Software|Proprietary|Commercial)", re.IGNORECASE
)
"""Licences with conditions beyond naming the authors."""


def test_every_package_that_is_not_permissive_is_named() -> None:
    """What the metadata of the installed packages states (Python's core metadata specifications, ``License``)."""
    missing = {}
    for one in distributions():
        kinds = [text for text in one.metadata.get_all("Classifier") or () if text.startswith("License ::")]
        stated = one.metadata.get("License-Expression") or "; ".join([*kinds, one.metadata.get("License") or ""])
        name, licence = one.metadata["Name"], stated[:300]  # the whole text of some is in License
        if COPYLEFT.search(licence) and " OR " not in licence and f"`{name.lower()}`" not in PAGE:
            missing[name] = licence
    assert missing == {}
