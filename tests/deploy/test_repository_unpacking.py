"""`pull --unpack`: the sources of a published zip."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import CFG

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.deploy.repository.unpacking import WouldOverwrite, sources_of, write_files


def sources(files: dict[str, bytes]) -> set[str]:
    """Where the files of a zip named ``orders.zip`` go."""
    return set(sources_of("orders", read_archive(write_archive(files), "orders")))


def test_a_built_zip_becomes_a_project() -> None:
    """The inverse of the build (docs/decisions/bundling.md): parameters, layout and scripts in their folders."""
    paths = ("layout.py", "README.md", "scripts/a.py", "scripts/sql/b.sql")
    files = {"blueprint.cfg": CFG, **dict.fromkeys(paths, b"")}
    assert sources({f"orders/{path}": content for path, content in files.items()}) == {
        "blueprints/orders/blueprint.cfg",
        "blueprints/orders/README.md",
        "layouts/orders.py",
        "glue_jobs/orders/a.py",
        "glue_jobs/orders/sql/b.sql",
    }


def test_another_zip_becomes_its_folder() -> None:
    """A zip that was made by hand may have its files at the root, or another layout
    (docs/facts/blueprints.md#zip-layout)."""
    root = b'{"layoutGenerator": "layout.generate", "parameterSpec": {}}'
    assert sources({"blueprint.cfg": root, "layout.py": b""}) == {"orders/blueprint.cfg", "orders/layout.py"}
    other = b'{"layoutGenerator": "orders.main.generate", "parameterSpec": {}}'
    assert sources({"orders/blueprint.cfg": other, "orders/main.py": b""}) == {
        "orders/blueprint.cfg",
        "orders/main.py",
    }


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    """A file of the user with another content stops it before anything is written; a link is one, too."""
    files = {"a/b.py": b"new", "c.py": b"new"}
    (tmp_path / "c.py").write_text("mine")
    with pytest.raises(WouldOverwrite, match=r"exists with another content: .*c\.py; nothing was written"):
        write_files(tmp_path, files)
    assert not (tmp_path / "a").exists()
    (tmp_path / "c.py").unlink()
    (tmp_path / "c.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(WouldOverwrite):
        write_files(tmp_path, files)
    write_files(tmp_path, files, force=True)
    assert not (tmp_path / "elsewhere.py").exists()
    assert [(tmp_path / path).read_bytes() for path in files] == [b"new", b"new"]
    write_files(tmp_path, files)
