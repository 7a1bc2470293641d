"""Which service a request means, and what the front refuses on the way, in whose words."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from http_harness import (
    ACCESS_KEY,
    HOST,
    FrontHarness,
    Sent,
    glue_call,
    plain,
    presigned,
    signed,
)

from glueprint.local.http.bodies import BodyRefused
from glueprint.local.http.dispatch import Target, target_of

ROOT = f"http://{HOST}/"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        (glue_call(), Target.GLUE),
        (signed(service="logs", x_amz_target="Logs_20140328.GetLogEvents"), Target.LOGS),
        (signed(service="events", x_amz_target="AWSEvents.PutRule"), Target.EVENTS),
        (signed(service="events"), Target.EVENTS),
        (signed(service="dynamodb", x_amz_target="DynamoDB_20120810.ListTables"), Target.MOTO),
        (signed(service="glue", x_amz_target="DynamoDB_20120810.ListTables"), Target.GLUE),
        (signed(service="s3", x_amz_target="DynamoDB_20120810.ListTables"), Target.S3),
        (signed("GET", f"{ROOT}moto-api/data.json", service="s3"), Target.MOTO),
        (plain("POST", f"{ROOT}moto-api/reset"), Target.RESET),
        (signed("POST", f"{ROOT}glueprint/v1/job-runs/jr_1/bookmark/begin", service="glueprint"), Target.JOB_API),
        (signed("POST", f"{ROOT}glueprint/v1/job-runs/jr_1/bookmark/begin", service="s3"), Target.S3),
        (signed("GET", f"{ROOT}bucket/key", service="s3"), Target.S3),
        (signed("GET", f"{ROOT}v20180820/tags/x", service="s3"), Target.S3_CONTROL),
        (signed("GET", f"{ROOT}v20180820/jobs", service="s3"), Target.MOTO),
        (signed("POST", ROOT, b"Action=GetCallerIdentity", service="sts", content_type=FORM), Target.MOTO),
        (plain("GET", f"{ROOT}bucket/key", authorization="AWS key:signature"), Target.S3),
        (presigned(), Target.S3),
        (plain("POST", ROOT, b"Action=AssumeRoleWithWebIdentity", content_type=FORM), Target.MOTO),
        (plain("POST", ROOT, b"{}", x_amz_target="AWSCognitoIdentityService.GetId"), Target.MOTO),
        (plain("POST", f"{ROOT}?delete"), Target.S3),
        (plain("GET", ROOT), Target.S3),
        (plain("GET", ROOT, accept="text/html,application/xhtml+xml,*/*;q=0.8"), Target.PAGE),
        (plain("GET", f"{ROOT}?list-type=2", accept="text/html"), Target.S3),
        (plain("GET", f"{ROOT}bucket", accept="text/html"), Target.S3),
        (signed("GET", ROOT, service="s3", accept="text/html"), Target.S3),
        (plain("PUT", f"{ROOT}bucket/key"), Target.S3),
        (plain("GET", f"{ROOT}health"), Target.HEALTH),
        (signed("GET", f"{ROOT}health", service="s3"), Target.S3),
    ],
)
def test_the_service_is_read_off_the_request(sent: Sent, target: Target) -> None:
    """The order is that of docs/facts/s3.md#which-service-a-request-is-for."""
    assert target_of(sent.wire) is target


def test_a_browser_gets_a_page_without_secrets() -> None:
    """It states what this is and what to type; it loads nothing and cannot be framed (CSP Level 3)."""
    answer = FrontHarness.build().ask(plain(url=ROOT, accept="text/html,*/*"))
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.body.decode()
    assert "local AWS Glue" in page
    assert 'eval "$(glueprint env)"' in page
    assert ACCESS_KEY not in page
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_health_answers_unsigned() -> None:
    """`serve` is ready when GET /health answers 200."""
    answer = FrontHarness.build(health=lambda: {"server": "glueprint"}).ask(plain(url=f"{ROOT}health"))
    assert (answer.status, answer.json()) == (200, {"status": "ok", "server": "glueprint"})



def test_the_context_carries_the_region_of_the_signature() -> None:
    """The region comes from the signature; the account is 123456789012."""
    front = FrontHarness.build()
    front.ask(glue_call(region="eu-west-1"))
    (context,) = front.services.glue.contexts  # type: ignore[attr-defined]
    assert (context.region, context.account_id) == ("eu-west-1", "123456789012")


