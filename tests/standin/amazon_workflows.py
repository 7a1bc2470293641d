"""aws-glue-blueprint-libs: samples as blueprints: registered, made into a workflow, and the workflow run.

The layouts name GlueVersions of their own (2.0 and 4.0); the workflows' jobs get that of the trial. Two of them
speak to a database: a real PostgreSQL, which ``scripts/databases.sh`` installs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from amazon_lake import Differs, Lake, Row, check, check_rows
from harness.local_server import ROLE, until
from harness.postgresql import DRIVER, Postgres, running_postgres

REPOSITORY = "awslabs/aws-glue-blueprint-libs"
BUCKET = "blueprint-samples"
ROLE_NAME = ROLE.rpartition("/")[2]
CITIES: list[Row] = [{"id": number, "city": f"city {number % 3}", "fare": number / 4} for number in range(40)]
ARGUMENT = "--redshift_iam_role"
"""What the two JDBC layouts pass, always abbreviated: their scripts read ``redshift_iam_role_arn``, and fail with
a NameError without it, whatever the database is."""


def run_crawl_s3_locations(lake: Lake) -> None:
    """One crawler after the other makes a table of each path ("crawls multiple S3 locations")."""
    lake.bucket(BUCKET)
    lake.put_records(f"s3://{BUCKET}/in/trips/part-0.json", CITIES)
    lake.put(f"s3://{BUCKET}/in/names/part-0.csv", "id,name\n1,ann\n2,bob\n")
    paths = [f"s3://{BUCKET}/in/{one}/" for one in ("trips", "names")]
    workflow = _create(lake, "crawl_s3_locations", S3Paths=paths, DatabaseName="crawled", TableNamePrefix="of_")
    _run(lake, workflow)
    expected = {
        "of_trips": {"id": "int", "city": "string", "fare": "double"},
        "of_names": {"id": "bigint", "name": "string"},
    }
    check("the tables", lake.columns("crawled"), expected)


def run_s3_to_dynamodb(lake: Lake) -> None:
    """The files' records are the table's items."""
    lake.bucket(BUCKET)
    lake.put_records(f"s3://{BUCKET}/in/part-0.json", CITIES)
    dynamodb = lake.server.client("dynamodb")
    dynamodb.create_table(
        TableName="trips",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    where = {"InputDataLocation": f"s3://{BUCKET}/in/", "InputDataFormat": "json"}
    _run(lake, _create(lake, "s3_to_dynamodb", DynamoDbTableName="trips", **where))
    pages = dynamodb.get_paginator("scan").paginate(TableName="trips")
    items = [
        {"id": int(one["id"]["N"]), "city": one["city"]["S"], "fare": float(one["fare"]["N"])}
        for page in pages
        for one in page["Items"]
    ]
    check_rows("the items", items, CITIES)


def run_jdbc_to_s3(lake: Lake) -> None:
    """The table's rows are in files, in folders by the partition key."""
    with running_postgres() as postgres:
        _connect(lake, postgres)
        values = ", ".join(f"({row['id']}, '{row['city']}', {row['fare']})" for row in CITIES)
        postgres.sql(f"insert into trips values {values}", "shop")
        workflow = _create(
            lake,
            "jdbc_to_s3",
            SourceConnectionType="postgresql",
            SourceConnectionName="shop",
            SourceDatabaseName="shop",
            SourceTableName="trips",
            RedshiftIAMRoleARN=ROLE,
            OutputDataLocation=f"s3://{BUCKET}/out/",
            OutputDataFormat="parquet",
            PartitionKeys=["city"],
            EnableJobBookmark=False,
        )
        _run_with_abbreviation(lake, workflow)
        check_rows("the files", lake.parquet(f"s3://{BUCKET}/out/", partitioned=True), CITIES)


def run_s3_to_jdbc(lake: Lake) -> None:
    """The files' records are the table's rows."""
    with running_postgres() as postgres:
        _connect(lake, postgres)
        lake.put_records(f"s3://{BUCKET}/in/part-0.json", CITIES)
        workflow = _create(
            lake,
            "s3_to_jdbc",
            InputDataLocation=f"s3://{BUCKET}/in/",
            InputDataFormat="json",
            RedshiftIAMRoleARN=ROLE,
            OutputConnectionName="shop",
            OutputDatabaseName="shop",
            OutputTableName="trips",
            EnableJobBookmark=False,
        )
        _run_with_abbreviation(lake, workflow)
        lines = [line.split("|") for line in postgres.sql("select id, city, fare from trips", "shop").splitlines()]
        rows = [{"id": int(id_), "city": city, "fare": float(fare)} for id_, city, fare in lines]
        check_rows("the rows", rows, CITIES)


