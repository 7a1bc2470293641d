"""Listings over HTTP and in process."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.local.s3 import S3Store

LETTERS = st.lists(
    st.text(alphabet="a/.-é!", min_size=1, max_size=6), max_size=25, unique=True
)


@pytest.fixture
def keys(s3: Any, bucket: str) -> list[str]:
    """Keys whose order and grouping show mistakes: '-' and '.' sort before '/', '0' after it."""
    names = ["a", "b-c", "b.c", "b/1", "b/2/x", "b/2/y", "b0", "c//d", "c/d", "é", "z/"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
    return sorted(names, key=str.encode)


@pytest.mark.parametrize("method", ["list_objects", "list_objects_v2"])
def test_keys_come_in_the_order_of_their_bytes(s3: Any, bucket: str, keys: list[str], method: str) -> None:
    """Listings are in UTF-8 binary order (API reference, ListObjectsV2), in any layout of directories."""
    answer = getattr(s3, method)(Bucket=bucket)
    assert [item["Key"] for item in answer["Contents"]] == keys
    assert not answer["IsTruncated"]


@pytest.mark.parametrize("method", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_add_up(s3: Any, bucket: str, keys: list[str], method: str, size: int) -> None:
    """Pages of any size list every key and common prefix once (API reference, pagination), as boto3 pages."""
    pages = s3.get_paginator(method).paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
    assert [item["Key"] for page in pages for item in page.get("Contents", [])] == keys
    pages = list(
        s3.get_paginator(method).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size})
    )
    assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ["a", "b-c", "b.c", "b0", "é"]
    found = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])]
    assert found == ["b/", "c/", "z/"]


def test_prefixes_and_delimiters(s3: Any, bucket: str, keys: list[str]) -> None:
    """A delimiter rolls up what follows the prefix ("Organizing objects using prefixes")."""
    answer = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")
    assert [item["Key"] for item in answer["Contents"]] == ["b/1"]
    assert answer["CommonPrefixes"] == [{"Prefix": "b/2/"}]
    assert answer["KeyCount"] == 2
    answer = s3.list_objects_v2(Bucket=bucket, Prefix="b", Delimiter="c")
    assert answer["CommonPrefixes"] == [{"Prefix": "b-c"}, {"Prefix": "b.c"}]
    assert s3.list_objects_v2(Bucket=bucket, Prefix="nothing/here")["KeyCount"] == 0


def test_where_a_listing_starts(s3: Any, bucket: str, keys: list[str]) -> None:
    """StartAfter and Marker name a key, present or not, after which the listing starts (API reference)."""
    answer = s3.list_objects_v2(Bucket=bucket, StartAfter="b/1x")
    assert [item["Key"] for item in answer["Contents"]] == [key for key in keys if key > "b/1x"]
    answer = s3.list_objects(Bucket=bucket, Marker="b/2/x")
    assert [item["Key"] for item in answer["Contents"]] == [key for key in keys if key > "b/2/x"]


def test_no_keys_at_all(s3: Any, bucket: str, keys: list[str]) -> None:
    """MaxKeys=0 lists nothing and is not truncated, as S3 answers."""
    answer = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert (answer["KeyCount"], answer["IsTruncated"], answer.get("Contents")) == (0, False, None)


@pytest.mark.parametrize(
    "wrong", [{"MaxKeys": -1}, {"ContinuationToken": "forged"}, {"ContinuationToken": ""}, {"EncodingType": "x"}]
)
def test_wrong_arguments(s3: Any, bucket: str, wrong: dict[str, Any]) -> None:
    """Arguments out of range and forged tokens are InvalidArgument (API reference, errors)."""
    with pytest.raises(ClientError) as refusal:
        s3.list_objects_v2(Bucket=bucket, **wrong)
    assert refusal.value.response["Error"]["Code"] == "InvalidArgument"


def test_list_head_and_get_agree(s3: Any, bucket: str, endpoint: Any) -> None:
    """ETag, size and date are the same in LIST, HEAD and GET, also for files that another program wrote."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"api")
    (endpoint.root / bucket / "b").write_bytes(b"spark")
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        head = s3.head_object(Bucket=bucket, Key=item["Key"])
        got = s3.get_object(Bucket=bucket, Key=item["Key"])
        got["Body"].close()
        assert item["ETag"] == head["ETag"] == got["ETag"]
        assert item["Size"] == head["ContentLength"] == got["ContentLength"]
        assert item["LastModified"] == head["LastModified"] == got["LastModified"]


def test_versions_of_a_bucket_that_has_none(s3: Any, bucket: str, keys: list[str]) -> None:
    """A bucket that was never versioned has no status, and every object as version null (ListObjectVersions)."""
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    versions = [item for page in pages for item in page["Versions"]]
    assert [item["Key"] for item in versions] == keys
    assert {(item["VersionId"], item["IsLatest"]) for item in versions} == {("null", True)}
    assert s3.get_object(Bucket=bucket, Key="a", VersionId="null")["Body"].read() == b"a"
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="a", VersionId="other")
    assert refusal.value.response["Error"]["Code"] == "InvalidArgument"


@settings(max_examples=60, deadline=None)
@given(names=LETTERS, prefix=st.text(alphabet="a/.-é", max_size=3), after=st.text(alphabet="a/.-é", max_size=4))
def test_a_page_is_a_slice_of_the_sorted_keys(
    store: S3Store, names: list[str], prefix: str, after: str
) -> None:
    """For any keys, prefix, start and delimiter, pages are the sorted keys, grouped (ListObjects)."""
    stored = fill(store, names)
    wanted = [key for key in sorted(stored) if key.startswith(prefix) and key > after]
    page = store.page("names", prefix, "", after, 1000)
    assert [found.key for found in page.objects] == wanted
    everything = [key for key in sorted(stored) if key.startswith(prefix)]
    assert [item.key for item in store.listing("names", prefix)] == everything
    grouped = sorted({group(key, prefix) for key in everything})
    collected: list[str] = []
    last = ""
    while True:
        page = store.page("names", prefix, "/", last, 2)
        collected += sorted([*(found.key for found in page.objects), *page.prefixes])
        last = page.last
        if not page.truncated:
            break
    assert collected == grouped


def group(key: str, prefix: str) -> str:
    """The key, or its common prefix with delimiter '/'."""
    end = key.find("/", len(prefix))
    return key if end < 0 else key[: end + 1]


def fill(store: S3Store, names: list[str]) -> set[str]:
    """Put as many of ``names`` as do not conflict into an empty bucket; return them."""
    for name in store.bucket_names():
        for item in store.listing(name):
            store.delete(name, item.key)
    store.create_bucket("names")
    stored: set[str] = set()
    for name in names:
        if not any(name.startswith(other + "/") or other.startswith(name + "/") for other in stored):
            store.put("names", name, b"x")
            stored.add(name)
    return stored
