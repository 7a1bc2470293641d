"""What the role of a job needs: to start, and for what its script calls, reads and writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.check.empty_account import service_model
from glueprint.deploy.permissions.places import Folder, folders_in, folders_of, versionless
from glueprint.deploy.permissions.script_calls import ScriptCall, ScriptCalls, script_calls
from glueprint.deploy.permissions.script_sources import DataAccess, data_accesses
from glueprint.deploy.permissions.statements import Grant, grant
from glueprint.deploy.permissions.value_flow import Origins, ValueFlow
from glueprint.iam import s3_actions
from glueprint.iam.arns import Location
from glueprint.iam.calls import authorizations
from glueprint.iam.glue_actions import resources

_READS = ("Get", "Head", "List")
_READ_TABLE = ("GetDatabase", "GetTable", "GetPartition", "GetPartitions", "BatchGetPartition")
_WRITE_TABLE = (
    *_READ_TABLE,
    *("CreateTable", "UpdateTable", "BatchCreatePartition", "CreatePartition", "UpdatePartition"),
)
_NETWORK = (
    *("CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeRouteTables"),
    *("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcEndpoints"),
)
_KINDS = {
    "DatabaseName": "database",
    "TableName": "table",
    "JobName": "job",
    "CrawlerName": "crawler",
    "BlueprintName": "blueprint",
    "WorkflowName": "workflow",
    "ConnectionName": "connection",
}
_NO_NAME = re.compile(r"[/\s{}\[\]\"]")
LOG_GROUPS = {"pythonshell": "/aws-glue/python-jobs/*"}
_SPARK_GROUPS = "/aws-glue/jobs/*"
_IAM_PREFIXES = {"stepfunctions": "states", "cloudwatch": "cloudwatch", "ses": "ses"}


@dataclass(frozen=True)
class JobScript:
    """A script as a job runs it.

    Attributes:
        text: Python.
        where: returns file and line of the source, for a line of the script.
    """

    text: str
    where: Callable[[int], str]


@dataclass(frozen=True)
class Surroundings:
    """What the jobs of a workflow have in common.

    Attributes:
        workflow: its name.
        folders: the S3 locations in the arguments of all jobs: what one job writes, another reads.
        buckets: names of buckets in the parameters.
    """

    location: Location
    workflow: str
    folders: tuple[Folder, ...]
    buckets: tuple[str, ...]


def job_arguments(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments of a job, names without dashes."""
    every = {**job.get("DefaultArguments", {}), **job.get("NonOverridableArguments", {})}
    return {name.removeprefix("--"): str(value) for name, value in every.items()}


def startup_grants(job: Mapping[str, Any], location: Location) -> Iterator[Grant]:
    """Yield what Glue needs in the role's name before and around the script.

    Sources: DG:create-service-policy; the namespace Glue: "Monitoring AWS Glue using Amazon CloudWatch metrics".
    """
    label, arguments, command = f"job {shown_name(job)}", job_arguments(job), job.get("Command", {})
    for one in folders_in(str(command.get("ScriptLocation", ""))):
        folder = versionless(one.prefix).rpartition("/")[0]
        pattern = f"{folder}/*" if folder else one.prefix
        yield grant("s3:GetObject", location.bucket(one.bucket, pattern), f"{label}: Glue reads the script")
    for name in ("extra-py-files", "extra-jars", "extra-files", "additional-python-modules"):
        for one in folders_in(arguments.get(name, "")):
            yield grant("s3:GetObject", location.bucket(one.bucket, one.prefix), f"{label}: --{name}")
    for name in ("TempDir", "spark-event-logs-path"):
        for one in folders_in(arguments.get(name, "")):
            yield from _of_folder(location, one, ("GetObject", "PutObject", "DeleteObject"), f"{label}: --{name}")
            yield _listing(location, one, f"{label}: --{name}")
    group = LOG_GROUPS.get(str(command.get("Name", "glueetl")), _SPARK_GROUPS)
    arn = f"arn:{location.partition}:logs:{location.region}:{location.account_id}:log-group:{group}"
    for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents"):
        yield grant(f"logs:{action}", arn, f"{label}: its logs; without it the job runs, and shows no logs")
    if any(name in arguments for name in ("enable-metrics", "enable-observability-metrics")):
        only = {"StringEquals": {"cloudwatch:namespace": "Glue"}}
        yield grant("cloudwatch:PutMetricData", "*", f"{label}: --enable-metrics", only)
    for name in (job.get("Connections") or {}).get("Connections", ()):
        yield from _connection(location, str(name), f"{label}: its connection {name}")


def _connection(location: Location, name: str, why: str) -> Iterator[Grant]:
    for resource in ("catalog", f"connection/{name}"):
        yield grant("glue:GetConnection", location.glue(resource), why)
    for action in _NETWORK:
        yield grant(f"ec2:{action}", "*", f"{why}, if it is in a VPC (DG:create-service-policy)")
    tags = {"ForAllValues:StringEquals": {"aws:TagKeys": "aws-glue-service-resource"}}
    arn = f"arn:{location.partition}:ec2:{location.region}:{location.account_id}:network-interface/*"
    for action in ("CreateTags", "DeleteTags"):
        yield grant(f"ec2:{action}", arn, f"{why}, if it is in a VPC (DG:create-service-policy)", tags)


