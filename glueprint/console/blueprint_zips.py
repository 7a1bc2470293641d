"""Zips of blueprints: uploaded, made of an uploaded folder, those that come with Glueprint, those in S3."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

import glueprint
from glueprint.blueprint.archive import Archive, ArchiveError, read_archive, write_archive
from glueprint.blueprint.bundler import BundleError, bundle, catalogue_names
from glueprint.check.subject import Subject, find_subjects
from glueprint.client.errors import InvalidArgument
from glueprint.client.objects import Location, create_bucket, listing, read_object

LOCAL_BUCKET = "glueprint-blueprints"
"""The same bucket as that of ``glueprint register``."""
MAX_ZIP_BYTES = 20 << 20
_ZIP = ".zip"
_VERSION_KEY = re.compile(r"blueprints/(?P<digest>[0-9a-f]{16})/(?P<stem>[^/]+)\.zip")
MAX_LISTED = 1_000
"""Objects among which versions are looked for: one request."""


@dataclass(frozen=True, slots=True)
class Zip:
    """A zip with the name of its folder, which must be that of the object
    (docs/facts/blueprints.md#zip-layout)."""

    stem: str
    content: bytes

    @property
    def key(self) -> str:
        """The key under which it is stored: a new version never replaces what a registration still reads."""
        return f"blueprints/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.stem}.zip"


def uploaded_zip(filename: str, content: bytes) -> Zip:
    """Return an uploaded zip.

    Raises:
        InvalidArgument: it is not a zip that Glue accepts; the message has every problem.
    """
    stem = Path(filename.replace("\\", "/")).name
    while stem.endswith(_ZIP) and stem != _ZIP:
        stem = stem.removesuffix(_ZIP)
    try:
        read_archive(content, stem)
    except ArchiveError as error:
        raise InvalidArgument(
            f"{filename} is not a blueprint: {'; '.join(error.problems)}", "nothing was registered"
        ) from error
    return Zip(stem, content)


def folder_zip(files: Iterable[tuple[str, bytes]]) -> Zip:
    """Return the zip of an uploaded folder: browsers send each file with its path from the folder on.

    Raises:
        InvalidArgument: it is not a folder with a ``blueprint.cfg``.
    """
    found = {}
    for path, content in files:
        parts = path.replace("\\", "/").split("/")
        if not any(part.startswith(".") or part == "__pycache__" for part in parts):
            found["/".join(parts)] = content
    tops = {path.partition("/")[0] for path in found if "/" in path}
    if len(tops) != 1 or any("/" not in path for path in found):
        raise InvalidArgument("choose one folder, with the blueprint's files in it", "nothing was registered")
    stem = tops.pop()
    return uploaded_zip(f"{stem}.zip", write_archive(found))


def shipped_names() -> list[str]:
    """Return the names of the blueprints that come with Glueprint."""
    built = resources.files("glueprint") / "catalogue"
    names = (
        {one.name.removesuffix(_ZIP) for one in built.iterdir() if one.name.endswith(_ZIP)}
        if built.is_dir()
        else set()
    )
    return sorted(names | set(catalogue_names(_clone())))


def shipped_zip(name: str) -> Zip:
    """Return the zip of a blueprint that comes with Glueprint: in a clone, of the present sources.

    Raises:
        InvalidArgument: there is none, or it cannot be built.
    """
    if name in catalogue_names(_clone()):
        try:
            return Zip(name, write_archive(bundle(_clone(), name)))
        except BundleError as error:
            raise InvalidArgument(
                f"{name} cannot be built: {error}", "`glueprint build` lists all problems"
            ) from error
    if name not in shipped_names():
        raise InvalidArgument(f"no blueprint {name!r} comes with Glueprint")
    return Zip(name, (resources.files("glueprint") / "catalogue" / f"{name}.zip").read_bytes())


def _clone() -> Path:
    return Path(glueprint.__file__).parents[1]


def bucket_for_zips(s3: Any, given: str, *, is_aws: bool) -> str:
    """Return the bucket for a zip; the default one of a local Glue is created.

    Raises:
        InvalidArgument: none is given for AWS: another account could own a name that can be guessed.
    """
    if given:
        return given
    if is_aws:
        raise InvalidArgument("name a bucket of yours for the zip", "nothing was registered")
    create_bucket(s3, LOCAL_BUCKET)
    return LOCAL_BUCKET


def stored_archive(s3: Any, location: str) -> Archive:
    """Return the archive that a blueprint was registered from.

    Raises:
        InvalidArgument: there is no longer a blueprint's zip at that place.
        NotFound: there is no longer an object at that place.
    """
    place = Location.parse(location)
    content = read_object(s3, place).read(MAX_ZIP_BYTES + 1)
    try:
        return read_archive(content, Path(place.key).stem)
    except ArchiveError as error:
        raise InvalidArgument(f"{location} is not a blueprint: {'; '.join(error.problems)}") from error


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A zip of a blueprint that was uploaded by ``register``, or by the console.

    Attributes:
        digest: the first digits of its SHA-256.
        is_registered: whether the blueprint is registered from it.
    """

    digest: str
    location: Location
    modified: datetime
    size: int
    is_registered: bool


def stored_versions(s3: Any, location: str) -> list[StoredVersion]:
    """Return the zips next to that of a blueprint, the newest first: none if it is elsewhere.

    Args:
        s3: a client.
        location: the zip from which the blueprint is registered.

    Raises:
        NotFound: its bucket does not exist any more.
    """
    registered = Location.parse(location)
    match = _VERSION_KEY.fullmatch(registered.key)
    if match is None:
        return []
    objects = islice(listing(s3, Location(registered.bucket, "blueprints/")), MAX_LISTED)
    found = [(one, _VERSION_KEY.fullmatch(one.location.key)) for one in objects]
    versions = [
        StoredVersion(key["digest"], one.location, one.modified, one.size, one.location == registered)
        for one, key in found
        if key is not None and key["stem"] == match["stem"]
    ]
    return sorted(versions, key=lambda one: one.modified, reverse=True)


def subject_of(s3: Any, location: str) -> Subject:
    """Return the blueprint in S3 as it is checked and laid out.

    Raises:
        GlueprintError: it cannot be read.
    """
    place = Location.parse(location)
    content = read_object(s3, place).read(MAX_ZIP_BYTES + 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(place.key).name
        path.write_bytes(content)
        return find_subjects(str(path), Path(folder))[0]
