"""How an object key becomes a path below its bucket's directory, and back; pure.

A segment of a key (what stands between slashes) is a file name as it is, so that ``s3://bucket/a/b`` is the
very file ``<root>/bucket/a/b`` that Spark opens. Segments that no file system or no Spark could hold are
*escaped*: reversibly, into names that begin with a dot, which Spark's readers pass over.

=====================================  =============================================================
segment                                name on disk
=====================================  =============================================================
empty (``a//b``, ``/a``, marker ``a/``)  ``.s3=``
``.``, ``..``, with NUL, or one of the   ``.s3=`` and the segment's UTF-8 bytes, percent-encoded
names below that mean something else
longer than 255 bytes                  a chain of directories ``.s3+CHUNK``, then ``.s3=REST``
=====================================  =============================================================

Names on disk that are no part of any key (*hidden*): Hadoop's checksum files ``.NAME.crc``, the directories
``_temporary`` and ``.spark-staging-*`` in which Spark keeps what it has not committed (on AWS Glue's
committer keeps that invisible too), and malformed escapes. A client that really wants such a key gets it: its
segment is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote_from_bytes, unquote_to_bytes

from glueprint.local.s3.errors import S3Error

KEY_LIMIT = 1024
"""The most UTF-8 bytes in a key ("Naming Amazon S3 objects")."""

NAME_LIMIT = 255
"""The most bytes in a file name (Linux, macOS)."""

LAST = ".s3="
"""Begins the name that holds an escaped segment, or the end of a long one."""

MORE = ".s3+"
"""Begins the name of a directory that holds one chunk of a segment that goes on inside it."""

_CHUNK = 80
"""Bytes of a segment in one link of a chain: each may take three characters."""

_UNCOMMITTED = re.compile(r"_temporary|\.spark-staging-.*", re.DOTALL)
_CHECKSUM = re.compile(r"\..+\.crc", re.DOTALL)
_BUCKET = re.compile(r"(?!xn--|sthree-)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9](?<!-s3alias)")
_BUCKET_IP = re.compile(r"\d+\.\d+\.\d+\.\d+")


def check_bucket_name(name: str) -> None:
    """Refuse names outside S3's rules for buckets, which also keeps them from being any other path.

    Raises:
        S3Error: InvalidBucketName.
    """
    if not _BUCKET.fullmatch(name) or _BUCKET_IP.fullmatch(name):
        raise S3Error("InvalidBucketName", "The specified bucket is not valid.", 400, {"BucketName": name})


def is_bucket_name(name: str) -> bool:
    """Whether a directory of this name is a bucket."""
    return bool(_BUCKET.fullmatch(name)) and not _BUCKET_IP.fullmatch(name)


def path_parts(key: str) -> tuple[str, ...]:
    """Return the names, below the bucket's directory, of the file that holds ``key``.

    Raises:
        S3Error: KeyTooLongError; InvalidURI for text that has no UTF-8 form.
    """
    return tuple(name for segment in _checked(key).split("/") for name in _names(segment))


def folder_parts(prefix: str) -> tuple[str, ...]:
    """Return the names of the directory that holds every key beginning with ``prefix`` (ending in ``/``)."""
    if not prefix:
        return ()
    return tuple(name for segment in _checked(prefix[:-1]).split("/") for name in _names(segment))


def continues(name: str) -> bool:
    """Whether a directory of this name holds one chunk of a segment that goes on inside it."""
    return name.startswith(MORE)


def segment_of(names: tuple[str, ...]) -> str | None:
    """Return the segment that is stored under ``names``, or None when they belong to no key.

    Args:
        names: one name, or the chain of names of a long segment.
    """
    if len(names) == 1 and not names[0].startswith((LAST, MORE)):
        return None if _hidden(names[0]) or not _encodable(names[0]) else names[0]
    data = b"".join(unquote_to_bytes(name[len(LAST) :]) for name in names)
    try:
        segment = data.decode()
    except UnicodeDecodeError:
        return None
    # One segment has one place: whatever else would read as the same segment was not written by this server.
    return segment if tuple(_names(segment)) == names else None


def checksum_name(name: str) -> str:
    """Return the name that Hadoop gives to the checksum file of ``name``."""
    return f".{name}.crc"


def _checked(key: str) -> str:
    if not _encodable(key):
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.", 400)
    size = len(key.encode())
    if size > KEY_LIMIT:
        raise S3Error(
            "KeyTooLongError",
            "Your key is too long",
            400,
            {"Size": str(size), "MaxSizeAllowed": str(KEY_LIMIT)},
        )
    return key


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hidden(name: str) -> bool:
    return bool(_UNCOMMITTED.fullmatch(name) or _CHECKSUM.fullmatch(name))


def _names(segment: str) -> Iterator[str]:
    data = segment.encode()
    plain = segment not in ("", ".", "..") and "\0" not in segment and not _hidden(segment)
    if plain and not segment.startswith((LAST, MORE)) and len(data) <= NAME_LIMIT:
        yield segment
        return
    while len(data) > _CHUNK:
        chunk, data = data[:_CHUNK], data[_CHUNK:]
        yield MORE + _escape(chunk)
    yield LAST + _escape(data)


def _escape(data: bytes) -> str:
    # "." too, so that no escape can end in ".crc" or read as a relative path.
    return quote_from_bytes(data, safe="").replace(".", "%2E")
