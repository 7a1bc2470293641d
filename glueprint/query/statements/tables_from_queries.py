"""CREATE TABLE AS, INSERT INTO and UNLOAD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from glueprint.facts.partition_names import DEFAULT_PARTITION, partition_name
from glueprint.facts.serdes import LAZY_SIMPLE, file_formats
from glueprint.query.compiling.casts import cast
from glueprint.query.compiling.compiled import Compiled
from glueprint.query.compiling.scope import Value
from glueprint.query.definitions import TableDefinition
from glueprint.query.errors import QueryError
from glueprint.query.statements import model
from glueprint.query.statements.session import Outcome, Session
from glueprint.query.statements.writing import FORMATS, Format, Written, write_rows
from glueprint.query.types import Type, common, is_storable, quoted, to_hive

_CTAS_PROPERTIES = {
    *("format", "external_location", "partitioned_by", "field_delimiter", "write_compression", "table_type"),
    *("parquet_compression", "orc_compression", "compression_level", "is_external"),
}


def create_table_as(session: Session, statement: model.CreateTableAs) -> Outcome:
    """CTAS: the files first, then the table; files of one that fails stay, as in Athena."""
    database, name = session.database_of(statement.name), statement.name[1]
    _refuse_properties(statement.properties)
    form = Format.of(statement.properties)
    keys = statement.properties.get("partitioned_by", ())
    keys = (keys,) if isinstance(keys, str) else keys
    if session.catalog.find(database, name) is not None:
        if statement.if_not_exists:
            return Outcome()
        raise QueryError("TABLE_ALREADY_EXISTS", f"Table 'awsdatacatalog.{database}.{name}' already exists")
    location = str(statement.properties.get("external_location") or f"{session.output}tables/{session.id}/")
    location = location if location.endswith("/") else f"{location}/"
    if session.objects.below(location):
        raise QueryError(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{database}.{name}' already exists: {location}",
        )
    query = session.compiled(statement.sql)
    columns = _columns_of(query)
    data, partition = _split(columns, [one.lower() for one in keys])
    written: list[Written] = []
    count = 0
    if statement.with_data:
        count = session.stored(query, [one for one, _ in columns])
        written = write_rows(session, form, data, partition, location) if count else []
    table = _table_input(name, data, partition, location, form)
    session.glue.create_table(DatabaseName=database, TableInput=table)
    _add_partitions(session, database, name, table, partition, written, location)
    return Outcome(
        [], written=[one.uri for one in written], update_count=count, row_count=count, has_manifest=True
    )


def _refuse_properties(properties: Mapping[str, Any]) -> None:
    if "bucketed_by" in properties or "bucket_count" in properties:
        raise QueryError(
            "NOT_SUPPORTED", "bucketed tables (bucketed_by) are not supported by the local Athena"
        )
    if str(properties.get("table_type", "HIVE")).upper() != "HIVE":
        raise QueryError(
            "NOT_SUPPORTED", f"table_type {properties['table_type']} is not supported by the local Athena"
        )
    unknown = sorted(set(properties) - _CTAS_PROPERTIES)
    if unknown:
        raise QueryError(
            "INVALID_TABLE_PROPERTY",
            f"Catalog 'awsdatacatalog' table property '{unknown[0]}' does not exist or is not supported by"
            " the local Athena",
        )


def _columns_of(query: Compiled) -> list[tuple[str, Type]]:
    """The columns of a new table.

    Raises:
        QueryError: a name is missing or twice there, or a type cannot be stored.
    """
    names = [one.name.lower() for one in query.columns]
    for one in query.columns:
        if one.name.startswith("_col"):
            raise QueryError(
                "MISSING_COLUMN_NAME", f"Column name not specified at position {query.columns.index(one) + 1}"
            )
        if names.count(one.name.lower()) > 1:
            raise QueryError("DUPLICATE_COLUMN_NAME", f"Column name '{one.name}' specified more than once")
        if not is_storable(one.type):
            raise QueryError(
                "NOT_SUPPORTED",
                f"Unsupported Hive type: {one.type} (column {one.name}); cast it to another type",
            )
    return [
        (one.name.lower(), Type("varchar") if one.type.name == "varchar" else one.type)
        for one in query.columns
    ]


def _split(
    columns: Sequence[tuple[str, Type]], keys: list[str]
) -> tuple[list[tuple[str, Type]], list[tuple[str, Type]]]:
    if not keys:
        return list(columns), []
    names = [name for name, _ in columns]
    missing = [key for key in keys if key not in names]
    if missing:
        raise QueryError("INVALID_TABLE_PROPERTY", f"Partition columns {missing} not present in schema")
    if names[-len(keys) :] != keys:
        raise QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the table"
            " properties: [" + ", ".join(keys) + "]",
        )
    if len(keys) == len(names):
        raise QueryError("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    return list(columns[: -len(keys)]), list(columns[-len(keys) :])


def _table_input(
    name: str, data: Sequence[tuple[str, Type]], keys: Sequence[tuple[str, Type]], location: str, form: Format
) -> dict[str, Any]:
    serde = FORMATS[form.name]
    formats = file_formats(serde)
    properties = {"serialization.format": "1"}
    if serde == LAZY_SIMPLE:
        properties = {"serialization.format": form.delimiter, "field.delim": form.delimiter}
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "has_encrypted_data": "false",
            "classification": {"TEXTFILE": "csv"}.get(form.name, form.name.lower()),
        },
        "PartitionKeys": [{"Name": key, "Type": to_hive(kind)} for key, kind in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": to_hive(kind)} for column, kind in data],
            "Location": location,
            "InputFormat": formats.input_format,
            "OutputFormat": formats.output_format,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": properties},
        },
    }


def _add_partitions(
    session: Session,
    database: str,
    name: str,
    table: Mapping[str, Any],
    keys: Sequence[tuple[str, Type]],
    written: Sequence[Written],
    location: str,
) -> None:
    """Register the partitions of files that were written, unless they are there."""
    if not keys:
        return
    storage = table["StorageDescriptor"]
    inputs = []
    for values in dict.fromkeys(one.values for one in written):
        part = partition_name([key for key, _ in keys], list(values))
        place = {**storage, "Location": f"{location.rstrip('/')}/{part}"}
        inputs.append(
            {
                "Values": [DEFAULT_PARTITION if value is None else value for value in values],
                "StorageDescriptor": place,
            }
        )
    for start in range(0, len(inputs), 100):
        answer = session.glue.batch_create_partition(
            DatabaseName=database, TableName=name, PartitionInputList=inputs[start : start + 100]
        )
        for error in answer.get("Errors", ()):
            if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
                raise QueryError(
                    "HIVE_METASTORE_ERROR", error["ErrorDetail"].get("ErrorMessage", ""), is_users=False
                )


def insert(session: Session, statement: model.Insert) -> Outcome:
    """INSERT INTO: new files in the table's format, new partitions where they are needed."""
    table = session.catalog.lookup(statement.name[0], statement.name[1], None)
    form = _format_of(table)
    every = [*table.columns, *table.partition_keys]
    query = session.compiled(statement.sql)
    chosen = list(statement.columns) or [name for name, _ in every]
    unknown = [name for name in chosen if name not in dict(every)]
    if unknown:
        raise QueryError(
            "COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {unknown[0]}"
        )
    if len(chosen) != len(query.columns):
        raise QueryError(
            "SYNTAX_ERROR",
            f"Insert query has mismatched column types: Table: {len(chosen)} columns, Query:"
            f" {len(query.columns)} columns",
        )
    given = dict(zip(chosen, query.columns, strict=True))
    parts = []
    for name, kind in every:
        column = given.get(name)
        value = (
            Value(quoted(column.own_name), column.type)
            if column is not None
            else Value("NULL", Type("unknown"))
        )
        if not _is_assignable(value.type, kind):
            raise QueryError(
                "TYPE_MISMATCH",
                f"Insert query has mismatched column types: Table: [{kind}], Query: [{value.type}] (column"
                f" {name})",
            )
        parts.append(f"{cast(value, kind, None).sql} AS {quoted(name)}")  # type: ignore[arg-type]
    session.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE __result AS SELECT {', '.join(parts)} FROM ({query.sql})"
    )
    count: int = session.connection.execute("SELECT count(*) FROM __result").fetchall()[0][0]
    location = table.location.rstrip("/") + "/"
    written = write_rows(session, form, table.columns, table.partition_keys, location) if count else []
    _add_partitions(session, table.database, table.name, table.wire, table.partition_keys, written, location)
    return Outcome(
        [], written=[one.uri for one in written], update_count=count, row_count=count, has_manifest=True
    )


