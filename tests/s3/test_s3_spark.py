"""Spark overwrites while boto3 lists, reads and writes the same keys."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROUNDS = 3
JOB = Path(__file__).with_name("s3_spark_job.py")


@pytest.mark.jobs
@pytest.mark.spark
def test_spark_and_the_api_share_the_files(s3: Any, endpoint: Any, bucket: str) -> None:
    """While Spark overwrites, listings and reads are right: complete files, true ETags, no uncommitted files."""
    for number in range(3):
        lines = "\n".join(["id,p", *(f"{row},{row % 3}" for row in range(number * 1000, number * 1000 + 1000))])
        s3.put_object(Bucket=bucket, Key=f"in/part-{number}.csv", Body=lines.encode(), Metadata={"n": str(number)})
    command = [sys.executable, str(JOB), str(endpoint.root), bucket, str(ROUNDS)]
    reads = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as job:
        while not ended(job):
            reads += look(s3, bucket)
            s3.put_object(Bucket=bucket, Key="out/beside.txt", Body=b"written meanwhile")
        output = job.stdout.read() if job.stdout else ""
    assert job.returncode == 0, output
    assert "rows=3000" in output
    assert reads > 0
    look(s3, bucket)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]]
    assert {"out/beside.txt", "out/csv/_SUCCESS", "out/table/_SUCCESS"} < set(keys)
    assert len([key for key in keys if key.startswith("out/csv/part-")]) == 1
    assert s3.head_object(Bucket=bucket, Key="in/part-1.csv")["Metadata"] == {"n": "1"}


def ended(job: subprocess.Popen[str]) -> bool:
    """Whether the job has ended, waiting a moment for it: the other processor belongs to Spark."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        job.wait(timeout=0.05)
    return job.returncode is not None


def look(s3: Any, bucket: str) -> int:
    """List and read everything once; return how many objects could be read."""
    reads = 0
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        assert "_temporary" not in item["Key"]
        assert not item["Key"].endswith(".crc")
        try:
            answer = s3.get_object(Bucket=bucket, Key=item["Key"])
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"  # noqa: PT017 - Spark deleted it in between
            continue
        body = answer["Body"].read()
        assert answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
        if answer["LastModified"] == item["LastModified"] and item["Key"].startswith("in/"):
            assert answer["ETag"] == item["ETag"]
        reads += 1
    return reads
