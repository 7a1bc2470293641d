"""Everything that is wrong with a run's parameters, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from glueprint.runtime.parameters import (
    jars,
    library_set,
    python_modules,
    s3_files,
    spark_conf,
)
from glueprint.runtime.parameters.arguments import PYTHON_SHELL, SPARK, Given

_Check = Callable[[Given], Iterator[str]]


def _language(given: Given) -> Iterator[str]:
    language = given.arguments.get("--job-language", "python")
    if language != "python":
        yield f"--job-language {language} is not supported locally; only python is"


def _arguments(given: Given) -> Iterator[str]:
    """What no operating system hands to a program, as an argument or in its environment."""
    for name, value in given.arguments.items():
        if "\0" in name or "\0" in value:
            yield f"{name!r}: names and values of arguments cannot hold the character NUL"


_CHECKS: dict[str, tuple[_Check, ...]] = {
    SPARK: (
        _arguments,
        _language,
        s3_files.temp_dir_faults,
        s3_files.py_file_faults,
        s3_files.extra_file_faults,
        jars.faults,
        python_modules.faults,
        spark_conf.faults,
    ),
    PYTHON_SHELL: (
        _arguments,
        s3_files.temp_dir_faults,
        s3_files.py_file_faults,
        s3_files.extra_file_faults,
        python_modules.faults,
        library_set.faults,
    ),
}


def refusals(given: Given) -> list[str]:
    """What is wrong, each with the parameter's name and what to do; empty when the run may start."""
    return [fault for check in _CHECKS[given.command] for fault in check(given)]
