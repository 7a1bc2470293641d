"""``--extra-py-files``: Python code from S3 for the module path of the script and of Spark's Python workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from glueprint.runtime.parameters.fetching import not_objects
from glueprint.runtime.parameters.given import PYTHON_SHELL, SPARK, Given
from glueprint.runtime.parameters.merging import listed

PARAMETER = "--extra-py-files"
_SUFFIXES = {SPARK: (".py", ".zip", ".whl", ".egg"), PYTHON_SHELL: (".py", ".whl")}


@dataclass(frozen=True, slots=True)
class PythonFiles:
    """``path``: entries for the module path, in the order in which they were given; ``wheels`` are to be
    installed.
    """

    path: tuple[Path, ...] = ()
    wheels: tuple[Path, ...] = ()


def python_files(given: Given) -> PythonFiles:
    """What the run adds to its module path.

    A module (.py) is found in its folder, an archive is an entry itself. Wheels are installed, since the compiled
    parts of one cannot be loaded out of an archive.
    """
    files = [given.fetched[location] for location in listed(given.value(PARAMETER)) if location in given.fetched]
    return PythonFiles(
        tuple(file.parent if file.suffix == ".py" else file for file in files if file.suffix != ".whl"),
        tuple(file for file in files if file.suffix == ".whl"),
    )


def faults(given: Given) -> Iterator[str]:
    """What Glue would not take: folders, other kinds of files, archives but wheels in Python shell 3.9
    (DG:add-job-python).
    """
    value, suffixes = given.value(PARAMETER), _SUFFIXES[given.command]
    yield from not_objects(PARAMETER, value)
    for location in listed(value):
        suffix = PurePosixPath(location).suffix
        if suffix not in suffixes and suffix in _SUFFIXES[SPARK]:
            yield f"{PARAMETER}: {location}: Python shell 3.9 takes no {suffix} files; build a .whl"
        elif suffix not in suffixes:
            yield f"{PARAMETER}: {location}: is none of {', '.join(suffixes)}"
