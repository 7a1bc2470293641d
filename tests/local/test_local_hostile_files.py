"""Files made to do harm, and crawls whose process is killed, on a real local Glue: an answer for each."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from harness.local_server import ROLE, Server, until

from glueprint.cli.main import cli

GOOD = "id,name\n1,a\n2,b\n"
MAX_SECONDS = 60.0
MAX_BYTES = 1 << 30
NAMES = {
    "newline": "name\nwith\nlines.csv",
    "right to left": "\u202efdp.csv",
    "dots": "../../../../etc/passwd.csv",
    "controls": "\x1b[2J\x07\x7f.csv",
    "quotes": "a'b\"c;$(touch x).csv",
    "spaces": " . ",
    "percent": "%00%2e%2e%2fa.csv",
}


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(1000))}), buffer)
    return buffer.getvalue()


def _zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def _entities() -> bytes:
    lines = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    text = f'<!DOCTYPE r [<!ENTITY e0 "ha">{"".join(lines)}]><r><row><a>&e11;</a></row></r>'
    return text.encode()


FILES: dict[str, bytes] = {
    "empty/a.csv": b"",
    "parquet/a.parquet": _parquet()[:-20],
    "gz/a.csv.gz": gzip.compress(GOOD.encode() * 1000)[:-30],
    "zip/a.zip": _zipped("a.csv", GOOD.encode() * 1000)[:-30],
    "slip/a.zip": _zipped("../../../../tmp/glueprint-slip.csv", GOOD.encode() * 1000),
    "bomb/a.csv.gz": gzip.compress(b"1,2\n" * 5_000_000) * 50,
    "line/a.csv": b"x" * 10_000_000,
    "json/a.json": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "xml/a.xml": _entities(),
    "wide/a.csv": (",".join(f"c{n}" for n in range(1000)) + "\n" + ",".join("1" * 1000) + "\n").encode() * 3,
    "good/a.csv": GOOD.encode(),
}


def _crawled(server: Server, name: str) -> dict[str, Any]:
    """Crawl; the crawl's history once it is over."""
    glue = server.client("glue")
    glue.start_crawler(Name=name)
    return _end(server, name)


def _end(server: Server, name: str) -> dict[str, Any]:
    glue = server.client("glue")

    def look() -> dict[str, Any] | None:
        crawl: dict[str, Any] = glue.list_crawls(CrawlerName=name, MaxResults=1)["Crawls"][0]
        return crawl if crawl["State"] != "RUNNING" else None

    found: dict[str, Any] = until(look)
    return found


def _tables(server: Server, database: str) -> dict[str, dict[str, Any]]:
    pages = server.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    return {table["Name"]: table for page in pages for table in page["TableList"]}


def _log(server: Server, crawler: str) -> str:
    pages = server.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName="/aws-glue/crawlers", logStreamNames=[crawler])
    return "\n".join(event["message"] for page in found for event in page["events"])


@pytest.fixture(scope="module")
def hostile(shared_server: Server) -> dict[str, Any]:
    """The crawl of a bucket with all of them, a symbolic link into itself, and one to a folder outside."""
    s3, glue = shared_server.client("s3"), shared_server.client("glue")
    s3.create_bucket(Bucket="chostile")
    for key, body in FILES.items():
        s3.put_object(Bucket="chostile", Key=key, Body=body)
    for folder, name in NAMES.items():
        s3.put_object(Bucket="chostile", Key=f"names/{folder}/{name}", Body=GOOD)
    bucket = shared_server.data_dir / "s3" / "chostile"
    (bucket / "good" / "loop").symlink_to(bucket, target_is_directory=True)
    outside = shared_server.data_dir.parent / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("secret,column\n1,2\n")
    (bucket / "linked").symlink_to(outside, target_is_directory=True)
    (bucket / "linked.csv").symlink_to(outside / "secret.csv")
    os.mkfifo(bucket / "pipe.csv")
    glue.create_database(DatabaseInput={"Name": "chostile"})
    targets = {"S3Targets": [{"Path": "s3://chostile"}]}
    glue.create_crawler(Name="chostile", Role=ROLE, DatabaseName="chostile", Targets=targets)
    began = time.monotonic()
    crawl = _crawled(shared_server, "chostile")
    return {**crawl, "took": time.monotonic() - began}


