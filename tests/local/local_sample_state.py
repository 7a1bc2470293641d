"""One object of each kind through the API: the contents of ``samples/vN.sql``, as schema version N stored them.

A sample of the current version is made before the next migration is added, by
``python tests/local/local_sample_state.py > tests/local/samples/vN.sql`` (in a directory with an earlier
``glueprint``: of its version).
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from botocore.exceptions import ClientError
from harness.local_server import ROLE, Server, until

COLUMNS = [{"Name": "id", "Type": "bigint"}]
FORMATS = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
}
OBJECTS = {"data/a.csv": b"id,name\n1,x\n2,y\n", "ok.py": b"print('ok')\n"}


def fill(server: Server) -> None:
    """Create one of each kind; what a version does not know yet, or refuses, is left out."""
    glue, s3, events = (server.client(name) for name in ("glue", "s3", "events"))
    s3.create_bucket(Bucket="sample")
    for key, body in OBJECTS.items():
        s3.put_object(Bucket="sample", Key=key, Body=body, Metadata={"kept": "yes"}, Tagging="team=data")
    storage = {"Columns": COLUMNS, "Location": "s3://sample/data/", **FORMATS}
    table = {"Name": "t", "PartitionKeys": [{"Name": "day", "Type": "string"}], "StorageDescriptor": storage}
    shell = {"Name": "pythonshell", "ScriptLocation": "s3://sample/ok.py", "PythonVersion": "3.9"}
    start, tag = [{"JobName": "job"}], {"Key": "team", "Value": "data"}
    condition = {"LogicalOperator": "EQUALS", "JobName": "job", "State": "SUCCEEDED"}
    requests: list[tuple[Any, str, dict[str, Any]]] = [
        (glue, "create_database", {"DatabaseInput": {"Name": "db", "Description": "kept"}}),
        (glue, "create_table", {"DatabaseName": "db", "TableInput": table}),
        (glue, "update_table", {"DatabaseName": "db", "TableInput": {**table, "Description": "second"}}),
        (
            glue,
            "create_partition",
            {
                "DatabaseName": "db",
                "TableName": "t",
                "PartitionInput": {"Values": ["d1"], "StorageDescriptor": storage},
            },
        ),
        (
            glue,
            "create_partition_index",
            {"DatabaseName": "db", "TableName": "t", "PartitionIndex": {"IndexName": "i", "Keys": ["day"]}},
        ),
        (glue, "create_job", {"Name": "job", "Role": ROLE, "Command": shell, "Tags": {"team": "data"}}),
        (
            glue,
            "create_crawler",
            {
                "Name": "crawler",
                "Role": ROLE,
                "DatabaseName": "db",
                "Targets": {"S3Targets": [{"Path": "s3://sample/data"}]},
                "Schedule": "cron(0 4 1 1 ? *)",
            },
        ),
        (glue, "create_workflow", {"Name": "flow", "DefaultRunProperties": {"a": "1"}}),
        (glue, "create_workflow", {"Name": "events"}),
        (glue, "create_trigger", {"Name": "go", "Type": "ON_DEMAND", "WorkflowName": "flow", "Actions": start}),
        (
            glue,
            "create_trigger",
            {
                "Name": "next",
                "Type": "CONDITIONAL",
                "WorkflowName": "flow",
                "StartOnCreation": True,
                "Predicate": {"Conditions": [condition]},
                "Actions": [{"CrawlerName": "crawler"}],
            },
        ),
        (
            glue,
            "create_trigger",
            {
                "Name": "nightly",
                "Type": "SCHEDULED",
                "Schedule": "cron(0 3 1 1 ? *)",
                "StartOnCreation": True,
                "Actions": start,
            },
        ),
        (glue, "create_trigger", {"Name": "event", "Type": "EVENT", "WorkflowName": "events", "Actions": start}),
        (glue, "create_classifier", {"CsvClassifier": {"Name": "csv", "Delimiter": ";"}}),
        (
            glue,
            "create_connection",
            {
                "ConnectionInput": {
                    "Name": "connection",
                    "ConnectionType": "JDBC",
                    "ConnectionProperties": {"JDBC_CONNECTION_URL": "jdbc:x:y", "USERNAME": "u", "PASSWORD": "p"},
                }
            },
        ),
        (
            glue,
            "create_user_defined_function",
            {
                "DatabaseName": "db",
                "FunctionInput": {"FunctionName": "f", "ClassName": "c", "OwnerName": "o", "OwnerType": "USER"},
            },
        ),
        (events, "put_rule", {"Name": "rule", "EventPattern": '{"source": ["aws.s3"]}'}),
        (glue, "create_data_quality_ruleset", {"Name": "rules", "Ruleset": "Rules = [ RowCount > 0 ]"}),
        (s3, "put_bucket_tagging", {"Bucket": "sample", "Tagging": {"TagSet": [tag]}}),
        (
            s3,
            "put_public_access_block",
            {"Bucket": "sample", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        ),
        (
            server.client("stepfunctions"),
            "create_state_machine",
            {
                "name": "machine",
                "definition": '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}',
                "roleArn": ROLE,
            },
        ),
        (
            server.client("stepfunctions"),
            "start_execution",
            {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine", "name": "once"},
        ),
        (server.client("iam"), "create_role", {"RoleName": "kept", "AssumeRolePolicyDocument": "{}"}),
    ]
    for client, operation, members in requests:
        try:
            getattr(client, operation)(**members)
        except ClientError as error:
            print(f"-- {operation}: {error}", file=sys.stderr)  # noqa: T201 - a program
    run = glue.start_workflow_run(Name="flow")["RunId"]
    server.finished_run("flow", run)
    glue.start_job_run(JobName="job", Arguments={"--day": "d1"})

    def ended() -> bool | None:
        runs = glue.get_job_runs(JobName="job")["JobRuns"]
        return all(run["JobRunState"] == "SUCCEEDED" for run in runs) or None

    until(ended)


def main() -> None:
    """Print a sample."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with Server(data) as server:
            fill(server)
        connection = sqlite3.connect(data / "state.sqlite")
        print(f"PRAGMA user_version = {connection.execute('PRAGMA user_version').fetchone()[0]};")  # noqa: T201 - a program
        for line in connection.iterdump():
            print(line)  # noqa: T201 - a program
        connection.close()


if __name__ == "__main__":
    main()
