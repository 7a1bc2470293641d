"""The actions and resources of Athena's operations.

The action has the name of the operation. Resources: Service Authorization Reference, "Actions, resources, and
condition keys for Amazon Athena": most operations are checked on a workgroup, those of the Data Catalog on a data
catalog, and the rest on ``*``. A request that names a query by its id is checked on the query's workgroup, which
the caller of :func:`authorizations` adds to the parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from glueprint.iam.arns import Location
from glueprint.iam.evaluation import Request

DEFAULT_WORK_GROUP = "primary"
_OF_GROUPS = frozenset({"CreateWorkGroup", "DeleteWorkGroup", "GetWorkGroup", "UpdateWorkGroup"})
_OF_CATALOGS = frozenset(
    {
        *("CreateDataCatalog", "DeleteDataCatalog", "GetDataCatalog", "GetDatabase", "GetTableMetadata"),
        *("ListDatabases", "ListTableMetadata", "UpdateDataCatalog"),
    }
)
_IN_GROUPS = frozenset(
    {
        *("BatchGetPreparedStatement", "CreateNamedQuery", "CreatePreparedStatement", "DeletePreparedStatement"),
        *("GetPreparedStatement", "ListNamedQueries", "ListPreparedStatements", "ListQueryExecutions"),
        *("StartQueryExecution", "UpdatePreparedStatement"),
    }
)
_BY_ID = frozenset(
    {
        *("BatchGetNamedQuery", "BatchGetQueryExecution", "DeleteNamedQuery", "GetNamedQuery"),
        *("GetQueryExecution", "GetQueryResults", "GetQueryRuntimeStatistics", "StopQueryExecution"),
        *("UpdateNamedQuery",),
    }
)


def authorizations(
    operation: str, parameters: Mapping[str, Any], location: Location, context: dict[str, tuple[str, ...]]
) -> Iterator[Request]:
    """Yield what an operation of Athena requires; see :func:`glueprint.iam.calls.authorizations`.

    ``parameters["WorkGroups"]`` are the workgroups of the queries that a request names by id.
    """
    for resource in _resources(operation, parameters):
        arn = resource if resource == "*" or ":" in resource else location.athena(resource)
        yield Request(f"athena:{operation}", arn, context)


def _resources(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    if operation in _OF_GROUPS:
        return [f"workgroup/{parameters.get('WorkGroup') or parameters.get('Name') or '*'}"]
    if operation in _IN_GROUPS:
        group = parameters.get("WorkGroup") or parameters.get("WorkGroupName") or DEFAULT_WORK_GROUP
        return [f"workgroup/{group}"]
    if operation in _BY_ID:
        groups = parameters.get("WorkGroups")
        return [f"workgroup/{one}" for one in groups] if groups else ["*"]
    if operation in _OF_CATALOGS:
        return [f"datacatalog/{parameters.get('CatalogName') or parameters.get('Name') or '*'}"]
    arn = parameters.get("ResourceARN")
    return [arn if isinstance(arn, str) and arn else "*"]
