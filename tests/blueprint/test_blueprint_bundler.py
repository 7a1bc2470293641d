"""The bundler: zips whose Python files are self-contained, and clear words for what cannot be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bundler_trees import LAYOUT, look, refused, tree

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import BundleError, bundle, bundle_with_warnings, catalogue_names

REPOSITORY = Path(__file__).parents[2]


def names_of(text: str) -> dict[str, Any]:
    """The module-level names of a bundled script after it has run."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "look.py", "exec"), scope)
    return scope



def test_files_stand_under_one_folder_named_like_the_zip(tmp_path: Path) -> None:
    """The layout of the zip of a blueprint, without what editors and Python leave."""
    root = tree(tmp_path, glue_jobs__demo__look="x = 1\n")
    (root / "glue_jobs/demo/__pycache__").mkdir()
    (root / "glue_jobs/demo/__pycache__/look.cpython-39.pyc").write_bytes(b"")
    (root / "blueprints/demo/README.md").write_text("# Demo\n")
    (root / "blueprints/demo/.DS_Store").write_text("")
    (root / "glue_jobs/demo/query.sql").write_text("select 1")
    assert sorted(bundle(root, "demo")) == [
        "demo/README.md",
        "demo/blueprint.cfg",
        "demo/layout.py",
        "demo/scripts/look.py",
        "demo/scripts/query.sql",
    ]


def test_a_file_without_helpers_is_copied_as_it_is(tmp_path: Path) -> None:
    """Nothing is rewritten that need not be."""
    text = "# odd   spacing\nimport json ; x = json.dumps(\n  [1])\n"
    assert look(tree(tmp_path, glue_jobs__demo__look=text)) == text


def test_helpers_are_written_into_the_script_with_their_comments(tmp_path: Path) -> None:
    """Transitive helpers, each once, before their users; names, new names and comments kept."""
    root = tree(
        tmp_path,
        glue_jobs__common__base='''
            """The base."""
            from __future__ import annotations
            import json
            loaded = []
            loaded.append("base")  # counted once
            def dump(value: object) -> str:
                # as JSON
                return json.dumps(value)
        ''',
        glue_jobs__common__marker="""
            from typing import List
            from glue_jobs.common.base import dump as to_json
            def mark(values: List[int]) -> str:
                return to_json(values)
        """,
        glue_jobs__demo__look='''
            """Looks."""
            import json
            import sys
            from glue_jobs.common.base import dump, loaded
            from glue_jobs.common.marker import mark as put_mark
            result = put_mark([1]) + dump("x") + json.dumps(None)
        ''',
    )
    text = look(root)
    scope = names_of(text)
    assert scope["result"] == '[1]"x"null'
    assert scope["loaded"] == ["base"]
    assert text.count("import json") == 1
    assert "# counted once" in text
    assert "    # as JSON" in text
    assert "# The base." in text
    assert "glue_jobs.common" not in text
    assert (
        text.index("from __future__") < text.index("import json") < text.index("# glue_jobs/common/base.py")
    )
    assert ast.get_docstring(ast.parse(text)) == "Looks."


def test_bundled_files_are_clean_for_ruff(tmp_path: Path) -> None:
    """Lint passes on the built zips' Python as well."""
    root = tree(
        tmp_path,
        glue_jobs__common__base='''
            """The base."""

            import os.path
            from collections import OrderedDict
            from typing import Any, Mapping, Sequence, Tuple

            import boto3 as aws

            LIMIT = 5


            def first(values: Sequence[Any], names: Mapping[str, Any]) -> Tuple[Any, str, Any]:
                """First."""
                return OrderedDict(names), os.path.join("a", str(LIMIT)), aws.client(values[0])
        ''',
        glue_jobs__demo__look='''
            #!/usr/bin/env python3
            """Looks."""

            import sys
            from typing import Any, List

            from awsglue.utils import getResolvedOptions
            from glue_jobs.common.base import LIMIT, first


            def main(argv: List[str]) -> Any:
                """Main."""
                return first(argv, getResolvedOptions(argv, ["X"])), LIMIT


            if __name__ == "__main__":
                main(sys.argv)
        ''',
    )
    path = tmp_path / "out" / "look.py"
    path.parent.mkdir()
    path.write_text(look(root), encoding="utf-8")
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,W,I",
        "--line-length",
        "115",
    ]
    done = subprocess.run([*ruff, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("import glue_jobs.common.base", "this form of import cannot be bundled"),
        ("from glue_jobs.common import base", "is not a helper"),
        ("from glue_jobs.common.base import *", "import * cannot be bundled"),
        ("from .base import a", "this form of import"),
        ("from layouts.common.base import a", "is not a helper of glue_jobs/common"),
        ("from glue_jobs.other.base import a", "is not a helper"),
        ("def f():\n    from glue_jobs.common.base import a", "at the head of the file"),
        ("x = 1\nfrom glue_jobs.common.base import a", "at the head of the file"),
        ("from glue_jobs.common.base import missing", "has no missing"),
        ("from glue_jobs.common.nothing import a", "there is no glue_jobs/common/nothing.py"),
        ("from glue_jobs.common.base import a; x = 1", "on its own line"),
        ("import os; from glue_jobs.common.base import a", "on its own line"),
        ("from glue_jobs.common.base import a\na = 2", "imported here and also assigned"),
        ("from glue_jobs.common.base import a\nb = 2", "b means something else in glue_jobs/common/base.py"),
        ("from glue_jobs.common.base import a\ndef f():\n    global b\n    b = 2", "b means something else"),
        ("from glue_jobs.common.base import a\nfrom os import path as b", "b means something else"),
        ("from glue_jobs.common.base import a\ndef open(): pass", "open hides Python's own"),
        ("from glue_jobs.common.base import a\nfrom os.path import *", "name what you use of os.path"),
    ],
)
def test_what_cannot_be_bundled_is_refused_with_its_line(tmp_path: Path, statement: str, words: str) -> None:
    """Only one style of import, and nothing that would change its meaning in one namespace."""
    root = tree(tmp_path, glue_jobs__common__base="a = 1\nb = 1\n", glue_jobs__demo__look=statement + "\n")
    refused(root, words, "glue_jobs/demo/look.py:")