class ScriptGrants:
    """The grants of one job for what its script does.

    Attributes:
        notes: what could not be determined.
    """

    def __init__(self, job: Mapping[str, Any], script: JobScript, around: Surroundings) -> None:
        self._around = around
        self._script = script
        self._arguments = {"WORKFLOW_NAME": around.workflow, **job_arguments(job)}
        tree = ast.parse(script.text)
        self._flow = ValueFlow(tree, [*self._arguments, "WORKFLOW_RUN_ID", "JOB_NAME", "JOB_RUN_ID"])
        self._calls: ScriptCalls = script_calls(tree, self._flow)
        self._data: Sequence[DataAccess] = list(data_accesses(tree))
        self._folders = folders_of(self._arguments, around.buckets)
        self._own = sorted({one for folders in self._folders.values() for one in folders})
        self._is_noted = False
        self.notes = [
            f"{script.where(line)}: boto3's resource interface is used; its calls are not found: add what it needs"
            for line in self._calls.resources
        ]

    def grants(self) -> Iterator[Grant]:
        """Yield them."""
        for call in self._calls.calls:
            if call.service == "s3":
                yield from self._s3(call)
            elif call.service == "glue":
                yield from self._glue(call)
            else:
                yield from self._other(call)
        for access in self._data:
            yield from self._of_data(access)

    def _s3(self, call: ScriptCall) -> Iterator[Grant]:
        why, location = self._why(call), self._around.location
        if call.operation in ("ListBuckets",):
            yield grant("s3:ListAllMyBuckets", "*", why)
            return
        if call.operation in ("CopyObject", "UploadPartCopy"):
            for folder in self._folders_of(call.parameters.get("CopySource"), reads=True):
                yield grant("s3:GetObject", location.bucket(folder.bucket, folder.pattern), f"{why}, its source")
        reads = call.operation.startswith(_READS)
        self._note_outside(call, why)
        for folder in self._folders_of(call.parameters.get("Bucket"), reads=reads):
            for action in s3_actions.actions(call.operation):
                if action == "s3:ListBucket" and call.operation != "HeadBucket":
                    yield _listing(location, folder, why)
                elif s3_actions.concerns_objects(call.operation):
                    yield grant(action, location.bucket(folder.bucket, folder.pattern), why)
                else:
                    yield grant(action, location.bucket(folder.bucket), why)
            if call.operation in ("GetObject", "HeadObject"):
                yield _listing(location, folder, f'{why}: without it a missing object is not "not found"')

    def _note_outside(self, call: ScriptCall, why: str) -> None:
        """Note that a call takes its bucket from a table of the Data Catalog or from a file; once for a script."""
        bucket = call.parameters.get("Bucket")
        if bucket is None or self._is_noted or not self._flow.origins(bucket).is_external:
            return
        self._is_noted = True
        self.notes.append(
            f"{why} takes a bucket from outside (a table of the Data Catalog, a file): only those in arguments "
            "are allowed; add others, or observe a run (--observe)"
        )

    def _folders_of(self, expression: ast.expr | None, *, reads: bool) -> list[Folder]:
        """Return the locations that a bucket's expression may mean.

        Those of the arguments that reach it. Data of other jobs may name objects anywhere: what is read by a name
        that comes from outside may be in any location of the workflow.
        """
        origins = (
            self._flow.origins(expression) if expression is not None else Origins(frozenset(), frozenset(), True)
        )
        found = {folder for name in origins.arguments for folder in self._folders.get(name, ())}
        if found and not (reads and origins.is_external):
            return sorted(found)
        return sorted({*found, *(self._around.folders if reads else self._own)})

    def _glue(self, call: ScriptCall) -> Iterator[Grant]:
        model = service_model("glue").operation_model(call.operation).input_shape
        members = model.members if model is not None else {}
        kind = _kind(call.operation)
        choices: dict[str, list[str]] = {}
        for member, shape in members.items():
            if shape.type_name == "string" and member.endswith("Name"):
                choices[member] = self._values(
                    call, member, kind if member == "Name" else _KINDS.get(member, kind)
                )
        if "TableInput" in members:
            choices["TableName"] = self._known(self._flow.origins_of_key("Name"), "table")
        if "DatabaseInput" in members:
            choices["Name"] = self._known(self._flow.origins_of_key("Name"), "database")
        for parameters in _combinations(choices):
            for one in authorizations("glue", call.operation, parameters, self._around.location):
                yield grant(one.action, one.resource, self._why(call))

    def _values(self, call: ScriptCall, member: str, kind: str) -> list[str]:
        """Return what a parameter may be; ``*`` if that is not known."""
        if member in call.parameters:
            origins = self._flow.origins(call.parameters[member])
        elif call.has_mapping:
            origins = self._flow.origins_of_key(member)
        else:
            return []
        return self._known(origins, kind)

    def _known(self, origins: Origins, kind: str) -> list[str]:
        """Return the values of the arguments whose names show that they are of a kind, or of the only one."""
        named = frozenset(name for name in origins.arguments if kind in name.lower())
        is_only = len(origins.arguments) == 1 and not origins.is_external
        others = {one for one in _KINDS.values() if one != kind}
        is_other = any(one in name.lower() for name in origins.arguments for one in others)
        relevant = named or (origins.arguments if is_only and not is_other else frozenset())
        values = {self._arguments[name] for name in relevant if name in self._arguments}
        if not origins.is_external and not origins.arguments and len(origins.texts) == 1:
            values |= origins.texts
        names = {value for value in values if value and not _NO_NAME.search(value)}
        if not names and kind == "workflow":
            return [self._around.workflow]  # a job reads and writes the run that it is part of
        return sorted(names) or ["*"]

    def _other(self, call: ScriptCall) -> Iterator[Grant]:
        """Yield the action of another service; of those that the catalogue uses, with its resource."""
        why, location = self._why(call), self._around.location
        prefix = iam_prefix(call.service)
        here = f"arn:{location.partition}:{prefix}:{location.region}:{location.account_id}"
        resources = ["*"]
        if call.service == "secretsmanager" and "SecretId" in call.parameters:
            names = self._names(call.parameters["SecretId"], "secret")
            resources = [f"{here}:secret:{name}-??????" if name != "*" else f"{here}:secret:*" for name in names]
        elif call.service == "dynamodb":
            expression = call.parameters.get("TableName") or call.parameters.get("RequestItems")
            names = self._names(expression, "table")
            resources = [f"{here}:table/{name}" for name in names]
        elif call.service == "logs":
            resources = [f"{here}:log-group:*"]
        else:
            self.notes.append(f"{why}: on which resources is not known; the statement allows all")
        for resource in resources:
            yield grant(f"{prefix}:{call.operation}", resource, why)

    def _names(self, expression: ast.expr | None, kind: str) -> list[str]:
        return ["*"] if expression is None else self._known(self._flow.origins(expression), kind)

    def _of_data(self, access: DataAccess) -> Iterator[Grant]:
        why = f"{self._script.where(access.line)}: {access.what}"
        location = self._around.location
        if access.is_table:
            database, table = self._table_names(access)
            for operation in _WRITE_TABLE if access.writes else _READ_TABLE:
                parameters = {"DatabaseName": database, "Name": database if "Database" in operation else table}
                if "Partition" in operation:
                    parameters["TableName"] = table
                elif operation in ("CreateTable", "UpdateTable"):
                    parameters["TableInput"] = {"Name": table}  # type: ignore[assignment]
                for one in authorizations("glue", operation, parameters, location):
                    yield grant(one.action, one.resource, why)
        if access.connection is not None:
            for name in self._names(access.connection, "connection"):
                for resource in ("catalog", f"connection/{name}"):
                    yield grant("glue:GetConnection", location.glue(resource), why)
            if access.path is None:
                return
        actions = ("GetObject", "PutObject", "DeleteObject") if access.writes else ("GetObject",)
        for folder in self._folders_of(access.path, reads=not access.writes):
            yield from _of_folder(location, folder, actions, why)
            yield _listing(location, folder, why)

    def _table_names(self, access: DataAccess) -> tuple[str, str]:
        return self._names(access.database, "database")[0], self._names(access.table, "table")[0]

    def _why(self, call: ScriptCall) -> str:
        return f"{self._script.where(call.line)}: {call.service}.{call.operation}"