def test_a_signed_call_reaches_its_service_with_its_body() -> None:
    """The body that was hashed is the body that the service reads."""
    front = FrontHarness.build()
    assert front.ask(glue_call(body=b'{"JobName":"a"}')).headers["x-answered-by"] == "glue"
    assert front.services.glue.bodies == [b'{"JobName":"a"}']  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (plain("POST", ROOT, b"{}", x_amz_target="AWSGlue.GetJobs", content_type="application/x-amz-json-1.1"),
         400, "MissingAuthenticationTokenException"),
        (glue_call(access_key="AKIANOBODY"), 400, "UnrecognizedClientException"),
        (glue_call(secret_key="wrong"), 400, "InvalidSignatureException"),
        (glue_call(service="s3"), 400, "InvalidSignatureException"),
        (glue_call(authorization="x").__class__("POST", b"/", b"", (
            (b"host", HOST.encode()), (b"x-amz-target", b"AWSGlue.GetJobs"),
            (b"content-type", b"application/x-amz-json-1.1"),
            (b"authorization", b"AWS4-HMAC-SHA256 Credential=k"))), 400, "IncompleteSignatureException"),
    ],
)  # fmt: skip
def test_json_services_refuse_in_json(sent: Sent, status: int, code: str) -> None:
    """Error names: 'Common errors' of the Glue and CloudWatch Logs API references; json 1.1 errors are 400."""
    answer = FrontHarness.build().ask(sent)
    assert (answer.status, answer.json()["__type"]) == (status, code)
    assert answer.headers["x-amzn-errortype"] == code


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (plain(url=f"{ROOT}bucket/key"), 403, "AccessDenied"),
        (signed("GET", f"{ROOT}b/k", service="s3", access_key="AKIANOBODY"), 403, "InvalidAccessKeyId"),
        (signed("GET", f"{ROOT}b/k", service="s3", secret_key="wrong"), 403, "SignatureDoesNotMatch"),
        (plain(url=f"{ROOT}b/k", authorization="AWS key:signature"), 400, "InvalidRequest"),
        (plain(url=f"{ROOT}b/k?AWSAccessKeyId=k&Signature=s&Expires=1"), 400, "InvalidRequest"),
    ],
)
def test_s3_refuses_in_xml(sent: Sent, status: int, code: str) -> None:
    """Error names and statuses: 'Error responses' of the S3 API reference."""
    answer = FrontHarness.build().ask(sent)
    assert (answer.status, ET.fromstring(answer.body).findtext("Code")) == (status, code)


def test_query_services_refuse_in_their_xml() -> None:
    """IAM and STS wrap errors as ErrorResponse/Error ('Common errors', IAM API reference)."""
    sent = signed("POST", ROOT, b"Action=GetCallerIdentity", service="sts", secret_key="wrong", content_type=FORM)
    answer = FrontHarness.build().ask(sent)
    assert answer.status == 403
    assert ET.fromstring(answer.body).findtext("Error/Code") == "SignatureDoesNotMatch"


def test_keys_that_moto_issued_may_sign() -> None:
    """Keys of IAM CreateAccessKey or STS AssumeRole are admitted like the data directory's key."""
    front = FrontHarness.build(issued={"AKIAISSUED": "their-secret"})
    assert front.ask(glue_call(access_key="AKIAISSUED", secret_key="their-secret")).status == 200
    assert front.ask(glue_call(access_key="AKIAISSUED", secret_key="another")).status == 400


def test_without_auth_unsigned_wrong_and_old_signatures_pass() -> None:
    """--no-auth admits unsigned and SigV2 requests."""
    front = FrontHarness.build(keys=None)
    assert front.ask(glue_call(secret_key="wrong")).headers["x-answered-by"] == "glue"
    assert front.ask(plain(url=f"{ROOT}b/k")).headers["x-answered-by"] == "s3"
    assert front.ask(plain(url=f"{ROOT}b/k", authorization="AWS a:b")).headers["x-answered-by"] == "s3"


def test_a_changed_json_body_is_refused() -> None:
    """The payload hash of JSON calls is part of the signature (IAM user guide, SigV4)."""
    front = FrontHarness.build()
    assert front.ask(glue_call(body=b'{"JobName":"a"}'), [b'{"JobName":"b"}']).status == 400
    assert front.services.glue.bodies == []  # type: ignore[attr-defined]


