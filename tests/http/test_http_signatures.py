"""SigV4 verification, tried with botocore's own signers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

import boto3
import pytest
from http_harness import ACCESS_KEY, HOST, SECRET_KEY, Sent, glue_call, keys, now, plain, presigned, signed
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.local.http import signatures
from glueprint.local.http.refusals import Reason, Refused

WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=5)


def check(sent: Sent, at: datetime | None = None) -> None:
    """Verify ``sent`` as the front does, raising Refused."""
    import hashlib

    request = sent.wire
    claim = signatures.claim_of(request)
    if claim.scope.service == "s3":
        payload = signatures.s3_payload_hash(request, claim)
        wanted = signatures.body_hash(payload)
        if wanted is not None and wanted != hashlib.sha256(sent.body).hexdigest():
            raise Refused(Reason.PAYLOAD, "body")
    else:
        payload = hashlib.sha256(sent.body).hexdigest()
    secret = signatures.check_claim(request, claim, keys, at or now())
    signatures.verify(request, claim, payload, secret)


def reason(sent: Sent, at: datetime | None = None) -> Reason:
    """Why ``sent`` is refused."""
    with pytest.raises(Refused) as refused:
        check(sent, at)
    return refused.value.reason


def with_header(sent: Sent, name: str, value: str) -> Sent:
    """``sent`` with one header replaced or added."""
    kept = tuple(pair for pair in sent.headers if pair[0] != name.encode())
    return replace(sent, headers=(*kept, (name.encode(), value.encode())))


def test_a_json_call_signed_by_botocore_is_admitted() -> None:
    """botocore's SigV4Auth is the reference client of the SigV4 specification."""
    check(glue_call(body=b'{"JobName": "x"}'))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@settings(max_examples=150)
def test_any_s3_key_is_admitted_as_botocore_signs_it(key: str) -> None:
    """S3 signs the path as it is sent, without normalising it (S3 API reference, SigV4)."""
    path = quote(key, safe="/~")
    check(signed("PUT", f"http://{HOST}/bucket/{path}", b"data", service="s3"))


@given(st.text(alphabet="abc/.~ %+=é", max_size=20), st.dictionaries(WORDS, WORDS))
def test_any_path_and_query_of_another_service_is_admitted(path: str, query: dict[str, str]) -> None:
    """Other services normalise the path and encode it twice (IAM user guide, SigV4)."""
    text = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in query.items())
    check(signed("GET", f"http://{HOST}/{quote(path)}?{text}", service="lambda"))


def test_a_presigned_url_is_admitted_until_it_expires() -> None:
    """X-Amz-Expires counts seconds from X-Amz-Date (S3 API reference, query authentication)."""
    sent = presigned(expires=100)
    check(sent)
    check(sent, now() + timedelta(seconds=90))
    assert reason(sent, now() + timedelta(seconds=110)) is Reason.EXPIRED


def test_a_clock_fifteen_minutes_off_is_refused_both_ways() -> None:
    """S3 allows 15 minutes of skew (RequestTimeTooSkewed); so does the local Glue, for every service."""
    sent = glue_call()
    check(sent, now() + timedelta(minutes=14))
    check(sent, now() - timedelta(minutes=14))
    assert reason(sent, now() + timedelta(minutes=16)) is Reason.SKEWED
    assert reason(sent, now() - timedelta(minutes=16)) is Reason.SKEWED


def test_an_unknown_key_and_a_wrong_secret_have_different_errors() -> None:
    """AWS answers UnrecognizedClientException and InvalidSignatureException respectively."""
    assert reason(glue_call(access_key="AKIAUNKNOWN")) is Reason.UNKNOWN_KEY
    assert reason(glue_call(secret_key="wrong")) is Reason.MISMATCH


def test_an_unsigned_request_is_refused() -> None:
    """MissingAuthenticationToken: no credentials at all (common errors of AWS APIs)."""
    assert reason(replace(glue_call(), headers=((b"host", HOST.encode()),))) is Reason.MISSING


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b",
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}, Signature=1",
    ],
)
def test_an_authorization_that_lacks_parts_is_incomplete(authorization: str) -> None:
    """IncompleteSignature names what is missing (common errors of AWS APIs)."""
    assert reason(with_header(glue_call(), "authorization", authorization)) is Reason.INCOMPLETE


@pytest.mark.parametrize("authorization", ["AWS key:signature", "Basic dXNlcjpwYXNz", "Bearer token"])
def test_another_kind_of_authorization_is_unsupported(authorization: str) -> None:
    """SigV2 exists only under --no-auth."""
    assert reason(with_header(glue_call(), "authorization", authorization)) is Reason.UNSUPPORTED


