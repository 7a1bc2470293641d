"""Which JDBC drivers are on the class path of a job's Spark."""

from __future__ import annotations

import json
from typing import Any

from harness.local_server import GLUE_VERSION, ROLE, Server

_PROPERTIES = {"JDBC_CONNECTION_URL": "jdbc:mysql://db:3306/x", "USERNAME": "u", "PASSWORD": "p"}
_SCRIPT = b"import json; print(json.dumps(json.load(open('.glueprint-job'))['spark']['jars']))"


def _run(server: Server, name: str, jar: str) -> dict[str, Any]:
    """Run a job whose connection names a driver; the script prints the JARs that Spark got, and uses no Spark."""
    glue, s3 = server.client("glue"), server.client("s3")
    s3.create_bucket(Bucket=name)
    for key in ("driver.jar", "extra.jar"):
        s3.put_object(Bucket=name, Key=key, Body=b"PK\x05\x06" + bytes(18))
    s3.put_object(Bucket=name, Key="job.py", Body=_SCRIPT)
    properties = {**_PROPERTIES, "JDBC_DRIVER_CLASS_NAME": "a.B", "JDBC_DRIVER_JAR_URI": jar}
    glue.create_connection(
        ConnectionInput={"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    glue.create_job(
        Name=name,
        Role=ROLE,
        Command={"Name": "glueetl", "ScriptLocation": f"s3://{name}/job.py"},
        GlueVersion=GLUE_VERSION,
        Connections={"Connections": [name]},
        DefaultArguments={"--extra-jars": f"s3://{name}/extra.jar"},
    )
    ended: dict[str, Any] = server.finished_job_run(name, glue.start_job_run(JobName=name)["JobRunId"])
    return ended


def test_drivers_of_connections_and_of_the_data_directory(server: Server) -> None:
    """Plain ``spark.read.jdbc`` finds the driver that a connection of the job names (``JDBC_DRIVER_JAR_URI``), and
    those in ``<data-dir>/jdbc-drivers/``, after the JARs of ``--extra-jars``.
    """
    folder = server.data_dir / "jdbc-drivers"
    folder.mkdir()
    (folder / "other.jar").write_bytes(b"PK\x05\x06" + bytes(18))
    run = _run(server, "drivers", "s3://drivers/driver.jar")
    assert run["JobRunState"] == "SUCCEEDED", run
    page = server.client("logs").get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=run["Id"])
    jars = json.loads(page["events"][0]["message"])
    assert [one.rpartition("/")[2] for one in jars] == ["extra.jar", "driver.jar", "other.jar"]
    assert jars[2] == str(folder / "other.jar")


def test_a_driver_that_is_not_there(server: Server) -> None:
    """The run fails, and the message names the connection and the object."""
    run = _run(server, "missing", "s3://missing/none.jar")
    assert run["JobRunState"] == "FAILED"
    assert "JDBC_DRIVER_JAR_URI of connection missing: s3://missing/none.jar" in run["ErrorMessage"]
