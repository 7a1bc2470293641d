"""The difficult points of S3 over plain directories (docs/decisions/s3-storage.md)."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError
from s3_harness import code_of, open_store

from glueprint.local.s3 import ObjectCreated, S3Error, S3Store


def settle(path: Path) -> None:
    """Date a file back, so that it counts as settled without waiting for it."""
    then = time.time_ns() - 3_600_000_000_000
    os.utime(path, ns=(then, then))


# Metadata, content type, ETag of multipart: trusted only while size, mtime and inode match


def test_metadata_ends_with_the_version_it_belongs_to(s3: Any, bucket: str, endpoint: Any) -> None:
    """A file that another program rewrote keeps neither the object's metadata nor its ETag."""
    path = endpoint.root / bucket / "k"
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345", Metadata={"a": "1"}, ContentType="text/csv")
    path.write_bytes(b"abcde")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["Metadata"], head["ContentType"]) == ({}, "binary/octet-stream")
    assert head["ETag"] == f'"{hashlib.md5(b"abcde").hexdigest()}"'


def test_metadata_survives_a_restart(tmp_path: Path) -> None:
    """Attributes of objects and open uploads are kept when the store is closed and opened again."""
    database, store = open_store(tmp_path)
    store.create_bucket("bucket")
    stored = store.put("bucket", "k", b"data")
    store.put_tags("bucket", "k", {"a": "1"})
    upload = store.uploads.create("bucket", "big", stored.record.attributes)
    with store.stage() as staged:
        staged.write(b"part")
        store.uploads.put_part(upload, 1, staged, {})
    database.close()
    (tmp_path / "s3" / ".incoming" / "half").write_bytes(b"left by a crash")
    (tmp_path / "s3" / ".uploads" / "unknown").mkdir()
    database, store = open_store(tmp_path)
    with store.open("bucket", "k") as found:
        assert (found.read(), found.record.attributes.tags) == (b"data", {"a": "1"})
    assert [part.size for part in store.uploads.parts(store.uploads.of_bucket("bucket")[0])] == [4]
    assert list((tmp_path / "s3" / ".incoming").iterdir()) == []
    assert [folder.name for folder in (tmp_path / "s3" / ".uploads").iterdir()] == [upload.upload_id]
    database.close()


def test_a_crash_between_row_and_file_keeps_the_old_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that ends after its row and before its rename leaves the old object with its own record."""
    database, store = open_store(tmp_path)
    store.create_bucket("bucket")
    store.put("bucket", "k", b"old")
    store.put_tags("bucket", "k", {"version": "old"})

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("glueprint.local.s3.tree.rename_into", crash)
    with pytest.raises(KeyboardInterrupt):
        store.put("bucket", "k", b"new")
    with store.open("bucket", "k") as found:
        assert (found.read(), found.record.attributes.tags) == (b"old", {"version": "old"})
    database.close()


# ETag of files that Spark wrote


def test_a_foreign_files_etag_is_computed_once(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The MD5 of a settled foreign file is remembered, also by a listing."""
    store.create_bucket("foreign")
    root = Path(store.buckets.path("foreign"))
    for name in ("a", "b"):
        (root / name).write_bytes(name.encode())
        settle(root / name)
    page = store.page("foreign", "", "", "", 10)
    etags = [record.etag for _, record in store.records_of("foreign", page.objects)]
    assert etags == [hashlib.md5(name).hexdigest() for name in (b"a", b"b")]

    def fail(_: int) -> str:
        raise AssertionError("hashed again")

    monkeypatch.setattr("glueprint.local.s3.versions._md5", fail)
    assert [record.etag for _, record in store.records_of("foreign", page.objects)] == etags
    with store.open("foreign", "b") as found:
        assert found.record.etag == etags[1]


def test_a_file_that_just_changed_is_never_remembered(store: S3Store) -> None:
    """A file rewritten within one tick of the clock, same size and inode, has the new ETag (git: racy); it is
    dated ahead, so that it has just changed however long this takes.
    """
    store.create_bucket("racy")
    path = Path(store.buckets.path("racy")) / "k"
    path.write_bytes(b"one")
    now = time.time_ns() + 3_600_000_000_000
    os.utime(path, ns=(now, now))
    with store.open("racy", "k") as found:
        assert found.record.etag == hashlib.md5(b"one").hexdigest()
    with path.open("r+b") as file:
        file.write(b"two")
    os.utime(path, ns=(now, now))
    with store.open("racy", "k") as found:
        assert found.record.etag == hashlib.md5(b"two").hexdigest()


def test_rows_of_vanished_files_are_forgotten(tmp_path: Path) -> None:
    """Rows of files that Spark deleted or rewrote can be dropped, the others stay."""
    database, store = open_store(tmp_path)
    store.create_bucket("bucket")
    for key in ("kept", "deleted", "rewritten"):
        store.put("bucket", key, b"x")
    (tmp_path / "s3" / "bucket" / "deleted").unlink()
    (tmp_path / "s3" / "bucket" / "rewritten").write_bytes(b"longer")
    assert store.forget_vanished() == 2
    assert store.forget_vanished() == 0
    database.close()


