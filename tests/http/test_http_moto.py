"""moto behind the front, over a real socket, with a real boto3."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from http_harness import ACCESS_KEY, SECRET_KEY, Recorder, keys

from glueprint.local.http import Front, FrontOptions, Guard, HostRules, Moto, Services


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A front with real moto behind it."""
    moto = Moto()
    front = Front(
        Services(
            glue=Recorder("glue"),
            logs=Recorder("logs"),
            events=Recorder("events"),
            s3=Recorder("s3"),
            job_api=Recorder("job API"),
            moto=moto,
        ),
        FrontOptions(keys, reset=lambda: None),
    )
    config = uvicorn.Config(
        Guard(front, HostRules()),
        port=0,
        log_level="critical",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(60)
    moto.close()
    assert not thread.is_alive()


def client(endpoint: str, service: str, access_key: str = ACCESS_KEY, secret: str = SECRET_KEY, **kwargs: str):  # type: ignore[no-untyped-def]
    """A boto3 client of the endpoint."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.session.Session().client(
        service, "us-east-1", endpoint_url=endpoint, aws_access_key_id=access_key,
        aws_secret_access_key=secret, config=config, **kwargs,
    )  # fmt: skip


def test_sts_answers_with_our_account(endpoint: str) -> None:
    """The account is 123456789012; STS is served by moto."""
    sts = client(endpoint, "sts")
    assert sts.get_caller_identity()["Account"] == "123456789012"
    sts.close()


def test_a_wrong_secret_is_refused_in_the_services_words(endpoint: str) -> None:
    """SignatureDoesNotMatch is what STS says ('Common errors', STS API reference)."""
    sts = client(endpoint, "sts", secret="wrong")
    with pytest.raises(ClientError) as refused:
        sts.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    sts.close()


def test_keys_of_iam_users_and_assumed_roles_may_sign(endpoint: str) -> None:
    """Keys that moto's IAM and STS issued are admitted, inactive ones are not."""
    iam, sts = client(endpoint, "iam"), client(endpoint, "sts")
    iam.create_user(UserName="ana")
    made = iam.create_access_key(UserName="ana")["AccessKey"]
    theirs = client(endpoint, "sts", made["AccessKeyId"], made["SecretAccessKey"])
    assert theirs.get_caller_identity()["Arn"].endswith(":user/ana")
    iam.update_access_key(UserName="ana", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError):
        theirs.get_caller_identity()
    role = iam.create_role(RoleName="etl", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    token = session["SessionToken"]
    assumed = client(endpoint, "sts", session["AccessKeyId"], session["SecretAccessKey"], aws_session_token=token)
    assert "assumed-role/etl" in assumed.get_caller_identity()["Arn"]
    for each in (iam, sts, theirs, assumed):
        each.close()


@pytest.mark.parametrize("key", ["a b/ü/%2F", "a//b", "x+y=1&2", "./..", "~'()*!", "dt=2024-01-01/part-0"])
def test_any_s3_key_survives_the_wire(endpoint: str, key: str) -> None:
    """raw_path is what the signature covers: decoded paths break %2F keys (docs/facts/s3.md#signatures)."""
    s3 = client(endpoint, "s3")
    answer = s3.put_object(Bucket="bucket", Key=key, Body=b"x" * 200_000)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    s3.close()