def _connect(lake: Lake, postgres: Postgres) -> None:
    """Make a database with an empty table, and a connection to it whose driver is in S3."""
    lake.bucket(BUCKET)
    lake.put(f"s3://{BUCKET}/drivers/postgresql.jar", DRIVER.read_bytes())
    postgres.sql("create database shop")
    postgres.sql("create table trips (id int, city text, fare double precision)", "shop")
    properties = {
        "JDBC_CONNECTION_URL": postgres.url("shop"),
        "USERNAME": "glue",
        "PASSWORD": "x",
        "JDBC_DRIVER_JAR_URI": f"s3://{BUCKET}/drivers/postgresql.jar",
        "JDBC_DRIVER_CLASS_NAME": "org.postgresql.Driver",
    }
    connection = {"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    lake.glue.create_connection(ConnectionInput=connection)


def _create(lake: Lake, sample: str, **parameters: Any) -> str:
    """Register the sample's folder as it is, and make a workflow with jobs of the trial's GlueVersion."""
    lake.put(f"s3://{BUCKET}/{sample}.zip", lake.copies.archive(REPOSITORY, "samples", sample))
    glue = lake.glue
    glue.create_blueprint(Name=sample, BlueprintLocation=f"s3://{BUCKET}/{sample}.zip")
    until(lambda: glue.get_blueprint(Name=sample)["Blueprint"]["Status"] == "ACTIVE" or None, sample)
    given = json.dumps({"WorkflowName": f"run-{sample}", "IAMRole": ROLE_NAME, **parameters})
    run_id = glue.start_blueprint_run(BlueprintName=sample, RoleArn=ROLE, Parameters=given)["RunId"]

    def look() -> Row | None:
        found: Row = glue.get_blueprint_run(BlueprintName=sample, RunId=run_id)["BlueprintRun"]
        return found if found["State"] in ("SUCCEEDED", "FAILED") else None

    ended = until(look, "the blueprint run")
    if ended["State"] != "SUCCEEDED":
        raise Differs(f"the blueprint run FAILED: {ended.get('ErrorMessage')}")
    for job in _jobs(lake, ended["WorkflowName"]):
        _update(lake, job, {})
    return str(ended["WorkflowName"])


def _run(lake: Lake, workflow: str) -> None:
    """Run the workflow; all its jobs and crawlers succeed."""
    run = lake.server.finished_run(workflow, lake.glue.start_workflow_run(Name=workflow)["RunId"])
    statistics = run["Statistics"]
    if run["Status"] != "COMPLETED" or statistics["SucceededActions"] != statistics["TotalActions"]:
        errors = [one for job in _jobs(lake, workflow) for one in _errors(lake, job)]
        raise Differs(f"{run['Status']} {statistics}: {errors}")


def _run_with_abbreviation(lake: Lake, workflow: str) -> None:
    """Run a workflow whose job abbreviates an argument: refused by 6.0, which needs the name in full."""
    if lake.glue_version.partition(".")[0] >= "6":
        lake.server.finished_run(workflow, lake.glue.start_workflow_run(Name=workflow)["RunId"])
        (job,) = _jobs(lake, workflow)
        errors = _errors(lake, job)
        if len(errors) != 1 or f"{ARGUMENT}_arn" not in errors[0]:
            raise Differs(f"the abbreviated argument is not what it fails with: {errors}")
        _update(lake, job, {f"{ARGUMENT}_arn": ROLE})
    _run(lake, workflow)


def _jobs(lake: Lake, workflow: str) -> list[str]:
    graph = lake.glue.get_workflow(Name=workflow, IncludeGraph=True)["Workflow"]["Graph"]
    return [node["Name"] for node in graph["Nodes"] if node["Type"] == "JOB"]


def _update(lake: Lake, job: str, arguments: Mapping[str, str]) -> None:
    """Set the trial's GlueVersion, and add arguments."""
    found = lake.glue.get_job(JobName=job)["Job"]
    kept = ("Role", "Command", "Connections", "WorkerType", "NumberOfWorkers", "ExecutionProperty", "MaxRetries")
    update = {name: found[name] for name in kept if name in found}
    update["DefaultArguments"] = {**found["DefaultArguments"], **arguments}
    lake.glue.update_job(JobName=job, JobUpdate={**update, "GlueVersion": lake.glue_version})


def _errors(lake: Lake, job: str) -> list[str]:
    runs = lake.glue.get_job_runs(JobName=job)["JobRuns"]
    return [str(run["ErrorMessage"]) for run in runs if run.get("ErrorMessage")]
