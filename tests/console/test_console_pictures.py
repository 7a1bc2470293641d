"""The pictures of the documentation: made by a program, used by a page, small."""

from __future__ import annotations

import re
from pathlib import Path

from make_screenshots import DOCS, ROOT

MAX_BYTES = 110_000
IMAGES = ROOT / "docs" / "images"


def test_each_picture_is_made_by_the_program() -> None:
    """``make_screenshots.py --docs`` makes them all: none is out of date because no one knows how it was made."""
    assert sorted(one.stem for one in IMAGES.iterdir()) == sorted(DOCS)


def test_pictures_are_small() -> None:
    """A clone of the repository stays small."""
    assert [one.name for one in IMAGES.iterdir() if one.stat().st_size > MAX_BYTES] == []


def test_each_picture_is_on_a_page_and_described() -> None:
    """Each picture is shown, with a text for those who do not see it (WCAG 2.2, 1.1.1)."""
    pages: list[Path] = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    found = [one for page in pages for one in re.findall(r"!\[(.*?)\]\((\S+)\)", page.read_text("utf-8"))]
    assert {Path(address).stem for _, address in found} >= set(DOCS)
    assert [address for text, address in found if len(text) < 20] == []


def test_the_three_uses_are_pages_with_pictures() -> None:
    """Zipping blueprints with build.py, registering them in the console, creating workflows from them: each has a
    page with pictures, and leads to the next."""
    follow = {
        "zip-blueprints": "register-blueprints.md",
        "register-blueprints": "create-workflows.md",
        "create-workflows": "register-blueprints.md",
    }
    for name, following in follow.items():
        text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
        assert "](images/" in text
        assert following in text
