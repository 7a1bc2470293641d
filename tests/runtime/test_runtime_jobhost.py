"""The parts inside a job's process that need no process to be seen."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from py4j.clientserver import JavaClient, JavaParameters, PythonParameters

from glueprint.facts.long_text import MAX_ERROR_LENGTH
from glueprint.runtime import standin
from glueprint.runtime.jobhost.bucket_mounter import BucketMounter
from glueprint.runtime.jobhost.script import write_error
from glueprint.runtime.jobhost.spark import stop_releasing_objects
from glueprint.runtime.jobhost.tracebacks import error_summary, trim_traceback
from glueprint.runtime.shared import rundir


class FakeClient:
    """A py4j client that keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_command(self, command: str, retry: bool = True) -> str:
        """Keep the command."""
        self.sent.append(command)
        return "ok"


def test_a_late_bucket_is_mounted_before_its_first_use(tmp_path: Path) -> None:
    """A bucket's name in any command mounts it, once, if it exists by then (docs/decisions/s3-storage.md)."""
    client, mounts = FakeClient(), []
    BucketMounter(tmp_path, {"known"}, lambda bucket: mounts.append((bucket, len(client.sent)))).watch(client)
    client.send_command("c\no1\njson\nss3://later/x\ne\n")
    assert mounts == []
    (tmp_path / "later").mkdir()
    (tmp_path / "known").mkdir()
    assert client.send_command("c\no1\nsql\nsselect * from json.`s3a://later/x`, `s3://known/y`\ne\n") == "ok"
    client.send_command("c\no1\njson\nss3://later/x\ne\n", False)
    assert mounts == [("later", 1)]
    assert len(client.sent) == 3


class Py4JJavaError(Exception):
    """Named like py4j's, with its text."""


class AnalysisException(Exception):
    """Named like pyspark's, with its text."""

    __module__ = "pyspark.errors.exceptions.captured"


STAGE = (
    "Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times, most recent failure: Lost task 0.0 in "
    "stage 1.0 (TID 1) (192.0.2.2 executor driver):"
)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (KeyError("k"), {"type": "KeyError", "message": "'k'"}),
        (ValueError("two\nlines"), {"type": "ValueError", "message": "two\nlines"}),
        (
            AnalysisException("[PATH_NOT_FOUND] no such path;\n'Project [a]\n+- Relation"),
            {"type": "AnalysisException", "message": "[PATH_NOT_FOUND] no such path"},
        ),
        (
            Py4JJavaError(
                "An error occurred while calling o90.save.\n: java.lang.Exception: Job aborted.\n\tat x\n"
                "Caused by: java.io.IOException: No space left: on device\n\t... 3 more"
            ),
            {"message": "An error occurred while calling o90.save. No space left: on device"},
        ),
        (
            Py4JJavaError(
                "An error occurred while calling o1.run.\n: org.apache.spark.SparkException: Python worker exited "
                "unexpectedly (crashed)\n\tat x\nCaused by: java.io.EOFException\n\t... 3 more"
            ),
            {"message": "An error occurred while calling o1.run. Python worker exited unexpectedly (crashed)"},
        ),
        (
            Py4JJavaError("An error occurred while calling o1.x.\n: java.lang.NullPointerException\n\tat x"),
            {"message": "An error occurred while calling o1.x. java.lang.NullPointerException"},
        ),
        (
            Py4JJavaError(
                "An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: x\n\tat x\n"
                "Caused by: org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n"
                '  File "a.py", line 1, in f\nValueError: bad row\n\n\tat y\n\t... 3 more'
            ),
            {"message": "An error occurred while calling o1.collect. ValueError: bad row"},
        ),
        (
            AnalysisException(
                "\n  An exception was thrown from the Python worker.\nTraceback (most recent call last):\n"
                '  File "a.py", line 1, in f\nZeroDivisionError: division by zero\n'
            ),
            {"type": "AnalysisException", "message": "ZeroDivisionError: division by zero"},
        ),
        (MemoryError(), {"message": "MemoryError"}),
        (
            Py4JJavaError(
                "An error occurred while calling o34.save.\n: org.apache.spark.SparkClassNotFoundException: "
                "[DATA_SOURCE_NOT_FOUND] Failed to find the data source: delta.\n\tat x\n"
                "Caused by: java.lang.ClassNotFoundException: delta.DefaultSource\n\t... 16 more"
            ),
            {
                "message": "An error occurred while calling o34.save. [DATA_SOURCE_NOT_FOUND] Failed to find the "
                "data source: delta."
            },
        ),
        (
            Py4JJavaError(
                f"An error occurred while calling o1.collect.\n: org.apache.spark.SparkException: {STAGE} "
                "java.lang.IllegalStateException: not now, please\n\tat x\nCaused by: java.io.EOFException: at "
                "java.io.Reader(Reader.java:633)\n\nDriver stacktrace:\n\tat y\n"
                "Caused by: java.lang.IllegalStateException: not now, please\n\t... 1 more"
            ),
            {"message": "An error occurred while calling o1.collect. not now, please"},
        ),
        (
            Py4JJavaError(
                f"An error occurred while calling o1.csv.\n: org.apache.spark.SparkException: {STAGE} "
                "org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows to s3://b/c.\n"
                "\tat x\nCaused by: java.lang.NumberFormatException: x\n\t... 3 more"
            ),
            {"message": "An error occurred while calling o1.csv. NumberFormatException: x"},
        ),
        (
            Py4JJavaError(
                "An error occurred while calling o1.x.\n: java.lang.RuntimeException: java.io.IOException: broken "
                "pipe\n\tat x\nCaused by: java.io.IOException: broken pipe\n\t... 3 more"
            ),
            {"message": "An error occurred while calling o1.x. broken pipe"},
        ),
        (
            Py4JJavaError(
                "An error occurred while calling o1.x.\n: java.lang.ClassNotFoundException: org.shop.Codec\n\tat x"
            ),
            {"message": "An error occurred while calling o1.x. ClassNotFoundException: org.shop.Codec"},
        ),
        (
            Py4JJavaError("An error occurred while calling o1.x"),
            {"message": "An error occurred while calling o1.x"},
        ),
    ],
)
def test_a_failure_is_reported_without_stacks_and_plans(error: Exception, word: dict[str, object]) -> None:
    """ErrorMessage is as short as Glue's: the exception; of Java's exceptions the first that states a reason
    (docs/decisions/failure-messages.md)."""
    assert error_summary(error) == word


