"""The bundler: zips whose Python files are self-contained, and clear words for what cannot be."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import BundleError, bundle, bundle_with_warnings, catalogue_names
from glueprint.facts.findings import Severity

REPOSITORY = Path(__file__).parents[2]
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


def names_of(text: str) -> dict[str, Any]:
    """The module-level names of a bundled script after it has run."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "look.py", "exec"), scope)
    return scope


def refused(root: Path, *words: str) -> None:
    """Bundling fails, and each of ``words`` is in what it says."""
    with pytest.raises(BundleError) as caught:
        bundle(root, "demo")
    for one in words:
        assert one in str(caught.value)


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
    """Only one style of import, and nothing that would change its meaning in one namespace (brief)."""
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


def layout_with(command: str, version: str, script: str = "look.py", more: str = "") -> str:
    """A layout whose only job runs ``script``."""
    return f'''
        from awsglue.blueprint.workflow import *
        from awsglue.blueprint.job import *
        VERSION = "{version}"
        def generate_layout(user_params, system_params):
            location = "s3://bucket/" + "{script}"
            command = {{"Name": "{command}", "ScriptLocation": location, "PythonVersion": "3"}}
            job = Job(Name="look", Command=command, GlueVersion=VERSION{more})
            return Workflow(Name="demo", Entities=Entities(Jobs=[job]))
    '''


def warned(root: Path, *words: str) -> None:
    """Bundling succeeds, and its warnings contain ``words``; there is none if there are no words."""
    found = bundle_with_warnings(root, "demo").warnings
    assert all(one.severity is Severity.WARNING for one in found)
    text = "\n".join(map(str, found))
    assert bool(found) is bool(words)
    for one in words:
        assert one in text


NEWER = [
    ("match 1:\n    case _: pass", "3.10", (3, 10)),
    ("try: pass\nexcept* ValueError: pass", "3.11", (3, 11)),
    ("def f(x: int | None): pass", "from __future__ import annotations", (3, 10)),
    ("from itertools import pairwise", "itertools.pairwise is not in Python", (3, 10)),
    ("import datetime\nx = datetime.UTC", "datetime.UTC is not in Python", (3, 11)),
    ("x = list(zip([1], [2], strict=True))", "zip(strict=...)", (3, 10)),
    ("import tomllib", "tomllib is not in Python", (3, 11)),
]
if sys.version_info[:2] == (3, 10):  # which cannot read the syntax of 3.11
    NEWER = [row for row in NEWER if "except*" not in row[0]]


@pytest.mark.parametrize(("text", "words", "since"), NEWER)
@pytest.mark.parametrize(
    ("command", "version", "python"),
    [
        ("pythonshell", "3.0", (3, 9)),
        ("glueetl", "3.0", (3, 7)),
        ("glueetl", "4.0", (3, 10)),
        ("glueetl", "5.0", (3, 11)),
        ("glueetl", "6.0", (3, 13)),
    ],
)
def test_python_newer_than_the_jobs_is_refused(
    tmp_path: Path, text: str, words: str, since: Any, command: str, version: str, python: Any
) -> None:
    """Each GlueVersion has its Python (DG:aws-glue-programming-python-libraries); Python shell jobs have 3.9
    (DG:add-job-python)."""
    layout = layout_with(command, version)
    root = tree(tmp_path, glue_jobs__demo__look=text + "\n", layouts__demo=layout)
    if since > python:
        refused(root, words, "glue_jobs/demo/look.py:")
    else:
        assert look(root)


@pytest.mark.parametrize(("text", "words", "since"), NEWER)
def test_newer_python_is_a_warning_if_the_layout_does_not_show_the_job(
    tmp_path: Path, text: str, words: str, since: Any
) -> None:
    """Only what certainly fails in Glue is refused: a script of an unknown job may run any Python."""
    warned(tree(tmp_path, glue_jobs__demo__look=text + "\n"), words, "glue_jobs/demo/look.py:")
    refused(tree(tmp_path, layouts__demo=text + "\n" + LAYOUT), words, "layouts/demo.py:")


def test_a_script_newer_than_this_python_is_copied_with_a_warning(tmp_path: Path) -> None:
    """Glue 6.0 runs Python 3.13 (DG:release-notes); what this Python cannot read is Glue's to judge."""
    text = "type Row[T] = dict[str, T]\n" if sys.version_info < (3, 12) else "x: int = 1\n"
    root = tree(tmp_path, glue_jobs__demo__look=text, layouts__demo=layout_with("glueetl", "6.0"))
    assert look(root) == text
    warned(root, *(["it is not checked"] if sys.version_info < (3, 12) else []))


ANALYTICS = ', DefaultArguments={"library-set": "analytics"}'
MODULES = ', DefaultArguments={"--additional-python-modules": "openpyxl"}'
SPARK_CONTEXT = "from awsglue.context import GlueContext\n"


