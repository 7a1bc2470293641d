"""An account with something of everything, made through the API of a real server: for browser tests, screenshots.

Jobs are Python shell jobs, so that runs take seconds.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/glueprint"
FINAL = ("COMPLETED", "STOPPED", "ERROR")
LOOK = """
import sys, time
import boto3
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
print("looking for files in s3://landing/orders/")
glue = boto3.client("glue")
s3 = boto3.client("s3")
found = s3.list_objects_v2(Bucket="landing", Prefix="orders/").get("Contents", [])
for one in found:
    print("found", one["Key"], one["Size"], "bytes")
glue.put_workflow_run_properties(
    Name=args["WORKFLOW_NAME"],
    RunId=args["WORKFLOW_RUN_ID"],
    RunProperties={
        "file_presence": "true",
        "file_presence.count": str(len(found)),
        "file_presence.location": "s3://landing/orders/",
        "file_presence.reason": f"{len(found)} files match *.csv, at least 1 is required",
        "day": "2026-11-30",
    },
)
time.sleep(0.4)
"""
LOAD = """
import time
for number in range(1, 41):
    print(f"batch {number:3d}: 2,500 rows written to s3://lake/orders/")
time.sleep(1.1)
print("100,000 rows in 40 batches")
"""
CHECK = """
import json
print("checking totals")
row = json.loads('{"order_id": 17, "amount": "12,50"}')
total = float(row["amount"])
"""
REPORT = "print('report written')\n"
CSV = "order_id,customer,amount,country\n" + "".join(
    f"{number},customer {number % 37},{number * 1.25:.2f},{['DE', 'AT', 'CH', 'FR'][number % 4]}\n"
    for number in range(1, 400)
)
LOADER = """
import sys
import boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["STEP", "SOURCE", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
glue, s3, name = boto3.client("glue"), boto3.client("s3"), args["WORKFLOW_NAME"]
bucket, _, prefix = args["SOURCE"].removeprefix("s3://").partition("/")
found = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
if args["STEP"] == "look":
    properties = {
        "file_presence": "true" if found else "false",
        "file_presence.location": args["SOURCE"],
        "file_presence.reason": f"{len(found)} files are there, at least 1 is required",
    }
    glue.put_workflow_run_properties(Name=name, RunId=args["WORKFLOW_RUN_ID"], RunProperties=properties)
if args["STEP"] == "load":
    for number, key in enumerate(found):
        s3.copy_object(Bucket="lake", Key=f"{name}/{number}.csv", CopySource={"Bucket": bucket, "Key": key})
    kinds = {"order_id": "bigint", "customer": "string", "amount": "double", "country": "string"}
    storage = {
        "Location": f"s3://lake/{name}/",
        "Columns": [{"Name": column, "Type": kind} for column, kind in kinds.items()],
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    parameters = {"classification": "csv", "skip.header.line.count": "1"}
    table = {"Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters, "StorageDescriptor": storage}
    glue.create_table(DatabaseName="sales", TableInput=table)
print(args["STEP"], "is done:", len(found), "files")
"""
SPEC_LAYOUT = f"""
LOADER = '''{LOADER}'''
"""
SPEC_LAYOUT += """
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow
import boto3


def generate_layout(user_params, system_params):
    if user_params["Batches"] > 100:
        raise ValueError("Batches must not be greater than 100 in this layout")
    s3 = boto3.client("s3", region_name=system_params["region"])
    key = f"loader/{user_params['WorkflowName']}.py"
    s3.put_object(Bucket=user_params["ScriptBucket"], Key=key, Body=LOADER.encode())
    command = {
        "Name": "pythonshell",
        "ScriptLocation": f"s3://{user_params['ScriptBucket']}/{key}",
        "PythonVersion": "3.9",
    }

    def job(name, after=None):
        depends = {"DependsOn": {after: "SUCCEEDED"}, "WaitForDependencies": "AND"} if after else {}
        arguments = {"--STEP": name, "--SOURCE": user_params["Source"]}
        more = {"Timeout": 10, "DefaultArguments": arguments, **depends}
        return Job(Name=name, Command=command, Role=user_params["Role"], **more)

    look = job("look")
    load = job("load", look)
    jobs = [look, load]
    if user_params["Report"]:
        jobs.append(job("report", load))
    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=jobs, Crawlers=[]))
"""
SPEC = {
    "layoutGenerator": "csv_loader.layout.generate_layout",
    "parameterSpec": {
        "WorkflowName": {"type": "String", "description": "Name of the workflow that is created."},
        "Role": {"type": "IAMRoleArn", "description": "Role of the jobs."},
        "ScriptBucket": {"type": "S3Bucket", "description": "Bucket for the scripts."},
        "Source": {"type": "S3Uri", "description": "Folder of the files that are loaded."},
        "Formats": {
            "type": "String",
            "collection": True,
            "allowedValues": ["csv", "json", "parquet"],
            "defaultValue": ["csv"],
            "description": "Formats that are accepted.",
        },
        "Batches": {"type": "Integer", "defaultValue": 10, "description": "Number of batches, at most 100."},
        "Tolerance": {
            "type": "Double",
            "defaultValue": 0.05,
            "description": "Share of bad rows that is accepted.",
        },
        "Report": {"type": "Boolean", "defaultValue": True, "description": "Write a report at the end."},
        "Mode": {
            "type": "String",
            "allowedValues": ["append", "replace"],
            "defaultValue": "append",
            "description": "What happens with rows of an earlier load.",
        },
        "Columns": {
            "type": "String",
            "collection": True,
            "defaultValue": ["order_id", "amount"],
            "description": "Columns that are loaded, one on each line.",
        },
        "ReaderRole": {
            "type": "IAMRoleName",
            "defaultValue": "GlueReader",
            "description": "Name of the role that may read the result.",
        },
    },
}
README = """# CSV loader

Loads CSV files from a folder into the lake, and writes a report.

| Step | What it does |
|---|---|
| look | finds the files |
| load | writes them in batches |
| report | counts rows |

Run it **daily**; see [Glue's guide](https://docs.aws.amazon.com/glue/).

<script>alert("README")</script>
"""


def blueprint_zip(name: str = "csv_loader") -> bytes:
    """The zip of a blueprint with all eight types of parameters."""
    spec = json.loads(json.dumps(SPEC).replace("csv_loader.", f"{name}."))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/blueprint.cfg", json.dumps(spec, indent=2))
        archive.writestr(f"{name}/layout.py", SPEC_LAYOUT)
        archive.writestr(f"{name}/README.md", README)
    return buffer.getvalue()


class Sample:
    """Makes the account.

    Args:
        client: returns a boto3 client for a service.
    """

    def __init__(self, client: Any) -> None:
        self.glue, self.s3 = client("glue"), client("s3")

    def job(self, name: str, script: str, **more: Any) -> None:
        """A Python shell job."""
        key = f"jobs/{name}.py"
        self.s3.put_object(Bucket="scripts", Key=key, Body=script.encode())
        self.glue.create_job(
            Name=name,
            Role=ROLE,
            Command={"Name": "pythonshell", "ScriptLocation": f"s3://scripts/{key}", "PythonVersion": "3.9"},
            MaxRetries=more.pop("MaxRetries", 0),
            Timeout=10,
            **more,
        )

    def trigger(
        self, workflow: str, name: str, starts: list[str], *conditions: tuple[str, str], **more: Any
    ) -> None:
        """A conditional trigger, or a starting one without conditions."""
        actions = [{"CrawlerName": one[8:]} if one.startswith("crawler/") else {"JobName": one} for one in starts]
        request: dict[str, Any] = {"Name": name, "WorkflowName": workflow, "Actions": actions, **more}
        if conditions:
            shapes = [
                {"LogicalOperator": "EQUALS", "CrawlerName": node[8:], "CrawlState": state}
                if node.startswith("crawler/")
                else {"LogicalOperator": "EQUALS", "JobName": node, "State": state}
                for node, state in conditions
            ]
            request["Predicate"] = {"Logical": more.pop("Logical", "AND"), "Conditions": shapes}
            request.pop("Logical", None)
            request |= {"Type": "CONDITIONAL", "StartOnCreation": True}
        self.glue.create_trigger(**{"Type": "ON_DEMAND", **request})

    def run(self, workflow: str, seconds: float = 90.0) -> dict[str, Any]:
        """Run a workflow to its end."""
        run_id = self.glue.start_workflow_run(Name=workflow)["RunId"]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.glue.get_workflow_run(Name=workflow, RunId=run_id)["Run"]
            if run["Status"] in FINAL:
                return run
            time.sleep(0.2)
        raise AssertionError(f"{workflow} has not ended")

    def make(self) -> None:
        """Make everything but runs."""
        for bucket in ("landing", "lake", "scripts"):
            self.s3.create_bucket(Bucket=bucket)
        for month in (9, 10, 11):
            self.s3.put_object(Bucket="landing", Key=f"orders/month={month}/orders.csv", Body=CSV.encode())
        self.s3.put_object(Bucket="landing", Key="notes/readme.txt", Body=b"orders arrive at night\n")
        self.glue.create_database(DatabaseInput={"Name": "sales", "Description": "What is sold."})
        self.glue.create_crawler(
            Name="orders_crawler",
            Role=ROLE,
            DatabaseName="sales",
            Targets={"S3Targets": [{"Path": "s3://landing/orders/"}]},
        )
        self.job("orders_look", LOOK)
        self.job("orders_load", LOAD)
        self.job("orders_check", CHECK)
        self.job("orders_report", REPORT)
        self.job("orders_alarm", "print('the operators are informed')\n")
        self.glue.create_workflow(
            Name="orders", Description="Loads the orders of the day.", DefaultRunProperties={"owner": "sales team"}
        )
        self.trigger(
            "orders",
            "orders_start",
            ["orders_look"],
            Type="SCHEDULED",
            Schedule="cron(30 2 * * ? *)",
            StartOnCreation=True,
        )
        self.trigger(
            "orders", "orders_found", ["orders_load", "crawler/orders_crawler"], ("orders_look", "SUCCEEDED")
        )
        self.trigger(
            "orders",
            "orders_done",
            ["orders_check"],
            ("orders_load", "SUCCEEDED"),
            ("crawler/orders_crawler", "SUCCEEDED"),
        )
        self.trigger("orders", "orders_checked", ["orders_report"], ("orders_check", "SUCCEEDED"))
        self.trigger("orders", "orders_wrong", ["orders_alarm"], ("orders_check", "FAILED"))
        self.glue.create_workflow(Name="daily_report")
        self.trigger("daily_report", "daily_start", ["orders_look"])
        self.trigger("daily_report", "daily_next", ["orders_report"], ("orders_look", "SUCCEEDED"))

    def register(self, name: str = "csv_loader") -> None:
        """Register the blueprint."""
        key = f"blueprints/{name}.zip"
        self.s3.put_object(Bucket="scripts", Key=key, Body=blueprint_zip(name))
        self.glue.create_blueprint(
            Name=name, BlueprintLocation=f"s3://scripts/{key}", Description="Loads CSV files into the lake."
        )