def test_boto3s_default_presigned_url_is_refused_with_what_helps() -> None:
    """boto3 presigns with Signature Version 2 in us-east-1 by default: the error names the setting."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{HOST}",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    with pytest.raises(Refused, match="signature_version s3v4") as refused:
        signatures.claim_of(plain(url=url).wire)
    assert refused.value.reason is Reason.UNSUPPORTED


def test_an_amz_header_added_on_the_way_is_refused() -> None:
    """Every x-amz-* header that is sent must be signed (IAM user guide, SigV4)."""
    assert reason(with_header(glue_call(), "x-amz-meta-extra", "1")) is Reason.UNSIGNED_HEADER


def test_a_repeated_header_is_part_of_the_signature() -> None:
    """Values of a repeated header are joined with commas before signing, so a second one changes the text."""
    sent = glue_call()
    repeated = replace(sent, headers=(*sent.headers, (b"x-amz-target", b"AWSGlue.DeleteJob")))
    assert reason(repeated) is Reason.MISMATCH


def test_an_s3_request_must_declare_its_payload() -> None:
    """S3 requires x-amz-content-sha256 on header-signed requests (S3 API reference)."""
    sent = signed("GET", f"http://{HOST}/bucket", service="s3")
    bare = replace(sent, headers=tuple(p for p in sent.headers if p[0] != b"x-amz-content-sha256"))
    assert reason(bare) is Reason.INCOMPLETE


@pytest.mark.parametrize(
    "payload", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
)
def test_streaming_and_unsigned_payloads_are_admitted_by_their_seed_signature(payload: str) -> None:
    """The seed signature covers the head with the placeholder in place of a hash (S3 API reference)."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("PUT", f"http://{HOST}/bucket/key", {"X-Amz-Content-SHA256": payload}, b"abc")
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(request)
    headers = {"host": HOST, **dict(request.headers.items())}
    sent = Sent("PUT", b"/bucket/key", b"", tuple((k.lower().encode(), v.encode()) for k, v in headers.items()))
    check(sent)


def test_a_laxer_path_encoding_that_means_the_same_is_admitted_for_s3() -> None:
    """AWS decodes and encodes the path again before it compares; clients may leave '=' and '+' as they are."""
    strict = signed("GET", f"http://{HOST}/bucket/dt%3D1/a%2Bb", service="s3")
    check(replace(strict, raw_path=b"/bucket/dt=1/a+b"))


@given(st.data())
@settings(max_examples=300)
def test_any_flipped_byte_of_what_is_signed_is_refused(data: st.DataObject) -> None:
    """A signature covers method, path, query, signed headers and body (signature check)."""
    kind = data.draw(st.sampled_from(["glue", "s3", "presigned"]))
    if kind == "glue":
        sent = glue_call(body=b'{"JobName": "nightly", "Tags": {"a": "b"}}')
    elif kind == "s3":
        sent = signed("PUT", f"http://{HOST}/bucket/a%20b/c?partNumber=1&uploadId=xyz", b"payload", service="s3")
    else:
        sent = presigned()
    changed = flip(data, sent)
    if changed is not None:
        with pytest.raises(Refused):
            check(changed)


def flip(data: st.DataObject, sent: Sent) -> Sent | None:
    """``sent`` with one byte of a signed part changed; None when the change says the same."""
    parts = ["method", "raw_path", "headers"] + ["query"] * bool(sent.query) + ["body"] * bool(sent.body)
    part = data.draw(st.sampled_from(parts))
    if part == "headers":
        claim = signatures.claim_of(sent.wire)
        signed_names = {name.encode() for name in claim.signed_headers} | {b"authorization"}
        index = data.draw(st.sampled_from([i for i, (name, _) in enumerate(sent.headers) if name in signed_names]))
        name, value = sent.headers[index]
        flipped = flip_bytes(data, value)
        if b"".join(value.split(b" ")) == b"".join(flipped.split()):
            return None  # white space only
        return replace(sent, headers=(*sent.headers[:index], (name, flipped), *sent.headers[index + 1 :]))
    if part == "method":
        return replace(sent, method=flip_bytes(data, sent.method.encode()).decode("latin-1"))
    value = getattr(sent, part)
    flipped = flip_bytes(data, value)
    if part != "body" and unquote_to_bytes(flipped) == unquote_to_bytes(value):
        return None  # %2f for %2F
    if part == "query" and sorted(flipped.split(b"&")) == sorted(value.split(b"&")):
        return None
    return replace(sent, **{part: flipped})


def flip_bytes(data: st.DataObject, value: bytes) -> bytes:
    """One byte of ``value`` replaced by another printable one."""
    index = data.draw(st.integers(0, len(value) - 1))
    new = data.draw(st.integers(33, 126).filter(lambda byte: byte != value[index]))
    return value[:index] + bytes([new]) + value[index + 1 :]


def test_the_signing_key_follows_the_published_example() -> None:
    """AWS documents this derived key for 20150830/us-east-1/iam (IAM user guide, SigV4 examples)."""
    key = signatures.signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"


def test_the_date_header_replaces_x_amz_date() -> None:
    """Either X-Amz-Date or Date names the time (IAM user guide, SigV4)."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("GET", f"http://{HOST}/", {"Date": "now"}, b"")
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "lambda", "us-east-1").add_auth(request)
    headers = {"host": HOST, **dict(request.headers.items())}
    sent = Sent("GET", b"/", b"", tuple((k.lower().encode(), v.encode()) for k, v in headers.items()))
    assert b"x-amz-date" not in dict(sent.headers)
    check(sent, datetime.now(UTC))


def test_a_date_beyond_all_calendars_is_refused() -> None:
    """A Date that cannot be expressed in UTC is refused like a missing one (SigV4 needs one), without a 500."""
    head = f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/us-east-1/lambda/aws4_request"
    authorization = f"{head}, SignedHeaders=host, Signature=0"
    assert reason(plain(authorization=authorization, date="Fri, 31 Dec 9999 23:59:59 -2300")) is Reason.INCOMPLETE
