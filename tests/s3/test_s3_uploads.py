"""Multipart uploads over HTTP (the server's minimum part is 1 KiB here, 5 MiB in production)."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from s3_harness import code_of

MIB = 1024 * 1024


def create(s3: Any, bucket: str, key: str = "k", **options: Any) -> dict[str, str]:
    """Open an upload and return the arguments that name it."""
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)["UploadId"]
    return {"Bucket": bucket, "Key": key, "UploadId": upload_id}


def test_boto3s_transfer_manager(s3: Any, bucket: str) -> None:
    """upload_fileobj and download_fileobj in parallel parts return the same bytes."""
    data = os.urandom(20 * MIB + 12345)
    config = TransferConfig(multipart_threshold=MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    s3.upload_fileobj(io.BytesIO(data), bucket, "big", Config=config, ExtraArgs={"Metadata": {"m": "1"}})
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target, Config=config)
    assert target.getvalue() == data
    head = s3.head_object(Bucket=bucket, Key="big")
    parts = [data[start : start + 5 * MIB] for start in range(0, len(data), 5 * MIB)]
    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert (head["ETag"], head["Metadata"]) == (f'"{digest}-{len(parts)}"', {"m": "1"})


def test_parts_in_any_order_and_replaced(s3: Any, bucket: str, endpoint: Any) -> None:
    """Parts are put together by number, the last upload of a number counts (API reference, UploadPart)."""
    upload = create(s3, bucket, ContentType="text/csv")
    s3.upload_part(**upload, PartNumber=7, Body=b"end")
    s3.upload_part(**upload, PartNumber=2, Body=b"wrong")
    etag = s3.upload_part(**upload, PartNumber=2, Body=b"a" * 1024)["ETag"]
    listed = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in listed] == [(2, 1024), (7, 3)]
    assert listed[0]["ETag"] == etag
    parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"a" * 1024 + b"end", "text/csv")
    second = s3.get_object(Bucket=bucket, Key="k", PartNumber=7)
    assert (second["Body"].read(), second["PartsCount"]) == (b"end", 2)
    assert second["ContentRange"] == "bytes 1024-1026/1027"
    assert list((endpoint.root / ".uploads").iterdir()) == []


def test_what_complete_refuses(s3: Any, bucket: str) -> None:
    """Unknown parts, wrong ETags, disorder and small parts are refused by name (CompleteMultipartUpload)."""
    upload = create(s3, bucket)
    one = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"small")["ETag"]}
    two = {"PartNumber": 2, "ETag": s3.upload_part(**upload, PartNumber=2, Body=b"end")["ETag"]}
    for parts, code in (
        ([{"PartNumber": 3, "ETag": one["ETag"]}], "InvalidPart"),
        ([{"PartNumber": 1, "ETag": two["ETag"]}], "InvalidPart"),
        ([two, one], "InvalidPartOrder"),
        ([one, two], "EntityTooSmall"),
        ([], "MalformedXML"),
    ):
        with pytest.raises(ClientError) as refusal:
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        assert code_of(refusal) == code
    for wrong, code in (({"MpuObjectSize": 4}, "InvalidRequest"), ({"IfMatch": '"x"'}, "NoSuchKey")):
        with pytest.raises(ClientError) as refusal:
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [two]}, **wrong)
        assert code_of(refusal) == code
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [two]}, MpuObjectSize=3)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"end"
    with pytest.raises(ClientError) as refusal:
        s3.list_parts(**upload)
    assert code_of(refusal) == "NoSuchUpload"


def test_completing_again_gives_the_same_answer(s3: Any, bucket: str) -> None:
    """A client that lost the answer may complete again, even with If-None-Match (as moto verified on AWS)."""
    upload = create(s3, bucket)
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    first = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    again = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]}, IfNoneMatch="*")
    assert again["ETag"] == first["ETag"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"another object")
    with pytest.raises(ClientError) as refusal:
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert code_of(refusal) == "NoSuchUpload"


def test_conditional_completion(s3: Any, bucket: str) -> None:
    """If-None-Match: * on completion refuses to replace an object, and the upload stays ("Conditional writes")."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"first")
    upload = create(s3, bucket)
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    with pytest.raises(ClientError) as refusal:
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]}, IfNoneMatch="*")
    assert code_of(refusal) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first"
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_aborting_removes_the_parts(s3: Any, bucket: str, endpoint: Any) -> None:
    """An aborted upload is gone with its parts (API reference, AbortMultipartUpload)."""
    upload = create(s3, bucket)
    s3.upload_part(**upload, PartNumber=1, Body=b"x" * 2000)
    s3.abort_multipart_upload(**upload)
    assert list((endpoint.root / ".uploads").iterdir()) == []
    for call in (s3.abort_multipart_upload, s3.list_parts):
        with pytest.raises(ClientError) as refusal:
            call(**upload)
        assert code_of(refusal) == "NoSuchUpload"


