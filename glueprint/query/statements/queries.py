"""SELECT, EXPLAIN and views."""

from __future__ import annotations

from glueprint.query.definitions import View, view_text
from glueprint.query.errors import QueryError
from glueprint.query.results import column_info, string_column, text_sql
from glueprint.query.statements import model
from glueprint.query.statements.session import Outcome, Session
from glueprint.query.types import literal, quoted, to_duckdb, to_hive


def select(session: Session, statement: model.Query) -> Outcome:
    """Write the rows of a query as CSV: every value in quotes, null as nothing."""
    query = session.compiled(statement.sql)
    listed = ", ".join(
        f"{text_sql(f'CAST({quoted(one.own_name)} AS {to_duckdb(one.type)})', one.type)} AS"
        f" {quoted(one.own_name)}"
        for one in query.columns
    )
    path = session.temporary / "result.csv"
    copied = session.connection.execute(
        f"COPY (SELECT {listed} FROM ({query.sql})) TO {literal(str(path))} (FORMAT csv, HEADER false,"
        " FORCE_QUOTE *, NULLSTR '')"
    ).fetchall()
    header = ",".join('"{}"'.format(one.name.replace('"', '""')) for one in query.columns)
    final = session.temporary / "with-header.csv"
    with final.open("wb") as target, path.open("rb") as rows:
        target.write(f"{header}\n".encode())
        while block := rows.read(1 << 20):
            target.write(block)
    columns = [column_info(one.name, one.type) for one in query.columns]
    return Outcome(columns, csv=final, row_count=int(copied[0][0]))


def explain(session: Session, statement: model.Explain) -> Outcome:
    """Return the query as DuckDB gets it, and DuckDB's plan: Athena's own plan is that of another engine."""
    query = session.compiled(statement.sql)
    plan = "\n".join(row[1] for row in session.connection.execute(f"EXPLAIN {query.sql}").fetchall())
    return Outcome([string_column("Query Plan")], ["-- DuckDB:", query.sql, *plan.splitlines()])


def create_view(session: Session, statement: model.CreateView) -> Outcome:
    """Store a view in the form that Athena stores: its query in base64, its columns with types."""
    database, name = session.database_of(statement.name), statement.name[1]
    query = session.checked(statement.sql)
    existing = session.catalog.find(database, name)
    if existing is not None:
        if existing.get("TableType") != "VIRTUAL_VIEW":
            raise QueryError(
                "TABLE_ALREADY_EXISTS", f"Table already exists: 'awsdatacatalog.{database}.{name}'"
            )
        if not statement.or_replace:
            raise QueryError(
                "TABLE_ALREADY_EXISTS", f"View already exists: 'awsdatacatalog.{database}.{name}'"
            )
    names = [one.name.lower() for one in query.columns]
    if len(set(names)) != len(names):
        raise QueryError("DUPLICATE_COLUMN_NAME", "Column name specified more than once in the view")
    sized = [(one.name.lower(), str(one.type)) for one in query.columns]
    text = view_text(
        View(statement.sql.strip(), session.database, tuple((n, _view_type(kind)) for n, kind in sized))
    )
    view = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": text,
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": one.name.lower(), "Type": to_hive(one.type)} for one in query.columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }
    if existing is None:
        session.glue.create_table(DatabaseName=database, TableInput=view)
    else:
        session.glue.update_table(DatabaseName=database, TableInput=view)
    return Outcome()


def _view_type(kind: str) -> str:
    return "varchar" if kind.startswith("varchar(") else kind
