"""A small catalogue in a directory, and how the bundler refuses one."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from glueprint.blueprint.bundler import BundleError, bundle

CONFIG = '{"layoutGenerator": "demo.layout.generate_layout", "parameterSpec": {}}'
LAYOUT = '"""The layout."""\n\n\ndef generate_layout(user_params, system_params):\n    return None\n'


def tree(root: Path, **files: str) -> Path:
    """A catalogue of one blueprint, ``demo``; keys are paths with ``__`` for ``/`` and without ``.py``."""
    basic = {"layouts/demo.py": LAYOUT, "blueprints/demo/blueprint.cfg": CONFIG}
    given = {f"{key.replace('__', '/')}.py": textwrap.dedent(text) for key, text in files.items()}
    for name, text in (basic | given).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def look(root: Path) -> str:
    """The bundled text of the job script ``look``."""
    return bundle(root, "demo")["demo/scripts/look.py"].decode()


def refused(root: Path, *words: str) -> None:
    """Bundling fails, and each of ``words`` is in what it says."""
    with pytest.raises(BundleError) as caught:
        bundle(root, "demo")
    for one in words:
        assert one in str(caught.value)
