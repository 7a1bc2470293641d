"""The JSON protocol: what the service model says is what is accepted, and nothing is answered emptily."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from harness.local_server import Server
from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.protocol import ApiError, Context, JsonService, Operation
from glueprint.local.reference import REFUSED, statuses


def _service(**operations: Any) -> JsonService:
    return JsonService("glue", {name: Operation(call) for name, call in operations.items()})


MODEL = _service().model
REFERENCE = Path(__file__).parents[2] / "docs" / "reference-operations.md"
ECHO = _service(CreateTrigger=lambda context, request: {"Name": request["Name"]})


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(ANY_JSON)
def test_any_json_is_answered_with_a_client_error_or_success(body: Any) -> None:
    """Whatever JSON arrives, the answer is an error that names the fault, never a 500."""
    status, answer = ECHO.handle("AWSGlue.CreateTrigger", json.dumps(body).encode(), Context())
    assert status in (200, 400), answer
    assert status == 200 or answer["__type"] in ("ValidationException", "SerializationException")


def test_members_that_the_model_does_not_know_are_ignored() -> None:
    """Unknown and null members never reach an operation: AWS ignores them, at every depth."""
    seen: list[dict[str, Any]] = []
    service = _service(CreateTrigger=lambda context, request: seen.append(request) or {"Name": "t"})
    body = {"Name": "t", "Type": "ON_DEMAND", "Actions": [{"JobName": "j", "New": 1}], "More": {}}
    assert service.handle("AWSGlue.CreateTrigger", json.dumps(body).encode(), Context())[0] == 200
    assert seen == [{"Name": "t", "Type": "ON_DEMAND", "Actions": [{"JobName": "j"}]}]


def test_half_a_surrogate_pair_is_refused() -> None:
    """A text that is not Unicode is a client's error, not a fault of the store."""
    body = b'{"Name": "t", "Type": "ON_DEMAND", "Actions": [], "Tags": {"k": "\\ud800"}}'
    status, answer = ECHO.handle("AWSGlue.CreateTrigger", body, Context())
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_a_body_that_is_not_json_is_a_serialization_error() -> None:
    """A broken body is answered SerializationException, as AWS's JSON services do."""
    status, answer = _service().handle("AWSGlue.GetJob", b"{broken", Context())
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_an_operation_that_the_model_does_not_know_is_unknown() -> None:
    """An operation outside the model is UnknownOperationException, as AWS's JSON services answer."""
    status, answer = _service().handle("AWSGlue.MakeCoffee", b"{}", Context())
    assert (status, answer["__type"]) == (400, "UnknownOperationException")


def test_an_answer_outside_the_model_is_an_internal_error() -> None:
    """A member that the model does not know is never sent (serialize)."""
    service = _service(GetJob=lambda context, request: {"Jobb": {}})
    status, answer = service.handle("AWSGlue.GetJob", b'{"JobName": "a"}', Context())
    assert (status, answer["__type"]) == (500, "InternalServiceException")


def test_an_operation_refuses_in_its_own_words() -> None:
    """What an operation raises is the answer: code, message, status."""

    def refuse(context: Context, request: dict[str, Any]) -> None:
        raise ApiError("EntityNotFoundException", "no such job")

    status, answer = _service(GetJob=refuse).handle("AWSGlue.GetJob", b'{"JobName": "a"}', Context())
    assert (status, answer["__type"], answer["Message"]) == (400, "EntityNotFoundException", "no such job")


def _signed(url: str, name: str, body: bytes, endpoint: Mapping[str, str]) -> urllib.request.Request:
    headers = {"X-Amz-Target": f"AWSGlue.{name}", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", url, data=body, headers=headers)
    credentials = Credentials(endpoint["access_key"], endpoint["secret_key"])
    SigV4Auth(credentials, "glue", endpoint["region"]).add_auth(request)
    return urllib.request.Request(url, body, dict(request.headers))


def _answer(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_every_operation_that_is_not_implemented_is_named_in_its_error(shared_server: Server) -> None:
    """The sweep: UnsupportedOperationException, naming the operation, of those alone that the docs say so of."""
    endpoint = json.loads((shared_server.data_dir / "endpoint.json").read_text())
    refused = set()
    for name in MODEL.operation_names:
        status, answer = _answer(_signed(endpoint["url"] + "/", name, b"{}", endpoint))
        assert status in (200, 400), (name, answer)
        if answer.get("__type") == "UnsupportedOperationException":
            assert name in answer["Message"]
            refused.add(name)
    table = statuses(REFERENCE.read_text(encoding="utf-8"))
    assert refused == {name for name in MODEL.operation_names if table.get(name, (REFUSED, ""))[0] == REFUSED}
