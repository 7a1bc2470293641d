"""The actions and resources of Glue's operations.

The action has the name of the operation. Resources: Service Authorization Reference, "Actions, resources, and
condition keys for AWS Glue", and DG22:glue-specifying-resource-arns: what concerns a resource of the Data Catalog
requires the permission on its ancestors too, and to delete a database also on everything in it; operations that
list, and all without a resource type, are checked on ``*``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

Parameters = Mapping[str, Any]

_NAMED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "job": (
        "JobName Name",
        (
            *("BatchStopJobRun", "CreateJob", "DeleteJob", "GetJob", "GetJobBookmark", "GetJobRun", "GetJobRuns"),
            *("ResetJobBookmark", "StartJobRun", "UpdateJob"),
        ),
    ),
    "crawler": (
        "CrawlerName Name",
        (
            *(
                "CreateCrawler",
                "DeleteCrawler",
                "GetCrawler",
                "ListCrawls",
                "StartCrawler",
                "StartCrawlerSchedule",
            ),
            *("StopCrawler", "StopCrawlerSchedule", "UpdateCrawler", "UpdateCrawlerSchedule"),
        ),
    ),
    "trigger": (
        "Name",
        ("CreateTrigger", "DeleteTrigger", "GetTrigger", "StartTrigger", "StopTrigger", "UpdateTrigger"),
    ),
    "workflow": (
        "Name",
        (
            *("CreateWorkflow", "DeleteWorkflow", "GetWorkflow", "GetWorkflowRun", "GetWorkflowRunProperties"),
            *("GetWorkflowRuns", "PutWorkflowRunProperties", "ResumeWorkflowRun", "StartWorkflowRun"),
            *("StopWorkflowRun", "UpdateWorkflow"),
        ),
    ),
    "blueprint": (
        "BlueprintName Name",
        (
            *("CreateBlueprint", "DeleteBlueprint", "GetBlueprint", "GetBlueprintRun", "GetBlueprintRuns"),
            *("StartBlueprintRun", "UpdateBlueprint"),
        ),
    ),
    "dataQualityRuleset": (
        "Name",
        (
            *("CreateDataQualityRuleset", "DeleteDataQualityRuleset", "GetDataQualityRuleset"),
            *("UpdateDataQualityRuleset",),
        ),
    ),
}
_NAMED_OPERATIONS = {
    operation: (kind, members.split())
    for kind, (members, operations) in _NAMED.items()
    for operation in operations
}
_BATCHES = {
    "BatchGetJobs": ("job", "JobNames"),
    "BatchGetCrawlers": ("crawler", "CrawlerNames"),
    "BatchGetTriggers": ("trigger", "TriggerNames"),
    "BatchGetWorkflows": ("workflow", "Names"),
    "BatchGetBlueprints": ("blueprint", "Names"),
}
_OF_TABLES = frozenset(
    {
        *("BatchCreatePartition", "BatchDeletePartition", "BatchDeleteTableVersion", "BatchGetPartition"),
        *("BatchUpdatePartition", "CreatePartition", "CreatePartitionIndex", "CreateTable"),
        *("DeletePartition", "DeletePartitionIndex", "DeleteTable", "DeleteTableVersion"),
        *("GetColumnStatisticsForTable", "GetPartition", "GetPartitionIndexes", "GetPartitions", "GetTable"),
        *("GetTableVersion", "GetTableVersions", "UpdatePartition", "UpdateTable"),
    }
)
_OF_DATABASES = frozenset({"CreateDatabase", "DeleteDatabase", "GetDatabase", "UpdateDatabase"})
_OF_FUNCTIONS = frozenset(
    {
        *("CreateUserDefinedFunction", "DeleteUserDefinedFunction", "GetUserDefinedFunction"),
        *("GetUserDefinedFunctions", "UpdateUserDefinedFunction"),
    }
)
_OF_CONNECTIONS = frozenset({"CreateConnection", "DeleteConnection", "GetConnection", "UpdateConnection"})

PASSED_ROLES: Mapping[str, str] = {
    "CreateCrawler": "Role",
    "CreateJob": "Role",
    "StartBlueprintRun": "RoleArn",
    "StartDataQualityRuleRecommendationRun": "Role",
    "StartDataQualityRulesetEvaluationRun": "Role",
    "UpdateCrawler": "Role",
    "UpdateJob": "JobUpdate.Role",
}
"""The member with the role that an operation passes to Glue: its caller needs iam:PassRole on it
(DG:create-service-policy; Service Authorization Reference, dependent actions)."""


def authorizations(
    operation: str, parameters: Parameters, location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of Glue requires; see :func:`glueprint.iam.calls.authorizations`."""
    for resource in resources(operation, parameters):
        yield Request(f"glue:{operation}", resource if ":" in resource else _arn(resource, location), context)
    member = PASSED_ROLES.get(operation)
    role = _member(parameters, member) if member else None
    if role is not None:
        passed = {"iam:passedtoservice": ("glue.amazonaws.com",)}
        yield Request("iam:PassRole", location.role(role), passed)