@pytest.mark.parametrize(
    ("helper", "words"),
    [
        ("from glue_jobs.common.base import a\na = 1", "in a cycle"),
        ("a = __file__", "__file__ would be another one"),
        ("a = 1\nif __name__ == '__main__':\n    a = 2", "would run in every script"),
        ("a = (", "glue_jobs/common/base.py:1"),
    ],
)
def test_helpers_that_need_a_module_of_their_own_are_refused(tmp_path: Path, helper: str, words: str) -> None:
    """A helper's text runs inside the script, under the script's name."""
    use = "from glue_jobs.common.base import a\n"
    refused(tree(tmp_path, glue_jobs__common__base=helper, glue_jobs__demo__look=use), words)


def test_a_helper_counts_as_part_of_the_script(tmp_path: Path) -> None:
    """A helper that imports pyspark makes a Spark script, and is refused where it may not be imported."""
    root = tree(
        tmp_path,
        glue_jobs__common__base="import pyarrow\nfrom pyspark.sql import SparkSession\na = 1\n",
        glue_jobs__demo__look="from glue_jobs.common.base import a\n",
        layouts__common__base="import pyspark\nb = 1\n",
    )
    assert "import pyarrow" in look(root)
    (root / "layouts/demo.py").write_text("from layouts.common.base import b\n" + LAYOUT)
    refused(root, "layouts/common/base.py:1: a layout cannot import pyspark")


def test_every_problem_of_a_blueprint_is_reported_at_once(tmp_path: Path) -> None:
    """All files can be fixed at once."""
    root = tree(tmp_path, glue_jobs__demo__look="import a\nimport b\n", layouts__demo="import nothing\n")
    (root / "blueprints/demo/blueprint.cfg").write_text('{"parameterSpec": {"A": {}}}')
    refused(
        root,
        "look.py:1",
        "look.py:2",
        "layouts/demo.py:1",
        "layoutGenerator: it is missing",
        "A: got no type",
    )


@pytest.mark.parametrize(
    ("generator", "words"),
    [("layout.generate_layout", "wants demo.layout.<function>"), ("demo.layout.make", "does not define")],
)
def test_the_generator_must_be_there(tmp_path: Path, generator: str, words: str) -> None:
    """layoutGenerator follows from the folder in the zip (docs/facts/blueprints.md#zip-layout)."""
    root = tree(tmp_path)
    (root / "blueprints/demo/blueprint.cfg").write_text(f'{{"layoutGenerator": "{generator}"}}')
    refused(root, words)


def test_missing_parts_and_taken_names_are_reported(tmp_path: Path) -> None:
    """A blueprint needs its blueprint.cfg and its layout; the bundler overwrites nothing."""
    (tmp_path / "blueprints/demo").mkdir(parents=True)
    refused(tmp_path, "layouts/demo.py: there is no such file", "blueprint.cfg: there is no such file")
    root = tree(tmp_path)
    (root / "blueprints/demo/layout.py").write_text("")
    refused(root, "this name is taken by layouts/demo.py")
    with pytest.raises(BundleError, match="lower case"):
        bundle(root, "../demo")


def test_names_of_the_catalogue(tmp_path: Path) -> None:
    """Every folder of blueprints/ is a blueprint, apart from hidden ones."""
    for name in ("b", "a", ".git", "__pycache__"):
        (tmp_path / "blueprints" / name).mkdir(parents=True)
    assert catalogue_names(tmp_path) == ("a", "b")


def test_the_catalogue_bundles_to_the_same_bytes_twice() -> None:
    """Every blueprint of this repository builds without warnings, within Glue's limits, and reproducibly."""
    for name in catalogue_names(REPOSITORY):
        assert not bundle_with_warnings(REPOSITORY, name).warnings
        data = write_archive(bundle(REPOSITORY, name))
        assert data == write_archive(bundle(REPOSITORY, name))
        assert read_archive(data, name).config_path == f"{name}/blueprint.cfg"