def test_open_uploads_are_listed_in_pages(s3: Any, bucket: str) -> None:
    """ListMultipartUploads pages by key and age, with prefix and delimiter (API reference)."""
    ids = [create(s3, bucket, key)["UploadId"] for key in ("a", "a", "b/x", "b/y", "c é")]
    everything = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [item["UploadId"] for item in everything] == ids
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [item["UploadId"] for page in pages for item in page.get("Uploads", [])] == ids
    grouped = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/", Prefix="b")
    assert (grouped["CommonPrefixes"], grouped.get("Uploads")) == ([{"Prefix": "b/"}], None)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    for item in everything:
        s3.abort_multipart_upload(Bucket=bucket, Key=item["Key"], UploadId=item["UploadId"])


def test_parts_are_listed_in_pages(s3: Any, bucket: str) -> None:
    """ListParts pages by part number (API reference)."""
    upload = create(s3, bucket)
    for number in range(1, 6):
        s3.upload_part(**upload, PartNumber=number, Body=b"x")
    pages = s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 2})
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 2], [3, 4], [5]]
    s3.abort_multipart_upload(**upload)


def test_parts_copied_from_objects(s3: Any, bucket: str) -> None:
    """UploadPartCopy takes an object or a range of it (API reference)."""
    s3.put_object(Bucket=bucket, Key="source", Body=bytes(range(256)) * 8)
    upload = create(s3, bucket)
    source = {"Bucket": bucket, "Key": "source"}
    parts = []
    for number, options in ((1, {}), (2, {"CopySourceRange": "bytes=10-19"})):
        result = s3.upload_part_copy(**upload, PartNumber=number, CopySource=source, **options)
        parts.append({"PartNumber": number, "ETag": result["CopyPartResult"]["ETag"]})
    for wrong in ("bytes=0-", "bytes=0-99999", "bytes=5-1"):
        with pytest.raises(ClientError) as refusal:
            s3.upload_part_copy(**upload, PartNumber=3, CopySource=source, CopySourceRange=wrong)
        assert code_of(refusal) == "InvalidArgument"
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    body = s3.get_object(Bucket=bucket, Key="k")["Body"].read()
    assert body == bytes(range(256)) * 8 + bytes(range(10, 20))


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_checksums_of_parts_become_the_objects(s3: Any, bucket: str, kind: str) -> None:
    """COMPOSITE is the checksum of the parts' checksums, FULL_OBJECT that of the bytes ("Object integrity")."""
    data = [os.urandom(1500), os.urandom(700)]
    upload = create(s3, bucket, ChecksumAlgorithm="CRC32", ChecksumType=kind)
    parts = []
    for number, body in enumerate(data, start=1):
        answer = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        part = {"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]}
        parts.append(part)
    answer = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, ChecksumType=kind)
    complete = base64.b64encode(zlib.crc32(b"".join(data)).to_bytes(4, "big")).decode()
    each = b"".join(zlib.crc32(body).to_bytes(4, "big") for body in data)
    composite = base64.b64encode(zlib.crc32(each).to_bytes(4, "big")).decode() + "-2"
    assert answer["ChecksumCRC32"] == (complete if kind == "FULL_OBJECT" else composite)
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == (answer["ChecksumCRC32"], kind)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"".join(data)


@pytest.mark.parametrize("number", [0, 10_001])
def test_part_numbers_have_a_range(s3: Any, bucket: str, number: int) -> None:
    """Part numbers go from 1 to 10,000 ("Amazon S3 multipart upload limits")."""
    upload = create(s3, bucket)
    with pytest.raises(ClientError) as refusal:
        s3.upload_part(**upload, PartNumber=number, Body=b"x")
    assert code_of(refusal) == "InvalidArgument"
    s3.abort_multipart_upload(**upload)


def test_a_bucket_goes_with_its_open_uploads(s3: Any, bucket: str, endpoint: Any) -> None:
    """Open uploads do not keep a bucket from being deleted (only objects do: DeleteBucket), and go with it."""
    upload = create(s3, bucket)
    s3.upload_part(**upload, PartNumber=1, Body=b"x")
    s3.delete_bucket(Bucket=bucket)
    assert list((endpoint.root / ".uploads").iterdir()) == []
