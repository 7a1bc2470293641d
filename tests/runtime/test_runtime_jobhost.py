"""The parts inside a job's process that need no process to be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from glueprint.runtime.jobhost.buckets import LateBuckets
from glueprint.runtime.jobhost.script import failure_word


class FakeClient:
    """A py4j client that keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_command(self, command: str, retry: bool = True) -> str:
        """Keep the command."""
        self.sent.append(command)
        return "ok"


def test_a_late_bucket_is_mounted_before_its_first_use(tmp_path: Path) -> None:
    """A bucket's name in any command mounts it, once, if it exists by then (docs/decisions/041)."""
    client, mounts = FakeClient(), []
    LateBuckets(tmp_path, {"known"}, lambda bucket: mounts.append((bucket, len(client.sent)))).watch(client)
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
            Py4JJavaError("An error occurred while calling o1.x"),
            {"message": "An error occurred while calling o1.x"},
        ),
    ],
)
def test_a_failure_is_told_without_stacks_and_plans(error: Exception, word: dict[str, object]) -> None:
    """ErrorMessage is as short as Glue's: the exception, the innermost Java cause (issue 5, item 6)."""
    assert failure_word(error) == word
