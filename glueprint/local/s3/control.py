"""The part of S3 Control that tools call for every bucket: its tags, and the account's public access block.

Terraform's AWS provider reads tags of buckets here since 6.23 (hashicorp/terraform-provider-aws#46202). Paths and
documents: the service model ``s3control``. Other operations are refused by name, by the gate in front of moto.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glueprint.local.s3 import tagging
from glueprint.local.s3.errors import S3Error, malformed_xml
from glueprint.local.s3.settings_rows import NEVER
from glueprint.local.s3.store import S3Store

TAGS_PATH = "/v20180820/tags/"
BLOCK_PATH = "/v20180820/configuration/publicAccessBlock"

_NAMESPACE = "http://awss3control.amazonaws.com/doc/2018-08-20/"
_BUCKET_ARN = re.compile(r"arn:aws[\w-]*:s3:::(?P<bucket>[^/]+)")
_ACCOUNT = ""
"""In place of a bucket's name, in the table of settings: the account."""
_BLOCK = "PublicAccessBlock"
_BLOCK_MEMBERS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def is_served(path: str) -> bool:
    """Whether a path of S3 Control is served here."""
    return path.startswith(TAGS_PATH) or path == BLOCK_PATH


class S3Control:
    """ASGI application over the buckets of one store."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        try:
            response = await anyio.to_thread.run_sync(self._answer, request, body)
        except S3Error as error:
            response = _refusal(error)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.scope["raw_path"].decode("latin-1")
        if path == BLOCK_PATH:
            return self._block(request.method, body)
        found = _BUCKET_ARN.fullmatch(unquote(path.removeprefix(TAGS_PATH)))
        if found is None:
            raise S3Error("InvalidRequest", "only buckets (arn:aws:s3:::NAME) have tags in this local S3", 400)
        bucket = self._store.bucket(found["bucket"])
        if request.method == "GET":
            tags = "".join(_element("Tag", {"Key": key, "Value": text}) for key, text in bucket.tags.items())
            return _document("ListTagsForResourceResult", f"<Tags>{tags}</Tags>")
        if request.method == "POST":
            members = {"TagSet": _tags(body)}
            tags_after = {**bucket.tags, **tagging.from_members(members, tagging.MAX_BUCKET_TAGS)}
            tagging.from_members({"TagSet": tagging.to_members(tags_after)}, tagging.MAX_BUCKET_TAGS)
        elif request.method == "DELETE":
            removed = set(request.query_params.getlist("tagKeys"))
            tags_after = {key: text for key, text in bucket.tags.items() if key not in removed}
        else:
            raise _not_allowed()
        self._store.buckets.put_tags(bucket.name, tags_after)
        return Response(status_code=204)

    def _block(self, method: str, body: bytes) -> Response:
        buckets = self._store.buckets
        if method == "GET":
            found = buckets.setting(_ACCOUNT, _BLOCK)
            if found is NEVER or found is None:
                message = "The public access block configuration was not found"
                raise S3Error("NoSuchPublicAccessBlockConfiguration", message, 404)
            inner = "".join(f"<{name}>{text}</{name}>" for name, text in found.items())
            return _document("PublicAccessBlockConfiguration", inner)
        if method == "DELETE":
            buckets.put_setting(_ACCOUNT, _BLOCK, None)
            return Response(status_code=204)
        if method != "PUT":
            raise _not_allowed()
        sent = {_local(node.tag): (node.text or "").strip() for node in _parsed(body)}
        buckets.put_setting(_ACCOUNT, _BLOCK, {name: sent.get(name, "false") for name in _BLOCK_MEMBERS})
        return Response(status_code=200)


def _tags(body: bytes) -> list[dict[str, str]]:
    nodes = (node for node in _parsed(body).iter() if _local(node.tag) == "Tag")
    return [{_local(child.tag): child.text or "" for child in node} for node in nodes]


def _parsed(body: bytes) -> ElementTree.Element:
    if b"<!" in body:  # document types: S3's documents have none, and entities could grow
        raise malformed_xml()
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise malformed_xml() from None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _element(name: str, members: Mapping[str, str]) -> str:
    inner = "".join(f"<{member}>{escape(text)}</{member}>" for member, text in members.items())
    return f"<{name}>{inner}</{name}>"


def _document(root: str, inner: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">{inner}</{root}>'
    return Response(text, media_type="application/xml", headers={"x-amz-request-id": str(uuid.uuid4())})


def _refusal(error: S3Error) -> Response:
    inner = _element("Error", {"Code": error.code, "Message": error.message})
    text = f"<ErrorResponse>{inner}<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    return Response(text, error.status, media_type="application/xml")


def _not_allowed() -> S3Error:
    return S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
