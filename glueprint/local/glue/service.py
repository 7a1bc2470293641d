"""The Glue service, assembled from its resource families."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.glue.catalog.databases import Databases
from glueprint.local.glue.catalog.functions import Functions
from glueprint.local.glue.catalog.partition_indexes import PartitionIndexes
from glueprint.local.glue.catalog.partitions import Partitions
from glueprint.local.glue.catalog.search import Search
from glueprint.local.glue.catalog.table_versions import TableVersions
from glueprint.local.glue.catalog.tables import Tables
from glueprint.local.glue.crawling.classifiers import Classifiers
from glueprint.local.glue.crawling.connections import Connections
from glueprint.local.glue.crawling.crawl_history import CrawlHistory
from glueprint.local.glue.crawling.crawlers import Crawlers
from glueprint.local.glue.family import operation
from glueprint.local.glue.orchestration.blueprint_runs import BlueprintRuns
from glueprint.local.glue.orchestration.blueprints import Blueprints
from glueprint.local.glue.orchestration.job_bookmarks import JobBookmarks
from glueprint.local.glue.orchestration.job_runs import JobRunOperations
from glueprint.local.glue.orchestration.jobs import Jobs
from glueprint.local.glue.orchestration.triggers import Triggers
from glueprint.local.glue.orchestration.workflow_runs import WorkflowRunOperations
from glueprint.local.glue.orchestration.workflows import Workflows
from glueprint.local.glue.quality.results import QualityResults
from glueprint.local.glue.quality.rulesets import Rulesets
from glueprint.local.glue.quality.runs import QualityRunOperations
from glueprint.local.glue.refusals import reason_of
from glueprint.local.glue.tags import Tags
from glueprint.local.protocol import JsonService
from glueprint.local.protocol.requests import RequestChecks
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database


@dataclass(frozen=True, slots=True)
class GlueService:
    """The service, and the families that executors work with."""

    json: JsonService
    blueprints: Blueprints
    blueprint_runs: BlueprintRuns
    tables: Tables
    partitions: Partitions
    rulesets: Rulesets


def glue_service(database: Database, clock: Clock, engine: Engine, s3: S3Store) -> GlueService:
    """Assemble the Glue service over one store."""
    jobs, workflows = Jobs(database, clock), Workflows(database, clock)
    triggers = Triggers(database, clock, engine)
    crawlers = Crawlers(database, clock, engine, s3)
    tables, partitions = Tables(database, clock), Partitions(database, clock)
    blueprints = Blueprints(database, clock, engine, s3)
    rulesets = Rulesets(database, clock)
    checks = RequestChecks(operation.service)
    blueprint_runs = BlueprintRuns(
        database, clock, engine, blueprints, workflows, crawlers, jobs, triggers, checks.checked
    )
    families = [
        blueprints,
        blueprint_runs,
        workflows,
        WorkflowRunOperations(database, clock, engine, workflows),
        triggers,
        jobs,
        JobRunOperations(database, clock, engine, jobs),
        JobBookmarks(database, clock),
        crawlers,
        CrawlHistory(database, clock),
        Classifiers(database, clock),
        Connections(database, clock),
        Databases(database, clock),
        Functions(database, clock),
        tables,
        TableVersions(database, clock),
        partitions,
        PartitionIndexes(database, clock),
        Search(database, clock),
        rulesets,
        QualityResults(database, clock),
        QualityRunOperations(database, clock, engine),
        Tags(database, clock),
    ]
    service = JsonService(
        operation.service,
        operation.operations(families),
        reason_of=reason_of,
        on_writer=lambda task: database.submit(lambda tx: task()),
    )
    return GlueService(service, blueprints, blueprint_runs, tables, partitions, rulesets)
