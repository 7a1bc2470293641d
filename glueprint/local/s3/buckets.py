"""Buckets: plain directories below one root. A directory with a bucket's name is a bucket, whatever made it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glueprint.local.s3 import records
from glueprint.local.s3.errors import S3Error, no_such_bucket
from glueprint.local.s3.keys import check_bucket_name, is_bucket_name
from glueprint.local.s3.records import BucketRecord
from glueprint.local.s3.settings_rows import find_setting, find_settings, remember_setting
from glueprint.local.s3.tree import Walk
from glueprint.local.store.database import Database

DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"EU|[a-z]{2,3}(-[a-z]+){1,2}-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket.

    Args:
        created: seconds since the epoch.
        location: the region it was made for.
    """

    name: str
    path: str
    created: float
    location: str
    tags: Mapping[str, str]


def is_region(name: str) -> bool:
    """Whether a location constraint has the form of a region's name (``EU`` is an old one)."""
    return bool(_REGION.fullmatch(name))


class Buckets:
    """The buckets below ``root``.

    Args:
        root: its links are resolved once, here.
        trash: a directory on the same file system, for directories that are being deleted.
    """

    def __init__(self, database: Database, root: Path, trash: Path, clock: Callable[[], float]) -> None:
        self._database = database
        self.root = os.path.realpath(root)
        self._trash = trash
        self._clock = clock

    def names(self) -> list[str]:
        """Return the names of all buckets, sorted."""
        with os.scandir(self.root) as items:
            return sorted(
                item.name
                for item in items
                if is_bucket_name(item.name) and item.is_dir(follow_symlinks=False)
            )

    def path(self, name: str) -> str:
        """Return a bucket's directory.

        Raises:
            S3Error: NoSuchBucket; InvalidBucketName.
        """
        check_bucket_name(name)
        path = f"{self.root}/{name}"
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            raise no_such_bucket(name) from None
        if not stat.S_ISDIR(mode):
            raise no_such_bucket(name)
        return path

    def get(self, name: str) -> Bucket:
        """Return a bucket.

        Raises:
            S3Error: NoSuchBucket; InvalidBucketName.
        """
        path = self.path(name)
        record = self._database.read(lambda connection: records.find_bucket(connection, name))
        if record is None:
            record = BucketRecord(os.lstat(path).st_mtime, DEFAULT_REGION, {})
        return Bucket(name, path, record.created, record.location, record.tags)

    def create(self, name: str, location: str = DEFAULT_REGION, tags: Mapping[str, str] | None = None) -> None:
        """Make a bucket. One that exists already is kept as it is if it was made for us-east-1, as S3 does.

        Raises:
            S3Error: InvalidBucketName; BucketAlreadyOwnedByYou.
        """
        check_bucket_name(name)
        try:
            os.mkdir(f"{self.root}/{name}")
        except FileExistsError:
            if location == DEFAULT_REGION and self.get(name).location == DEFAULT_REGION:
                return
            raise S3Error(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
                409,
                {"BucketName": name},
            ) from None
        record = BucketRecord(self._clock(), location, dict(tags or {}))
        self._database.write(lambda connection: records.remember_bucket(connection, name, record))

    def put_tags(self, name: str, tags: Mapping[str, str]) -> None:
        """Replace a bucket's tags.

        Raises:
            S3Error: NoSuchBucket.
        """
        bucket = self.get(name)
        record = replace(BucketRecord(bucket.created, bucket.location, bucket.tags), tags=dict(tags))
        self._database.write(lambda connection: records.remember_bucket(connection, name, record))

    def setting(self, name: str, setting: str) -> Any:
        """Return a setting of a bucket, as :func:`~glueprint.local.s3.settings_rows.find_setting`."""
        return self._database.read(lambda connection: find_setting(connection, name, setting))

    def settings(self, name: str, prefix: str) -> dict[str, Any]:
        """Return settings of a bucket, as :func:`~glueprint.local.s3.settings_rows.find_settings`."""
        return self._database.read(lambda connection: find_settings(connection, name, prefix))

    def put_setting(self, name: str, setting: str, value: Any) -> None:
        """Store a setting of a bucket; None: it is deleted."""
        self._database.write(lambda connection: remember_setting(connection, name, setting, value))

    def delete(self, name: str) -> None:
        """Delete a bucket without objects; files that Spark did not commit are deleted with it.

        The directory is moved away first, so that an object that arrives at the same time is either found (and
        the directory moved back) or refused.

        Raises:
            S3Error: NoSuchBucket; BucketNotEmpty.
        """
        path = self.path(name)
        if _holds_objects(path):
            raise _not_empty(name)
        away = f"{self._trash}/{secrets.token_hex(16)}"
        try:
            os.rename(path, away)
        except FileNotFoundError:
            raise no_such_bucket(name) from None
        if _holds_objects(away):
            os.rename(away, path)
            raise _not_empty(name)
        self._database.write(lambda connection: records.forget_bucket(connection, name))
        shutil.rmtree(away, ignore_errors=True)


def _holds_objects(path: str) -> bool:
    return next(Walk(path), None) is not None


def _not_empty(name: str) -> S3Error:
    return S3Error(
        "BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {"BucketName": name}
    )
