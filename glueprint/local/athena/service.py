"""Athena, assembled."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.local.athena.catalogs import Catalogs
from glueprint.local.athena.executions import QueryExecutions
from glueprint.local.athena.family import operation
from glueprint.local.athena.processes import QueryPlace, QueryProcesses
from glueprint.local.athena.result_pages import ResultPages
from glueprint.local.athena.stored_queries import NamedQueries, PreparedStatements
from glueprint.local.athena.work_groups import WorkGroups
from glueprint.local.clock import Clock
from glueprint.local.protocol import JsonService
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database

_REASONS = {
    "DataCatalog": "there is one data catalog, AwsDataCatalog",
    "Capacity": "capacity is not reserved",
    "Notebook": "notebooks and Spark sessions are not run",
    "Session": "notebooks and Spark sessions are not run",
    "Calculation": "notebooks and Spark sessions are not run",
    "Executors": "notebooks and Spark sessions are not run",
    "ApplicationDPUSizes": "notebooks and Spark sessions are not run",
    "SystemTable": "there are no system tables",
    "ResourceDashboard": "notebooks and Spark sessions are not run",
}


@dataclass(frozen=True, slots=True)
class AthenaService:
    """The service, and the processes of its queries."""

    json: JsonService
    processes: QueryProcesses


def athena_service(
    database: Database, clock: Clock, glue: JsonService, s3: S3Store, place: QueryPlace
) -> AthenaService:
    """Return the service over a store, the Data Catalog and S3."""
    processes = QueryProcesses(database, clock, place)
    families = [
        QueryExecutions(database, clock, s3, processes),
        ResultPages(database, clock, s3),
        WorkGroups(database, clock),
        NamedQueries(database, clock),
        PreparedStatements(database, clock),
        Catalogs(glue),
    ]
    json = JsonService(
        operation.service,
        operation.operations(families),
        reason_of=lambda name: next(
            (reason for part, reason in _REASONS.items() if part in name), "see docs/query.md"
        ),
        invalid_code="InvalidRequestException",
    )
    return AthenaService(json, processes)


__all__ = ["AthenaService", "QueryPlace", "athena_service"]