def shown_name(job: Mapping[str, Any]) -> str:
    """Return a job's or crawler's name without the suffix of the layout's run."""
    return str(job["Name"]).removesuffix("_check")


def _of_folder(location: Location, folder: Folder, actions: Sequence[str], why: str) -> Iterator[Grant]:
    for action in actions:
        yield grant(f"s3:{action}", location.bucket(folder.bucket, folder.pattern), why)


def _listing(location: Location, folder: Folder, why: str) -> Grant:
    condition = {"StringLike": {"s3:prefix": folder.pattern}} if folder.prefix else None
    return grant("s3:ListBucket", location.bucket(folder.bucket), why, condition)


def _kind(operation: str) -> str:
    """Return the kind of resource that an operation's ``Name`` names, in small letters."""
    resource = resources(operation, {})[-1]
    return "workflow" if resource == "*" else resource.partition("/")[0].lower()


def _combinations(choices: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    combined: list[dict[str, Any]] = [{}]
    for member, values in choices.items():
        if values:
            combined = [{**one, member: value} for one in combined for value in values]
    yield from combined


def iam_prefix(service: str) -> str:
    """Return the prefix of a service's actions: the name with which its requests are signed, for most."""
    metadata = service_model(service).metadata
    return _IAM_PREFIXES.get(service) or str(metadata.get("signingName") or metadata["endpointPrefix"])
