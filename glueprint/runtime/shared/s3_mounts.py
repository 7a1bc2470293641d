"""How Hadoop reads ``s3://bucket/`` from the directory of that bucket: one mount for each bucket.

Source: Hadoop's ViewFileSystemOverloadScheme guide. The mounted file system is Glueprint's own class, in Java
(``runtime/java``, docs/decisions/s3-storage.md): it starts no process to read or set a file's permissions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

S3_SCHEMES = ("s3", "s3a", "s3n")
FILE_SYSTEM_SCHEME, FILE_SYSTEM = "glueprint-bucket", "glueprint.BucketFileSystem"
"""The scheme of the directories of buckets within Hadoop, and the class that reads and writes them."""
FILE_SYSTEM_JAR = Path(__file__).parents[1] / "java" / "bucket-file-system.jar"
"""Contains :data:`FILE_SYSTEM`; ``scripts/make-jar.py`` makes it."""


def mount(s3_root: Path, bucket: str) -> tuple[str, str]:
    """Return the Hadoop property, name and value, that makes ``s3://bucket/`` the directory of that bucket."""
    directory = (s3_root / bucket).as_uri().removeprefix("file:")
    return f"fs.viewfs.mounttable.{bucket}.linkFallback", f"{FILE_SYSTEM_SCHEME}:{directory}/"


def local_path_pattern(s3_root: Path) -> str:
    """Return the regular expression, for Java and Python, of what stands for ``s3://`` in messages of Hadoop."""
    return rf"(?:(?:{FILE_SYSTEM_SCHEME}|file):(?://)?)?{re.escape(str(s3_root))}/"


def mounted(properties: Mapping[str, str]) -> set[str]:
    """Return the buckets that the Spark ``properties`` mount."""
    prefix, suffix = "spark.hadoop.fs.viewfs.mounttable.", ".linkFallback"
    return {
        name.removeprefix(prefix).removesuffix(suffix)
        for name in properties
        if name.startswith(prefix) and name.endswith(suffix)
    }


def bucket_directory(bucket: str, hadoop_property: Callable[[str], str | None]) -> Path | None:
    """Return the directory of a bucket that Hadoop has mounted; None if it has not."""
    value = hadoop_property(f"fs.viewfs.mounttable.{bucket}.linkFallback")
    if value is None or not value.startswith(FILE_SYSTEM_SCHEME):
        return None
    return Path(url2pathname(urlsplit(value).path))


def data_directory(mounts: Mapping[str, str]) -> Path | None:
    """Return the data directory of the buckets that Hadoop's properties mount; None without a bucket."""
    for name, value in mounts.items():
        if name.endswith(".linkFallback") and value.startswith(FILE_SYSTEM_SCHEME):
            return Path(url2pathname(urlsplit(value).path)).parent.parent
    return None