# Object `a` and object `a/b`


def test_a_name_cannot_be_object_and_folder(s3: Any, bucket: str) -> None:
    """`a` next to `a/b` is refused with a clear error and no data is lost."""
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"inner")
    s3.put_object(Bucket=bucket, Key="c", Body=b"outer")
    for key, other in (("a", "a/..."), ("c/d", "c"), ("c/d/e", "c")):
        with pytest.raises(ClientError) as refusal:
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        assert code_of(refusal) == "KeyConflict"
        assert refusal.value.response["Error"]["ConflictsWith"] == other
    assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"inner"
    assert s3.get_object(Bucket=bucket, Key="c")["Body"].read() == b"outer"
    for key in ("a", "c/d"):
        with pytest.raises(ClientError) as refusal:
            s3.get_object(Bucket=bucket, Key=key)
        assert code_of(refusal) == "NoSuchKey"
        s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 2


def test_an_empty_folder_is_not_an_obstacle(s3: Any, bucket: str, endpoint: Any) -> None:
    """Directories without a file, which Spark leaves behind, are not objects and can be replaced by one."""
    (endpoint.root / bucket / "a" / "b").mkdir(parents=True)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


# `//`, `.`, `..`, long segments, NUL, symbolic links


@pytest.mark.parametrize(
    "key",
    [
        "a//b",
        "/leading",
        "//",
        ".",
        "..",
        "../../escape",
        "a/../b",
        "a/./b",
        "a/..",
        "x" * 1024,
        "d/" + "é" * 300 + "/f",
        "nul\0byte",
        "new\nline",
        "a\\b",
        "%2e%2e/%2f",
        ".x.crc",
        "_temporary/0/part",
        ".s3=",
        "?query&x=1#f",
        "tab\tand\rreturn",
        "\u2028\x7f",
    ],
)
def test_odd_keys_are_kept_apart_and_inside(s3: Any, bucket: str, endpoint: Any, key: str) -> None:
    """Every key of S3 reads back and lists as itself, and no file appears outside its bucket."""
    before = outside(endpoint.root, bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3.put_object(Bucket=bucket, Key="plain", Body=b"plain")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == sorted([key, "plain"])
    assert outside(endpoint.root, bucket) == before
    s3.delete_object(Bucket=bucket, Key=key)
    assert [file.name for file in (endpoint.root / bucket).rglob("*")] == ["plain"]


def outside(root: Path, bucket: str) -> set[Path]:
    """Every file around the root that is not in the bucket."""
    files = {path for path in root.parent.rglob("*") if path.is_file() and (root / bucket) not in path.parents}
    return files - set(root.parent.glob("state.sqlite*"))


@pytest.mark.parametrize("path", ["%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc%2fpasswd", "../../etc/passwd", "%00"])
def test_encoded_traversal_reads_nothing(endpoint: Any, bucket: str, path: str) -> None:
    """Traversal, encoded or not, is a key like any other and finds no object (s3rver wrote outside its root)."""
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        request = f"GET /{bucket}/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"NoSuchKey" in answer


def test_paths_that_are_not_utf8_are_refused(endpoint: Any, bucket: str) -> None:
    """A key that is not UTF-8 is InvalidURI, as S3 answers."""
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        request = f"GET /{bucket}/%ff%fe HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"InvalidURI" in answer


def test_symbolic_links_lead_nowhere(s3: Any, bucket: str, endpoint: Any, tmp_path: Path) -> None:
    """Links are not listed, read, written through or taken for buckets."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = endpoint.root / bucket
    (folder / "file").symlink_to(tmp_path / "secret")
    (folder / "dir").symlink_to(tmp_path)
    (endpoint.root / "linked-bucket").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    try:
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
        for key in ("file", "dir/secret", "pipe"):
            with pytest.raises(ClientError) as refusal:
                s3.get_object(Bucket=bucket, Key=key)
            assert code_of(refusal) == "NoSuchKey"
        with pytest.raises(ClientError) as refusal:
            s3.put_object(Bucket=bucket, Key="dir/new", Body=b"x")
        assert code_of(refusal) == "KeyConflict"
        s3.delete_object(Bucket=bucket, Key="dir/secret")
        assert s3.list_objects_v2(Bucket=bucket, Prefix="dir/")["KeyCount"] == 0
        with pytest.raises(ClientError) as refusal:
            s3.list_objects_v2(Bucket="linked-bucket")
        assert code_of(refusal) == "NoSuchBucket"
    finally:
        (endpoint.root / "linked-bucket").unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


# The marker `a/`


def test_folder_markers(s3: Any, bucket: str, endpoint: Any) -> None:
    """A key with a slash at its end is a separate object, next to the keys below it."""
    s3.put_object(Bucket=bucket, Key="a/", Body=b"", Metadata={"m": "1"})
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/"]
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a/b")
    assert s3.head_object(Bucket=bucket, Key="a/")["Metadata"] == {"m": "1"}
    s3.delete_object(Bucket=bucket, Key="a/")
    assert list((endpoint.root / bucket).iterdir()) == []


# `.part.crc`


def test_hadoops_checksum_files(s3: Any, bucket: str, endpoint: Any) -> None:
    """Hadoop's `.x.crc` is hidden, and goes when its object is overwritten or deleted."""
    folder = endpoint.root / bucket / "out"
    folder.mkdir()
    for name in ("part-0", "part-1"):
        (folder / name).write_bytes(b"x")
        (folder / f".{name}.crc").write_bytes(b"crc")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["out/part-0", "out/part-1"]
    s3.put_object(Bucket=bucket, Key="out/part-0", Body=b"new")
    assert not (folder / ".part-0.crc").exists()
    s3.delete_object(Bucket=bucket, Key="out/part-1")
    assert sorted(path.name for path in folder.iterdir()) == ["part-0"]


def test_what_spark_has_not_committed_is_not_there(s3: Any, bucket: str, endpoint: Any) -> None:
    """`_temporary` and `.spark-staging-*` are invisible, as with Glue's committer; their bucket can be deleted."""
    for folder in ("_temporary/0", ".spark-staging-1/p=1"):
        (endpoint.root / bucket / "out" / folder).mkdir(parents=True)
        (endpoint.root / bucket / "out" / folder / "part-0").write_bytes(b"x")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket=bucket, Key="out/_temporary/0/part-0")
    assert code_of(refusal) == "NoSuchKey"
    s3.delete_bucket(Bucket=bucket)


