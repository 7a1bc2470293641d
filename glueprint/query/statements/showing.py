"""SHOW and DESCRIBE."""

from __future__ import annotations

import re

from glueprint.facts.partition_names import partition_name
from glueprint.query.definitions import TableDefinition, view_of
from glueprint.query.errors import QueryError
from glueprint.query.results import string_column
from glueprint.query.statements import model
from glueprint.query.statements.session import Outcome, Session


def show(session: Session, statement: model.Show) -> Outcome:
    """SHOW DATABASES, TABLES, VIEWS, COLUMNS, PARTITIONS, TBLPROPERTIES, CREATE TABLE, CREATE VIEW."""
    match statement.what:
        case "DATABASES":
            pages = session.glue.get_paginator("get_databases").paginate()
            names = sorted(one["Name"] for page in pages for one in page["DatabaseList"])
            return Outcome([string_column("database_name")], _matching(names, statement.pattern))
        case "TABLES" | "VIEWS":
            return _tables(session, statement)
    assert statement.name is not None
    table = session.catalog.lookup(statement.name[0], statement.name[1], None)
    match statement.what:
        case "COLUMNS":
            every = [*table.columns, *table.partition_keys]
            return Outcome([string_column("field")], [f"{name:<20}" for name, _ in every])
        case "PARTITIONS":
            return _partitions(session, table)
        case "TBLPROPERTIES":
            return _properties(table, statement.pattern)
        case "CREATE VIEW":
            if not table.is_view:
                raise QueryError("GENERIC_USER_ERROR", f"{table.full_name} is not a view")
            text = f"CREATE VIEW {table.name} AS\n{view_of(table).sql}"
            return Outcome([string_column("Create View")], text.splitlines())
    if table.is_view:
        raise QueryError("GENERIC_USER_ERROR", f"{table.full_name} is a view: use SHOW CREATE VIEW")
    return Outcome([string_column("createtab_stmt")], create_text(table).splitlines())


def _tables(session: Session, statement: model.Show) -> Outcome:
    database = (statement.name[0] if statement.name else None) or session.database
    session.database_of((database, ""))
    found = session.catalog.tables(database)
    if statement.what == "VIEWS":
        names = [one["Name"] for one in found if one.get("TableType") == "VIRTUAL_VIEW"]
        return Outcome([string_column("views")], _matching(names, statement.pattern))
    return Outcome([string_column("tab_name")], _matching([one["Name"] for one in found], statement.pattern))


def _matching(names: list[str], pattern: str | None) -> list[str]:
    """Names that a pattern matches: a regular expression in which ``*`` and ``%`` stand for anything."""
    if pattern is None:
        return names
    text = pattern.replace("%", "*").replace(".*", "*").replace("*", ".*")
    try:
        expression = re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise QueryError("SYNTAX_ERROR", f"the pattern {pattern!r} is not valid: {error}") from error
    return [name for name in names if expression.fullmatch(name)]


def _partitions(session: Session, table: TableDefinition) -> Outcome:
    keys = [key for key, _ in table.partition_keys]
    if not keys:
        raise QueryError("GENERIC_USER_ERROR", f"Table {table.full_name} is not a partitioned table")
    pages = session.glue.get_paginator("get_partitions").paginate(
        DatabaseName=table.database, TableName=table.name, ExcludeColumnSchema=True
    )
    names = sorted(partition_name(keys, one["Values"]) for page in pages for one in page["Partitions"])
    return Outcome([string_column("partition")], names)


def _properties(table: TableDefinition, name: str | None) -> Outcome:
    found = table.parameters
    if name is not None:
        return Outcome(
            [string_column("prpt_name")],
            [found[name]] if name in found else [f"Table {table.full_name} does not have property: {name}"],
        )
    return Outcome(
        [string_column("prpt_name"), string_column("prpt_value")],
        [f"{key}\t{value}" for key, value in sorted(found.items())],
    )


def describe(session: Session, statement: model.Describe) -> Outcome:
    """DESCRIBE: names, types and comments in columns of twenty characters, then the partition keys."""
    table = session.catalog.lookup(statement.name[0], statement.name[1], None)
    if statement.is_extended:
        raise QueryError(
            "NOT_SUPPORTED",
            "DESCRIBE EXTENDED and FORMATTED are not supported by the local Athena: use SHOW CREATE TABLE",
        )
    columns = [string_column(name) for name in ("col_name", "data_type", "comment")]
    storage = table.wire.get("StorageDescriptor") or {}
    own, keys = storage.get("Columns") or [], table.wire.get("PartitionKeys") or []
    lines = [_line(one) for one in [*own, *keys]]
    if keys:
        lines += [
            "\t \t ",
            "# Partition Information\t \t ",
            f"{'# col_name':<20}\t{'data_type':<20}\t{'comment':<20}",
            "\t \t ",
        ]
        lines += [_line(one) for one in keys]
    return Outcome(columns, lines)


def _line(column: dict[str, str]) -> str:
    return "\t".join(f"{column.get(part) or '':<20}" for part in ("Name", "Type", "Comment"))


def create_text(table: TableDefinition) -> str:
    """Return the statement that creates a table."""
    storage = table.wire.get("StorageDescriptor") or {}
    lines = [f"CREATE EXTERNAL TABLE `{table.full_name}`("]
    lines.append(", \n".join(map(_column_text, storage.get("Columns") or [])) + ")")
    if table.wire.get("Description"):
        lines.append(f"COMMENT {_quoted(table.wire['Description'])}")
    if table.partition_keys:
        lines.append("PARTITIONED BY ( ")
        lines.append(", \n".join(map(_column_text, table.wire["PartitionKeys"])) + ")")
    lines += ["ROW FORMAT SERDE ", f"  {_quoted(table.serde)} "]
    if table.serde_parameters:
        lines += ["WITH SERDEPROPERTIES ( ", _pairs(table.serde_parameters) + ") "]
    lines += [
        "STORED AS INPUTFORMAT ",
        f"  {_quoted(storage.get('InputFormat', ''))} ",
        "OUTPUTFORMAT ",
        f"  {_quoted(storage.get('OutputFormat', ''))}",
    ]
    lines += ["LOCATION", f"  {_quoted(table.location)}"]
    parameters = {key: value for key, value in table.parameters.items() if key != "EXTERNAL"}
    if parameters:
        lines += ["TBLPROPERTIES (", _pairs(parameters) + ")"]
    return "\n".join(lines)


def _column_text(column: dict[str, str]) -> str:
    comment = f" COMMENT {_quoted(column['Comment'])}" if column.get("Comment") else ""
    return f"  `{column['Name']}` {column['Type']}{comment}"


def _pairs(properties: dict[str, str]) -> str:
    return ", \n".join(f"  {_quoted(key)}={_quoted(value)}" for key, value in sorted(properties.items()))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return "'{}'".format(re.sub(r"[\x00-\x1f]", lambda one: f"\\u{ord(one[0]):04x}", escaped))
