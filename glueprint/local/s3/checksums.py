"""The checksums that S3 verifies and keeps: incremental, and combined from parts.

MD5, the SHAs and CRC32 come from the standard library, CRC32C and CRC64NVME from anycrc, which also combines CRCs.
awscrt has the same functions, but botocore imports it wherever it is installed and then signs with it: each
process that imports boto3 would start 40 ms later.
Source: "Checking object integrity in Amazon S3".
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Protocol

from glueprint.local.s3.errors import S3Error


class Checksum(Protocol):
    """One checksum being computed."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """Return the value so far, big-endian as S3 writes it."""


ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5")
"""Those that this server verifies, as the service model spells them."""

FULL_OBJECT_ONLY = frozenset({"CRC64NVME"})
"""Algorithms whose multipart checksum is always that of the complete object."""

COMPOSITE_ONLY = frozenset(ALGORITHMS) - {"CRC32", "CRC32C", "CRC64NVME"}
"""Algorithms whose multipart checksum is always made of the parts' checksums."""

_CRCS = {"CRC32": ("CRC32", 4), "CRC32C": ("CRC32-ISCSI", 4), "CRC64NVME": ("CRC64-NVME", 8)}
"""anycrc's name of each CRC, and its width in bytes."""


def header_name(algorithm: str) -> str:
    """Return the HTTP header (and trailer) that carries a checksum."""
    return f"x-amz-checksum-{algorithm.lower()}"


def member_name(algorithm: str) -> str:
    """Return the service model's member that carries a checksum."""
    return f"Checksum{algorithm}"


def new(algorithm: str) -> Checksum:
    """Start a checksum.

    Raises:
        S3Error: InvalidRequest for an algorithm that is not one of :data:`ALGORITHMS`.
    """
    if algorithm in COMPOSITE_ONLY:
        return hashlib.new(algorithm.lower(), usedforsecurity=False)
    if algorithm not in _CRCS:
        raise S3Error(
            "InvalidRequest",
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]",
            400,
        )
    return _Crc(_step(algorithm), _CRCS[algorithm][1])


def text(digest: bytes) -> str:
    """Return a digest as S3 sends it."""
    return base64.b64encode(digest).decode("ascii")


def composite(algorithm: str, parts: Sequence[str]) -> str:
    """Return the checksum of an object's parts' checksums: base64, a dash and the number of parts."""
    total = new(algorithm)
    for part in parts:
        total.update(base64.b64decode(part))
    return f"{text(total.digest())}-{len(parts)}"


def full_object(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """Return the checksum of an object's bytes from its parts' checksums and sizes, without reading the bytes.

    Only CRCs can be combined.
    """
    combine: Callable[[int, int, int], int] = _model(algorithm).combine
    total = 0
    for part, size in parts:
        total = combine(total, int.from_bytes(base64.b64decode(part), "big"), size)
    return text(total.to_bytes(_CRCS[algorithm][1], "big"))


class Digests:
    """MD5 and the requested checksums of bytes that pass once.

    Args:
        algorithms: of :data:`ALGORITHMS`.
    """

    def __init__(self, algorithms: Iterable[str] = ()) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._checksums = {name: new(name) for name in algorithms}

    def update(self, data: bytes) -> None:
        """Take more bytes."""
        self._md5.update(data)
        for value in self._checksums.values():
            value.update(data)

    @property
    def md5(self) -> str:
        """The MD5 so far, in hexadecimal."""
        return self._md5.hexdigest()

    @property
    def checksums(self) -> dict[str, str]:
        """The checksums so far, base64, by algorithm."""
        return {name: text(value.digest()) for name, value in self._checksums.items()}


class _Crc:
    def __init__(self, step: Callable[[bytes, int], int], width: int) -> None:
        self._step = step
        self._width = width
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _step(algorithm: str) -> Callable[[bytes, int], int]:
    """Return what computes a CRC from more bytes and the value so far."""
    if algorithm == "CRC32":
        return zlib.crc32
    step: Callable[[bytes, int], int] = _model(algorithm).calc
    return step


@cache
def _model(algorithm: str) -> Any:
    import anycrc  # only clients that request these checksums need it

    return anycrc.Model(_CRCS[algorithm][0])
