"""s3fs and fsspec against the local S3; run in .venv-clients by test_clients_python.py."""

from __future__ import annotations

import tempfile
import urllib.request
from pathlib import Path

import clients_checks
import pandas as pd
import s3fs

# On AWS too, buckets created since 2020 accept only Signature Version 4; botocore presigns with 2 by default.
FILES = s3fs.S3FileSystem(config_kwargs={"signature_version": "s3v4"})
BUCKET = "by-s3fs"


def check_put_get_and_list() -> None:
    """Files go there and come back; folders are seen."""
    FILES.mkdir(BUCKET)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        path.write_text("hello")
        FILES.put(str(path), f"{BUCKET}/in/a.txt")
        FILES.get(f"{BUCKET}/in/a.txt", str(path) + ".back")
        assert Path(str(path) + ".back").read_text() == "hello"
    assert FILES.ls(BUCKET) == [f"{BUCKET}/in"]
    assert FILES.ls(f"{BUCKET}/in") == [f"{BUCKET}/in/a.txt"]
    assert FILES.exists(f"{BUCKET}/in/a.txt")
    assert not FILES.exists(f"{BUCKET}/in/b.txt")
    assert FILES.info(f"{BUCKET}/in/a.txt")["size"] == 5
    assert FILES.isdir(f"{BUCKET}/in")
    assert FILES.isfile(f"{BUCKET}/in/a.txt")


def check_rename_copy_and_remove() -> None:
    """Moved, copied, found by pattern, removed with all that is below."""
    FILES.mv(f"{BUCKET}/in/a.txt", f"{BUCKET}/out/b.txt")
    assert not FILES.exists(f"{BUCKET}/in/a.txt")
    FILES.cp(f"{BUCKET}/out/b.txt", f"{BUCKET}/out/deep/c.txt")
    assert sorted(FILES.glob(f"{BUCKET}/**/*.txt")) == [f"{BUCKET}/out/b.txt", f"{BUCKET}/out/deep/c.txt"]
    assert FILES.du(f"{BUCKET}/out") == 10
    FILES.rm(f"{BUCKET}/out", recursive=True)
    FILES.invalidate_cache()
    assert FILES.ls(BUCKET) == []


def check_large_files_in_parts() -> None:
    """More than a part: a multipart upload, read back in ranges, appended to."""
    data = bytes(range(256)) * 50_000
    with FILES.open(f"{BUCKET}/big", "wb", block_size=5 * 2**20) as file:
        file.write(data)
    with FILES.open(f"{BUCKET}/big", "rb") as file:
        file.seek(10_000_000)
        assert file.read(256) == data[10_000_000:10_000_256]
    assert FILES.cat_file(f"{BUCKET}/big", start=-256) == data[-256:]
    with FILES.open(f"{BUCKET}/big", "ab") as file:
        file.write(b"end")
    assert FILES.tail(f"{BUCKET}/big", 3) == b"end"
    assert FILES.size(f"{BUCKET}/big") == len(data) + 3


def check_metadata_and_tags() -> None:
    """Metadata, tags, checksums of objects, presigned addresses."""
    FILES.pipe_file(f"{BUCKET}/one", b"one")
    FILES.setxattr(f"{BUCKET}/one", colour="blue")
    assert FILES.getxattr(f"{BUCKET}/one", "colour") == "blue"
    FILES.put_tags(f"{BUCKET}/one", {"of": "me"})
    assert FILES.get_tags(f"{BUCKET}/one") == {"of": "me"}
    assert FILES.checksum(f"{BUCKET}/one") == FILES.checksum(f"{BUCKET}/one", refresh=True)
    with urllib.request.urlopen(FILES.sign(f"{BUCKET}/one"), timeout=30) as answer:
        assert answer.read() == b"one"


def check_pandas_through_fsspec() -> None:
    """pandas writes and reads s3:// addresses."""
    table = pd.DataFrame({"id": [1, 2], "name": ["a", "b"]})
    table.to_parquet(f"s3://{BUCKET}/table.parquet")
    assert pd.read_parquet(f"s3://{BUCKET}/table.parquet").equals(table)
    table.to_csv(f"s3://{BUCKET}/table.csv", index=False)
    assert pd.read_csv(f"s3://{BUCKET}/table.csv").equals(table)


def check_remove_the_bucket() -> None:
    """A bucket with all that is in it."""
    FILES.rm(BUCKET, recursive=True)
    FILES.invalidate_cache()
    assert not FILES.exists(BUCKET)


if __name__ == "__main__":
    clients_checks.run(globals())
