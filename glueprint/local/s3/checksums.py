"""The checksums that S3 verifies and keeps: incremental, and combined from parts.

CRC32, MD5 and the SHAs come from the standard library. CRC32C and CRC64NVME are awscrt's where it is installed
(botocore computes them with it too), else a plain table loop of about 10 MB/s.
Source: "Checking object integrity in Amazon S3".
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Protocol

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
"""Algorithms whose multipart checksum is always that of the whole object."""

COMPOSITE_ONLY = frozenset(ALGORITHMS) - {"CRC32", "CRC32C", "CRC64NVME"}
"""Algorithms that can only be made of the parts' checksums."""

_CRC32_REVERSED = 0xEDB88320
_CRC32C_REVERSED = 0x82F63B78
_CRC64NVME_REVERSED = 0x9A6C9329AC4BC9B5
_CRCS = {"CRC32": (_CRC32_REVERSED, 4), "CRC32C": (_CRC32C_REVERSED, 4), "CRC64NVME": (_CRC64NVME_REVERSED, 8)}


def header_name(algorithm: str) -> str:
    """Return the HTTP header (and trailer) that carries a checksum."""
    return f"x-amz-checksum-{algorithm.lower()}"


def member_name(algorithm: str) -> str:
    """Return the service model's member that carries a checksum."""
    return f"Checksum{algorithm}"


def new(algorithm: str) -> Checksum:
    """Begin a checksum.

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
    whole = new(algorithm)
    for part in parts:
        whole.update(base64.b64decode(part))
    return f"{text(whole.digest())}-{len(parts)}"


def full_object(algorithm: str, parts: Sequence[tuple[str, int]]) -> str:
    """Return the checksum of an object's bytes from its parts' checksums and sizes, reading no byte.

    Only CRCs can do this: they are linear, so appending n bytes is a matrix over GF(2).
    """
    polynomial, width = _CRCS[algorithm]
    total = 0
    for part, size in parts:
        value = int.from_bytes(base64.b64decode(part), "big")
        total = _shift(total, size, polynomial, width * 8) ^ value
    return text(total.to_bytes(width, "big"))


class Digests:
    """MD5, and what other checksums are asked for, of bytes that pass once.

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
    if algorithm == "CRC32":
        return zlib.crc32
    try:
        native = importlib.import_module("awscrt.checksums")
    except ImportError:
        polynomial, width = _CRCS[algorithm]
        table, ones = _table(polynomial), (1 << width * 8) - 1

        def step(data: bytes, value: int) -> int:
            value ^= ones
            for byte in data:
                value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
            return value ^ ones

        return step
    found: Callable[[bytes, int], int] = getattr(native, algorithm.lower())
    return found


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)
    return tuple(table)


def _shift(value: int, size: int, polynomial: int, bits: int) -> int:
    """Return ``value`` times x to the power of 8 * ``size``, modulo the (bit-reversed) polynomial."""
    one = 1 << (bits - 1)
    power, square, exponent = one, one >> 8, size
    while exponent:
        if exponent & 1:
            power = _multiply(power, square, polynomial, one)
        square = _multiply(square, square, polynomial, one)
        exponent >>= 1
    return _multiply(value, power, polynomial, one)


def _multiply(left: int, right: int, polynomial: int, one: int) -> int:
    product = 0
    while left:
        if left & one:
            product ^= right
        left = (left << 1) & (2 * one - 1)
        right = (right >> 1) ^ (polynomial if right & 1 else 0)
    return product