@pytest.mark.parametrize(
    ("text", "layout", "error", "warning"),
    [
        ("import pandas, requests, awswrangler", ("pythonshell", ""), None, "only with library-set=analytics"),
        ("import pandas, requests, awswrangler", ("pythonshell", ANALYTICS), None, None),
        ("import pyspark", ("pythonshell", ""), "a Python shell script cannot import pyspark", None),
        ("import snowflake.connector", ("pythonshell", ""), None, "does not have snowflake"),
        ("import openpyxl", ("glueetl", MODULES), None, None),
        ("try:\n    import ujson\nexcept ImportError:\n    ujson = None", ("pythonshell", ""), None, None),
        (SPARK_CONTEXT + "import numpy as np, pandas as pd, pyarrow, requests, sklearn", None, None, None),
        (SPARK_CONTEXT + "import openpyxl", None, None, "openpyxl is not among the modules"),
        ("from awsglue.utils import getResolvedOptions\nimport boto3, botocore.config", None, None, None),
        ("from awsglue import DynamicFrame\nimport pandas", None, None, None),
        ("import pandas", None, None, "only with library-set=analytics"),
        ("def f():\n    import numpy", ("glueetl", ""), None, None),
    ],
)
def test_only_imports_that_fail_in_glue_are_refused(
    tmp_path: Path, text: str, layout: tuple[str, str] | None, error: str | None, warning: str | None
) -> None:
    """Modules that Glue has (DG:aws-glue-programming-python-libraries, DG:add-job-python), that a library set or a
    parameter brings, or that are optional, are accepted; others are a warning."""
    files = {"glue_jobs__demo__look": text + "\n"}
    if layout is not None:
        command, more = layout
        files["layouts__demo"] = layout_with(command, "5.0", more=more)
    root = tree(tmp_path, **files)
    if error is not None:
        refused(root, error)
    else:
        warned(root, *([warning] if warning else []))


def test_a_script_by_name_has_the_python_of_its_own_job(tmp_path: Path) -> None:
    """A layout with several jobs: the job whose Command names the script counts."""
    layout = '''
        from awsglue.blueprint.job import Job
        def generate_layout(user_params, system_params):
            Job(Name="a", Command={"Name": "glueetl", "ScriptLocation": "s3://b/new.py"}, GlueVersion="5.1")
            Job(Name="b", Command={"Name": "pythonshell", "ScriptLocation": "s3://b/old.py"})
    '''
    text = "match 1:\n    case _: pass\n"
    root = tree(tmp_path, glue_jobs__demo__new=text, layouts__demo=layout)
    assert bundle(root, "demo")
    refused(tree(tmp_path, glue_jobs__demo__old=text, layouts__demo=layout), "glue_jobs/demo/old.py:")


STARS = "from awsglue.transforms import *\nfrom awsglue.context import GlueContext\n"


def test_import_star_of_glues_modules_can_be_bundled(tmp_path: Path) -> None:
    """Glue Studio's scripts start with ``from awsglue.transforms import *``, and Amazon's sample layouts import
    the blueprint library in this form (SMP)."""
    layout = """
        from awsglue.blueprint.workflow import *
        from awsglue.blueprint.job import *
        from layouts.common.base import name
        def generate_layout(user_params, system_params):
            return Workflow(Name=name(), Entities=Entities(Jobs=[]))
    """
    root = tree(
        tmp_path,
        glue_jobs__common__base="from typing import Any\ndef chosen(frame: Any) -> Any:\n    return frame\n",
        glue_jobs__demo__look=STARS + "from glue_jobs.common.base import chosen\nx = ApplyMapping\n",
        layouts__common__base="def name():\n    return 'demo'\n",
        layouts__demo=layout,
    )
    text = look(root)
    assert text.count("from awsglue.transforms import *") == 1
    assert text.index("import *") < text.index("from awsglue.context") < text.index("def chosen")
    assert "from awsglue.blueprint.job import *" in bundle(root, "demo")["demo/layout.py"].decode()
    assert look(tree(tmp_path, glue_jobs__demo__look="from os.path import *\nx = join('a')\n"))


@pytest.mark.parametrize(
    ("helper", "star", "words"),
    [
        ("class Filter:\n    pass\na = 1", "awsglue.transforms", "changes Filter in glue_jobs/common/base.py"),
        ("a = max([1])", "pyspark.sql.functions", "changes max in glue_jobs/common/base.py"),
        ("a = 1", "awsglue.nothing", "name what you use of awsglue.nothing"),
    ],
)
def test_import_star_must_not_change_a_helper(tmp_path: Path, helper: str, star: str, words: str) -> None:
    """Bundled files share one namespace: ``*`` must not bring another meaning of a name that a helper uses."""
    if star.startswith("pyspark"):
        pytest.importorskip("pyspark")  # whose names are those that are installed
    use = f"from {star} import *\nfrom glue_jobs.common.base import a\n"
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
