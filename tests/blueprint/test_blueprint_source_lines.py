"""Failures in bundled files are shown at the file and line that a developer edits: the map of source lines."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bundler_trees import CONFIG, look, tree
from harness.runtime_jobs import launch_of, run_job

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, run_layout
from glueprint.facts.source_lines import origin_of, read_map
from glueprint.runtime.jobhost import sections

ROOT = Path(__file__).parents[2]

BASE = '''"""The base.

It has a docstring."""

from __future__ import annotations

import json  # the first import
# a comment between imports
from typing import Any


def checked(value: Any) -> Any:
    """Return the value, if there is one."""
    if not value:
        raise ValueError(json.dumps(value))
    return value


print("base is", __doc__)
'''
LOOK = '''"""Looks."""

import logging
import threading

from glue_jobs.common.base import checked as verified

DEFAULT: "verified.Nothing" = [
    verified(1),
]


def main() -> None:
    """Fail in a log message, in a thread, and at last."""
    try:
        verified([])
    except ValueError:
        logging.exception("the first")
    thread = threading.Thread(target=verified, args=("",), name="second")
    thread.start()
    thread.join()
    verified({})


main()
'''


def project(root: Path) -> Path:
    """A blueprint whose script and layout use helpers."""
    return tree(
        root,
        glue_jobs__common__base=BASE,
        glue_jobs__demo__look=LOOK,
        layouts__common__checks=(
            "import os\n\n\ndef refuse(params):\n    raise ValueError(os.path.join('a', 'b'))\n"
        ),
        layouts__demo=(
            "from layouts.common.checks import refuse\n\n\n"
            "def generate_layout(user_params, system_params):\n    refuse(user_params)\n"
        ),
    )


def test_every_statement_of_the_catalogue_has_its_source_line() -> None:
    """Each line of code in the bundled files of ``file_presence`` is that line of its source, except that the
    imports of several files are merged."""
    checked = 0
    for data in bundle(ROOT, "file_presence").values():
        entries = read_map(data)
        lines = data.decode().split("\n")
        for node in ast.walk(ast.parse(data)) if entries else ():
            if isinstance(node, ast.stmt):
                found = origin_of(entries, node.lineno)
                assert found is not None
                source = (ROOT / found[0]).read_text().split("\n")[found[1] - 1]
                if isinstance(node, ast.ImportFrom):
                    assert source.lstrip().startswith(f"from {node.module} import ")
                else:
                    assert source == lines[node.lineno - 1]
                checked += 1
    assert checked > 1000


def test_a_bundled_text_that_was_changed_has_no_map(tmp_path: Path) -> None:
    """Who edits the script in Glue's console would be shown wrong lines: then the script's own are shown."""
    text = look(project(tmp_path))
    assert read_map(text.encode())
    changed = text.replace("import logging\n", "import logging\n\n").encode()
    assert read_map(changed) == []
    assert [code.co_filename for code in sections.compiled("/s.py", changed)] == ["/s.py"]
    assert sections.files("/s.py", sections.compiled("/s.py", text.encode())) == {
        "/s.py",
        "glue_jobs/common/base.py",
        "glue_jobs/demo/look.py",
    }


def test_a_job_shows_the_lines_of_its_sources(tmp_path: Path) -> None:
    """In the traceback that ends the script, in one that it logs, and in one of a thread; with the lines' text."""
    text = look(project(tmp_path / "project"))
    ended, out, err = run_job(launch_of(tmp_path, "pythonshell", text))
    assert not ended.succeeded
    assert out == "base is Looks.\n"
    base = '  File "glue_jobs/common/base.py", line 15, in checked\n    raise ValueError(json.dumps(value))\n'
    assert err.count(base) == 3
    assert 'look.py", line 16, in main\n    verified([])\n' in err
    assert "Exception in thread second:\n" in err
    assert '  File "glue_jobs/demo/look.py", line 25, in <module>\n    main()\n' in err
    assert err.endswith('line 22, in main\n    verified({})\n' + base + "ValueError: {}\n")
    assert "user_job.py" not in err


def test_a_layout_names_the_line_of_its_source(tmp_path: Path) -> None:
    """The error of a blueprint run names the helper's file and line in the project."""
    archive = read_archive(write_archive(bundle(project(tmp_path), "demo")), "demo")
    system = {"region": "eu-west-1", "accountId": "123456789012"}
    with pytest.raises(LayoutError) as caught:
        run_layout(archive, parse_config(CONFIG.encode()), {}, system, environment={}, suffix="a")
    assert caught.value.where == "layouts/common/checks.py:5"
