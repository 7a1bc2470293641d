"""A query's process: one statement, from its specification to its answer."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glueprint.query.catalog import Catalog
from glueprint.query.connection import connect, explained
from glueprint.query.errors import QueryError
from glueprint.query.reading.objects import Objects
from glueprint.query.results import metadata_bytes
from glueprint.query.specification import QueryAnswer, QuerySpec
from glueprint.query.statements import data_definition, model, prepared, queries, showing, tables_from_queries
from glueprint.query.statements.parsing import parse_statement, with_parameters
from glueprint.query.statements.session import Outcome, Session

_RUNNERS: dict[type, Callable[[Session, Any], Outcome]] = {
    model.Query: queries.select,
    model.Explain: queries.explain,
    model.CreateView: queries.create_view,
    model.CreateTableAs: tables_from_queries.create_table_as,
    model.Insert: tables_from_queries.insert,
    model.Unload: tables_from_queries.unload,
    model.CreateTable: data_definition.create_table,
    model.Drop: data_definition.drop,
    model.CreateDatabase: data_definition.create_database,
    model.AlterDatabase: data_definition.alter_database,
    model.AddPartitions: data_definition.add_partitions,
    model.DropPartitions: data_definition.drop_partitions,
    model.RenamePartition: data_definition.change_partition,
    model.AlterTable: data_definition.alter_table,
    model.Repair: data_definition.repair,
    model.Show: showing.show,
    model.Describe: showing.describe,
    model.Prepare: prepared.prepare,
    model.Deallocate: prepared.deallocate,
}

Clients = Callable[[str], Any]
"""Returns a boto3 client of this Glue by the name of its service."""


def run(spec: QuerySpec, client: Clients) -> QueryAnswer:
    """Run a statement and store its result; every failure is an answer."""
    import duckdb
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return _run(spec, client)
    except QueryError as error:
        return QueryAnswer(str(error), error.is_users)
    except duckdb.Error as error:
        found = explained(error)
        return QueryAnswer(str(found), found.is_users)
    except ClientError as error:
        details = error.response.get("Error", {})
        return QueryAnswer(f"{details.get('Code')}: {error.operation_name}: {details.get('Message')}")
    except BotoCoreError as error:
        return QueryAnswer(f"GENERIC_INTERNAL_ERROR: {error}", is_users_error=False)
    except RecursionError:
        return QueryAnswer("STACK_OVERFLOW: the query is nested too deeply")
    except MemoryError:
        return QueryAnswer("EXCEEDED_LOCAL_MEMORY_LIMIT: the query needs more memory than it may use")
    except Exception as error:  # noqa: BLE001 - a fault of this program: its place goes to the server's log
        traceback.print_exc()
        reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
        return QueryAnswer(reason, is_users_error=False)


def _run(spec: QuerySpec, client: Clients) -> QueryAnswer:
    started = time.monotonic()
    temporary = Path(spec.work_dir)
    root = Path(spec.objects_root) if spec.objects_root else None
    statement, parameters = parse_statement(spec.sql), spec.parameters
    sql = spec.sql
    if isinstance(statement, model.Execute):
        sql = prepared.query_of(client("athena"), statement.name, spec.work_group)
        parameters = statement.parameters or parameters
        statement = parse_statement(sql)
    if parameters:
        sql = with_parameters(sql, parameters)
        statement = parse_statement(sql)
    if (
        any(isinstance(statement, one) for one in (model.Query, model.CreateTableAs, model.Insert))
        and not parameters
    ):
        _refuse_question_marks(sql)
    folders = [root] if root is not None else []
    connection = connect(temporary, folders, memory_bytes=spec.memory_bytes, threads=spec.threads)
    glue, s3 = client("glue"), client("s3")
    session = Session(
        spec.id,
        spec.output,
        spec.work_group,
        glue,
        client("athena"),
        Catalog(glue, spec.database),
        Objects(s3, root, temporary),
        connection,
        temporary,
    )
    planned = time.monotonic()
    outcome = _RUNNERS[type(statement)](session, statement)
    executed = time.monotonic()
    output, manifest = _store(session, outcome)
    scanned = session.tables.statistics
    return QueryAnswer(
        columns=tuple(outcome.columns),
        output=output,
        manifest=manifest,
        update_count=outcome.update_count,
        statistics={
            "DataScannedInBytes": scanned.bytes,
            "Files": scanned.files,
            "Partitions": scanned.partitions,
            "OutputRows": outcome.row_count,
            "PlanningMillis": round((planned - started) * 1000),
            "ExecutionMillis": round((executed - planned) * 1000),
            "PublishingMillis": round((time.monotonic() - executed) * 1000),
        },
    )


def _refuse_question_marks(sql: str) -> None:
    if "?" in sql:
        with_parameters(sql, ())


def _store(session: Session, outcome: Outcome) -> tuple[str | None, str | None]:
    """Store result, description and manifest; return the addresses of result and manifest."""
    base = f"{session.output}{session.id}"
    metadata = session.temporary / "metadata"
    metadata.write_bytes(metadata_bytes(outcome.columns))
    if outcome.has_manifest:
        manifest = session.temporary / "manifest.csv"
        manifest.write_text("".join(f"{uri}\n" for uri in outcome.written), encoding="utf-8")
        address = session.objects.upload(manifest, f"{base}-manifest.csv")
        session.objects.upload(metadata, f"{base}.metadata")
        return f"{base}", address
    if outcome.csv is not None:
        session.objects.upload(outcome.csv, f"{base}.csv")
        session.objects.upload(metadata, f"{base}.csv.metadata")
        return f"{base}.csv", None
    text = session.temporary / "result.txt"
    text.write_text("".join(f"{row}\n" for row in outcome.rows), encoding="utf-8")
    session.objects.upload(text, f"{base}.txt")
    session.objects.upload(metadata, f"{base}.txt.metadata")
    return f"{base}.txt", None
