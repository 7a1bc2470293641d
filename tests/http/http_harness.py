"""Speaks ASGI to an application, and signs requests as botocore does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from glueprint.local.http.dispatch import Front, FrontOptions, Services
from glueprint.local.http.moto import Moto
from glueprint.local.http.wire import WireRequest

ACCESS_KEY = "GLPRABCDEFGHIJKLMNOP"
SECRET_KEY = "a-secret/of+tests"
HOST = "127.0.0.1:4577"


def keys(access_key: str) -> str | None:
    """The key lookup of the tests: one key is known."""
    return SECRET_KEY if access_key == ACCESS_KEY else None


@dataclass(frozen=True)
class Sent:
    """One request, ready to be put on the wire."""

    method: str
    raw_path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""

    @property
    def wire(self) -> WireRequest:
        return WireRequest(self.method, self.raw_path, self.query, self.headers)

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "method": self.method,
            "path": self.raw_path.decode("latin-1"),
            "raw_path": self.raw_path,
            "query_string": self.query,
            "headers": list(self.headers),
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 4577),
        }


def plain(method: str = "GET", url: str = f"http://{HOST}/", body: bytes = b"", **headers: str) -> Sent:
    """An unsigned request; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _sent(method, url, {"host": urlsplit(url).netloc, **named}, body)


def signed(
    method: str = "POST",
    url: str = f"http://{HOST}/",
    body: bytes = b"",
    *,
    service: str = "glue",
    region: str = "us-east-1",
    access_key: str = ACCESS_KEY,
    secret_key: str = SECRET_KEY,
    payload: str | None = None,
    **headers: str,
) -> Sent:
    """A request that botocore signed in its Authorization header; ``payload`` replaces an S3 body's hash."""
    request = AWSRequest(method, url, {n.replace("_", "-"): v for n, v in headers.items()}, body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = signer(Credentials(access_key, secret_key), service, region)
    if payload is not None:
        auth.payload = lambda request: payload
    auth.add_auth(request)
    return _sent(method, request.url, {"host": urlsplit(url).netloc, **dict(request.headers.items())}, body)


def presigned(
    method: str = "GET", url: str = f"http://{HOST}/bucket/key", *, expires: int = 60, secret_key: str = SECRET_KEY
) -> Sent:
    """A presigned S3 URL, as botocore makes it."""
    request = AWSRequest(method, url)
    S3SigV4QueryAuth(Credentials(ACCESS_KEY, secret_key), "s3", "us-east-1", expires=expires).add_auth(request)
    return _sent(method, request.url, {"host": urlsplit(url).netloc}, b"")


def glue_call(operation: str = "GetJobs", body: bytes = b"{}", **overrides: Any) -> Sent:
    """A signed Glue call."""
    headers = {"x_amz_target": f"AWSGlue.{operation}", "content_type": "application/x-amz-json-1.1"}
    return signed(body=body, **{**headers, **overrides})


def _sent(method: str, url: str, headers: dict[str, str], body: bytes) -> Sent:
    split = urlsplit(url)
    lowered = tuple((k.lower().encode("ascii"), v.encode("utf-8")) for k, v in headers.items())
    return Sent(method, split.path.encode("ascii"), split.query.encode("ascii"), lowered, body)


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body)


class Recorder:
    """A service that records requests and reads bodies completely, piece by piece."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bodies: list[bytes] = []
        self.contexts: list[Any] = []
        self.states: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        self.states.append(scope["state"])
        self.contexts.append(scope["state"]["context"])
        headers = [(b"x-answered-by", self.name.encode()), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.name == "s3" else b"{}"})


class RecordingMoto(Moto):
    """Stands in for moto: issued keys by hand, no import."""

    def __init__(self, issued: dict[str, str] | None = None) -> None:
        super().__init__()
        self.recorder = Recorder("moto")
        self.issued = issued or {}
        self.resets = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.recorder(scope, receive, send)

    def secret_of(self, access_key: str) -> str | None:
        return self.issued.get(access_key)

    def reset(self) -> None:
        self.resets += 1


@dataclass
class FrontHarness:
    """A front with recorders behind it."""

    front: Front
    services: Services

    @classmethod
    def build(cls, *, issued: dict[str, str] | None = None, **options: Any) -> FrontHarness:
        services = Services(
            glue=Recorder("glue"),
            logs=Recorder("logs"),
            events=Recorder("events"),
            s3=Recorder("s3"),
            job_api=Recorder("job API"),
            moto=RecordingMoto(issued),
        )
        return cls(Front(services, FrontOptions(**{"keys": keys, **options})), services)

    def ask(self, sent: Sent, pieces: Iterable[bytes] | None = None) -> Answer:
        return ask(self.front, sent, pieces)


def ask(app: Any, sent: Sent, pieces: Iterable[bytes] | None = None) -> Answer:
    """Put ``sent`` to an ASGI application, its body in ``pieces`` when given; a piece None never arrives."""
    parts = list(pieces) if pieces is not None else [sent.body]
    answer = Answer()

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.Event().wait()
        body = parts.pop(0)
        if body is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    asyncio.run(app(sent.scope(), receive, send))
    return answer


def now() -> datetime:
    """The present, as the front's clock gives it."""
    return datetime.now(UTC)
