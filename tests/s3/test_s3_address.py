"""Which bucket and key a request addresses."""

from __future__ import annotations

import pytest

from glueprint.local.s3.address import region_of, target_of
from glueprint.local.s3.routes import Target


@pytest.mark.parametrize(
    ("path", "host", "bucket", "key"),
    [
        ("/", "127.0.0.1:4577", "", ""),
        ("/b", "localhost:4577", "b", ""),
        ("/b/", "localhost", "b", ""),
        ("/b/k/x", "s3.localhost:4577", "b", "k/x"),
        ("/b//k", "127.0.0.1", "b", "/k"),
        ("/b/a%2Fb%20c+d", "127.0.0.1", "b", "a/b c+d"),
        ("/k/x", "my.bucket.localhost:4577", "my.bucket", "k/x"),
        ("/", "b.s3.localhost", "b", ""),
        ("/k", "b.s3.us-west-2.amazonaws.com", "b", "k"),
        ("/b/k", "s3.us-west-2.amazonaws.com", "b", "k"),
        ("/%2e%2e/k", "127.0.0.1", "..", "k"),
    ],
)
def test_path_style_and_virtual_hosts(path: str, host: str, bucket: str, key: str) -> None:
    """Both styles name the same bucket and key, from the path as it was sent ("Virtual hosting of buckets")."""
    assert target_of(path, host) == Target(bucket, key)


def test_the_region_is_that_of_the_signature() -> None:
    """The credential scope names the region that the client thinks it speaks to, in header or query (SigV4)."""
    scope = "AKIA/20261121/eu-west-1/s3/aws4_request"
    header = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    assert region_of({"authorization": header}, "", "us-east-1") == "eu-west-1"
    query = "X-Amz-Credential=" + scope.replace("/", "%2F")
    assert region_of({}, query, "us-east-1") == "eu-west-1"
    assert region_of({}, "", "us-east-1") == "us-east-1"
