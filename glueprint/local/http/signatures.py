"""Checks Signature Version 4: that a request was signed with a known key, now, and exactly as it arrived.

Rules: "Create a signed AWS API request" (IAM user guide) and "Authenticating Requests (AWS Signature Version 4)"
(S3 API reference). S3 differs twice: the path is signed as it is (others normalise and encode it once more), and
the body's hash is what the header ``x-amz-content-sha256`` declares, so that a large body need not be kept in
memory.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from glueprint.local.http.refusals import Reason, Refused
from glueprint.local.http.wire import WireRequest

KeyLookup = Callable[[str], str | None]
"""From an access key to its secret; None if the key was never issued."""

MAX_SKEW = timedelta(minutes=15)
MAX_EXPIRES = 7 * 24 * 3600
"""Seconds that a presigned URL may live."""
ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_HASH = re.compile(r"[0-9a-f]{64}")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Scope:
    """A credential: the access key, and the date, region and service of its signature."""

    access_key: str
    date: str
    region: str
    service: str

    @classmethod
    @lru_cache(maxsize=128)  # clients use one credential again and again
    def parse(cls, text: str) -> Scope | None:
        """From ``KEY/20260101/us-east-1/glue/aws4_request``; None if it has another form."""
        parts = text.rsplit("/", 4)
        if len(parts) != 5 or parts[4] != "aws4_request" or not all(parts):
            return None
        return cls(*parts[:4])

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class Claim:
    """The signature of a request, as the request states it.

    Attributes:
        stamp: when it was signed, as in ``X-Amz-Date``.
        signed_headers: their names, in small letters, in the order given.
        expires: seconds that a presigned URL lives; None for a signature in the Authorization header.
    """

    scope: Scope
    stamp: str
    signed_headers: tuple[str, ...]
    signature: str
    expires: int | None

    @property
    def presigned(self) -> bool:
        """Whether the signature is in the query."""
        return self.expires is not None


def claimed_scope(request: WireRequest) -> Scope | None:
    """Return the credential scope that a request names, checked or not; None if it names none."""
    return Scope.parse(request.credential) if request.credential is not None else None


def claim_of(request: WireRequest) -> Claim:
    """Read the signature that a request carries.

    Raises:
        Refused: there is no signature, it lacks parts, or it is not Signature Version 4.
    """
    authorizations = request.values("authorization")
    if len(authorizations) > 1:
        raise Refused(Reason.INCOMPLETE, "More than one Authorization header")
    if authorizations:
        return _header_claim(request, authorizations[0].decode("latin-1"))
    if request.parameter("X-Amz-Signature") is not None or request.parameter("X-Amz-Credential") is not None:
        return _query_claim(request)
    if request.parameter("AWSAccessKeyId") is not None:
        raise _unsupported()
    raise Refused(Reason.MISSING, "Missing Authentication Token: this server takes signed requests only")


def verify(request: WireRequest, claim: Claim, payload_hash: str, secret: str) -> None:
    """Check the signature of a claim.

    Args:
        request: as it arrived.
        claim: from :func:`claim_of`.
        payload_hash: SHA-256 of the body in hex, or the value in its place; see :func:`s3_payload_hash`.
        secret: from :func:`check_claim`, which has checked the rest of the claim.

    Raises:
        Refused: why the signature does not hold.
    """
    key = signing_key(secret, claim.scope.date, claim.scope.region, claim.scope.service)
    given = claim.signature.encode("latin-1", "replace")
    for canonical in _canonical_requests(request, claim, payload_hash):
        digest = hashlib.sha256(canonical).hexdigest()
        to_sign = f"{ALGORITHM}\n{claim.stamp}\n{claim.scope}\n{digest}".encode("latin-1", "replace")
        if hmac.compare_digest(hmac.new(key, to_sign, hashlib.sha256).hexdigest().encode("ascii"), given):
            return
    raise Refused(
        Reason.MISMATCH,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.",
    )


def check_claim(request: WireRequest, claim: Claim, keys: KeyLookup, now: datetime) -> str:
    """Check what can be checked of a claim before the body arrives, and return the secret of its key.

    Args:
        request: as it arrived.
        claim: from :func:`claim_of`.
        keys: the secrets of the access keys that may sign.
        now: with time zone.

    Raises:
        Refused: why the signature cannot hold, whatever the body is.
    """
    _check_time(claim, now)
    _check_signed_headers(request, claim)
    secret = keys(claim.scope.access_key)
    if secret is None:
        raise Refused(
            Reason.UNKNOWN_KEY,
            f"The security token included in the request is invalid: this server did not issue the access key "
            f"{claim.scope.access_key!r}; `glueprint env` prints the right one",
        )
    return secret


def s3_payload_hash(request: WireRequest, claim: Claim) -> str:
    """Return the value for the body in the signature of an S3 request.

    Raises:
        Refused: a header-signed request must say it.
    """
    declared = request.header("x-amz-content-sha256")
    if claim.presigned:
        signed = "x-amz-content-sha256" in claim.signed_headers
        return declared if declared is not None and signed else UNSIGNED_PAYLOAD
    if declared is None:
        raise Refused(Reason.INCOMPLETE, "Missing required header for this request: x-amz-content-sha256")
    return declared


def body_hash(payload_hash: str) -> str | None:
    """Return the hash that a body must have; None if ``payload_hash`` names none."""
    return payload_hash if _HASH.fullmatch(payload_hash) else None


def _header_claim(request: WireRequest, authorization: str) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise _unsupported()
    fields = dict(_field(part) for part in rest.split(",") if part.strip())
    missing = [name for name in ("Credential", "SignedHeaders", "Signature") if not fields.get(name)]
    if missing:
        raise Refused(Reason.INCOMPLETE, f"Authorization header requires {', '.join(missing)}")
    scope = _parsed_scope(fields["Credential"])
    stamp = request.header("x-amz-date") or _stamp_of_date(request.header("date"))
    return Claim(scope, stamp, tuple(fields["SignedHeaders"].split(";")), fields["Signature"], None)


def _query_claim(request: WireRequest) -> Claim:
    names = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    values = {name: request.parameter(f"X-Amz-{name}") or "" for name in names}
    missing = [f"X-Amz-{name}" for name in names if not values[name]]
    if missing:
        raise Refused(Reason.INCOMPLETE, f"Query-string authentication requires {', '.join(missing)}")
    if values["Algorithm"] != ALGORITHM:
        raise _unsupported()
    expires = values["Expires"]
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires[:9]) <= MAX_EXPIRES:
        raise Refused(Reason.INCOMPLETE, f"X-Amz-Expires must be a number of seconds from 1 to {MAX_EXPIRES}")
    scope = _parsed_scope(values["Credential"])
    headers = tuple(values["SignedHeaders"].split(";"))
    return Claim(scope, values["Date"], headers, values["Signature"], int(expires))


def _field(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name, value


def _parsed_scope(text: str) -> Scope:
    scope = Scope.parse(text)
    if scope is None:
        raise Refused(Reason.INCOMPLETE, f"Credential must be KEY/DATE/REGION/SERVICE/aws4_request, not {text!r}")
    return scope


def _stamp_of_date(date: str | None) -> str:
    if date is None:
        raise Refused(Reason.INCOMPLETE, "Authorization header requires existence of either X-Amz-Date or Date")
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime(_STAMP)
    except (ValueError, OverflowError) as error:
        raise Refused(Reason.INCOMPLETE, f"Date {date!r} is not a date") from error


def _unsupported() -> Refused:
    return Refused(
        Reason.UNSUPPORTED,
        f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}. "
        "(boto3 and version 1 of the AWS CLI presign S3 URLs with Signature Version 2 unless they have "
        "signature_version s3v4; it works under `glueprint serve --no-auth`.)",
    )


def _check_time(claim: Claim, now: datetime) -> None:
    signed_at = _time_of(claim.stamp)
    if claim.stamp[:8] != claim.scope.date:
        raise Refused(
            Reason.MISMATCH,
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.scope.date}' != '{claim.stamp[:8]}'",
        )
    server = now.astimezone(UTC)
    if signed_at - server > MAX_SKEW:
        raise Refused(Reason.SKEWED, f"Signature not yet current: {claim.stamp} is later than {server:{_STAMP}}")
    if claim.expires is not None:
        if server - signed_at > timedelta(seconds=claim.expires):
            raise Refused(Reason.EXPIRED, "Request has expired")
    elif server - signed_at > MAX_SKEW:
        raise Refused(
            Reason.SKEWED,
            f"Signature expired: {claim.stamp} is now earlier than {server - MAX_SKEW:{_STAMP}} "
            f"({server:{_STAMP}} - 15 min.)",
        )


@lru_cache(maxsize=64)
def _time_of(stamp: str) -> datetime:
    """Return the time of a stamp; cached, since clients sign many requests in one second."""
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(Reason.INCOMPLETE, f"X-Amz-Date {stamp!r} is not YYYYMMDDTHHMMSSZ") from error


def _check_signed_headers(request: WireRequest, claim: Claim) -> None:
    """``host`` and every ``x-amz-*`` that was sent must be signed, or they could be changed in transit."""
    sent = request.header_names
    signed = set(claim.signed_headers)
    absent = sorted(signed - sent)
    if absent:
        raise Refused(Reason.MISMATCH, f"Signed headers are missing from the request: {', '.join(absent)}")
    needed = {name for name in sent if name.startswith("x-amz-")} | {"host"}
    if claim.presigned:
        needed.discard("x-amz-content-sha256")  # S3 takes UNSIGNED-PAYLOAD there, whatever this header says
    unsigned = sorted(needed - signed)
    if unsigned:
        raise Refused(
            Reason.UNSIGNED_HEADER,
            f"There were headers present in the request which were not signed: {', '.join(unsigned)}",
        )


def _canonical_requests(request: WireRequest, claim: Claim, payload_hash: str) -> Iterator[bytes]:
    """The texts that the client may have signed.

    First as it arrived; then, for S3, as AWS itself canonicalises it: some clients sign the strict encoding and
    send a laxer one that means the same.
    """
    pairs = [(key, value) for key, value in request.query_pairs() if key != b"X-Amz-Signature"]
    headers = b"".join(_canonical_header(request, name) for name in claim.signed_headers)
    tail = [headers, ";".join(claim.signed_headers).encode("latin-1"), payload_hash.encode("latin-1")]
    method = request.method.encode("latin-1")

    def canonical(path: bytes, query: list[tuple[bytes, bytes]]) -> bytes:
        joined = b"&".join(key + b"=" + value for key, value in sorted(query))
        return b"\n".join([method, path, joined, *tail])

    if claim.scope.service != "s3":
        normal = normalize_url_path(request.raw_path.decode("latin-1")).encode("latin-1")
        yield canonical(quote(normal, safe="/~").encode("ascii"), pairs)
        return
    yield canonical(request.raw_path or b"/", pairs)
    strict_path = _reencode(request.raw_path or b"/", "/")
    strict_pairs = [(_reencode(key, ""), _reencode(value, "")) for key, value in pairs]
    if (strict_path, strict_pairs) != (request.raw_path, pairs):
        yield canonical(strict_path, strict_pairs)


def _canonical_header(request: WireRequest, name: str) -> bytes:
    values = b",".join(b" ".join(value.split()) for value in request.values(name))
    return name.encode("latin-1") + b":" + values + b"\n"


def _reencode(text: bytes, safe: str) -> bytes:
    """Return the strict percent-encoding of ``text``; an encoded slash stays encoded."""
    if safe and re.search(rb"%2[fF]", text):
        return b"%2F".join(_reencode(part, safe) for part in re.split(rb"%2[fF]", text))
    return quote(unquote_to_bytes(text), safe=f"{safe}~").encode("ascii")


@lru_cache(maxsize=128)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Return the signing key for one day and service; cached: it takes four of the five hashes of a signature."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode("utf-8"), hashlib.sha256).digest()
    return key
