"""What was read for an import: data classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from glueprint.deploy.definitions.model import UploadedObject, WorkflowDefinition

Wire = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CollectedTable:
    """A table with some of its partitions.

    Attributes:
        table: TableInput of CreateTable.
        partitions: PartitionInputs of BatchCreatePartition.
    """

    database: str
    table: Wire
    partitions: tuple[Wire, ...] = ()

    @property
    def name(self) -> str:
        """``database.table``."""
        return f"{self.database}.{self.table['Name']}"


@dataclass(frozen=True, slots=True)
class Collected:
    """A workflow with what it needs.

    Attributes:
        definition: the workflow, its jobs, crawlers and triggers, under their deployed names.
        account_id: of the account that it was read from.
        region: the region that it was read from.
        scripts: the scripts of its jobs.
        objects: other objects: libraries that jobs name, first objects of tables and crawler targets.
        connections: ConnectionInputs, without passwords.
        classifiers: CreateClassifier requests.
        databases: DatabaseInputs.
        tables: tables of crawlers and jobs.
        buckets: all buckets that definitions name.
        notes: what was not copied, and why; one sentence each.
    """

    definition: WorkflowDefinition
    account_id: str
    region: str
    scripts: tuple[UploadedObject, ...] = ()
    objects: tuple[UploadedObject, ...] = ()
    connections: tuple[Wire, ...] = ()
    classifiers: tuple[Wire, ...] = ()
    databases: tuple[Wire, ...] = ()
    tables: tuple[CollectedTable, ...] = ()
    buckets: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.definition.name
