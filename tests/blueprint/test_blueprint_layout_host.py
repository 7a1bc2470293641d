"""The layout host: layouts run in a child, and whatever they do ends in a result or a LayoutError."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from glueprint.blueprint import layout_process
from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import LayoutError, LayoutLimits, LayoutResult, run_layout
from glueprint.facts.findings import Place

GONE_SECONDS = 30.0
"""Less than what the layouts of the tests wait for."""
WORKFLOW = """
from awsglue.blueprint.workflow import Entities, Workflow
from awsglue.blueprint.job import Job


def workflow(**members):
    command = {"Name": "pythonshell", "ScriptLocation": "s3://b/s.py"}
    job = Job(Name="j", Role="r", Command=command, **members)
    return Workflow(Name="w", Entities=Entities(Jobs=[job]))
"""


def run(
    tmp_path: Path,
    body: str,
    *,
    head: str = WORKFLOW,
    files: Mapping[str, bytes] | None = None,
    generator: str = "demo.layout.generate_layout",
    user_params: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    limits: LayoutLimits | None = None,
) -> LayoutResult:
    """Run a layout whose function has ``body``; nothing may be left in the scratch directory, nor any process."""
    function = textwrap.indent(textwrap.dedent(body), "    ")
    text = f"{head}\n\ndef generate_layout(user_params, system_params):\n{function}"
    content = {
        "demo/blueprint.cfg": f'{{"layoutGenerator": "{generator}"}}'.encode(),
        "demo/layout.py": text.encode(),
        **(files or {}),
    }
    archive = read_archive(write_archive(content), "demo")
    try:
        return run_layout(
            archive,
            parse_config(archive.config),
            user_params or {},
            {"region": "eu-west-1", "accountId": "123456789012"},
            environment=environment or {},
            suffix="abc",
            limits=limits,
            scratch=tmp_path,
        )
    finally:
        assert list(tmp_path.iterdir()) == []
        # A process that was killed is gone when it is next scheduled: on a busy machine, not at once.
        deadline = time.monotonic() + GONE_SECONDS
        while processes_in(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not processes_in(tmp_path)


def processes_in(directory: Path) -> list[int]:
    """Living processes whose working directory is below ``directory`` (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd").startswith(str(directory)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def fails(tmp_path: Path, body: str, **options: Any) -> LayoutError:
    """The error of a layout that fails."""
    with pytest.raises(LayoutError) as caught:
        run(tmp_path, body, **options)
    return caught.value


def test_a_layout_becomes_requests_that_the_api_takes(tmp_path: Path) -> None:
    """Suffixed names, no nulls in the workflow's request (docs/facts/blueprints.md#generated-names)."""
    requests = run(tmp_path, "return workflow(GlueVersion='4.0')").requests
    assert requests.workflow == {"Name": "w"}
    assert requests.jobs[0]["Name"] == "j_abc"
    assert requests.crawlers == ()
    assert requests.triggers == (
        {
            "WorkflowName": "w",
            "Name": "w_starting_trigger",
            "Actions": [{"JobName": "j_abc"}],
            "Type": "ON_DEMAND",
        },
    )


def test_parameters_arrive_with_their_json_types(tmp_path: Path) -> None:
    """user_params holds JSON values, system_params region and accountId
    (docs/facts/blueprints.md#layout-function)."""
    given = {"a": 1, "b": [True, "x"], "c": 0.5, "ü": "ß"}
    assert eval(run(tmp_path, "print(user_params)\nreturn workflow()", user_params=given).output) == given
    printed = run(tmp_path, "print(system_params)\nreturn workflow()").output
    assert eval(printed) == {"region": "eu-west-1", "accountId": "123456789012"}


def test_default_run_properties_that_are_not_strings_become_json_text(tmp_path: Path) -> None:
    """As job arguments: a run's properties are strings (service model, WorkflowRunProperties)."""
    head = WORKFLOW.replace('Name="w",', 'Name="w", DefaultRunProperties={"days": 3, "s": "x"},')
    result = run(tmp_path, "return workflow()", head=head)
    assert result.requests.workflow["DefaultRunProperties"] == {"days": "3", "s": "x"}
    assert [warning.place.member for warning in result.warnings] == ["DefaultRunProperties['days']"]


def test_arguments_that_are_not_strings_become_json_text(tmp_path: Path) -> None:
    """Job arguments become strings as JSON would write them, with a warning."""
    result = run(
        tmp_path, "return workflow(DefaultArguments={'--a': True, '--b': 1.5, '--c': [1, 'x'], '--d': 'd'})"
    )
    assert result.requests.jobs[0]["DefaultArguments"] == {
        "--a": "true",
        "--b": "1.5",
        "--c": '[1, "x"]',
        "--d": "d",
    }
    assert [warning.place.member for warning in result.warnings] == [f"DefaultArguments['--{x}']" for x in "abc"]


def test_drops_are_reported_with_the_line_of_the_layout(tmp_path: Path) -> None:
    """What the library drops is a warning that names entity, member and place."""
    warnings = run(tmp_path, "return workflow(ExecutionClass='FLEX')").warnings
    assert [one.place for one in warnings] == [Place("demo/layout.py", 8, "Job 'j'", "ExecutionClass")]


def test_files_of_the_zip_are_found_from_the_extraction_root(tmp_path: Path) -> None:
    """The working directory is the parent of the project folder (docs/facts/blueprints.md#zip-layout)."""
    body = "print(open('demo/scripts/look.py', 'rb').read().decode())\nreturn workflow()"
    assert run(tmp_path, body, files={"demo/scripts/look.py": b"content"}).output == "content\n"


def test_modules_of_the_zip_can_be_imported_with_a_warning(tmp_path: Path) -> None:
    """The guide lists a missing imported file as an error, users report that only the layout is found (#12)."""
    files = {"demo/other.py": b"value = 5\n"}
    result = run(tmp_path, "import demo.other\nprint(demo.other.value)\nreturn workflow()", files=files)
    assert result.output == "5\n"
    assert [warning.place.member for warning in result.warnings] == ["module demo.other"]
    appended = "import os, sys\nsys.path.append(os.getcwd() + '/demo')\nimport other\nreturn workflow()"
    assert run(tmp_path, appended, files=files).warnings


@pytest.mark.parametrize(
    "module", ["pyspark", "awsglue.utils", "awsglue.context", "glueprint", "moto", "pytest"]
)
def test_what_glue_has_not_is_hidden(tmp_path: Path, module: str) -> None:
    """A layout that imports pyspark fails in Glue with these words (developer guide, troubleshooting)."""
    error = fails(tmp_path, f"import {module}\nreturn workflow()")
    name = module if module.startswith("awsglue") else module.partition(".")[0]
    assert error.aws_message == (
        f"Unknown error executing layout generator function ModuleNotFoundError: No module named '{name}'"
    )
    assert error.where == "demo/layout.py:13"


def test_libraries_of_python_shell_jobs_can_be_imported(tmp_path: Path) -> None:
    """A layout has what a Python shell job has (DG:developing-blueprints-code-layout), with what that needs; only
    the layout's own imports are limited."""
    pytest.importorskip("requests")
    assert run(tmp_path, "import requests\nprint(requests.__name__)\nreturn workflow()").output == "requests\n"
    assert "No module named 'certifi'" in fails(tmp_path, "import certifi\nreturn workflow()").aws_message


def test_the_synthetic_awsglue_hides_an_installed_one(tmp_path: Path) -> None:
    """Amazon's regular package would hide blueprint
    (docs/facts/blueprints.md#layout-library): it is not loaded, though it is installed."""
    body = """
        import awsglue.blueprint.workflow, sys
        print(sorted(name for name in sys.modules if name.startswith("awsglue")), awsglue.__path__)
        return workflow()
    """
    names = [
        "awsglue",
        "awsglue.blueprint",
        *(f"awsglue.blueprint.{x}" for x in ("base_resource", "crawler")),
    ]
    assert (
        run(tmp_path, body).output
        == f"{[*names, 'awsglue.blueprint.job', 'awsglue.blueprint.workflow']} []\n"
    )


def test_boto3_reaches_what_the_environment_says(tmp_path: Path) -> None:
    """boto3 in a layout speaks to this Glue."""
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4577", "AWS_DEFAULT_REGION": "us-east-1"}
    body = "import boto3\nprint(boto3.client('s3').meta.endpoint_url)\nreturn workflow()"
    assert run(tmp_path, body, environment=environment).output == "http://127.0.0.1:4577\n"


def test_nothing_else_of_the_environment_is_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's credentials and settings stay out; HOME is a temporary directory."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    body = "import os\nprint(sorted(os.environ))\nprint(os.path.expanduser('~'))\nreturn workflow()"
    names, home = run(tmp_path, body, environment={"AWS_REGION": "x"}).output.splitlines()
    allowed = {
        "AWS_REGION",
        "GLUEPRINT_LAYOUT",
        "HOME",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "TMPDIR",
        "TZ",
        "LC_CTYPE",
    }
    assert set(eval(names)) <= allowed
    assert home.startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("body", "words", "where"),
    [
        ("raise ValueError('no such table')", "ValueError: no such table", 13),
        ("return 5", "TypeError: generate_layout returned int, wants a Workflow", None),
        ("return None", "TypeError: generate_layout returned NoneType", None),
        ("import sys\nsys.exit(3)", "SystemExit: 3", 14),
        ("import os\nos._exit(3)", "SystemExit: the layout ended its own process with status 3", None),
        ("import os\nos.abort()", "was ended by SIGABRT", None),
        ("bytearray(8 << 30)", "MemoryError", 13),
        ("def f(): f()\nf()", "RecursionError", 13),
        (
            "return workflow(Tags={'a': {1, 2}})",
            "TypeError: the workflow['Jobs'][0]['Tags']['a'] is {1, 2} (set)",
            None,
        ),
        (
            "return workflow(Tags={'a': float('nan')})",
            "['Tags']['a'] is nan (float), which JSON cannot represent",
            None,
        ),
        ("t = {}\nt['t'] = t\nreturn workflow(Tags=t)", "contains itself", None),
        ("return workflow(WorkerType='G.4X')", "TypeError: G.4X is not a valid value for worker type", 8),
    ],
)
def test_layouts_that_fail_say_what_and_where(
    tmp_path: Path, body: str, words: str, where: int | None
) -> None:
    """Each ends with AWS's opening words, the exception's type and text, and the line."""
    error = fails(tmp_path, body)
    assert error.aws_message.startswith("Unknown error executing layout generator function ")
    assert words in error.aws_message
    assert error.where == (f"demo/layout.py:{where}" if where else None)
    if where:
        assert f"demo/layout.py:{where}" in str(error)


