"""Parameters that name objects and folders in S3: ``--extra-py-files``, ``--extra-files``, ``--TempDir``.

``files_to_fetch`` lists the objects that must be fetched before the job's process can start.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from glueprint.runtime.parameters.arguments import PYTHON_SHELL, SPARK, RunArguments, split_list

_S3_PATH = re.compile(r"s3[an]?://(?P<bucket>[^/]+)/(?P<key>.*[^/])")
_FETCHED = {
    SPARK: ("--extra-py-files", "--extra-files", "--extra-jars", "--additional-python-modules"),
    PYTHON_SHELL: ("--extra-py-files",),
}


@dataclass(frozen=True, slots=True)
class FileToFetch:
    """An S3 object, and the parameter that names it."""

    parameter: str
    location: str


def files_to_fetch(
    command: str, arguments: Mapping[str, str], buckets: Collection[str] = ()
) -> Iterator[FileToFetch]:
    """Return the objects that the run's parameters name, each once for each parameter.

    Values that are not S3 paths are left out: they are module names, or the parameter's own check reports them.
    So are JARs of AWS's public buckets whose classes are here (:func:`is_provided`), unless the bucket exists.
    """
    for parameter in _FETCHED.get(command, ()):
        for location in dict.fromkeys(split_list(arguments.get(parameter, ""))):
            if is_object(location) and not is_provided(location, buckets):
                yield FileToFetch(parameter, location)


_PUBLIC_BUCKET = re.compile(r"(crawler-public|aws-glue-studio-transforms-\d+-prod|awsglue-datasets)(-[a-z0-9-]+)?")
"""Buckets of AWS that its documentation and Glue Studio write into jobs."""
_PROVIDED = re.compile(r"s3[an]?://crawler-public(-[a-z0-9-]+)?/json/serde/[\w.-]*json-serde[\w.-]*\.jar")
"""The JSON SerDes: Spark's own reader takes their place here (``sparksql.serde_fallback``)."""


WITH_AWS = "in a shell without the settings of `glueprint env`"
"""Where commands of the AWS CLI reach AWS."""


def is_provided(location: str, buckets: Collection[str]) -> bool:
    """Whether this is a JAR in a public bucket of AWS that is not here, and that a job does not need here."""
    parts = bucket_and_key(location)
    return parts is not None and parts[0] not in buckets and _PROVIDED.fullmatch(location) is not None


def public_bucket_advice(location: str) -> str:
    """Return what to do about an object in one of AWS's public buckets, which are not here; empty for others."""
    parts = bucket_and_key(location)
    if parts is None or not _PUBLIC_BUCKET.fullmatch(parts[0]):
        return ""
    return (
        f"it is a bucket of AWS: download the object (aws s3 cp {location} .) with your own AWS credentials, "
        f"{WITH_AWS}, put it into a bucket here (glueprint bucket put), and name that one"
    )


def has_s3_scheme(value: str) -> bool:
    """Whether a value is meant as an S3 path: ``s3://...``, and not a name such as ``s3fs``."""
    return re.match(r"s3[an]?:", value, re.IGNORECASE) is not None


def is_object(location: str) -> bool:
    """Whether this is one object's path: Glue takes no folders (DG:aws-glue-programming-etl-glue-arguments)."""
    return _S3_PATH.fullmatch(location) is not None


def bucket_and_key(location: str) -> tuple[str, str] | None:
    """Return bucket and key of an object's path; None if it is not one."""
    match = _S3_PATH.fullmatch(location)
    return None if match is None else (match["bucket"], match["key"])


def object_problems(parameter: str, value: str) -> Iterator[str]:
    """Return the problems of a parameter that accepts S3 paths only."""
    for location in split_list(value):
        if not is_object(location):
            yield f"{parameter}: {location!r} is not the S3 path of a file (s3://bucket/key)"


EXTRA_PY_FILES = "--extra-py-files"
_SUFFIXES = {SPARK: (".py", ".zip", ".whl", ".egg"), PYTHON_SHELL: (".py", ".whl")}


@dataclass(frozen=True, slots=True)
class PythonFiles:
    """Entries for the module path, in the order of the parameter, and wheels to install."""

    path: tuple[Path, ...] = ()
    wheels: tuple[Path, ...] = ()


def python_files(run: RunArguments) -> PythonFiles:
    """Return what the run adds to its module path.

    A module (.py) is found in its folder; an archive is an entry itself. Wheels are installed, since their
    compiled parts cannot be loaded from an archive.
    """
    files = run.files(EXTRA_PY_FILES)
    return PythonFiles(
        tuple(file.parent if file.suffix == ".py" else file for file in files if file.suffix != ".whl"),
        tuple(file for file in files if file.suffix == ".whl"),
    )


def py_file_problems(run: RunArguments) -> Iterator[str]:
    """Return what Glue does not accept: folders, other kinds of files, in Python shell 3.9 archives but wheels.

    Source: DG:add-job-python.
    """
    value, suffixes = run.value(EXTRA_PY_FILES), _SUFFIXES[run.command]
    yield from object_problems(EXTRA_PY_FILES, value)
    for location in split_list(value):
        suffix = PurePosixPath(location).suffix
        if suffix not in suffixes and suffix in _SUFFIXES[SPARK]:
            yield f"{EXTRA_PY_FILES}: {location}: Python shell 3.9 does not accept {suffix} files; build a .whl"
        elif suffix not in suffixes:
            yield f"{EXTRA_PY_FILES}: {location}: is not one of {', '.join(suffixes)}"


EXTRA_FILES = "--extra-files"
_TAKEN = re.compile(r"tmp|\.fetched|\.modules.*|\.glueprint.*|\.log4j2\.properties")
"""Names that a run's working directory contains before its script starts."""


def extra_files(run: RunArguments) -> dict[str, Path]:
    """Return the files by their names in the working directory; of two with the same name, the later counts."""
    return {file.name: file for file in run.files(EXTRA_FILES)}


def extra_file_problems(run: RunArguments) -> Iterator[str]:
    """Return the problems: folders, which Glue does not accept, and any use in a Python shell job.

    Sources: DG:aws-glue-programming-etl-glue-arguments, DG:add-job-python.
    """
    if not run.value(EXTRA_FILES):
        return
    if run.command == PYTHON_SHELL:
        yield f"{EXTRA_FILES} cannot be used in Python shell jobs: read the files from S3 in the script"
    else:
        yield from object_problems(EXTRA_FILES, run.value(EXTRA_FILES))
        for location in split_list(run.value(EXTRA_FILES)):
            if _TAKEN.fullmatch(PurePosixPath(location).name):
                yield f"{EXTRA_FILES}: {location}: the working directory has that name already; rename the object"


TEMP_DIR = "--TempDir"
_BUCKET = re.compile(r"s3[an]?://([^/]+)(/.*)?")


def temp_dir_problems(run: RunArguments) -> Iterator[str]:
    """Return the problem if the bucket does not exist; the script gets the value unchanged."""
    value = run.value(TEMP_DIR)
    if not value:
        return
    match = _BUCKET.fullmatch(value)
    if match is None:
        yield f"{TEMP_DIR}: {value!r} is not a folder in S3 (s3://bucket/folder/)"
    elif match[1] not in run.buckets:
        yield f"{TEMP_DIR}: {value}: NoSuchBucket: The specified bucket does not exist"
