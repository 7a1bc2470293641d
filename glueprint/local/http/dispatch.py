"""Decides which service a request is for, and hands it on.

One port answers every client, so the request itself must name the service. In this order
(docs/facts/s3.md#which-service-a-request-is-for): the operation in ``X-Amz-Target``, the path ``/moto-api``, the
signature's scope (header or query), Signature Version 2 (only S3 clients still use it), and for unsigned requests
their form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from urllib.parse import unquote_to_bytes

import anyio.to_thread
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glueprint.local.access import Access, AccessDenied
from glueprint.local.http import signatures
from glueprint.local.http.bodies import read_body, replay, streamed
from glueprint.local.http.chunk_signatures import ChunkSignatures, chunk_signatures
from glueprint.local.http.guard import content_type_problem
from glueprint.local.http.moto import Moto
from glueprint.local.http.refusals import Dialect, Reason, Refused, dialect_of, render
from glueprint.local.http.signatures import KeyLookup
from glueprint.local.http.welcome import PAGE, is_browser
from glueprint.local.http.wire import WireRequest
from glueprint.local.protocol import Context
from glueprint.local.protocol.failures import failure_text
from glueprint.local.s3.control import is_served


class Target(Enum):
    """What answers a request."""

    HEALTH = "health"
    PAGE = "page for browsers"
    RESET = "reset"
    GLUE = "glue"
    LOGS = "logs"
    EVENTS = "events"
    STATES = "states"
    ATHENA = "athena"
    S3 = "s3"
    S3_CONTROL = "S3 Control"
    JOB_API = "job API"
    MOTO = "moto"


_OWN_OPERATIONS = {
    "AWSGlue": Target.GLUE,
    "Logs_20140328": Target.LOGS,
    "AWSEvents": Target.EVENTS,
    "AWSStepFunctions": Target.STATES,
    "AmazonAthena": Target.ATHENA,
}
_CHECKED = {
    Target.ATHENA: "athena",
    Target.EVENTS: "events",
    Target.GLUE: "glue",
    Target.LOGS: "logs",
    Target.STATES: "stepfunctions",
}
"""The services whose calls are recorded and checked here, by botocore's names; S3 does it itself."""
_OWN_SCOPES = {
    "glue": Target.GLUE,
    "logs": Target.LOGS,
    "events": Target.EVENTS,
    "states": Target.STATES,
    "athena": Target.ATHENA,
    "s3": Target.S3,
    "glueprint": Target.JOB_API,
}


def target_of(request: WireRequest) -> Target:
    """Return the service that ``request`` is for; the local Glue's services never fall through to moto's."""
    path = unquote_to_bytes(request.raw_path)
    authorization = request.header("authorization")
    scope = signatures.claimed_scope(request)
    operation = request.header("x-amz-target")
    if operation is not None and (own := _OWN_OPERATIONS.get(operation.partition(".")[0])):
        return own
    if path == b"/health" and authorization is None and scope is None and request.method in ("GET", "HEAD"):
        return Target.HEALTH
    if scope is None and is_browser(request, path):
        return Target.PAGE
    if path.startswith(b"/moto-api"):
        is_reset = request.method == "POST" and path.rstrip(b"/") == b"/moto-api/reset"
        return Target.RESET if is_reset else Target.MOTO
    if scope is not None:
        service = scope.service.lower()
        if service == "s3" and path.startswith(b"/v20180820/"):  # S3 Control signs as s3
            return Target.S3_CONTROL if is_served(path.decode("latin-1")) else Target.MOTO
        return _OWN_SCOPES.get(service, Target.MOTO)
    if authorization is not None and authorization.startswith("AWS "):
        return Target.S3
    return _target_of_unsigned(request, path)


def _target_of_unsigned(request: WireRequest, path: bytes) -> Target:
    if request.header("x-amz-target") is not None:
        return Target.MOTO
    content_type = (request.header("content-type") or "").lower()
    if request.method == "POST" and path == b"/" and not content_type.startswith("multipart/form-data"):
        is_bucket_call = bool(request.query) and request.parameter("Action") is None
        return Target.S3 if is_bucket_call else Target.MOTO
    return Target.S3


