"""`glueprint register`: which zip a name means, and what is wrong with one that means none."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from harness.scripted_glue import Stage

Glueprint = Callable[..., Result]

CFG = {"layoutGenerator": "tally.layout.generate_layout", "parameterSpec": {}}
LAYOUT = '"""Tally."""\n\n\ndef generate_layout(user_params, system_params):\n    """Nothing yet."""\n'


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The layout of a blueprint ``tally`` in the directory where commands are typed."""
    (tmp_path / "blueprints" / "tally").mkdir(parents=True)
    (tmp_path / "blueprints" / "tally" / "blueprint.cfg").write_text(json.dumps(CFG))
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "tally.py").write_text(LAYOUT)
    return tmp_path / "layouts" / "tally.py"


def uploaded(stage: Stage) -> list[str]:
    """The layouts that were uploaded, the latest last."""
    archives = [zipfile.ZipFile(io.BytesIO(content)) for content in stage.s3.objects.values()]
    return [archive.read("tally/layout.py").decode() for archive in archives]


def test_a_name_means_what_its_sources_say_now(
    stage: Stage, glueprint: Glueprint, layout: Path, tmp_path: Path
) -> None:
    """Not a stale dist/NAME.zip, and none at all in a fresh clone (docs/decisions/commands.md)."""
    expected = "built dist/tally.zip from its sources\n"
    assert glueprint("register", "tally").stderr == expected
    assert glueprint("register", "tally").stderr == "", "nothing has changed"
    layout.write_text(LAYOUT.replace("Nothing yet", "Still nothing"))
    assert glueprint("register", "tally").stderr == expected
    first, second = uploaded(stage)
    assert "Nothing yet" in first
    assert "Still nothing" in second
    assert (tmp_path / "dist" / "tally.zip").read_bytes() in stage.s3.objects.values()


def test_a_path_means_that_very_file(stage: Stage, glueprint: Glueprint, layout: Path, tmp_path: Path) -> None:
    """What was built and tested is what is registered (docs/decisions/commands.md)."""
    glueprint("register", "tally")
    layout.write_text(LAYOUT.replace("Nothing yet", "Still nothing"))
    assert glueprint("register", "dist/tally.zip").stderr == ""
    assert ["Nothing yet" in text for text in uploaded(stage)] == [True]


def test_sources_that_cannot_be_built_are_not_registered(stage: Stage, glueprint: Glueprint, layout: Path) -> None:
    """The build's own words; the old zip must not go out in their place (docs/decisions/commands.md)."""
    glueprint("register", "tally")
    layout.write_text("def generate_layout(:\n")
    result = glueprint("register", "tally")
    assert result.exit_code == 1
    assert "layouts/tally.py:1: " in result.stderr
    assert "nothing was built: " in result.stderr
    assert len(stage.glue.sent("CreateBlueprint")) == 1


def test_a_directory_is_no_zip(stage: Stage, glueprint: Glueprint, layout: Path) -> None:
    """`register blueprints/tally` is what users type who complete paths with the Tab key."""
    result = glueprint("register", "blueprints/tally")
    assert result.exit_code == 2
    assert "blueprints/tally is a directory: give a zip, or the name of a blueprint" in result.stderr


def test_a_zip_is_found_with_and_without_its_suffixes(
    stage: Stage, glueprint: Glueprint, layout: Path, tmp_path: Path
) -> None:
    """``NAME.zip`` is the blueprint NAME; a download named ``NAME.zip.zip`` is uploaded as ``NAME.zip``, since the
    zip's folder must have the zip's name (docs/facts/blueprints.md#zip-layout)."""
    assert glueprint("register", "tally.zip").exit_code == 0
    shutil.copy(tmp_path / "dist" / "tally.zip", tmp_path / "tally.zip.zip")
    assert glueprint("register", "tally.zip.zip").exit_code == 0
    assert {key.rpartition("/")[2] for key in stage.s3.objects} == {"tally.zip"}
    assert "no zip 'missing': neither a file" in glueprint("register", "missing.zip").stderr


def test_everything_that_is_wrong_is_reported_at_once(stage: Stage, glueprint: Glueprint, layout: Path) -> None:
    """All names that mean nothing, before anything is uploaded, also next to one that is right."""
    result = glueprint("register", "tally", "one", "tally@1.0.0", "two", "--repository", "nowhere")
    assert result.exit_code == 2
    assert "nothing was registered:" in result.stderr
    for problem in ("no zip 'one'", "no zip 'two'", "there is no directory"):
        assert problem in result.stderr
    assert not stage.s3.objects