def _arn(resource: str, location: Location) -> str:
    return "*" if resource == "*" else location.glue(resource)


def resources(operation: str, parameters: Parameters) -> list[str]:
    """Return the resources on which the operation is checked: the ends of their ARNs, a complete ARN, or ``*``."""
    if operation in _NAMED_OPERATIONS:
        kind, members = _NAMED_OPERATIONS[operation]
        return [f"{kind}/{_first(parameters, members)}"]
    if operation in _BATCHES:
        kind, member = _BATCHES[operation]
        return [f"{kind}/{name}" for name in _names(parameters, member)]
    for operations, found in _CATALOG:
        if operation in operations:
            return ["catalog", *found(operation, parameters)]
    if operation in ("GetTags", "TagResource", "UntagResource"):
        return [_text(parameters.get("ResourceArn"))]
    return ["*"]


def _of_database(operation: str, parameters: Parameters) -> list[str]:
    name = _first(parameters, ["Name", "DatabaseInput.Name"])
    inside = [f"table/{name}/*", f"userDefinedFunction/{name}/*"] if operation == "DeleteDatabase" else []
    return [f"database/{name}", *inside]


def _of_table(operation: str, parameters: Parameters) -> list[str]:
    database = _text(parameters.get("DatabaseName"))
    table = _first(parameters, ["TableName", "TableInput.Name", "Name"])
    return [f"database/{database}", f"table/{database}/{table}"]


def _of_tables(operation: str, parameters: Parameters) -> list[str]:
    database = _text(parameters.get("DatabaseName"))
    return [f"database/{database}", f"table/{database}/*"]


def _of_table_batch(operation: str, parameters: Parameters) -> list[str]:
    database = _text(parameters.get("DatabaseName"))
    return [f"database/{database}", *(f"table/{database}/{one}" for one in _names(parameters, "TablesToDelete"))]


def _of_function(operation: str, parameters: Parameters) -> list[str]:
    database = _text(parameters.get("DatabaseName"))
    name = _first(parameters, ["FunctionName", "FunctionInput.FunctionName"])
    return [f"database/{database}", f"userDefinedFunction/{database}/{name}"]


def _of_connection(operation: str, parameters: Parameters) -> list[str]:
    return [f"connection/{_first(parameters, ['Name', 'ConnectionName', 'ConnectionInput.Name'])}"]


def _of_connection_batch(operation: str, parameters: Parameters) -> list[str]:
    return [f"connection/{one}" for one in _names(parameters, "ConnectionNameList")]


def _of_catalog(operation: str, parameters: Parameters) -> list[str]:
    return []


_CATALOG: tuple[tuple[frozenset[str], Callable[[str, Parameters], list[str]]], ...] = (
    (_OF_TABLES, _of_table),
    (_OF_DATABASES, _of_database),
    (frozenset({"GetTables"}), _of_tables),
    (frozenset({"BatchDeleteTable"}), _of_table_batch),
    (_OF_FUNCTIONS, _of_function),
    (_OF_CONNECTIONS, _of_connection),
    (frozenset({"BatchDeleteConnection"}), _of_connection_batch),
    (frozenset({"GetConnections", "GetDatabases", "SearchTables"}), _of_catalog),
)


def _member(parameters: Parameters, path: str) -> str | None:
    value: Any = parameters
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _first(parameters: Parameters, paths: list[str]) -> str:
    return next((value for path in paths if (value := _member(parameters, path)) is not None), "*")


def _names(parameters: Parameters, member: str) -> list[str]:
    names = parameters.get(member)
    return [_text(name) for name in names] if isinstance(names, list) and names else ["*"]


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "*"
