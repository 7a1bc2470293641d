"""`aws s3` and `aws s3api`, as people use them, against the local S3."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import pytest
from clients_awscli import AWS, MISSING, AwsCli
from harness.local_server import Server

pytestmark = [pytest.mark.clients, pytest.mark.skipif(not AWS.exists(), reason=MISSING)]


@pytest.fixture
def aws(clients_server: Server, tmp_path: Path) -> AwsCli:
    return AwsCli(clients_server, tmp_path)


def test_high_level_commands(aws: AwsCli, tmp_path: Path) -> None:
    """mb, sync, ls, cp, mv, rm, rb do what the CLI's user guide shows ("High-level Amazon S3 commands")."""
    tree = tmp_path / "tree"
    for name in ("a.txt", "b.log", "deep/c.txt"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"this is {name}")
        os.utime(tree / name, (1_700_000_000, 1_700_000_000))  # S3 tells seconds: newer files would be sent again
    assert "make_bucket: cli-high" in aws.run("s3", "mb", "s3://cli-high")
    aws.run("s3", "sync", tree, "s3://cli-high/in", "--exclude", "*.log")
    listed = aws.run("s3", "ls", "s3://cli-high/in/", "--recursive")
    assert [line.split()[-1] for line in listed.splitlines()] == ["in/a.txt", "in/deep/c.txt"]
    assert "PRE deep/" in aws.run("s3", "ls", "s3://cli-high/in/")
    assert aws.run("s3", "sync", tree, "s3://cli-high/in", "--exclude", "*.log") == ""
    aws.run("s3", "mv", "s3://cli-high/in/a.txt", "s3://cli-high/out/a.txt")
    assert aws.run("s3", "cp", "s3://cli-high/out/a.txt", "-") == "this is a.txt"
    (tree / "a.txt").unlink()
    aws.run("s3", "sync", "s3://cli-high/out", tree)
    assert (tree / "a.txt").read_text() == "this is a.txt"
    aws.run("s3", "sync", tree, "s3://cli-high/in", "--delete")
    assert "Total Objects: 4" in aws.run("s3", "ls", "s3://cli-high", "--recursive", "--summarize")
    aws.run("s3", "rm", "s3://cli-high/in", "--recursive", "--exclude", "*.txt")
    assert "in/b.log" not in aws.run("s3", "ls", "s3://cli-high", "--recursive")
    assert "BucketNotEmpty" in aws.try_run("s3", "rb", "s3://cli-high").stderr
    assert "remove_bucket: cli-high" in aws.run("s3", "rb", "s3://cli-high", "--force")


def test_large_files_and_presigned_addresses(aws: AwsCli, tmp_path: Path) -> None:
    """A file over 8 MB goes and comes in parts; a presigned address opens it without a key (CLI user guide)."""
    data = bytes(range(256)) * 80_000
    (tmp_path / "big").write_bytes(data)
    aws.run("s3", "mb", "s3://cli-large")
    aws.run("s3", "cp", tmp_path / "big", "s3://cli-large/big")
    aws.run("s3", "cp", "s3://cli-large/big", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data
    assert aws.ask("s3api", "head-object", "--bucket", "cli-large", "--key", "big")["ETag"].endswith('-3"')
    aws.run("s3", "cp", "s3://cli-large/big", "s3://cli-large/copied")
    address = aws.run("s3", "presign", "s3://cli-large/copied", "--expires-in", "60").strip()
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.read() == data


def test_single_calls(aws: AwsCli, tmp_path: Path) -> None:
    """Metadata, tags, ranges, conditions, pages and multiple deletes of `aws s3api` (S3 API reference)."""
    (tmp_path / "body").write_text("0123456789")
    here = ("--bucket", "cli-single", "--key", "one")
    aws.ask("s3api", "create-bucket", "--bucket", "cli-single")
    made = ("--metadata", "colour=blue", "--tagging", "of=me", "--content-type", "text/csv")
    body = ("--body", tmp_path / "body", "--checksum-algorithm", "SHA256")
    put = aws.ask("s3api", "put-object", *here, *body, *made)
    assert put["ChecksumSHA256"]
    head = aws.ask("s3api", "head-object", *here)
    assert (head["Metadata"], head["ContentType"]) == ({"colour": "blue"}, "text/csv")
    assert aws.ask("s3api", "get-object-tagging", *here)["TagSet"] == [{"Key": "of", "Value": "me"}]
    got = aws.ask("s3api", "get-object", *here, "--range", "bytes=2-4", tmp_path / "part")
    assert (got["ContentRange"], (tmp_path / "part").read_text()) == ("bytes 2-4/10", "234")
    again = aws.refused("s3api", "put-object", *here, "--body", tmp_path / "body", "--if-none-match", "*")
    assert "PreconditionFailed" in again
    assert "(304)" in aws.refused("s3api", "get-object", *here, "--if-none-match", put["ETag"], tmp_path / "x")
    for name in ("a", "b", "c"):
        aws.ask("s3api", "put-object", "--bucket", "cli-single", "--key", f"many/{name}")
    listed = aws.ask("s3api", "list-objects-v2", "--bucket", "cli-single", "--page-size", 2)
    assert [one["Key"] for one in listed["Contents"]] == ["many/a", "many/b", "many/c", "one"]
    short = aws.ask("s3api", "list-objects-v2", "--bucket", "cli-single", "--max-items", 1)
    assert short["NextToken"]
    gone = aws.ask(
        "s3api", "delete-objects", "--bucket", "cli-single", "--delete", "Objects=[{Key=many/a},{Key=many/b}]"
    )
    assert len(gone["Deleted"]) == 2
    location = aws.ask("s3api", "get-bucket-location", "--bucket", "cli-single")
    assert location["LocationConstraint"] is None
    assert aws.ask("s3api", "head-bucket", "--bucket", "cli-single")["BucketRegion"] == "us-east-1"
    assert "NoSuchBucket" in aws.refused("s3api", "list-objects-v2", "--bucket", "cli-none")
    assert "NoSuchBucketPolicy" in aws.refused("s3api", "get-bucket-policy", "--bucket", "cli-single")
    # The reports of an inventory would never be written: none can be set, so that the list is empty.
    inventory = json.dumps(
        {
            "Id": "daily",
            "IsEnabled": True,
            "IncludedObjectVersions": "Current",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::cli-single", "Format": "CSV"}},
        }
    )
    put = ("s3api", "put-bucket-inventory-configuration", "--bucket", "cli-single", "--id", "daily")
    assert "NotImplemented" in aws.refused(*put, "--inventory-configuration", inventory)
    listed = aws.ask("s3api", "list-bucket-inventory-configurations", "--bucket", "cli-single")
    assert "InventoryConfigurationList" not in listed
