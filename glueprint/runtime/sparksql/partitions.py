"""The metastore's calls about partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from glueprint.facts.partition_names import partition_name, values_of
from glueprint.runtime.sparksql import filters, translation
from glueprint.runtime.sparksql.calls import call
from glueprint.runtime.sparksql.data_catalog import Shape
from glueprint.runtime.sparksql.hive import (
    PARTITIONS,
    AddPartitionsRequest,
    AddPartitionsResult,
    AlreadyExists,
    EnvironmentContext,
    InvalidObject,
    InvalidOperation,
    MetaError,
    NoSuchObject,
    Partition,
    Table,
)
from glueprint.runtime.sparksql.tables import DDL_TIME, StoredTables
from glueprint.runtime.sparksql.thrift import BOOL, I16, I32, STRING, STRINGS, StructOf

_PARTITION = StructOf(Partition)
_CONTEXT = StructOf(EnvironmentContext)
_READ = {1: MetaError, 2: NoSuchObject}
_LIST = {1: NoSuchObject, 2: MetaError}
_ADD = {1: InvalidObject, 2: AlreadyExists, 3: MetaError}
_ALTER = {1: InvalidOperation, 2: MetaError}


class PartitionCalls(StoredTables):
    """Partitions of tables."""

    # Reading

    @call(STRING, STRING, STRINGS, returns=_PARTITION, raises=_READ)
    def get_partition(self, database: str, table: str, values: tuple[str, ...]) -> Partition:
        """The partition of ``values``."""
        return self._partitions_for_spark(database, table, [self._catalog.partition(database, table, values)])[0]

    @call(STRING, STRING, STRINGS, STRING, STRINGS, returns=_PARTITION, raises=_READ)
    def get_partition_with_auth(
        self, database: str, table: str, values: tuple[str, ...], user: str, groups: tuple[str, ...]
    ) -> Partition:
        """The partition of ``values``; rights are not checked."""
        return self.get_partition(database, table, values)

    @call(STRING, STRING, STRINGS, returns=PARTITIONS, raises=_READ)
    def get_partitions_by_names(self, database: str, table: str, names: tuple[str, ...]) -> list[Partition]:
        """The partitions of these names, in one request for up to a thousand."""
        values = [values_of(name) for name in names]
        return self._partitions_for_spark(database, table, self._catalog.partitions_of(database, table, values))

    @call(STRING, STRING, I16, returns=PARTITIONS, raises=_LIST)
    def get_partitions(self, database: str, table: str, max_parts: int | None) -> list[Partition]:
        """All partitions, or ``max_parts`` of them."""
        found = self._catalog.partitions(database, table, None, _limit(max_parts))
        return self._partitions_for_spark(database, table, found)

    @call(STRING, STRING, I16, STRING, STRINGS, returns=PARTITIONS, raises=_LIST)
    def get_partitions_with_auth(
        self, database: str, table: str, max_parts: int | None, user: str, groups: tuple[str, ...]
    ) -> list[Partition]:
        """All partitions, or ``max_parts`` of them; rights are not checked."""
        return self.get_partitions(database, table, max_parts)

    @call(STRING, STRING, STRINGS, I16, returns=PARTITIONS, raises=_READ)
    def get_partitions_ps(
        self, database: str, table: str, values: tuple[str, ...], max_parts: int | None
    ) -> list[Partition]:
        """The partitions whose first keys have these values; an empty value matches any."""
        return self._partitions_for_spark(database, table, self._starting_with(database, table, values, max_parts))

    @call(STRING, STRING, STRINGS, I16, STRING, STRINGS, returns=PARTITIONS, raises=_READ)
    def get_partitions_ps_with_auth(
        self,
        database: str,
        table: str,
        values: tuple[str, ...],
        max_parts: int | None,
        user: str,
        groups: tuple[str, ...],
    ) -> list[Partition]:
        """The partitions whose first keys have these values; rights are not checked."""
        return self.get_partitions_ps(database, table, values, max_parts)

    @call(STRING, STRING, STRING, I16, returns=PARTITIONS, raises=_READ)
    def get_partitions_by_filter(
        self, database: str, table: str, text: str, max_parts: int | None
    ) -> list[Partition]:
        """The partitions that Hive's filter ``text`` selects, or more of them: Spark filters again."""
        expression = filters.to_glue(text, self._key_types(database, table))
        try:
            found = self._catalog.partitions(database, table, expression, _limit(max_parts))
        except InvalidObject:  # Glue rejects it, for example because a value does not fit the type of its key
            found = self._catalog.partitions(database, table, None, _limit(max_parts))
        return self._partitions_for_spark(database, table, found)

    @call(STRING, STRING, I16, returns=STRINGS, raises={2: MetaError})
    def get_partition_names(self, database: str, table: str, max_parts: int | None) -> list[str]:
        """The names of all partitions."""
        return self.get_partition_names_ps(database, table, (), max_parts)

    @call(STRING, STRING, STRINGS, I16, returns=STRINGS, raises=_READ)
    def get_partition_names_ps(
        self, database: str, table: str, values: tuple[str, ...], max_parts: int | None
    ) -> list[str]:
        """The names of the partitions whose first keys have these values."""
        lower = [key.lower() for key in self._key_types(database, table)]
        found = self._starting_with(database, table, values, max_parts)
        return sorted(partition_name(lower, each["Values"]) for each in found)

    def _starting_with(
        self, database: str, table: str, values: tuple[str, ...], max_parts: int | None
    ) -> list[Shape]:
        expression = filters.values_to_glue(self._key_types(database, table), values)
        found = self._catalog.partitions(database, table, expression, None)
        same = (
            each
            for each in found
            if all(not want or want == have for want, have in zip(values, each["Values"]))
        )
        return list(islice(same, _limit(max_parts)))

    def _key_types(self, database: str, table: str) -> dict[str, str]:
        keys = self._catalog.table(database, table).get("PartitionKeys", [])
        return {each["Name"]: each.get("Type", "string") for each in keys}

    def _partitions_for_spark(self, database: str, table: str, found: Sequence[Shape]) -> list[Partition]:
        self._warehouse.prepare(each.get("StorageDescriptor", {}).get("Location") for each in found)
        converted = (translation.partition_from_glue(each, database, table) for each in found)
        return [self._partition_for_spark(each) for each in converted]

    def _partition_for_spark(self, partition: Partition) -> Partition:
        assert partition.sd is not None
        return replace(partition, sd=self._serdes.partition_for_spark(partition.sd))

    # Changes

    @call(
        StructOf(AddPartitionsRequest), returns=StructOf(AddPartitionsResult), raises=_ADD
    )
    def add_partitions_req(self, request: AddPartitionsRequest) -> AddPartitionsResult:
        """Add partitions in batches, and make their directories."""
        added = self._add(request.db_name, request.table_name, request.parts, may_exist=request.if_not_exists)
        return AddPartitionsResult(partitions=None if request.need_result is False else added)

    @call(PARTITIONS, returns=I32, raises=_ADD)
    def add_partitions(self, partitions: tuple[Partition, ...]) -> int:
        """Add partitions of one table that must not exist, and return their number."""
        first = partitions[0]
        return len(self._add(first.db_name, first.table_name, partitions, may_exist=False))

    @call(_PARTITION, _CONTEXT, returns=_PARTITION, raises=_ADD)
    def add_partition_with_environment_context(
        self, partition: Partition, context: EnvironmentContext | None
    ) -> Partition:
        """Add a partition that must not exist."""
        return self._add(partition.db_name, partition.table_name, (partition,), may_exist=False)[0]

    @call(_PARTITION, returns=_PARTITION, raises=_ADD)
    def add_partition(self, partition: Partition) -> Partition:
        """Add a partition that must not exist."""
        return self.add_partition_with_environment_context(partition, None)

    def _add(
        self, database: str, name: str, partitions: Sequence[Partition], *, may_exist: bool
    ) -> tuple[Partition, ...]:
        table = self._stored(database, name)
        located = tuple(self._with_ddl_time(_with_location(each, table)) for each in partitions)
        if not may_exist:
            self._refuse_existing(database, name, [each.values for each in partitions])
        for each in located:
            if each.sd is not None and each.sd.location:
                self._warehouse.make_directory(each.sd.location)  # before the partition is registered
        inputs = [translation.partition_to_glue(self._for_catalog(each, table)) for each in located]
        self._catalog.create_partitions(database, name, inputs, may_exist=may_exist)
        return located

    def _refuse_existing(self, database: str, name: str, values: Sequence[Sequence[str]]) -> None:
        if there := self._catalog.partitions_of(database, name, values):
            raise AlreadyExists(f"Partition {there[0]['Values']} of {database}.{name} already exists")

    def _for_catalog(self, partition: Partition, table: Table) -> Partition:
        if partition.sd is None or table.sd is None:
            return partition
        return replace(partition, sd=self._serdes.partition_for_catalog(partition.sd, table.sd))

    @call(STRING, STRING, STRINGS, BOOL, _CONTEXT, returns=BOOL, raises=_LIST)
    def drop_partition_with_environment_context(
        self,
        database: str,
        table: str,
        values: tuple[str, ...],
        delete_data: bool,
        context: EnvironmentContext | None,
    ) -> bool:
        """Drop a partition; with ``delete_data`` also its data if the table is managed."""
        partition = self._catalog.partition(database, table, values)
        self._catalog.delete_partition(database, table, values)
        if delete_data:
            location = partition.get("StorageDescriptor", {}).get("Location")
            self._remove_data(self._stored(database, table), location)
        return True

    @call(STRING, STRING, STRINGS, BOOL, returns=BOOL, raises=_LIST)
    def drop_partition(self, database: str, table: str, values: tuple[str, ...], delete_data: bool) -> bool:
        """See :meth:`drop_partition_with_environment_context`."""
        return self.drop_partition_with_environment_context(database, table, values, delete_data, None)

    @call(STRING, STRING, PARTITIONS, _CONTEXT, raises=_ALTER)
    def alter_partitions_with_environment_context(
        self,
        database: str,
        table: str,
        partitions: tuple[Partition, ...],
        context: EnvironmentContext | None,
    ) -> None:
        """Change partitions; their values stay."""
        owner = self._stored(database, table)
        for each in partitions:
            changed = translation.partition_to_glue(self._for_catalog(self._with_ddl_time(each), owner))
            self._catalog.update_partition(database, table, each.values, changed)

    @call(STRING, STRING, PARTITIONS, raises=_ALTER)
    def alter_partitions(self, database: str, table: str, partitions: tuple[Partition, ...]) -> None:
        """See :meth:`alter_partitions_with_environment_context`."""
        self.alter_partitions_with_environment_context(database, table, partitions, None)

    @call(STRING, STRING, _PARTITION, _CONTEXT, raises=_ALTER)
    def alter_partition_with_environment_context(
        self, database: str, table: str, partition: Partition, context: EnvironmentContext | None
    ) -> None:
        """Change a partition; its values stay."""
        self.alter_partitions_with_environment_context(database, table, (partition,), context)

    @call(STRING, STRING, _PARTITION, raises=_ALTER)
    def alter_partition(self, database: str, table: str, partition: Partition) -> None:
        """See :meth:`alter_partitions_with_environment_context`; Spark 4.1's Hive calls this one."""
        self.alter_partitions_with_environment_context(database, table, (partition,), None)

    @call(STRING, STRING, STRINGS, _PARTITION, raises=_ALTER)
    def rename_partition(
        self, database: str, table: str, values: tuple[str, ...], partition: Partition
    ) -> None:
        """Give a partition other values, if Glue accepts them."""
        owner = self._stored(database, table)
        changed = translation.partition_to_glue(self._for_catalog(self._with_ddl_time(partition), owner))
        self._catalog.update_partition(database, table, values, changed)

    def _with_ddl_time(self, partition: Partition) -> Partition:
        parameters = dict(partition.parameters or {})
        if parameters.get(DDL_TIME, "0") == "0":
            parameters[DDL_TIME] = self._ddl_time()
        return replace(partition, parameters=parameters)


def _limit(max_parts: int | None) -> int | None:
    """Return Hive's ``max_parts`` as a limit: -1 means no limit."""
    return max_parts if max_parts is not None and max_parts >= 0 else None


def _with_location(partition: Partition, table: Table) -> Partition:
    """Return ``partition`` with a location: by default the folder of its name below the table's location."""
    root = table.sd.location if table.sd is not None else None
    if partition.sd is None or partition.sd.location or not root:
        return partition
    name = partition_name([each.name.lower() for each in table.partition_keys or ()], partition.values)
    return replace(partition, sd=replace(partition.sd, location=f"{root.rstrip('/')}/{name}"))
