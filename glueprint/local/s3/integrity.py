"""What a client claims about a body - MD5, SHA256, checksums in headers or trailers - and whether it is true.

Source: "Checking object integrity in Amazon S3" and the common request headers of the Amazon S3 API reference.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.local.s3 import checksums
from glueprint.local.s3.checksums import Digests
from glueprint.local.s3.errors import S3Error, bad_digest

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PREFIX = "x-amz-checksum-"
_NO_ALGORITHM = frozenset({"x-amz-checksum-mode", "x-amz-checksum-algorithm", "x-amz-checksum-type"})


@dataclass(frozen=True, slots=True)
class Claims:
    """A body's claimed digests.

    Args:
        md5: in hexadecimal, from Content-MD5.
        sha256: in hexadecimal, from ``x-amz-content-sha256``, which the signature covers.
        checksums: base64 by algorithm, from headers.
        trailers: the algorithms whose values follow the body.
    """

    md5: str | None
    sha256: str | None
    checksums: Mapping[str, str]
    trailers: frozenset[str]

    @property
    def algorithms(self) -> frozenset[str]:
        """The checksums that must be computed while the body passes."""
        wanted = frozenset(self.checksums) | self.trailers
        return wanted | {"SHA256"} if self.sha256 else wanted

    def verify(self, digests: Digests, trailers: Mapping[str, str]) -> dict[str, str]:
        """Check the digests of a received body and return the checksums to keep with it, base64 by algorithm.

        Raises:
            S3Error: BadDigest, XAmzContentSHA256Mismatch, MalformedTrailerError.
        """
        computed = digests.checksums
        if self.md5 is not None and digests.md5 != self.md5:
            raise S3Error(
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
                400,
                {
                    "ExpectedDigest": _base64(self.md5),
                    "CalculatedDigest": _base64(digests.md5),
                },
            )
        if self.sha256 is not None and _base64(self.sha256) != computed["SHA256"]:
            raise S3Error(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                400,
                {"ClientComputedContentSHA256": self.sha256},
            )
        kept = dict(self.checksums)
        for algorithm in self.trailers:
            value = trailers.get(checksums.header_name(algorithm))
            if value is None:
                raise S3Error(
                    "MalformedTrailerError",
                    "The request contained trailing data that was not well-formed or did not conform to our "
                    "published schema.",
                    400,
                )
            kept[algorithm] = value
        for algorithm, value in kept.items():
            if computed[algorithm] != value:
                raise bad_digest(algorithm)
        return kept


def claims_of(headers: Mapping[str, str]) -> Claims:
    """Read the claims in a request's headers (names in lower case).

    Raises:
        S3Error: InvalidDigest, InvalidRequest.
    """
    named = {name for name in headers if name.startswith(_PREFIX)} - _NO_ALGORITHM
    if len(named) > 1:
        raise S3Error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            400,
        )
    values = {_algorithm(name): headers[name].strip() for name in named}
    for name in named:
        _check_form(name, headers[name].strip())
    trailing = {
        _algorithm(name.strip().lower())
        for name in headers.get("x-amz-trailer", "").split(",")
        if name.strip().lower().startswith(_PREFIX)
    }
    content = headers.get("x-amz-content-sha256", "").lower()
    return Claims(
        md5=_content_md5(headers.get("content-md5")),
        sha256=content if _SHA256.fullmatch(content) else None,
        checksums=values,
        trailers=frozenset(trailing),
    )


def _algorithm(header: str) -> str:
    algorithm = header.removeprefix(_PREFIX).upper()
    checksums.new(algorithm)  # refuses unknown algorithms
    return algorithm


def _check_form(name: str, value: str) -> None:
    size = len(checksums.new(_algorithm(name)).digest())
    try:
        good = len(base64.b64decode(value, validate=True)) == size
    except (binascii.Error, ValueError):
        good = False
    if not good:
        raise S3Error("InvalidRequest", f"Value for {name} header is invalid.", 400)


def _content_md5(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        digest = base64.b64decode(header.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise S3Error(
            "InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {"Content-MD5": header}
        )
    return digest.hex()


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")