class Unspeakable(Exception):
    """Cannot be shown: ``str()`` of it fails."""

    def __str__(self) -> str:
        raise ValueError("no words")


def test_an_exception_without_text_is_shown_as_python_shows_it() -> None:
    """The script's own failure is shown, not the one in showing it."""
    shown = "".join(traceback.format_exception_only(Unspeakable()))
    word = error_summary(Unspeakable())
    assert f"{word['type']}: {word['message']}" == shown.strip().rpartition(".")[2]


def test_a_very_long_message_is_cut(tmp_path: Path) -> None:
    """ErrorMessage stays short, and names the place of the rest (docs/fidelity/runtime.md)."""
    write_error(str(tmp_path), {"type": "ValueError", "message": "x" * 100_000})
    word = json.loads((tmp_path / rundir.ERROR).read_text())
    assert word["type"] == "ValueError"
    assert len(word["message"]) <= MAX_ERROR_LENGTH
    assert " ... (90,100 characters left out; the error log has all of it) ... x" in word["message"]


def test_java_objects_are_not_released_once_java_is_to_end() -> None:
    """py4j's thread that does so would log a traceback into a good job's error log when it meets Java's end."""
    client, sent = JavaClient(JavaParameters(), PythonParameters()), []
    client.send_command = sent.append
    client.garbage_collect_object("o1", enqueue=False)
    stop_releasing_objects(client)
    client.garbage_collect_object("o2", enqueue=False)
    assert ["o1" in command for command in sent] == [True]


def raised(source: str, script: Path, **names: object) -> BaseException:
    """The exception that ends a script of this text; ``names`` are its globals."""
    script.write_text(source)
    try:
        exec(compile(source, str(script), "exec"), dict(names))
    except Exception as error:  # noqa: BLE001 - that is what the test looks at
        return error
    raise AssertionError("the script did not fail")


def files_of(error: BaseException) -> list[str]:
    """The files of an exception's traceback, outermost first."""
    return [Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)]


def inside(source: str) -> Callable[..., Any]:
    """The function ``call`` of a module that lies among our stand-ins."""
    names: dict[str, Any] = {}
    path = Path(standin.__file__).parent / "made_up.py"
    exec(compile(source, str(path), "exec"), names)
    found: Callable[..., Any] = names["call"]
    return found


def test_a_traceback_ends_in_the_script_and_not_in_the_stand_in(tmp_path: Path) -> None:
    """If Glueprint's code raises, the traceback ends at the script's call."""
    call = inside("def inner():\n    raise ValueError('no')\ndef call():\n    inner()\n")
    error = raised("def f():\n    call()\nf()\n", tmp_path / "job.py", call=call)
    assert files_of(error)[-2:] == ["made_up.py", "made_up.py"]
    trim_traceback(error, str(tmp_path / "job.py"))
    assert files_of(error) == ["job.py", "job.py"]


def test_a_function_of_the_script_that_glueprint_calls_is_shown(tmp_path: Path) -> None:
    """A failure in a function that the script passed ends in that function."""
    call = inside("def call(f):\n    f()\n")
    error = raised("def f():\n    1 / 0\ncall(f)\n", tmp_path / "job.py", call=call)
    trim_traceback(error, str(tmp_path / "job.py"))
    assert files_of(error) == ["job.py", "made_up.py", "job.py"]


def test_the_cause_within_glueprint_is_not_shown(tmp_path: Path) -> None:
    """An exception that never left Glueprint's code does not help the script's author."""
    call = inside(
        "def call():\n    try:\n        {}['x']\n    except KeyError as error:\n"
        "        raise ValueError('no x') from error\n"
    )
    error = raised("call()\n", tmp_path / "job.py", call=call)
    trim_traceback(error, str(tmp_path / "job.py"))
    assert "KeyError" not in "".join(traceback.format_exception(error))
    own = raised("try:\n    {}['y']\nexcept KeyError:\n    call()\n", tmp_path / "own.py", call=call)
    trim_traceback(own, str(tmp_path / "own.py"))
    shown = "".join(traceback.format_exception(own))
    assert (files_of(own), "KeyError: 'y'" in shown, "KeyError: 'x'" in shown) == (["own.py"], True, False)


def test_what_a_library_raised_below_glueprint_is_shown_without_its_frames(tmp_path: Path) -> None:
    """The error log never starts with a frame of the stand-in."""
    call = inside(
        "import json\ndef call():\n    try:\n        json.loads('{')\n    except ValueError as error:\n"
        "        raise LookupError('no rows') from error\n"
    )
    error = raised("call()\n", tmp_path / "job.py", call=call)
    trim_traceback(error, str(tmp_path / "job.py"))
    assert error.__cause__ is not None
    assert set(files_of(error.__cause__)) == {"__init__.py", "decoder.py"}
    assert files_of(error) == ["job.py"]
