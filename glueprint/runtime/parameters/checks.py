"""Checks of a run's parameters: all problems at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from glueprint.runtime.parameters import (
    jars,
    library_set,
    python_modules,
    s3_files,
    spark_conf,
)
from glueprint.runtime.parameters.arguments import PYTHON_SHELL, SPARK, RunArguments

_Check = Callable[[RunArguments], Iterator[str]]


def _language(run: RunArguments) -> Iterator[str]:
    language = run.arguments.get("--job-language", "python")
    if language != "python":
        yield f"--job-language {language} is not supported locally; only python is"


def _arguments(run: RunArguments) -> Iterator[str]:
    """Return arguments that no operating system can pass to a program."""
    for name, value in run.arguments.items():
        if "\0" in name or "\0" in value:
            yield f"{name!r}: names and values of arguments cannot contain the character NUL"


_CHECKS: dict[str, tuple[_Check, ...]] = {
    SPARK: (
        _arguments,
        _language,
        s3_files.temp_dir_problems,
        s3_files.py_file_problems,
        s3_files.extra_file_problems,
        jars.problems,
        python_modules.problems,
        spark_conf.problems,
    ),
    PYTHON_SHELL: (
        _arguments,
        s3_files.temp_dir_problems,
        s3_files.py_file_problems,
        s3_files.extra_file_problems,
        python_modules.problems,
        library_set.problems,
    ),
}


def check_parameters(run: RunArguments) -> list[str]:
    """Return the problems, each with the parameter's name and a remedy; empty if the run may start."""
    return [problem for check in _CHECKS[run.command] for problem in check(run)]
