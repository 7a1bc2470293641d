"""How an object key becomes a path below its bucket's directory, and back; pure.

A segment of a key (the text between slashes) is used as a file name, so that ``s3://bucket/a/b`` is the file
``<root>/bucket/a/b`` that Spark opens. Segments that are not possible as file names, or that Spark would misread,
are *escaped*, reversibly, into names that start with a dot, which Spark's readers skip.

=====================================  =============================================================
segment                                name on disk
=====================================  =============================================================
empty (``a//b``, ``/a``, marker ``a/``)  ``.s3=``
``.``, ``..``, with NUL, or one of the   ``.s3=`` and the segment's UTF-8 bytes, percent-encoded
names below that have another meaning
longer than 255 bytes                  a chain of directories ``.s3+CHUNK``, then ``.s3=REST``
=====================================  =============================================================

Names on disk that are not part of any key (*hidden*): Hadoop's checksum files ``.NAME.crc``, the directories
``_temporary`` and ``.spark-staging-*`` in which Spark keeps what it has not committed (on AWS Glue's
committer keeps that invisible too), Hadoop's markers of folders (``NAME_$folder$``, which Hadoop's S3 file systems
do not list as files), and malformed escapes. A client can still use such a key: its segment is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote_from_bytes, unquote_to_bytes

from glueprint.facts.bucket_names import bucket_name_problem
from glueprint.local.s3.errors import S3Error

MAX_KEY_BYTES = 1024
"""The most UTF-8 bytes in a key ("Naming Amazon S3 objects")."""

MAX_NAME_BYTES = 255
"""The most bytes in a file name (Linux, macOS)."""

LAST = ".s3="
"""Prefix of the name of an escaped segment, or of the end of a long segment."""

MORE = ".s3+"
"""Prefix of the name of a directory that is one chunk of a segment; the segment continues inside it."""

_CHUNK_BYTES = 80
"""Bytes of a segment in one chunk: each may take three characters."""

_UNCOMMITTED = re.compile(r"_temporary|\.spark-staging-.*", re.DOTALL)
_FOLDER_MARKER = re.compile(r".*_\$folder\$", re.DOTALL)
_CHECKSUM = re.compile(r"\..+\.crc", re.DOTALL)


def check_bucket_name(name: str) -> None:
    """Refuse names outside S3's rules for buckets, which also keeps them from being any other path.

    Raises:
        S3Error: InvalidBucketName.
    """
    if not is_bucket_name(name):
        raise S3Error("InvalidBucketName", "The specified bucket is not valid.", 400, {"BucketName": name})


def is_bucket_name(name: str) -> bool:
    """Whether a directory of this name is a bucket."""
    return bucket_name_problem(name) is None


def path_parts(key: str) -> tuple[str, ...]:
    """Return the names, below the bucket's directory, of the file of ``key``.

    Raises:
        S3Error: KeyTooLongError; InvalidURI for text that cannot be encoded as UTF-8.
    """
    return tuple(name for segment in _checked(key).split("/") for name in _names(segment))


def folder_parts(prefix: str) -> tuple[str, ...]:
    """Return the names of the directory of all keys that start with ``prefix`` (which ends with ``/``)."""
    if not prefix:
        return ()
    return tuple(name for segment in _checked(prefix[:-1]).split("/") for name in _names(segment))


def is_chunk_name(name: str) -> bool:
    """Whether a directory of this name is one chunk of a segment that continues inside it."""
    return name.startswith(MORE)


def segment_of(names: tuple[str, ...]) -> str | None:
    """Return the segment that is stored under ``names``, or None if they do not belong to a key.

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
    # A segment has exactly one escaped form: other names that read as the same segment are not this server's.
    return segment if tuple(_names(segment)) == names else None


def checksum_name(name: str) -> str:
    """Return the name of Hadoop's checksum file for ``name``."""
    return f".{name}.crc"


def _checked(key: str) -> str:
    if not _encodable(key):
        raise S3Error("InvalidURI", "Couldn't parse the specified URI.", 400)
    size = len(key.encode())
    if size > MAX_KEY_BYTES:
        raise S3Error(
            "KeyTooLongError",
            "Your key is too long",
            400,
            {"Size": str(size), "MaxSizeAllowed": str(MAX_KEY_BYTES)},
        )
    return key


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hidden(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_UNCOMMITTED, _CHECKSUM, _FOLDER_MARKER))


def _names(segment: str) -> Iterator[str]:
    data = segment.encode()
    plain = segment not in ("", ".", "..") and "\0" not in segment and not _hidden(segment)
    if plain and not segment.startswith((LAST, MORE)) and len(data) <= MAX_NAME_BYTES:
        yield segment
        return
    while len(data) > _CHUNK_BYTES:
        chunk, data = data[:_CHUNK_BYTES], data[_CHUNK_BYTES:]
        yield MORE + _escape(chunk)
    yield LAST + _escape(data)


def _escape(data: bytes) -> str:
    # "." too, so that an escaped name cannot end in ".crc" or be a relative path.
    return quote_from_bytes(data, safe="").replace(".", "%2E")
