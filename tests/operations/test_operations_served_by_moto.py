"""Operations of Glue that moto serves: handed over after the checks of the model, and carried out by moto."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.glue.served_by_moto import SERVED_BY_MOTO
from glueprint.local.http.handover import HandOver
from glueprint.local.http.moto import Moto
from glueprint.local.protocol import Context, JsonService, Operation

SERVICE = JsonService(
    "glue", {"GetJob": Operation(lambda context, request: {"Job": {"Name": request["JobName"]}})}
)


def _called(app: ASGIApp, operation: str, request: Any, region: str = "us-east-1") -> tuple[int, dict[str, Any]]:
    """Return status and answer of one request."""
    body = json.dumps(request).encode()
    headers = {
        "host": "127.0.0.1:4577",
        "content-type": "application/x-amz-json-1.1",
        "content-length": str(len(body)),
        "x-amz-target": f"AWSGlue.{operation}",
    }
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "server": ("127.0.0.1", 4577),
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {"context": Context(region=region)},
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    answer = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(answer)


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the request."""
    message = await receive()
    headers = {key.decode(): value.decode() for key, value in scope["headers"]}
    received = {"body": json.loads(message["body"]), "authorization": headers.get("authorization")}
    await JSONResponse(received)(scope, receive, send)


def test_named_operations_alone_are_handed_over() -> None:
    """The operation in X-Amz-Target decides; the body arrives complete."""
    app = HandOver(SERVICE, _echo, {"GetRegistry"})
    assert _called(app, "GetJob", {"JobName": "j"})[1] == {"Job": {"Name": "j"}}
    request = {"RegistryId": {"RegistryName": "r"}}
    status, answer = _called(app, "GetRegistry", request, region="eu-west-1")
    assert (status, answer["body"]) == (200, request)
    assert "/eu-west-1/glue/aws4_request" in answer["authorization"]


@pytest.mark.parametrize("request_", [{}, [], {"RegistryId": 3}, {"RegistryId": {"RegistryName": ""}}])
def test_invalid_requests_are_not_handed_over(request_: Any) -> None:
    """Requests are validated against the model, also for operations that moto serves."""
    status, answer = _called(HandOver(SERVICE, _echo, {"GetRegistry"}), "GetRegistry", request_)
    assert status == 400
    assert answer["__type"] in ("ValidationException", "SerializationException")


@pytest.fixture(scope="module")
def call() -> Iterator[Callable[..., dict[str, Any]]]:
    """Calls one of the operations; an error fails the test."""
    moto = Moto()
    app = HandOver(SERVICE, moto, SERVED_BY_MOTO)
    seen: set[str] = set()

    def called(operation: str, **request: Any) -> dict[str, Any]:
        seen.add(operation)
        status, answer = _called(app, operation, request)
        assert status == 200, answer
        return answer

    called.seen = seen  # type: ignore[attr-defined]
    yield called
    moto.close()


def test_schemas(call: Callable[..., dict[str, Any]]) -> None:
    """Schema Registry: registries, schemas, versions, metadata (forwarded to moto)."""
    registry, schema = {"RegistryName": "r"}, {"RegistryName": "r", "SchemaName": "s"}
    text = '{"type": "record", "name": "x", "fields": []}'
    wider = '{"type": "record", "name": "x", "fields": [{"name": "a", "type": ["null", "int"], "default": null}]}'
    call("CreateRegistry", RegistryName="r")
    assert call("GetRegistry", RegistryId=registry)["RegistryName"] == "r"
    assert [one["RegistryName"] for one in call("ListRegistries")["Registries"]] == ["r"]
    made = call(
        "CreateSchema",
        RegistryId=registry,
        SchemaName="s",
        DataFormat="AVRO",
        Compatibility="BACKWARD",
        SchemaDefinition=text,
    )
    assert call("GetSchema", SchemaId=schema)["SchemaArn"] == made["SchemaArn"]
    second = call("RegisterSchemaVersion", SchemaId=schema, SchemaDefinition=wider)
    assert call("GetSchemaVersion", SchemaVersionId=second["SchemaVersionId"])["SchemaDefinition"] == wider
    assert call("GetSchemaByDefinition", SchemaId=schema, SchemaDefinition=text)["Status"] == "AVAILABLE"
    pair = {"MetadataKey": "k", "MetadataValue": "v"}
    version = {"LatestVersion": True}
    call("PutSchemaVersionMetadata", SchemaId=schema, SchemaVersionNumber=version, MetadataKeyValue=pair)
    call("UpdateSchema", SchemaId=schema, SchemaVersionNumber=version, Compatibility="NONE", Description="d")
    call("DeleteSchema", SchemaId=schema)
    call("DeleteRegistry", RegistryId=registry)


def test_security_configurations(call: Callable[..., dict[str, Any]]) -> None:
    """Security configurations (forwarded to moto)."""
    encryption = {"S3Encryption": [{"S3EncryptionMode": "DISABLED"}]}
    call("CreateSecurityConfiguration", Name="c", EncryptionConfiguration=encryption)
    assert call("GetSecurityConfiguration", Name="c")["SecurityConfiguration"]["Name"] == "c"
    assert len(call("GetSecurityConfigurations")["SecurityConfigurations"]) == 1
    call("DeleteSecurityConfiguration", Name="c")


def test_policies_and_settings(call: Callable[..., dict[str, Any]]) -> None:
    """Resource policies and catalog encryption settings (forwarded to moto)."""
    policy = '{"Version": "2012-10-17", "Statement": []}'
    call("PutResourcePolicy", PolicyInJson=policy)
    assert json.loads(call("GetResourcePolicy")["PolicyInJson"]) == json.loads(policy)
    call("DeleteResourcePolicy")
    settings = {"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}}
    call("PutDataCatalogEncryptionSettings", DataCatalogEncryptionSettings=settings)
    kept = call("GetDataCatalogEncryptionSettings")["DataCatalogEncryptionSettings"]
    assert kept["EncryptionAtRest"] == settings["EncryptionAtRest"]


def test_every_operation_that_is_handed_over_was_called(call: Callable[..., dict[str, Any]]) -> None:
    """The tests above called each operation in the table with success."""
    assert call.seen == set(SERVED_BY_MOTO)  # type: ignore[attr-defined]