def test_missing_modules_functions_and_syntax_errors(tmp_path: Path) -> None:
    """The error names the required file and the existing ones (docs/facts/blueprints.md#errors)."""
    missing = fails(tmp_path, "return 1", generator="demo.layuot.generate_layout")
    assert "No module named 'demo.layuot'" in missing.aws_message
    assert "demo/layuot.py is required; the zip has: demo/layout.py" in str(missing)
    assert "has no attribute 'make'" in str(fails(tmp_path, "return 1", generator="demo.layout.make"))
    assert "takes 0 positional arguments" in str(
        fails(tmp_path, "pass", generator="demo.layout.none", head="def none(): pass")
    )
    syntax = fails(tmp_path, "pass", head="def broken(:")
    assert "SyntaxError" in syntax.aws_message
    assert syntax.where == "demo/layout.py:1"


class Hourglass:
    """A clock by which the time is over as soon as a file is there, however long a busy machine took for that."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def monotonic(self) -> float:
        """Seconds, as of ``time``."""
        return 1000.0 if self._file.exists() else 0.0


@pytest.mark.parametrize(
    "body", ["while True:\n    pass", "import os, time\nos.close(1)\nos.close(2)\ntime.sleep(99)"]
)
def test_layouts_that_never_return_are_ended(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    """A loop ends at the time limit, and the error has the line that it was at."""
    started = tmp_path_factory.mktemp("beside") / "started"
    monkeypatch.setattr(layout_process, "time", Hourglass(started))
    error = fails(tmp_path, f"open({str(started)!r}, 'w').close()\n{body}", limits=LayoutLimits(seconds=0.5))
    assert "TimeoutError: the layout did not return within 0.5 seconds" in error.aws_message
    assert error.where is not None
    assert error.where.startswith("demo/layout.py:1")


def test_endless_printers_are_ended_early(tmp_path: Path) -> None:
    """Output is cut at a limit, and the layout ended."""
    error = fails(tmp_path, "while True:\n    print('x' * 1000)", limits=LayoutLimits(output_bytes=10_000))
    assert "RuntimeError: the layout printed more than 10,000 bytes" in error.aws_message
    assert len(error.output) == 10_000


def test_output_on_both_streams_is_kept(tmp_path: Path) -> None:
    """What a layout printed before it failed helps to find out why."""
    error = fails(tmp_path, "import sys\nprint('one')\nprint('two', file=sys.stderr)\nraise KeyError('x')")
    assert sorted(error.output.split()) == ["one", "two"]


def test_results_have_a_limit(tmp_path: Path) -> None:
    """A workflow of absurd size is refused, not stored."""
    limits = LayoutLimits(result_bytes=100_000)
    error = fails(tmp_path, "return workflow(Tags={'a': 'x' * 200_000})", limits=limits)
    assert "ValueError: the workflow that the layout returned is 200," in error.aws_message


@pytest.mark.parametrize(
    "start",
    [
        "import subprocess\nsubprocess.Popen(['sleep', '99'])",
        "import subprocess\nsubprocess.Popen(['sleep', '99'], start_new_session=True)",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(99)",
        "import os\nos.fork()",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
    ],
)
def test_children_and_threads_of_a_layout_end_with_it(tmp_path: Path, start: str) -> None:
    """No process is left, also of those that left the group, and nothing waits for them."""
    began = time.monotonic()
    assert run(tmp_path, start + "\nreturn workflow()").requests.workflow == {"Name": "w"}
    assert time.monotonic() - began < 90


def test_a_layout_can_be_stopped_from_outside(tmp_path: Path) -> None:
    """An orderly stop of serve ends its children."""
    archive = read_archive(
        write_archive(
            {
                "blueprint.cfg": b'{"layoutGenerator": "layout.f"}',
                "layout.py": b"def f(u, s):\n    while 1: pass\n",
            }
        ),
        "demo",
    )
    with pytest.raises(LayoutError, match="stopped from outside"):
        run_layout(
            archive,
            parse_config(archive.config),
            {},
            {},
            environment={},
            suffix="",
            scratch=tmp_path,
            stop=lambda: True,
        )
    assert list(tmp_path.iterdir()) == []
