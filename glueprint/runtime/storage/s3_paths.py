"""S3 paths of scripts, and the objects that they mean.

Sources list objects themselves and do not leave it to Spark, since bookmarks, exclusions and bounds work on the
list. A path is a folder or an object, as for Hadoop: ``s3://b/year`` does not mean ``s3://b/year2/x``. Names that
start with ``_`` or ``.``, at any level below the path, and the markers of empty folders are not data (Hadoop's
rule for hidden files).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.facts.globs import glob_expression
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.folder_listing import MIN_FOLDERS, list_folders

_S3 = re.compile(r"(?P<scheme>s3[an]?)://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_SLASHES = re.compile("/+")
_GLOB = re.compile(r"[*?\[{]")


@dataclass(frozen=True)
class S3Path:
    """A bucket and a key; ``key`` is a folder or an object, without slashes at its ends."""

    bucket: str
    key: str

    @staticmethod
    def parse(uri: str) -> S3Path:
        """Parse a path. Several slashes are one, as in a ``Path`` of Hadoop (FileSystem specification, "Paths").

        Raises:
            StorageError: it is not an S3 path.
        """
        match = _S3.fullmatch(uri.strip())
        if match is None:
            raise StorageError(f"{uri!r} is not an S3 path: it must look like s3://bucket/prefix/")
        return S3Path(match["bucket"], _SLASHES.sub("/", match["key"] or "").strip("/"))

    @property
    def uri(self) -> str:
        """The path as text, without a slash at its end."""
        return f"s3://{self.bucket}/{self.key}".rstrip("/")

    @property
    def prefix(self) -> str:
        """The prefix of the keys inside: ``key/``, or empty for a complete bucket."""
        return f"{self.key}/" if self.key else ""

    @property
    def is_pattern(self) -> bool:
        """Whether the key contains Hadoop's wildcards."""
        return _GLOB.search(self.key) is not None

    @property
    def fixed_part(self) -> S3Path:
        """The folder above the first wildcard."""
        fixed: list[str] = []
        for part in self.key.split("/"):
            if _GLOB.search(part):
                break
            fixed.append(part)
        return S3Path(self.bucket, "/".join(fixed))


def is_s3(path: str) -> bool:
    """Whether ``path`` is an S3 path."""
    return _S3.fullmatch(path.strip()) is not None


LOCAL = ""
"""The bucket name of files on this machine; their keys are absolute paths without the first slash."""


def list_objects(s3: Callable[[], Any], paths: Iterable[str], *, recurse: bool) -> list[S3Object]:
    """Return the data objects of ``paths``, each once, in the order of the paths and of the keys.

    Args:
        s3: returns S3's client; not called if all paths are local.
        paths: S3 paths, with Hadoop's wildcards or without; or files of this machine.
        recurse: whether folders within a path are included.

    Raises:
        StorageError: a bucket that does not exist.
    """
    found: dict[tuple[str, str], S3Object] = {}
    for path in paths:
        objects = _in_s3(s3(), S3Path.parse(path), recurse) if is_s3(path) else _here(path, recurse)
        for one in objects:
            found.setdefault((one.bucket, one.key), one)
    return list(found.values())


def list_places(s3: Callable[[], Any], paths: Sequence[str], *, recurse: bool) -> Iterator[list[S3Object]]:
    """Yield the data objects of each path as :func:`list_objects` returns them, many folders with few requests."""
    together = _together(s3, paths)
    for path in paths:
        if path in together:
            address = S3Path.parse(path)
            yield [_object(one, address) for one in together[path] if _is_data(one["Key"], address, recurse)]
        else:
            yield list_objects(s3, [path], recurse=recurse)


def _together(s3: Callable[[], Any], paths: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the entries of folders that are listed together. A path without any is listed for itself: it may be
    an object.
    """
    folders: dict[str, dict[str, str]] = {}
    for path in paths:
        if is_s3(path) and (address := S3Path.parse(path)).key and not address.is_pattern:
            folders.setdefault(address.bucket, {})[path] = address.prefix
    found: dict[str, list[dict[str, Any]]] = {}
    for bucket, prefixes in folders.items():
        if len(prefixes) >= MIN_FOLDERS:
            with contextlib.suppress(s3().exceptions.NoSuchBucket):
                entries = list_folders(s3(), bucket, prefixes.values())
                found.update((path, entries[prefix]) for path, prefix in prefixes.items() if prefix in entries)
    return found


def spark_uri(found: S3Object) -> str:
    """Return the address at which Spark finds the object."""
    return found.uri if found.bucket != LOCAL else f"file:/{found.key}"


def _in_s3(s3: Any, address: S3Path, recurse: bool) -> Iterator[S3Object]:
    if not address.is_pattern:
        yield from _under(s3, address, recurse)
        return
    pattern = _compiled(address.key, recurse)
    for found in _under(s3, address.fixed_part, recurse=True):
        if pattern(found.key):
            yield found


def _under(s3: Any, address: S3Path, recurse: bool) -> Iterator[S3Object]:
    """Yield the objects of a path without wildcards."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=address.bucket, Prefix=address.key)
    try:
        for page in pages:
            for entry in page.get("Contents", ()):
                if _is_data(entry["Key"], address, recurse):
                    yield _object(entry, address)
    except s3.exceptions.NoSuchBucket as error:
        raise StorageError(
            f"NoSuchBucket: the specified bucket does not exist: s3://{address.bucket}"
        ) from error


def _object(entry: Mapping[str, Any], address: S3Path) -> S3Object:
    etag = entry.get("ETag", "").strip('"')
    return S3Object(address.bucket, entry["Key"], entry["Size"], entry["LastModified"].timestamp(), etag)


def _is_data(key: str, address: S3Path, recurse: bool) -> bool:
    if key == address.key:
        return True
    if not key.startswith(address.prefix) or key.endswith("/"):
        return False
    below = key[len(address.prefix) :].split("/")
    return (recurse or len(below) == 1) and not any(_is_hidden(name) for name in below)


def _is_hidden(name: str) -> bool:
    if name.endswith("_$folder$"):  # older Hadoop's marker of an empty folder
        return True
    # Hadoop's own exception: partition folders of columns whose names start with an underscore.
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _compiled(pattern: str, recurse: bool) -> Callable[[str], bool]:
    """Return a test whether a key matches the pattern or is in a folder that does."""
    rest = r"(?:/.+)?" if recurse else r"(?:/[^/]+)?"
    expression = re.compile(glob_expression(pattern) + rest, re.DOTALL)
    return lambda key: expression.fullmatch(key) is not None


def _here(path: str, recurse: bool) -> Iterator[S3Object]:
    """Yield files of this machine, for the connection type ``file``."""
    root = Path(path.removeprefix("file://").removeprefix("file:"))
    if root.is_file():
        yield _local_object(root)
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if recurse and not _is_hidden(one))
        yield from (_local_object(Path(folder, name)) for name in sorted(names) if not _is_hidden(name))


def _local_object(path: Path) -> S3Object:
    stat = path.stat()
    return S3Object(LOCAL, str(path.absolute()).lstrip("/"), stat.st_size, stat.st_mtime)