# Large bodies


def test_a_reader_keeps_the_version_it_opened(store: S3Store) -> None:
    """A body that is being read stays complete while the object is overwritten or deleted."""
    store.create_bucket("versions")
    store.put("versions", "k", b"old" * 1000)
    with store.open("versions", "k") as found:
        store.put("versions", "k", b"new")
        store.delete("versions", "k")
        assert found.read() == b"old" * 1000
    with pytest.raises(S3Error):
        store.read("versions", "k")


def test_readers_never_see_a_mixture(store: S3Store) -> None:
    """While one thread overwrites, each reader gets one complete version with that version's ETag."""
    store.create_bucket("mixture")
    bodies = [bytes([number]) * 50_000 for number in range(3)]
    store.put("mixture", "k", bodies[0])
    stop = threading.Event()

    def overwrite() -> None:
        while not stop.is_set():
            for body in bodies:
                store.put("mixture", "k", body)

    writer = threading.Thread(target=overwrite)
    writer.start()
    try:
        for _ in range(100):
            with store.open("mixture", "k") as found:
                body = found.read()
                assert body in bodies
                assert found.record.etag == hashlib.md5(body).hexdigest()
    finally:
        stop.set()
        writer.join()


def test_many_writers_in_one_folder_lose_nothing(store: S3Store) -> None:
    """Folders that deletes prune and puts make again cost no put: 16 clients at once get no error."""
    store.create_bucket("crowd")
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            for number in range(40):
                store.put("crowd", f"deep/folder/{name}", str(number).encode())
                assert store.read("crowd", f"deep/folder/{name}") == str(number).encode()
                store.delete("crowd", f"deep/folder/{name}")
            store.put("crowd", f"deep/folder/{name}", b"last")
        except Exception as error:  # noqa: BLE001 - raised in the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.listing("crowd", "deep/folder/")) == 6


def test_memory_does_not_grow_with_the_object(s3: Any, bucket: str, tmp_path: Path) -> None:
    """A 128 MiB body goes up and down within 48 MiB of the process, client included: bodies are streamed."""
    size, limit = 128 * 1024 * 1024, 48 * 1024 * 1024
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(size)
    s3.put_object(Bucket=bucket, Key="warm-up", Body=b"x" * 3_000_000)
    process = psutil.Process()
    before = process.memory_info().rss
    with (tmp_path / "sparse").open("rb") as file:
        s3.put_object(Bucket=bucket, Key="big", Body=file)
    peak, received = process.memory_info().rss, 0
    for block in s3.get_object(Bucket=bucket, Key="big")["Body"].iter_chunks(1024 * 1024):
        received += len(block)
        peak = max(peak, process.memory_info().rss)
    s3.delete_object(Bucket=bucket, Key="big")
    assert received == size
    assert peak - before < limit


def test_the_hook_is_called_for_new_objects(tmp_path: Path) -> None:
    """on_change is called once for each object put in place, after it is there (for S3 events)."""
    received: list[ObjectCreated] = []
    database, store = open_store(tmp_path, on_change=received.append)
    store.create_bucket("hook")
    store.put("hook", "k", b"data")
    database.close()
    assert [(event.bucket, event.key, event.size, event.etag) for event in received] == [
        ("hook", "k", 4, hashlib.md5(b"data").hexdigest())
    ]
