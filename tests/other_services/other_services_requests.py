"""Every operation of every service that moto knows, as the request that botocore sends."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.backend_index import backend_url_patterns
from starlette.types import ASGIApp, Message, Scope

OWN = {"glue", "logs", "events", "s3", "athena"}
"""Services that the local Glue implements itself."""


@dataclass(frozen=True)
class Request:
    """One request, and what it is for."""

    service: str
    """The name with which it is signed."""
    model: OperationModel
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def scope(self) -> Scope:
        credential = f"AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/{self.service}/aws4_request, x"
        headers = {"host": "127.0.0.1:4577", "authorization": credential, **self.headers}
        return {
            "type": "http",
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": self.query.encode(),
            "server": ("127.0.0.1", 4577),
            "client": ("127.0.0.1", 1),
            "headers": [(name.lower().encode(), str(value).encode()) for name, value in headers.items()],
        }


def services_of_moto() -> Iterator[ServiceModel]:
    """botocore's models of the services that moto routes, without those that the local Glue implements."""
    session = botocore.session.get_session()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        hosts = [
            f"https://{prefix}.{domain}"
            for prefix in {model.endpoint_prefix, model.signing_name}
            for domain in ("us-east-1.amazonaws.com", "amazonaws.com", "us-east-1.api.aws")
        ]
        if model.signing_name not in OWN and any(p.match(host) for host in hosts for _, p in backend_url_patterns):
            yield model


def requests_of(service: ServiceModel) -> Iterator[Request]:
    """Every operation of a service with its least input."""
    serializer = create_serializer(service.resolved_protocol, include_validation=False)
    for name in service.operation_names:
        model = service.operation_model(name)
        serialized = serializer.serialize_to_request(least_input(model), model)
        yield _request(service, model, serialized)


def request_of(service: ServiceModel, operation: str, members: dict[str, Any]) -> Request:
    """One request."""
    serializer = create_serializer(service.resolved_protocol, include_validation=False)
    model = service.operation_model(operation)
    return _request(service, model, serializer.serialize_to_request(members, model))


def _request(service: ServiceModel, model: OperationModel, serialized: dict[str, Any]) -> Request:
    path, _, fixed = serialized["url_path"].partition("?")
    query = serialized["query_string"]
    encoded = query if isinstance(query, str) else urlencode(query, doseq=True)
    body = serialized["body"]
    if isinstance(body, dict):
        body = urlencode(body).encode()
    elif isinstance(body, io.IOBase):
        body = body.read()
    elif isinstance(body, str):
        body = body.encode()
    headers = {name: value for name, value in serialized["headers"].items() if value is not None}
    if service.resolved_protocol in ("query", "ec2"):
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    method = serialized["method"]
    queries = "&".join(part for part in (fixed, encoded) if part)
    return Request(service.signing_name, model, method, path, queries, headers, bytes(body or b""))


def least_input(model: OperationModel) -> dict[str, Any]:
    """The required members that are part of the path."""
    shape = model.input_shape
    if shape is None:
        return {}
    return {
        name: _value(member)
        for name, member in shape.members.items()
        if member.serialization.get("location") == "uri"
    }


def _value(shape: Shape) -> Any:
    return {"integer": 1, "long": 1}.get(shape.type_name, quote("x"))


def answered(app: ASGIApp, request: Request) -> tuple[int, dict[str, Any]]:
    """Return status and parsed error, as botocore's client would see them; a success is not parsed."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(request.scope, receive, send))  # type: ignore[arg-type]
    body = b"".join(message.get("body", b"") for message in sent)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    if sent[0]["status"] == 200:
        return 200, {}
    parser = create_parser(request.model.service_model.resolved_protocol)
    raw = {"headers": headers, "status_code": sent[0]["status"], "body": body}
    return sent[0]["status"], parser.parse(raw, request.model.output_shape)
