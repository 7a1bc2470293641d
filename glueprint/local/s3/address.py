"""Which bucket and key a request addresses: in its path, or with the bucket in the host name; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from glueprint.local.s3.decoding import decode_percent
from glueprint.local.s3.routes import Target

_VIRTUAL_HOSTS = (
    re.compile(r"(?P<bucket>.+?)\.s3(?:[.-][a-z0-9-]+)*\.(?:amazonaws\.com|localhost)"),
    re.compile(r"(?!s3\.)(?P<bucket>.+)\.localhost"),
)
_SCOPE = re.compile(r"[^/]+/\d{8}/(?P<region>[a-z0-9-]+)/s3/aws4_request")
_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")


def target_of(raw_path: str, host: str) -> Target:
    """Return what a request addresses.

    Args:
        raw_path: the path as it was sent, percent-encoded, without the query: ``a%2Fb`` and ``a/b`` are one key,
            and ``//`` counts.
        host: the Host header.

    Raises:
        S3Error: InvalidURI for text that is not UTF-8.
    """
    name = host.rsplit(":", 1)[0].lower()
    for pattern in _VIRTUAL_HOSTS:
        match = pattern.fullmatch(name)
        if match:
            return Target(match["bucket"], decode_percent(raw_path[1:]))
    bucket, _, key = raw_path[1:].partition("/")
    return Target(decode_percent(bucket), decode_percent(key))


def region_of(headers: Mapping[str, str], query_string: str, default: str) -> str:
    """Return the region in a signature's credential scope: that of the endpoint that the client addresses."""
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    scope = credential[1] if credential else parse_qs(query_string).get("X-Amz-Credential", [""])[0]
    match = _SCOPE.fullmatch(scope)
    return match["region"] if match else default
