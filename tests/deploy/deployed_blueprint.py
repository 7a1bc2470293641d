"""A small blueprint that uses everything: two jobs, a crawler, an upload, a database."""

from __future__ import annotations

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.config import parse_config
from glueprint.check.subject import Subject

CONFIG = b"""{"layoutGenerator": "orders.layout.generate_layout", "parameterSpec": {
"WorkflowName": {"type": "String"}, "Timeout": {"type": "Integer", "defaultValue": 60},
"Schedule": {"type": "String", "defaultValue": ""}}}"""
LAYOUT = """
import boto3
from awsglue.blueprint.crawler import Crawler
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow

ROLE = "arn:aws:iam::123456789012:role/glue"


def generate_layout(user_params, system_params):
    name = user_params["WorkflowName"]
    command = {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/orders/load.py"}
%s
"""
BODY = """
    s3 = boto3.client("s3", region_name=system_params["region"])
    with open("orders/load.py", "rb") as script:
        s3.put_object(Bucket="scripts", Key="orders/load.py", Body=script.read(), ContentType="text/x-python")
    glue = boto3.client("glue", region_name=system_params["region"])
    try:
        glue.create_database(DatabaseInput={"Name": "orders"})
    except glue.exceptions.AlreadyExistsException:
        pass
    load = Job(
        Name="orders_load", Role=ROLE, Command=command, Timeout=user_params["Timeout"], Tags={"team": "data"},
        DefaultArguments={"--year": "2026"},
    )
    crawl = Crawler(
        Name="orders_crawl", Role=ROLE, Targets={"S3Targets": [{"Path": "s3://scripts/out/"}]},
        DatabaseName="orders", DependsOn={load: "SUCCEEDED"}, WaitForDependencies="AND",
    )
    report = Job(
        Name="orders_report", Role=ROLE, Command=command, DependsOn={crawl: "SUCCEEDED"}, WaitForDependencies="AND"
    )
    schedule = user_params["Schedule"] or None
    return Workflow(
        Name=name, OnSchedule=schedule, Tags={"team": "data"},
        Entities=Entities(Jobs=[load, report], Crawlers=[crawl]),
    )
"""
SCRIPT = b'print("loaded")\n'


def subject(body: str = BODY, script: bytes = SCRIPT) -> Subject:
    """Return the blueprint, as it is checked and deployed."""
    files = {
        "orders/blueprint.cfg": CONFIG,
        "orders/layout.py": (LAYOUT % body).encode(),
        "orders/load.py": script,
    }
    archive = read_archive(write_archive(files), "orders")
    return Subject("orders", archive, parse_config(archive.config))
