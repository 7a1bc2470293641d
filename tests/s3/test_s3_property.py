"""Each answer of each implemented S3 operation parses and is never a 500, for generated requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from botocore.model import OperationModel
from botocore.parsers import create_parser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from s3_harness import ACCOUNT, open_store

from glueprint.local.s3 import S3App, S3Error, S3Store
from glueprint.local.s3.routes import Routes

PARSER = create_parser("rest-xml")
SERVICE = Routes().service
EXAMPLES = 15
"""Requests for each operation; 400 of each found the errors that are fixed since."""

KEYS = ("k", "up", "none", "a//b", "é", "x" * 1100, "../x", "k%2F", "\x00", "\x01")
TEXTS = (
    "", "*", "null", "x", "-1", "0", "1", "2", "10001", "9" * 30, "9" * 5000, "1e999", "nan", "true", "url", "/",
    "bytes=0-1", "bytes=-0", "bytes=5-", f"bytes={'9' * 5000}-", f"bytes=0-{'9' * 5000}", "bytes=a-b", '"abc"',
    "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2300", "0001-01-01T00:00:00+10:00", "2024-01-01",
    "bucket/k", "bucket/none", "none-such/k", "bucket", "bucket/%ff", "bucket/k?versionId=x", "a=b&c=%ff", ACCOUNT,
    "COPY", "REPLACE", "STANDARD", "GLACIER", "CRC32", "SHA256", "NOPE", "FULL_OBJECT", "COMPOSITE", "AAAAAA==",
    "ETag", "ObjectParts,Checksum", "private", "public-read", "aws:kms", "ÿ", "MQ==",
)  # fmt: skip
QUERY_TEXTS = (*TEXTS, "text/html\r\nX-Evil: 1", "日本", "a\x00b", "\x7f")
"""A query can contain characters that a header cannot."""
BODIES = (
    b"",
    b"x",
    b"<x",
    b"<a>" * 5000,
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><Delete><Object><Key>&a;</Key></Object></Delete>",
    b"<Delete><Object><Key>k</Key></Object></Delete>",
    b"<Delete><Object/></Delete>",
    b"<Delete/>",
    b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    b"<Tagging><TagSet/></Tagging>",
    b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
    b"<CompleteMultipartUpload><Part><PartNumber>%s</PartNumber></Part></CompleteMultipartUpload>" % (b"9" * 5000),
    b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
    b"1\r\nx\r\n0\r\n\r\n",
)
UPLOAD = "{upload}"
"""Stands for the id of the open upload."""
BESIDE = (
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "content-md5",
    "content-encoding",
)
BESIDE_TEXTS = (*TEXTS, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "aws-chunked", "x-amz-checksum-crc32")


@dataclass(frozen=True)
class Seeded:
    """An application whose store has a bucket, an object and an open upload."""

    store: S3Store
    app: S3App

    def restore(self) -> str:
        """Put back what a request may have removed; the id of the upload."""
        self.store.create_bucket("bucket")
        stored = self.store.put("bucket", "k", b"0123456789")
        found = [upload for upload in self.store.uploads.of_bucket("bucket") if upload.key == "up"]
        upload = found[0] if found else self.store.uploads.create("bucket", "up", stored.record.attributes)
        return upload.upload_id

    def answer(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        query_string = "&".join(f"{quote(key)}={quote(value)}" for key, value in query.items())
        named = {"host": "127.0.0.1", "content-length": str(len(body)), **headers}
        scope = {
            "type": "http",
            "method": method,
            "raw_path": path.encode("ascii"),
            "query_string": query_string.encode("ascii"),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()],
            "state": {},
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        names = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """One application for all requests."""
    database, store = open_store(tmp_path_factory.mktemp("property"), min_part_bytes=1)
    yield Seeded(store, S3App(store, ACCOUNT, "us-east-1"))
    database.close()


def _implemented() -> list[str]:
    """The implemented operations, listed before any test runs."""

    class Nowhere(S3Store):
        def __init__(self) -> None:
            """It is never called."""

    app = S3App(Nowhere(), ACCOUNT, "us-east-1")

    def is_here(name: str) -> bool:
        try:
            return bool(app.operation(SERVICE.operation_model(name)))
        except S3Error:
            return False

    return [name for name in SERVICE.operation_names if is_here(name)]


@st.composite
def requests(draw: st.DrawFn, model: OperationModel) -> tuple[str, dict[str, str], dict[str, str], bytes]:
    """Path, query, headers and body for an operation: what it requires, and any of what it allows."""
    address, _, literal = model.http["requestUri"].partition("?")
    path = address.replace("{Bucket}", draw(st.sampled_from(["bucket"] * 4 + ["none-such", "B%AD"])))
    path = path.replace("{Key+}", quote(draw(st.sampled_from(["k", "up", *KEYS]))))
    query = {name: value for name, _, value in (item.partition("=") for item in literal.split("&") if item)}
    headers: dict[str, str] = {}
    shape = model.input_shape
    members = shape.members if shape is not None else {}
    required = shape.required_members if shape is not None else []
    some = draw(st.lists(st.sampled_from(sorted(members)), unique=True, max_size=4)) if members else []
    for name in sorted({*required, *some}):  # a set has another order in each process
        member = members[name]
        wire = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "querystring":
                query[wire] = draw(st.sampled_from([UPLOAD, *QUERY_TEXTS]))
            case "header" if draw(st.booleans()):
                headers[wire.lower()] = draw(st.sampled_from([text for text in TEXTS if text.isprintable()]))
            case "header":
                query[wire] = draw(st.sampled_from(QUERY_TEXTS))
            case "headers":
                query[f"{wire}a"] = draw(st.sampled_from(QUERY_TEXTS))
    for name in draw(st.lists(st.sampled_from(BESIDE), unique=True, max_size=2)):
        headers[name] = draw(st.sampled_from(BESIDE_TEXTS))
    return path, query, headers, draw(st.sampled_from(BODIES))


@pytest.mark.parametrize("operation", _implemented())
def test_every_answer_parses_and_none_is_a_500(seeded: Seeded, operation: str) -> None:
    """Valid and invalid requests from the model: never a 500, and parsed by botocore."""
    model = SERVICE.operation_model(operation)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(requests(model))
    def ask(request: tuple[str, dict[str, str], dict[str, str], bytes]) -> None:
        upload_id = seeded.restore()
        path, query, sent, document = request
        query = {name: upload_id if value == UPLOAD else value for name, value in query.items()}
        status, headers, body = seeded.answer(model.http["method"], path, query, sent, document)
        assert status < 500 or status == 501, body
        assert not any(set(value) & set("\r\n\0") for value in headers.values())
        if status >= 400 and model.http["method"] != "HEAD":
            parsed = PARSER.parse({"status_code": status, "headers": headers, "body": body}, model.output_shape)
            assert parsed["Error"]["Code"]
            assert parsed["Error"]["Message"]

    ask()