@dataclass(frozen=True, slots=True)
class Services:
    """The ASGI applications behind the front.

    Attributes:
        moto: looks up the keys that its IAM issued; is reset.
        others: all other services of AWS; moto itself if it is None.
    """

    glue: ASGIApp
    logs: ASGIApp
    events: ASGIApp
    s3: ASGIApp
    job_api: ASGIApp
    moto: Moto
    others: ASGIApp | None = None
    s3_control: ASGIApp | None = None
    states: ASGIApp | None = None
    athena: ASGIApp | None = None


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """The settings of the front.

    Attributes:
        keys: secrets by access key, in addition to those that moto's IAM and STS issued; None: nothing is
            verified (``--no-auth``).
        reset: empties this Glue; None unless ``--ephemeral``. Runs on a worker thread.
        health: what ``GET /health`` returns in addition to ``status``.
        default: account and region of requests whose signature does not name a region.
        max_body_bytes: bytes of a request that is not S3's.
        body_seconds: the time within which such a body must arrive.
        idle_seconds: the longest pause within an S3 body.
        clock: now, with time zone.
        access: records and checks the calls of Glue and CloudWatch Logs; None: neither.
    """

    keys: KeyLookup | None
    reset: Callable[[], None] | None = None
    health: Callable[[], Mapping[str, Any]] = dict
    default: Context = field(default_factory=Context)
    max_body_bytes: int = 10 * 1024 * 1024
    body_seconds: float = 30.0
    idle_seconds: float = 60.0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    access: Access | None = None