def test_a_json_call_may_not_leave_its_payload_unsigned() -> None:
    """UNSIGNED-PAYLOAD is S3's and some REST operations'; a JSON body decides what is done."""
    answer = FrontHarness.build().ask(glue_call(x_amz_content_sha256="UNSIGNED-PAYLOAD"))
    assert answer.json()["__type"] == "InvalidSignatureException"


def test_a_changed_s3_body_never_reaches_its_end() -> None:
    """XAmzContentSHA256Mismatch (S3 API reference): the handler must not see a complete body."""
    front = FrontHarness.build()
    sent = signed("PUT", f"{ROOT}b/k", b"0123456789", service="s3")
    assert front.ask(sent, [b"01234", b"56789"]).status == 200
    answer = front.ask(sent, [b"01234", b"5678X"])
    assert (answer.status, ET.fromstring(answer.body).findtext("Code")) == (400, "XAmzContentSHA256Mismatch")
    assert front.services.s3.bodies == [b"0123456789"]  # type: ignore[attr-defined]


def test_bodies_over_the_limit_are_refused_declared_or_not() -> None:
    """Requests that are not S3's are read into memory, so their size is limited."""
    front = FrontHarness.build(max_body_bytes=100)
    declared = glue_call(body=b"{" + b" " * 200 + b"}", content_length="202")
    undeclared = glue_call(body=b"{" + b" " * 200 + b"}")
    for sent in (declared, undeclared):
        answer = front.ask(sent)
        assert (answer.status, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")


@pytest.mark.parametrize(
    ("sent", "status"),
    [(glue_call(body=b"{}"), 408), (signed("PUT", f"{ROOT}b/k", b"xy", service="s3"), 400)],
)
def test_a_body_that_does_not_arrive_is_given_up(sent: Sent, status: int) -> None:
    """Slow clients must not block the server; S3 answers RequestTimeout with 400."""
    front = FrontHarness.build(body_seconds=0.05, idle_seconds=0.05)
    never: list[Any] = [b"x", None]
    assert front.ask(sent, never).status == status


@pytest.mark.parametrize(
    ("sent", "service", "code"),
    [
        (signed("GET", f"{ROOT}b/k", service="s3"), "s3", "InternalError"),
        (glue_call(), "glue", "InternalFailure"),
        (signed(service="sts", body=b"Action=X", content_type=FORM), "moto", "InternalFailure"),
    ],
)
def test_an_internal_error_has_the_form_of_the_service(
    sent: Sent, service: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients parse a 500 as any other error ("Common errors" pages); the log has the exception."""
    front = FrontHarness.build()

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise KeyError("oh")

    object.__setattr__(front.services, service, broken)
    answer = front.ask(sent)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (500, code)
    assert b"KeyError" in answer.body
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_a_refusal_after_the_answer_began_is_raised() -> None:
    """A half-sent answer cannot be turned into an error: the connection must break."""
    front = FrontHarness.build()

    async def eager(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive()).get("more_body"):
            pass

    object.__setattr__(front.services, "s3", eager)
    with pytest.raises(BodyRefused):
        front.ask(signed("PUT", f"{ROOT}b/k", b"abc", service="s3"), [b"abX"])


def test_reset_empties_everything_under_ephemeral_only() -> None:
    """POST /moto-api/reset works with --ephemeral; it must be signed like all requests."""
    calls: list[str] = []
    front = FrontHarness.build(reset=lambda: calls.append("reset"))
    reset = signed("POST", f"{ROOT}moto-api/reset", service="s3")
    assert front.ask(reset).json() == {"status": "ok"}
    assert (calls, front.services.moto.resets) == (["reset"], 1)  # type: ignore[attr-defined]
    assert front.ask(plain("POST", f"{ROOT}moto-api/reset")).status == 403
    assert FrontHarness.build(keys=None).ask(plain("POST", f"{ROOT}moto-api/reset")).status == 403


def test_the_access_key_of_the_tests_is_known() -> None:
    """Guards the tests above: they must fail for the reason they name."""
    assert FrontHarness.build().ask(glue_call(access_key=ACCESS_KEY)).status == 200
