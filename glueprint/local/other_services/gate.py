"""The application in front of moto: what the table lists goes on, everything else is refused by name."""

from __future__ import annotations

from collections.abc import Callable

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from glueprint.local.http.bodies import replay
from glueprint.local.http.refusals import Dialect
from glueprint.local.http.signatures import claimed_scope
from glueprint.local.http.wire import WireRequest
from glueprint.local.other_services import decisions
from glueprint.local.other_services.answers import CrashesRefused, caller_identity, refused
from glueprint.local.other_services.journal import Journal
from glueprint.local.other_services.requests import Purpose, purpose_of
from glueprint.local.protocol import Context

_PURPOSE = "glueprint.purpose"

Identity = Callable[[str], "tuple[str, str] | None"]
"""Returns user id and ARN by access key; None if moto must answer."""


class Gate:
    """Answers requests to services that the local Glue does not implement itself.

    Args:
        moto: answers what the table of decisions lists.
        journal: carries out the requests that are repeated after a restart; None: none are.
        identity: returns user id and ARN of a job run or layout by its access key, which moto does not know.
    """

    def __init__(
        self, moto: ASGIApp, journal: Journal | None = None, identity: Identity = lambda access_key: None
    ) -> None:
        self._moto = CrashesRefused(moto, _named)
        self._journal = journal
        self._identity = identity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = WireRequest.from_scope(scope)
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        wanted = purpose_of(request, body)
        found = claimed_scope(request)
        if (wanted.service, wanted.operation) == ("sts", "GetCallerIdentity") and found is not None:
            caller = await anyio.to_thread.run_sync(self._identity, found.access_key)
            if caller is not None:
                await caller_identity(*caller)(scope, receive, send)
                return
        reason = _refusal(wanted, request)
        if reason is not None:
            await refused(reason, wanted.dialect)(scope, receive, send)
            return
        scope = {**_signed(scope, request, wanted.service), _PURPOSE: wanted}
        if self._journal is not None and self._journal.keeps(wanted.service, wanted.operation):
            answer = CrashesRefused(self._journal.application(wanted, body), _named)
            await answer(scope, replay(body, receive), send)
            return
        await self._moto(scope, replay(body, receive), send)


def _refusal(wanted: Purpose, request: WireRequest) -> str | None:
    """Return why a request is refused; None if it is not."""
    if request.raw_path.startswith(b"/moto-api"):
        return f"{request.raw_path.decode('latin-1')} is not served: {decisions.reason('moto-api')}"
    if not wanted.service:
        return f"{wanted.operation} is not served: the request does not name its service in a signature"
    if decisions.served(wanted.service, wanted.operation) is None:
        return (
            f"{wanted.operation} of {wanted.service} is not served by this local Glue: "
            f"{decisions.reason(wanted.service)}. docs/reference-other-services.md lists what is"
        )
    return decisions.refusal(wanted.service, wanted.operation, wanted.parameters)


def _named(scope: Scope) -> tuple[str, Dialect]:
    wanted: Purpose = scope[_PURPOSE]
    return wanted.operation, wanted.dialect


def _signed(scope: Scope, request: WireRequest, service: str) -> Scope:
    """Return the scope with an Authorization header: moto reads service, region and caller of a request there."""
    if request.header("authorization") is not None:
        return scope
    context = scope.get("state", {}).get("context") or Context()
    found = claimed_scope(request)
    key = found.access_key if found is not None else "unsigned"
    claimed = f"AWS4-HMAC-SHA256 Credential={key}/20000101/{context.region}/{service}/aws4_request"
    header = (b"authorization", f"{claimed}, SignedHeaders=host, Signature=unsigned".encode("latin-1"))
    return {**scope, "headers": [*scope["headers"], header]}
