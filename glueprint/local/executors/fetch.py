"""Copies the S3 objects that a job's process needs into files of its run directory."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from glueprint.local.s3 import S3Error, S3Store
from glueprint.runtime.parameters.s3_files import FileToFetch, bucket_and_key, public_bucket_advice


class NotFetched(Exception):
    """Objects that parameters name cannot be read; the message has every parameter, path and S3's own error."""


def fetch(s3: S3Store, wanted: Iterable[tuple[FileToFetch, Path]]) -> dict[str, Path]:
    """Copy objects into folders, under their own names; return the file of each location.

    Args:
        s3: where the objects are.
        wanted: each with the folder that it goes to. Two objects of one name need two folders.

    Raises:
        NotFetched: for all objects that cannot be read.
    """
    found: dict[str, Path] = {}
    problems = []
    for one, folder in wanted:
        try:
            found[one.location] = _copy(s3, one.location, folder)
        except S3Error as error:
            advice = public_bucket_advice(one.location)
            problems.append(f"{one.parameter}: {one.location}: {error}" + (f" ({advice})" if advice else ""))
    if problems:
        raise NotFetched("; ".join(problems))
    return found


def _copy(s3: S3Store, location: str, folder: Path) -> Path:
    parts = bucket_and_key(location)
    if parts is None:
        raise S3Error("InvalidArgument", "this is not an S3 path (s3://bucket/key)", 400)
    data = s3.read(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / PurePosixPath(parts[1]).name
    try:
        if file.parent != folder or file.name == "..":
            raise ValueError("it is a folder")
        file.write_bytes(data)
    except (ValueError, IsADirectoryError) as error:
        raise S3Error("InvalidArgument", f"its last part cannot be the name of a file: {error}", 400) from error
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise S3Error("InvalidArgument", "its last part is too long for the name of a file", 400) from error
    return file
