"""What a blueprint's Python files may use: the Python of each job, the modules of Glue, ``import *``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from bundler_trees import LAYOUT, look, refused, tree

from glueprint.blueprint.bundler import bundle, bundle_with_warnings
from glueprint.facts.findings import Severity


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
