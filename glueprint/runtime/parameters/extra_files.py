"""``--extra-files``: files of any kind from S3, in the working directory of a Spark script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from glueprint.runtime.parameters.fetching import not_objects
from glueprint.runtime.parameters.given import PYTHON_SHELL, Given
from glueprint.runtime.parameters.merging import listed

PARAMETER = "--extra-files"
_TAKEN = re.compile(r"tmp|\.fetched|\.modules.*|\.glueprint.*|\.log4j2\.properties")
"""What a run's working directory holds before its script."""


def extra_files(given: Given) -> dict[str, Path]:
    """The files by the name that they have in the working directory; of two with one name the later counts."""
    files = [given.fetched[location] for location in listed(given.value(PARAMETER)) if location in given.fetched]
    return {file.name: file for file in files}


def faults(given: Given) -> Iterator[str]:
    """Folders are not taken (DG:aws-glue-programming-etl-glue-arguments), and a Python shell job cannot use it at
    all (DG:add-job-python)."""
    if not given.value(PARAMETER):
        return
    if given.command == PYTHON_SHELL:
        yield f"{PARAMETER} cannot be used in Python shell jobs: read the files from S3 in the script"
    else:
        yield from not_objects(PARAMETER, given.value(PARAMETER))
        for location in listed(given.value(PARAMETER)):
            if _TAKEN.fullmatch(PurePosixPath(location).name):
                yield f"{PARAMETER}: {location}: the working directory has that name already; rename the object"