def test_each_hostile_file_is_a_table_or_a_warning(shared_server: Server, hostile: dict[str, Any]) -> None:
    """In bounded time and memory, with no traceback; the good file is crawled, and no link is followed."""
    assert (hostile["State"], hostile.get("ErrorMessage")) == ("COMPLETED", None)
    assert hostile["took"] < MAX_SECONDS
    status = json.loads((shared_server.data_dir / "runs" / hostile["CrawlId"] / "status.json").read_text())
    assert status["max_rss_bytes"] < MAX_BYTES
    log, tables = _log(shared_server, "chostile"), _tables(shared_server, "chostile")
    assert "Traceback" not in log
    locations = " ".join(table["StorageDescriptor"]["Location"] for table in tables.values())
    for key in FILES:
        folder = f"s3://chostile/{key.partition('/')[0]}"
        assert folder in log or folder in locations or key == "empty/a.csv", key
    assert len(tables["wide"]["StorageDescriptor"]["Columns"]) == 1000
    assert [column["Name"] for column in tables["good"]["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert "secret" not in json.dumps(tables, default=str)
    assert not Path("/tmp/glueprint-slip.csv").exists()


def test_names_that_a_terminal_would_obey_are_shown_as_text(
    shared_server: Server, hostile: dict[str, Any]
) -> None:
    """Keys come back from S3 as they were stored; what ``explain`` prints moves no cursor and turns no text."""
    listing = shared_server.client("s3").get_paginator("list_objects_v2")
    pages = listing.paginate(Bucket="chostile", Prefix="names/")
    keys = {entry["Key"] for page in pages for entry in page["Contents"]}
    assert keys == {f"names/{folder}/{name}" for folder, name in NAMES.items()}
    result = CliRunner().invoke(cli, ["explain", "--data-dir", str(shared_server.data_dir), "crawler/chostile"])
    assert result.exit_code == 0
    assert not set(result.output) & set("\x1b\x07\x7f\u202e\r")


def _crawl_process(server: Server) -> tuple[int, int]:
    """The pids of the crawl that runs: of its supervisor and of its program."""

    def look() -> tuple[int, int] | None:
        for path in (server.data_dir / "runs").glob("*/started.json"):
            started = json.loads(path.read_text())
            if psutil.pid_exists(started["pid"]) and not (path.parent / "status.json").exists():
                return started["supervisor_pid"], started["pid"]
        return None

    found: tuple[int, int] = until(look)
    return found


def test_a_killed_crawl_fails_with_a_reason_and_leaves_the_tables_whole(server: Server) -> None:
    """Its program or its supervisor gets SIGKILL: the crawl is FAILED, the crawler READY, the catalog as before,
    and the next crawl works.
    """
    s3, glue = server.client("s3"), server.client("glue")
    slow = {"Name": "slow", "Classification": "slow", "GrokPattern": "%{HOSTNAME:a} %{HOSTNAME:b} end"}
    glue.create_classifier(GrokClassifier=slow)
    s3.create_bucket(Bucket="ckilled")
    s3.put_object(Bucket="ckilled", Key="data/good/a.csv", Body=GOOD)
    glue.create_database(DatabaseInput={"Name": "ckilled"})
    targets = {"S3Targets": [{"Path": "s3://ckilled/data"}]}
    glue.create_crawler(Name="ckilled", Role=ROLE, DatabaseName="ckilled", Targets=targets, Classifiers=["slow"])
    assert _crawled(server, "ckilled")["State"] == "COMPLETED"
    before = _tables(server, "ckilled")
    lines = ("1." * 8000 + "\n") * 60
    for number in range(8):
        s3.put_object(Bucket="ckilled", Key=f"data/bad/{number}.log", Body=lines)
    for victim, reason in ((1, "killed by SIGKILL"), (0, "the supervisor ended without recording a result")):
        glue.start_crawler(Name="ckilled")
        os.kill(_crawl_process(server)[victim], signal.SIGKILL)
        crawl = _end(server, "ckilled")
        assert crawl["State"] == "FAILED"
        assert reason in crawl["ErrorMessage"]
        assert reason in _log(server, "ckilled")
        crawler = glue.get_crawler(Name="ckilled")["Crawler"]
        assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "FAILED")
        assert _tables(server, "ckilled") == before
        until(lambda: not server.children() or None)
    for number in range(8):
        s3.delete_object(Bucket="ckilled", Key=f"data/bad/{number}.log")
    assert _crawled(server, "ckilled")["State"] == "COMPLETED"
    assert _tables(server, "ckilled").keys() == before.keys()