class Front:
    """The ASGI application behind the guard: verifies a request and hands it to its service.

    The service finds a :class:`Context` in ``scope["state"]["context"]``, and S3 in ``["chunk_signatures"]`` what
    checks a body whose chunks are signed (None: they are not), and in ``["access_key"]`` who signed (None: no
    one).
    """

    def __init__(self, services: Services, options: FrontOptions) -> None:
        self._services = services
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = WireRequest.from_scope(scope)
        target = target_of(request)
        if target is Target.PAGE:
            await PAGE(scope, receive, send)
            return
        if target is Target.HEALTH:
            await JSONResponse({"status": "ok", **self._options.health()})(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            admitted, chunks = await self._admit(request, target, receive)
            state = {
                "context": self._context(request),
                "chunk_signatures": chunks,
                "access_key": self._access_key(request),
            }
            scope = {**scope, "state": {**scope.get("state", {}), **state}}
            await self._app(target)(scope, admitted, noting_send)
        except ClientDisconnect:
            return
        except Exception as error:
            if started:
                raise
            refused = error if isinstance(error, Refused) else _broken(request, error)
            answer = render(refused, dialect_of(request, is_s3=target is Target.S3))
            headers = {"x-amzn-errortype": answer.error_type}
            response = Response(answer.body, answer.status, headers, answer.content_type)
            await response(scope, receive, send)

    def _app(self, target: Target) -> ASGIApp:
        match target:
            case Target.GLUE:
                return self._services.glue
            case Target.S3:
                return self._services.s3
            case Target.LOGS:
                return self._services.logs
            case Target.EVENTS:
                return self._services.events
            case Target.ATHENA if self._services.athena is not None:
                return self._services.athena
            case Target.S3_CONTROL if self._services.s3_control is not None:
                return self._services.s3_control
            case Target.STATES if self._services.states is not None:
                return self._services.states
            case Target.JOB_API:
                return self._services.job_api
            case Target.RESET:
                return self._reset
            case _:
                return self._services.others or self._services.moto

    def _context(self, request: WireRequest) -> Context:
        scope = signatures.claimed_scope(request)
        default = self._options.default
        return Context(default.account_id, scope.region) if scope else default

    async def _admit(
        self, request: WireRequest, target: Target, receive: Receive
    ) -> tuple[Receive, ChunkSignatures | None]:
        """Return the body of a request that is admitted, and what checks its chunks if they are signed.

        Raises:
            Refused: the request is not admitted.
        """
        await self._restore_keys(request)
        problem = content_type_problem(request)
        if problem is not None and target is not Target.S3:
            raise Refused(Reason.CONTENT_TYPE, problem)
        if target is Target.S3:
            return self._admit_s3(request, receive)
        claim, secret = None, ""
        if self._options.keys is not None:
            claim = signatures.claim_of(request)
            _check_service(claim, target)
            # Before the body is read into memory: who does not know a key sends no megabytes.
            secret = self._check(request, claim)
        body = await read_body(
            request, receive, limit=self._options.max_body_bytes, seconds=self._options.body_seconds
        )
        if claim is not None:
            signatures.verify(request, claim, _payload_hash(request, body), secret)
            await self._check_access(request, target, claim.scope, body)
        return replay(body, receive), None

    async def _restore_keys(self, request: WireRequest) -> None:
        """Have moto restore its IAM, off the event loop, before a key is looked up that it may have issued."""
        scope = signatures.claimed_scope(request)
        keys = self._options.keys
        if keys is not None and scope is not None and keys(scope.access_key) is None:
            await anyio.to_thread.run_sync(self._services.moto.restore_keys)

    async def _check_access(
        self, request: WireRequest, target: Target, scope: signatures.Scope, body: bytes
    ) -> None:
        """Record the call; refuse it if the caller may not make it."""
        access, service = self._options.access, _CHECKED.get(target)
        if access is None or service is None:
            return
        operation = (request.header("x-amz-target") or "").rpartition(".")[2]
        call = (scope.access_key, service, operation, body, scope.region)
        access.observe_json(*call)
        if access.enforces:
            try:
                await anyio.to_thread.run_sync(access.check_json, *call)
            except AccessDenied as error:
                raise Refused(Reason.NOT_ALLOWED, str(error)) from error

    def _access_key(self, request: WireRequest) -> str | None:
        scope = signatures.claimed_scope(request) if self._options.keys is not None else None
        return scope.access_key if scope is not None else None

    def _admit_s3(self, request: WireRequest, receive: Receive) -> tuple[Receive, ChunkSignatures | None]:
        expected = chunks = None
        if self._options.keys is not None:
            claim = signatures.claim_of(request)
            _check_service(claim, Target.S3)
            payload_hash = signatures.s3_payload_hash(request, claim)
            signatures.verify(request, claim, payload_hash, self._check(request, claim))
            expected = signatures.body_hash(payload_hash)
            chunks = chunk_signatures(claim, payload_hash, self._secret_of)
        return streamed(receive, sha256=expected, idle_seconds=self._options.idle_seconds), chunks

    def _check(self, request: WireRequest, claim: signatures.Claim) -> str:
        return signatures.check_claim(request, claim, self._secret_of, self._options.clock())

    def _secret_of(self, access_key: str) -> str | None:
        own = self._options.keys(access_key) if self._options.keys is not None else None
        return own if own is not None else self._services.moto.secret_of(access_key)

    async def _reset(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /moto-api/reset``, answered as by moto's server."""
        response: Response
        if self._options.reset is None:
            message = "only `glueprint serve --ephemeral` can be reset: this one keeps what it is given"
            response = JSONResponse({"__type": "AccessDeniedException", "message": message}, 403)
        else:
            await anyio.to_thread.run_sync(self._options.reset)
            await anyio.to_thread.run_sync(self._services.moto.reset)
            response = JSONResponse({"status": "ok"})
        await response(scope, receive, send)


def _broken(request: WireRequest, error: Exception) -> Refused:
    path = request.raw_path.decode("latin-1")
    return Refused(Reason.BROKEN, failure_text(f"{request.method} {path}", error))


def _check_service(claim: signatures.Claim, target: Target) -> None:
    """Refuse a signature for another service."""
    wanted = next((service for service, own in _OWN_SCOPES.items() if own is target), None)
    if wanted is not None and claim.scope.service != wanted:
        raise Refused(Reason.WRONG_SCOPE, f"Credential should be scoped to correct service: '{wanted}'.")


def _payload_hash(request: WireRequest, body: bytes) -> str:
    """Return the body's hash for the signature; a hash that the client declares must match."""
    actual = hashlib.sha256(body).hexdigest()
    declared = request.header("x-amz-content-sha256")
    if declared is None or declared == actual:
        return actual
    is_json = dialect_of(request, is_s3=False) is Dialect.JSON
    if declared == signatures.UNSIGNED_PAYLOAD and not is_json:
        return declared  # some REST operations are declared so in their models (``v4-unsigned-body``)
    raise Refused(Reason.PAYLOAD, "The x-amz-content-sha256 header does not match the body that arrived.")