def _is_assignable(have: Type, want: Type) -> bool:
    return (
        have.name == "unknown"
        or common(have, want) == want
        or (have.is_text and want.is_text)
        or (
            common(have, want) is not None
            and have.name in ("integer", "bigint", "smallint", "tinyint", "decimal", "double", "real")
            and want.is_numeric
        )
    )


def _format_of(table: TableDefinition) -> Format:
    """The format in which a table's files are written.

    Raises:
        QueryError: Athena cannot write it.
    """
    if table.is_view:
        raise QueryError("NOT_SUPPORTED", "Inserting into views is not supported")
    name = next((name for name, serde in FORMATS.items() if serde == table.serde), None)
    if name is None:
        raise QueryError(
            "NOT_SUPPORTED", f"INSERT INTO a table with the SerDe {table.serde} is not supported"
        )
    given = {
        key: value for key, value in table.parameters.items() if key in ("write.compression", "compression")
    }
    properties = {"format": name, **({"write_compression": next(iter(given.values()))} if given else {})}
    form = Format.of(properties)
    delimiter = table.serde_parameters.get("field.delim", "\x01")
    return Format(
        form.name,
        form.compression if name not in ("TEXTFILE",) else "GZIP",
        delimiter,
        table.serde_parameters.get("serialization.null.format", "\\N"),
    )


def unload(session: Session, statement: model.Unload) -> Outcome:
    """UNLOAD: files of a query at a location, without a table."""
    form = Format.of(statement.properties, default="")
    location = statement.location if statement.location.endswith("/") else f"{statement.location}/"
    if session.objects.below(location):
        raise QueryError(
            "HIVE_PATH_ALREADY_EXISTS", f"Target directory for UNLOAD already exists: {location}"
        )
    query = session.compiled(statement.sql)
    columns = _columns_of(query)
    keys = statement.properties.get("partitioned_by", ())
    data, partition = _split(columns, [one.lower() for one in ((keys,) if isinstance(keys, str) else keys)])
    count = session.stored(query, [one for one, _ in columns])
    written = write_rows(session, form, data, partition, location) if count else []
    return Outcome(
        [], written=[one.uri for one in written], update_count=count, row_count=count, has_manifest=True
    )
