"""CREATE, DROP and ALTER: tables, views, databases and partitions in the Data Catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.facts.partition_names import key_and_value, partition_name
from glueprint.facts.serdes import AVRO, JSON, LAZY_SIMPLE, OPEN_CSV, ORC, PARQUET, file_formats
from glueprint.query.definitions import TableDefinition
from glueprint.query.errors import QueryError
from glueprint.query.reading.objects import parse_location
from glueprint.query.statements import model
from glueprint.query.statements.session import Outcome, Session
from glueprint.query.types import from_hive

_STORED_AS = {
    "textfile": LAZY_SIMPLE,
    "parquet": PARQUET,
    "orc": ORC,
    "avro": AVRO,
    "jsonfile": JSON,
    "json": JSON,
    "ion": "",
}
_CLASSIFICATIONS = {
    PARQUET: "parquet",
    ORC: "orc",
    AVRO: "avro",
    JSON: "json",
    OPEN_CSV: "csv",
    LAZY_SIMPLE: "csv",
}


def create_table(session: Session, statement: model.CreateTable) -> Outcome:
    """CREATE EXTERNAL TABLE."""
    database, name = session.database_of(statement.name), statement.name[1]
    parse_location(statement.location)
    for _, kind, _ in (*statement.columns, *statement.partition_keys):
        from_hive(kind)
    if session.catalog.find(database, name) is not None:
        if statement.if_not_exists:
            return Outcome()
        raise QueryError(
            "TABLE_ALREADY_EXISTS", f"AlreadyExistsException(message:Table {name} already exists.)"
        )
    stored_as = statement.stored_as.lower()
    if stored_as and stored_as not in _STORED_AS:
        raise QueryError(
            "NOT_SUPPORTED", f"STORED AS {stored_as.upper()} is not supported by the local Athena"
        )
    serde = statement.serde or _STORED_AS.get(stored_as) or LAZY_SIMPLE
    if stored_as == "ion":
        raise QueryError("NOT_SUPPORTED", "STORED AS ION is not supported by the local Athena")
    formats = file_formats(serde)
    properties = dict(statement.serde_properties) or {"serialization.format": "1"}
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Description": statement.comment,
        "Parameters": {"EXTERNAL": "TRUE", **statement.properties},
        "PartitionKeys": list(map(_column, statement.partition_keys)),
        "StorageDescriptor": {
            "Columns": list(map(_column, statement.columns)),
            "Location": statement.location,
            "InputFormat": statement.input_format or formats.input_format,
            "OutputFormat": statement.output_format or formats.output_format,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": properties},
        },
    }
    session.glue.create_table(DatabaseName=database, TableInput=table)
    return Outcome()


def _column(column: tuple[str, str, str]) -> dict[str, str]:
    name, kind, comment = column
    return {"Name": name, "Type": kind, **({"Comment": comment} if comment else {})}


def drop(session: Session, statement: model.Drop) -> Outcome:
    """DROP TABLE, VIEW and DATABASE: only what the Data Catalog has; files stay."""
    if statement.kind == "DATABASE":
        return _drop_database(session, statement)
    database, name = (statement.name[0] or session.database).lower(), statement.name[1]
    found = session.catalog.find(database, name)
    if found is None:
        if statement.if_exists:
            return Outcome()
        raise QueryError(
            "TABLE_NOT_FOUND",
            f"{statement.kind.capitalize()} 'awsdatacatalog.{database}.{name}' does not exist",
        )
    is_view = found.get("TableType") == "VIRTUAL_VIEW"
    if is_view != (statement.kind == "VIEW"):
        raise QueryError(
            "GENERIC_USER_ERROR",
            f"{database}.{name} is a {'view: use DROP VIEW' if is_view else 'table: use DROP TABLE'}",
        )
    session.glue.delete_table(DatabaseName=database, Name=name)
    return Outcome()


def _drop_database(session: Session, statement: model.Drop) -> Outcome:
    name = statement.name[1]
    try:
        session.glue.get_database(Name=name)
    except session.glue.exceptions.EntityNotFoundException:
        if statement.if_exists:
            return Outcome()
        raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {name}") from None
    if not statement.cascade and session.catalog.tables(name):
        raise QueryError(
            "GENERIC_USER_ERROR",
            f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)",
        )
    session.glue.delete_database(Name=name)
    return Outcome()


def create_database(session: Session, statement: model.CreateDatabase) -> Outcome:
    """CREATE DATABASE."""
    request: dict[str, Any] = {"Name": statement.name}
    if statement.comment:
        request["Description"] = statement.comment
    if statement.location:
        request["LocationUri"] = statement.location
    if statement.properties:
        request["Parameters"] = dict(statement.properties)
    try:
        session.glue.create_database(DatabaseInput=request)
    except session.glue.exceptions.AlreadyExistsException:
        if not statement.if_not_exists:
            raise QueryError("SCHEMA_ALREADY_EXISTS", f"Database {statement.name} already exists") from None
    return Outcome()


def alter_database(session: Session, statement: model.AlterDatabase) -> Outcome:
    """ALTER DATABASE SET DBPROPERTIES: properties that it has already stay."""
    try:
        found = session.glue.get_database(Name=statement.name)["Database"]
    except session.glue.exceptions.EntityNotFoundException:
        raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {statement.name}") from None
    request = {key: found[key] for key in ("Name", "Description", "LocationUri") if key in found}
    request["Parameters"] = {**found.get("Parameters", {}), **statement.properties}
    session.glue.update_database(Name=statement.name, DatabaseInput=request)
    return Outcome()


def _table(session: Session, name: model.Name) -> TableDefinition:
    table = session.catalog.lookup(name[0], name[1], None)
    if table.is_view:
        raise QueryError("GENERIC_USER_ERROR", f"{table.full_name} is a view")
    return table


def _values(table: TableDefinition, given: Mapping[str, str]) -> list[str]:
    keys = [key for key, _ in table.partition_keys]
    if set(given) != set(keys):
        raise QueryError(
            "GENERIC_USER_ERROR", f"partition spec {dict(given)} does not match the partition keys {keys}"
        )
    return [given[key] for key in keys]


def _partition_input(table: TableDefinition, values: list[str], location: str | None) -> dict[str, Any]:
    storage = dict(table.wire["StorageDescriptor"])
    part = partition_name([key for key, _ in table.partition_keys], values)
    return {
        "Values": values,
        "StorageDescriptor": {**storage, "Location": location or f"{table.location.rstrip('/')}/{part}"},
    }


def add_partitions(session: Session, statement: model.AddPartitions) -> Outcome:
    """ALTER TABLE ADD PARTITION."""
    table = _table(session, statement.name)
    inputs = [
        _partition_input(table, _values(table, values), location) for values, location in statement.partitions
    ]
    return _create_partitions(session, table, inputs, if_not_exists=statement.if_not_exists)


def _create_partitions(
    session: Session, table: TableDefinition, inputs: list[dict[str, Any]], *, if_not_exists: bool
) -> Outcome:
    for start in range(0, len(inputs), 100):
        answer = session.glue.batch_create_partition(
            DatabaseName=table.database, TableName=table.name, PartitionInputList=inputs[start : start + 100]
        )
        for error in answer.get("Errors", ()):
            detail = error["ErrorDetail"]
            if detail["ErrorCode"] == "AlreadyExistsException" and if_not_exists:
                continue
            raise QueryError(
                "GENERIC_USER_ERROR",
                f"{detail['ErrorCode']}(message:{detail.get('ErrorMessage', '')}): partition values"
                f" {error.get('PartitionValues')}",
            )
    return Outcome()


def drop_partitions(session: Session, statement: model.DropPartitions) -> Outcome:
    """ALTER TABLE DROP PARTITION; conditions may compare, and leave out keys."""
    table = _table(session, statement.name)
    keys = [key for key, _ in table.partition_keys]
    pages = session.glue.get_paginator("get_partitions").paginate(
        DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
    )
    existing = [one["Values"] for page in pages for one in page["Partitions"]]
    doomed: list[list[str]] = []
    for conditions in statement.partitions:
        unknown = [key for key, _, _ in conditions if key not in keys]
        if unknown:
            raise QueryError("COLUMN_NOT_FOUND", f"{unknown[0]} is not a partition key of {table.full_name}")
        found = [
            values
            for values in existing
            if all(_passes(values[keys.index(key)], operator, text) for key, operator, text in conditions)
        ]
        if not found and not statement.if_exists:
            raise QueryError(
                "GENERIC_USER_ERROR", f"partition not found: {', '.join(' '.join(one) for one in conditions)}"
            )
        doomed += [values for values in found if values not in doomed]
    for start in range(0, len(doomed), 25):
        wanted = [{"Values": values} for values in doomed[start : start + 25]]
        session.glue.batch_delete_partition(
            DatabaseName=table.database, TableName=table.name, PartitionsToDelete=wanted
        )
    return Outcome()


def _passes(value: str, operator: str, text: str) -> bool:
    tests = {
        "=": value == text,
        "!=": value != text,
        "<>": value != text,
        "<": value < text,
        ">": value > text,
        "<=": value <= text,
        ">=": value >= text,
    }
    if operator not in tests:
        raise QueryError("SYNTAX_ERROR", f"mismatched input '{operator}': expecting a comparison")
    return tests[operator]


def change_partition(session: Session, statement: model.RenamePartition) -> Outcome:
    """ALTER TABLE PARTITION ... RENAME TO, or SET LOCATION."""
    table = _table(session, statement.name)
    values = _values(table, statement.values)
    try:
        found = session.glue.get_partition(
            DatabaseName=table.database, TableName=table.name, PartitionValues=values
        )["Partition"]
    except session.glue.exceptions.EntityNotFoundException:
        raise QueryError("GENERIC_USER_ERROR", f"partition not found: {dict(statement.values)}") from None
    storage = dict(found["StorageDescriptor"])
    if statement.location is not None:
        storage["Location"] = statement.location
    new = _values(table, statement.new_values) if statement.new_values is not None else values
    session.glue.update_partition(
        DatabaseName=table.database,
        TableName=table.name,
        PartitionValueList=values,
        PartitionInput={"Values": new, "StorageDescriptor": storage},
    )
    return Outcome()


_KEPT = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "TableType",
    "Parameters",
)


def alter_table(session: Session, statement: model.AlterTable) -> Outcome:
    """ALTER TABLE ADD COLUMNS, REPLACE COLUMNS, SET LOCATION, SET TBLPROPERTIES."""
    table = _table(session, statement.name)
    request = {key: table.wire[key] for key in _KEPT if key in table.wire}
    storage = dict(request["StorageDescriptor"])
    for _, kind, _ in (*statement.add_columns, *statement.replace_columns):
        from_hive(kind)
    known = {name for name, _ in (*table.columns, *table.partition_keys)}
    for name, _, _ in statement.add_columns:
        if name in known:
            raise QueryError("GENERIC_USER_ERROR", f"Duplicate column name: {name}")
    if statement.add_columns:
        storage["Columns"] = [*storage["Columns"], *map(_column, statement.add_columns)]
    if statement.replace_columns:
        storage["Columns"] = list(map(_column, statement.replace_columns))
    if statement.location is not None:
        storage["Location"] = statement.location
    parameters = {**request.get("Parameters", {}), **statement.properties}
    session.glue.update_table(
        DatabaseName=table.database,
        TableInput={**request, "StorageDescriptor": storage, "Parameters": parameters},
    )
    return Outcome()


def repair(session: Session, statement: model.Repair) -> Outcome:
    """MSCK REPAIR TABLE: partitions for folders ``key=value`` that the Data Catalog lacks; none are removed."""
    table = _table(session, statement.name)
    keys = [key for key, _ in table.partition_keys]
    if not keys:
        raise QueryError("GENERIC_USER_ERROR", f"{table.full_name} has no partition keys")
    prefix = table.location.rstrip("/") + "/"
    found: dict[tuple[str, ...], str] = {}
    for one in session.objects.below(table.location):
        folders = one.uri[len(prefix) :].split("/")[: len(keys)]
        pairs = [key_and_value(folder) for folder in folders]
        if [pair[0].lower() if pair else None for pair in pairs] == keys:
            found[tuple(pair[1] for pair in pairs if pair)] = prefix + "/".join(folders)
    pages = session.glue.get_paginator("get_partitions").paginate(
        DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
    )
    existing = {tuple(one["Values"]) for page in pages for one in page["Partitions"]}
    inputs = [
        _partition_input(table, list(values), location)
        for values, location in sorted(found.items())
        if values not in existing
    ]
    _create_partitions(session, table, inputs, if_not_exists=True)
    lines = []
    if inputs:
        names = [f"{table.name}:{partition_name(keys, one['Values'])}" for one in inputs]
        lines = [
            f"Partitions not in metastore:\t{chr(9).join(names)}",
            *(f"Repair: Added partition to metastore {one}" for one in names),
        ]
    return Outcome([], lines)
