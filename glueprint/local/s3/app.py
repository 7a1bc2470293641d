"""S3 as an ASGI application: the shell that receives, calls an operation in a thread, and sends.

The caller has checked the signature of the request and puts the checker of chunk signatures into
``scope["state"]["chunk_signatures"]``. Bodies stream both ways, one block at a time, so that memory does not
grow with an object.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import anyio
from anyio import to_thread
from botocore.model import OperationModel

from glueprint.local.access import Access, AccessDenied
from glueprint.local.protocol.failures import disk_problem
from glueprint.local.s3.address import region_of, target_of
from glueprint.local.s3.body import BodyReader, ClientGone, Receive
from glueprint.local.s3.bucket_operations import BucketOperations
from glueprint.local.s3.bucket_settings import BucketSettings
from glueprint.local.s3.call import Body, Call, Reply, Stream, operations_of
from glueprint.local.s3.checksums import Digests
from glueprint.local.s3.decoding import decode, parse_query
from glueprint.local.s3.encoding import Encoded, encode, error_document
from glueprint.local.s3.errors import NotModified, S3Error, not_implemented
from glueprint.local.s3.integrity import Claims, claims_of
from glueprint.local.s3.listed_settings import ListedSettings
from glueprint.local.s3.listing_operations import ListingOperations
from glueprint.local.s3.object_operations import ObjectOperations
from glueprint.local.s3.routes import Routes, Target
from glueprint.local.s3.staging import BLOCK_BYTES, StagedFile
from glueprint.local.s3.store import S3Store
from glueprint.local.s3.upload_operations import UploadOperations

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Operation = Callable[[Call], Reply]

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
"""The largest XML body: a thousand keys to delete, ten thousand parts to complete."""

_MAX_DRAINED_BYTES = 1024 * 1024
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    raw_path: str
    target: Target
    query: dict[str, str]
    headers: dict[str, str]
    region: str
    request_id: str
    access_key: str | None = None


class S3App:
    """Serves one store.

    Args:
        store: the buckets and objects.
        account_id: the owner of all buckets; ExpectedBucketOwner is compared with it.
        region: the endpoint's region for requests whose signature names none.
        access: records and checks calls; None: neither.
    """

    def __init__(self, store: S3Store, account_id: str, region: str, access: Access | None = None) -> None:
        self._store = store
        self._access = access
        self._account_id = account_id
        self._region = region
        self._routes = Routes()
        self._operations = {
            **operations_of(
                (
                    BucketOperations(store, account_id),
                    ObjectOperations(store),
                    ListingOperations(store, account_id),
                    UploadOperations(store, account_id),
                )
            ),
            **BucketSettings(store).operations(),
            **ListedSettings(store).operations(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"S3App serves http, not {scope['type']}")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        raw_path = scope["raw_path"].decode("latin-1")
        request_id = secrets.token_hex(8).upper()
        body: BodyReader | None = None
        try:
            query_string = scope["query_string"].decode("latin-1")
            target = target_of(raw_path, headers.get("host", ""))
            request = _Request(
                scope["method"],
                raw_path,
                target,
                parse_query(query_string),
                headers,
                region_of(headers, query_string, self._region),
                request_id,
                scope.get("state", {}).get("access_key"),
            )
            body = BodyReader(headers, receive, scope.get("state", {}).get("chunk_signatures"))
            model, reply = await self._answer(request, body)
            await self._send(send, request, model, reply)
        except ClientGone:
            return
        except NotModified as answer:
            await _send_whole(send, Encoded(304, dict(answer.headers), b""), request_id)
        except S3Error as error:
            await self._refuse(send, scope["method"], raw_path, request_id, body, error)
        except OSError as error:
            text = disk_problem(error)
            if text is None:
                _LOG.exception("%s %s failed", scope["method"], raw_path)
                text = f"The data directory cannot be used: {error.strerror}"
            refusal = S3Error("InternalError", text, 500)
            await self._refuse(send, scope["method"], raw_path, request_id, body, refusal)

    def operation(self, model: OperationModel) -> Operation:
        """Return the method that implements an operation.

        Raises:
            S3Error: NotImplemented, naming it.
        """
        found = self._operations.get(model.name)
        if found is not None:
            return found
        raise not_implemented(model.name)

    async def _answer(self, request: _Request, body: BodyReader) -> tuple[OperationModel, Reply]:
        model = self._routes.find(request.method, request.target, request.query, request.headers)
        operation = self.operation(model)
        claims = claims_of(request.headers)
        if model.has_streaming_input:
            members = decode(model, request.target, request.query, request.headers, b"")
            call = Call(model.name, members, request.region, claims)
            call.check(self._account_id)
            operation = await self._allowed(request, call, operation)
            return model, await self._take_stream(operation, call, body)
        document = await body.read(MAX_DOCUMENT_BYTES)
        if document:
            await to_thread.run_sync(_verify, claims, document, body.trailers)
        members = decode(model, request.target, request.query, request.headers, document)
        call = Call(model.name, members, request.region, claims)
        call.check(self._account_id)
        operation = await self._allowed(request, call, operation)
        return model, await to_thread.run_sync(operation, call)

    async def _allowed(self, request: _Request, call: Call, operation: Operation) -> Operation:
        """Record the call, and return the operation if the caller may use it.

        Raises:
            S3Error: AccessDenied.
        """
        access = self._access
        if access is None:
            return operation
        access.observe(request.access_key, "s3", call.operation, call.members, call.region)
        if not access.enforces:
            return operation
        await to_thread.run_sync(_check, access, request.access_key, call)

        def hiding(call: Call) -> Reply:
            # "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403" for an
            # object that does not exist (S3 API reference, GetObject and HeadObject).
            try:
                return operation(call)
            except S3Error as error:
                if error.code == "NoSuchKey":
                    listing = Call(
                        "ListObjectsV2", {"Bucket": call.bucket, "Prefix": call.key}, call.region, call.claims
                    )
                    _check(access, request.access_key, listing)
                raise

        return hiding

    async def _take_stream(self, operation: Operation, call: Call, body: BodyReader) -> Reply:
        """Receive a body into a file, block by block, then call the operation."""
        async with aclosing(body.blocks()) as blocks:
            first = await anext(blocks, b"")
            if body.ended:
                return await to_thread.run_sync(self._take_short, operation, call, first, body)
            staged = await to_thread.run_sync(self._begin, call, first)
            try:
                async for block in blocks:
                    await to_thread.run_sync(staged.write, block)
                return await to_thread.run_sync(_conclude, operation, call, staged, body)
            finally:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(staged.__exit__)

    def _take_short(self, operation: Operation, call: Call, data: bytes, body: BodyReader) -> Reply:
        with self._begin(call, data) as staged:
            return _conclude(operation, call, staged, body)

    def _begin(self, call: Call, first: bytes) -> StagedFile:
        self._store.bucket(call.bucket)  # a missing bucket is refused before the body is received
        staged = self._store.stage(call.claims.algorithms)
        staged.write(first)
        return staged

    async def _send(self, send: Send, request: _Request, model: OperationModel, reply: Reply) -> None:
        try:
            encoded = encode(model, reply.members, reply.status)
        except BaseException:
            if reply.stream is not None:
                reply.stream.source.close()
            raise
        if reply.document is not None:
            headers = {**encoded.headers, "Content-Type": reply.content_type}
            encoded = Encoded(encoded.status, headers, reply.document)
        if reply.stream is not None:
            await _send_stream(send, encoded, request.request_id, reply.stream)
        else:
            await _send_whole(send, encoded, request.request_id, head=request.method == "HEAD")

    async def _refuse(
        self, send: Send, method: str, raw_path: str, request_id: str, body: BodyReader | None, error: S3Error
    ) -> None:
        headers = {"Content-Type": "application/xml"}
        try:
            if body is not None and not body.ended and not await body.drain(_MAX_DRAINED_BYTES):
                headers["Connection"] = "close"
        except ClientGone:
            return
        document = error_document(error, raw_path, request_id)
        if method == "HEAD":
            document = b""
        await _send_whole(send, Encoded(error.status, headers, document), request_id, head=method == "HEAD")


def _check(access: Access, access_key: str | None, call: Call) -> None:
    try:
        access.check(access_key, "s3", call.operation, call.members, call.region)
    except AccessDenied as error:
        raise S3Error("AccessDenied", str(error), 403) from error


def _conclude(operation: Operation, call: Call, staged: StagedFile, body: BodyReader) -> Reply:
    verified = call.claims.verify(staged.digests, body.trailers)
    return operation(replace(call, body=Body(staged, verified)))


def _verify(claims: Claims, document: bytes, trailers: Mapping[str, str]) -> None:
    digests = Digests(claims.algorithms)
    digests.update(document)
    claims.verify(digests, trailers)


async def _send_whole(send: Send, encoded: Encoded, request_id: str, *, head: bool = False) -> None:
    headers = encoded.headers
    if (encoded.body or (head and encoded.status == 200)) and "Content-Type" not in headers:
        headers = {**headers, "Content-Type": "application/xml"}
    if not head and encoded.status not in (204, 304):
        headers = {**headers, "Content-Length": str(len(encoded.body))}
    await send(_start(encoded.status, headers, request_id))
    await send({"type": "http.response.body", "body": encoded.body})


async def _send_stream(send: Send, encoded: Encoded, request_id: str, stream: Stream) -> None:
    """Send an object's bytes. If another program truncates the file meanwhile, the connection breaks:
    the client receives an incomplete body, never a wrong one that looks complete."""
    source, span = stream.source, stream.span
    try:
        await send(_start(encoded.status, encoded.headers, request_id))
        sent = 0
        while sent < span.size:
            block = await to_thread.run_sync(source.read, span.start + sent, min(BLOCK_BYTES, span.size - sent))
            if not block:
                raise OSError(f"'{source.key}' became shorter while it was being sent")
            sent += len(block)
            more = sent < span.size
            await send({"type": "http.response.body", "body": block, "more_body": more})
        if span.size == 0:
            await send({"type": "http.response.body", "body": b""})
    finally:
        source.close()


def _start(status: int, headers: dict[str, str], request_id: str) -> dict[str, Any]:
    pairs = {**headers, "x-amz-request-id": request_id, "x-amz-id-2": "glueprint"}
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.lower().encode("latin-1"), _latin(value)) for name, value in pairs.items()],
    }


def _latin(value: str) -> bytes:
    return value.encode("latin-1", "replace")
