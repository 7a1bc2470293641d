"""Files that parameters name, made by hand: wheels, archives, JARs."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path


def archive(path: Path, members: Mapping[str, str]) -> Path:
    """A zip with these members."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members.items():
            made.writestr(name, text)
    return path


def wheel(folder: Path, name: str, code: str, *, version: str = "1.0", requires: str | None = None) -> Path:
    """A pure-Python wheel of one module, and of a program that calls its ``main``."""
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    return archive(
        folder / f"{name}-{version}-py3-none-any.whl",
        {
            f"{name}.py": code,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
            f"{info}/RECORD": "",
        },
    )


def text(path: Path, content: str) -> Path:
    """A text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path
