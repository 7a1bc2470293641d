"""The frozen list of a run's input files, so that the run reads exactly the files that were found."""

import json
from dataclasses import asdict, dataclass
from typing import Any, List, Tuple

from glue_jobs.common.locations import split_location


@dataclass(frozen=True)
class FrozenFile:
    """One file as it was found.

    Attributes:
        key: its key in the manifest's bucket.
        size: bytes.
        etag: S3's ETag without quotes; it changes when the content does.
        modified: last modification, ISO 8601 in UTC.
        bucket: its bucket; empty if it is the manifest's.
        sidecars: what the names of the files next to it that describe it have in addition, such as ``.md5``.
    """

    key: str
    size: int
    etag: str
    modified: str
    bucket: str = ""
    sidecars: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The input files of one run.

    Attributes:
        location: the folder that was searched, ``s3://bucket/folder/``.
        bucket: the files' bucket.
        checked_at: when they were listed, ISO 8601 in UTC.
        files: in the order of their keys.
        locations: all folders, if several were searched.
    """

    location: str
    bucket: str
    checked_at: str
    files: Tuple[FrozenFile, ...]
    locations: Tuple[str, ...] = ()

    def bucket_of(self, file: FrozenFile) -> str:
        """The bucket of one of the files."""
        return file.bucket or self.bucket

    def to_json(self) -> str:
        """Return the manifest as JSON text; the same manifest has the same text."""
        data = asdict(self)
        # Of 20,000 files every empty member would be half a megabyte.
        data["files"] = [{name: value for name, value in file.items() if value != ()} for file in data["files"]]
        for file in data["files"]:
            if not file["bucket"]:
                del file["bucket"]
        return json.dumps(data, sort_keys=True)


def manifest_from_json(text: str) -> Manifest:
    """Return the manifest that :meth:`Manifest.to_json` wrote.

    Raises:
        ValueError: the text is not a manifest.
    """
    try:
        data = json.loads(text)
        files: List[FrozenFile] = [
            FrozenFile(**{**entry, "sidecars": tuple(entry.get("sidecars", ()))}) for entry in data.pop("files")
        ]
        return Manifest(files=tuple(files), locations=tuple(data.pop("locations", ())), **data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest of files: {}".format(error)) from error


def write_manifest(s3: Any, location: str, manifest: Manifest) -> None:
    """Write the manifest to an S3 object, with one PutObject: it is complete or not there at all."""
    bucket, key = split_location(location)
    s3.put_object(Bucket=bucket, Key=key, Body=manifest.to_json().encode(), ContentType="application/json")


def read_manifest(s3: Any, location: str) -> Manifest:
    """Return the manifest in an S3 object.

    Raises:
        ValueError: the object is not a manifest.
    """
    bucket, key = split_location(location)
    return manifest_from_json(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
