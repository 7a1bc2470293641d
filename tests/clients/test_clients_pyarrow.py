"""pyarrow's own S3 client (the AWS SDK for C++) against the local S3."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.dataset as dataset
import pytest
from harness.local_server import Server
from pyarrow import fs

pytestmark = pytest.mark.clients

BUCKET = "by-arrow"
TRIPS = pa.table({"id": [1, 2, 3], "day": ["mon", "tue", "tue"]})


@pytest.fixture(scope="module")
def files(clients_server: Server) -> fs.S3FileSystem:
    endpoint = json.loads((clients_server.data_dir / "endpoint.json").read_text())
    return fs.S3FileSystem(
        access_key=endpoint["access_key"],
        secret_key=endpoint["secret_key"],
        region=endpoint["region"],
        scheme="http",
        endpoint_override=urlsplit(endpoint["url"]).netloc,
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )


def test_files_and_folders(files: fs.S3FileSystem) -> None:
    """What pyarrow's file system promises of S3: write, look, list, copy, move, delete (its documentation)."""
    files.create_dir(f"{BUCKET}/in")
    with files.open_output_stream(f"{BUCKET}/in/a.txt", metadata={"Content-Type": "text/plain"}) as stream:
        stream.write(b"hello")
    info = files.get_file_info(f"{BUCKET}/in/a.txt")
    assert (info.type, info.size) == (fs.FileType.File, 5)
    files.copy_file(f"{BUCKET}/in/a.txt", f"{BUCKET}/in/b.txt")
    files.move(f"{BUCKET}/in/b.txt", f"{BUCKET}/out/c.txt")
    below = files.get_file_info(fs.FileSelector(BUCKET, recursive=True))
    assert sorted(one.path for one in below if one.is_file) == [f"{BUCKET}/in/a.txt", f"{BUCKET}/out/c.txt"]
    with files.open_input_stream(f"{BUCKET}/out/c.txt") as stream:
        assert stream.read() == b"hello"
    files.delete_dir_contents(BUCKET)
    assert files.get_file_info(fs.FileSelector(BUCKET)) == []
    assert files.get_file_info(f"{BUCKET}/in/a.txt").type is fs.FileType.NotFound


def test_large_files_come_in_parts_and_ranges(files: fs.S3FileSystem) -> None:
    """Large output is a multipart upload; reading at a place is a range (its documentation)."""
    data = bytes(range(256)) * 80_000
    files.create_dir("arrow-large")
    with files.open_output_stream("arrow-large/big") as stream:
        stream.write(data)
    with files.open_input_file("arrow-large/big") as file:
        assert file.size() == len(data)
        assert file.read_at(300, 15_000_000) == data[15_000_000:15_000_300]


def test_datasets(files: fs.S3FileSystem) -> None:
    """A partitioned data set is written and read back through a filter (pyarrow.dataset)."""
    files.create_dir("arrow-data")
    days = dataset.partitioning(pa.schema([("day", pa.string())]), flavor="hive")
    dataset.write_dataset(TRIPS, "arrow-data/trips", format="parquet", partitioning=days, filesystem=files)
    found = dataset.dataset("arrow-data/trips", filesystem=files, partitioning=days)
    assert found.to_table(filter=dataset.field("day") == "tue")["id"].to_pylist() == [2, 3]


def test_what_is_missing_is_reported(files: fs.S3FileSystem) -> None:
    """A missing object is a FileNotFoundError, a missing bucket an OSError (its documentation)."""
    with pytest.raises(FileNotFoundError):
        files.open_input_stream("arrow-data/nothing")
    with pytest.raises(OSError, match="does not exist"):
        files.open_output_stream("arrow-no-bucket/x").close()
