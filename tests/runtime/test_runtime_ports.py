"""The ports of a Spark job: nothing without the secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from harness.runtime_jobs import launch_of, run_job

from glueprint.runtime.launch.jobs import job_process
from glueprint.runtime.shared import instructions
from glueprint.runtime.shared.spark_changes import settable_at_run_time

PORTS = """
import json, sys
import psutil
from pyspark import SparkContext, SparkFiles

sc = SparkContext()
java = next(one for one in psutil.Process().children() if "java" in one.name())
listening = [one.laddr for one in java.net_connections("inet") if one.status == psutil.CONN_LISTEN]
gateway = sc._gateway.gateway_parameters.port
sys.path.append(PATH_OF_TESTS)
from harness.spark_ports import answers_to_another_user

open("added.py", "w").write("VALUE = 5")
sc.addPyFile("added.py")
open("added.txt", "w").write("added")
sc.addFile("added.txt")

def in_task(number):
    import added
    return number + added.VALUE, open(SparkFiles.get("added.txt")).read()

rows = sc.parallelize(range(4), 2).map(in_task)
print(json.dumps({
    "hosts": sorted({one.ip for one in listening}),
    "answers": answers_to_another_user([one.port for one in listening if one.port != gateway]),
    "rows": rows.map(lambda row: (row[0] % 2, row[0])).reduceByKey(max).collect() + [rows.first()[1]],
    "commands": [" ".join(one.cmdline()) for one in psutil.Process().children(recursive=True)],
}))
"""


@pytest.mark.jobs
@pytest.mark.spark
def test_no_port_of_spark_takes_anything_without_the_secret_of_its_context(tmp_path: Path) -> None:
    """The ports of RPC and block manager are on loopback, and another user's bytes are refused before they are
    read as Java objects; the secret is on no command line; files and shuffles work
    (https://spark.apache.org/docs/3.5.6/security.html#authentication).
    """
    script = PORTS.replace("PATH_OF_TESTS", repr(str(Path(__file__).parent.parent)))
    ended, out, err = run_job(launch_of(tmp_path, "glueetl", script))
    assert ended.succeeded, err
    found = json.loads(out.splitlines()[-1])
    assert set(found["hosts"]) <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert len(found["answers"]) == 2  # the driver's RPC, and the block manager
    assert all("Expected SaslMessage" in answer for answer in found["answers"])
    assert sorted(map(str, found["rows"])) == ["[0, 8]", "[1, 7]", "added"]
    assert not [one for one in found["commands"] if "secret" in one.lower()]


def test_a_waiting_worker_has_the_same_protection(tmp_path: Path) -> None:
    """It is started with the settings of a job; each is for one run, so each run has a secret of its own."""
    launch = launch_of(tmp_path, "glueetl", "")
    spec = job_process(launch)
    assert spec.spark_instructions is not None
    properties = instructions.read(spec.spark_instructions).spark.properties
    assert properties["spark.authenticate"] == "true"
    assert not settable_at_run_time("spark.authenticate")
