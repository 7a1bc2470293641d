"""Every operation of every service that moto knows is either in the table or refused by name with HTTP 400."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.model import ServiceModel
from other_services_requests import Request, answered, request_of, requests_of, services_of_moto
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glueprint.local.other_services import Gate, decisions
from glueprint.local.other_services.decisions import REASONS, SERVED

SAME_REQUESTS = {("bedrock", "InvokeInlineAgent"), ("lex", "GetImport"), ("lex", "ListImports")}
"""Operations whose requests are, in method and path, those of another operation with the same signing name."""


@pytest.fixture(scope="module")
def services() -> list[ServiceModel]:
    return list(services_of_moto())


class Moto:
    """Notes which requests reach moto."""

    def __init__(self) -> None:
        self.reached = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached += 1
        await Response(b"", 200)(scope, receive, send)


def _all(services: list[ServiceModel]) -> Iterator[Request]:
    for service in services:
        yield from requests_of(service)


def test_every_operation_is_served_or_refused_by_name(services: list[ServiceModel]) -> None:
    """An operation that is not in the table never reaches moto; clients read its name and a status that they do
    not repeat (botocore repeats 500, 502, 503 and 504: its retry configuration)."""
    moto = Moto()
    gate = Gate(moto)
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    for request in _all(services):
        name = request.model.name
        moto.reached = 0
        status, answer = answered(gate, request)
        error = answer.get("Error", {})
        if decisions.served(request.service, name):
            seen.add((request.service, name))
            message = error.get("Message", "")
            if moto.reached != 1 and "is not served: nothing would be delivered" not in message:
                wrong.append(f"{request.service}.{name} did not reach moto: {message}")
        elif moto.reached or status != 400:
            wrong.append(f"{request.service}.{name}: status {status}, reached moto {moto.reached} times")
        elif "UnsupportedOperation" not in error.get("Code", ""):
            wrong.append(f"{request.service}.{name}: {error}")
        elif (request.service, name) in SAME_REQUESTS:
            continue
        elif f"{name} of {request.service}" not in error["Message"]:
            wrong.append(f"{request.service}.{name} is not named: {error['Message']}")
    assert not wrong, "\n".join(wrong[:40]) + f"\n{len(wrong)}"
    listed = {(entry.service, name) for entry in SERVED for name in entry.operations}
    assert seen == listed


def test_reasons_are_for_services_that_moto_knows(services: list[ServiceModel]) -> None:
    """The table has no entry that means nothing."""
    known = {service.signing_name for service in services}
    assert set(REASONS) - known - {"moto-api"} == set()


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("Subscribe", {"TopicArn": "t", "Protocol": "email", "Endpoint": "a@b.c"}, "email"),
        ("Subscribe", {"TopicArn": "t", "Protocol": "lambda", "Endpoint": "arn"}, "lambda"),
        ("Publish", {"PhoneNumber": "+1", "Message": "m"}, "PhoneNumber"),
        ("Publish", {"TargetArn": "arn:aws:sns:us-east-1:1:endpoint/APNS/a/b", "Message": "m"}, "TargetArn"),
    ],
)
def test_what_sns_would_not_deliver_is_refused(
    services: list[ServiceModel], operation: str, members: dict[str, str], message: str
) -> None:
    """A success of Publish or Subscribe means that something is delivered."""
    sns = next(service for service in services if service.service_name == "sns")
    status, answer = answered(Gate(Moto()), request_of(sns, operation, members))
    assert status == 400
    assert message in answer["Error"]["Message"]
