"""Keys and paths: `glueprint.local.s3.keys`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.s3 import S3Error
from glueprint.local.s3.keys import (
    MAX_NAME_BYTES,
    check_bucket_name,
    folder_parts,
    is_bucket_name,
    is_chunk_name,
    path_parts,
    segment_of,
)

SEGMENTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", ".", "..", ".x.crc", "_temporary", ".spark-staging-1", ".s3=", ".s3=a", ".s3+b", "a\0b"]),
    st.text(alphabet="xé😀", min_size=60, max_size=400),
)
KEYS = (
    st.lists(SEGMENTS, min_size=1, max_size=6)
    .map("/".join)
    .filter(lambda key: 0 < len(key.encode("utf-8", "ignore")) <= 1024)
    .filter(lambda key: not any(0xD800 <= ord(letter) <= 0xDFFF for letter in key))
)


def read_back(parts: tuple[str, ...]) -> str | None:
    """Turn names on disk into their key, as a walk of the tree does."""
    segments: list[str] = []
    chain: tuple[str, ...] = ()
    for name in parts:
        chain = (*chain, name)
        if is_chunk_name(name):
            continue
        segment = segment_of(chain)
        if segment is None:
            return None
        segments.append(segment)
        chain = ()
    return "/".join(segments)


@given(KEYS)
def test_a_key_comes_back_from_its_path(key: str) -> None:
    """Every key that S3 allows has a path that reads as the same key (the encoding is reversible)."""
    assert read_back(path_parts(key)) == key


@given(KEYS)
def test_names_of_a_path_are_safe(key: str) -> None:
    """No key yields an empty, relative, overlong or NUL-bearing name (keys are never joined unchecked)."""
    for name in path_parts(key):
        assert name not in ("", ".", "..")
        assert "/" not in name
        assert "\0" not in name
        assert len(name.encode()) <= MAX_NAME_BYTES


@given(KEYS, KEYS)
def test_a_folder_of_keys_is_the_folder_of_their_paths(folder: str, name: str) -> None:
    """Keys below ``folder/`` are in the directory that a listing with that prefix opens."""
    if len(folder.encode()) + len(name.encode()) < 1024:
        parts = folder_parts(folder + "/")
        assert path_parts(f"{folder}/{name}")[: len(parts)] == parts


@pytest.mark.parametrize(
    "key", ["a", "a/b.csv", "year=2013/month=1/part-0.snappy.parquet", "é ü/x+y%20z", ".hidden"]
)
def test_ordinary_keys_are_their_own_paths(key: str) -> None:
    """What Spark would write under ``s3://bucket/key`` is the same file
    (docs/facts/runtime.md#s3-paths-in-spark)."""
    assert "/".join(path_parts(key)) == key


@pytest.mark.parametrize(
    "name",
    ["_temporary", "k=1_$folder$", ".spark-staging-7f", ".part-0.parquet.crc", ".s3=abc", ".s3=%2e", "\udcff"],
)
def test_names_without_a_key_are_hidden(name: str) -> None:
    """Spark's uncommitted files, Hadoop's checksums and foreign names in the form of escapes are not objects."""
    assert segment_of((name,)) is None


def test_a_key_may_have_1024_bytes_and_no_more() -> None:
    """A key is at most 1,024 bytes long in UTF-8 ("Naming Amazon S3 objects")."""
    path_parts("k" * 1024)
    with pytest.raises(S3Error) as refusal:
        path_parts("é" * 513)
    assert refusal.value.code == "KeyTooLongError"


@pytest.mark.parametrize("name", ["abc", "my.bucket-1", "0" * 63])
def test_bucket_names_that_s3_takes(name: str) -> None:
    """Names within the rules of "General purpose bucket naming rules" are taken."""
    check_bucket_name(name)
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Abc",
        "a..b",
        ".abc",
        "abc-",
        "-abc",
        "a_b",
        "192.168.5.4",
        "xn--a",
        "a-s3alias",
        "a.mrap",
        "a--x-s3",
        "..",
        "a/b",
        "a\0",
        "",
    ],
)
def test_bucket_names_that_s3_refuses(name: str) -> None:
    """Names outside the rules are InvalidBucketName, which also keeps every other directory unreachable."""
    assert not is_bucket_name(name)
    with pytest.raises(S3Error) as refusal:
        check_bucket_name(name)
    assert refusal.value.code == "InvalidBucketName"
