"""Prepared statements: kept by Athena's API, under their workgroup."""

from __future__ import annotations

from typing import Any

from glueprint.query.errors import QueryError
from glueprint.query.statements import model
from glueprint.query.statements.session import Outcome, Session


def prepare(session: Session, statement: model.Prepare) -> Outcome:
    """PREPARE: a statement of that name is replaced."""
    request = {
        "StatementName": statement.name,
        "WorkGroup": session.work_group,
        "QueryStatement": statement.sql.strip(),
    }
    try:
        session.athena.get_prepared_statement(StatementName=statement.name, WorkGroup=session.work_group)
    except session.athena.exceptions.ResourceNotFoundException:
        session.athena.create_prepared_statement(**request)
    else:
        session.athena.update_prepared_statement(**request)
    return Outcome()


def deallocate(session: Session, statement: model.Deallocate) -> Outcome:
    """DEALLOCATE PREPARE."""
    query_of(session.athena, statement.name, session.work_group)
    session.athena.delete_prepared_statement(StatementName=statement.name, WorkGroup=session.work_group)
    return Outcome()


def query_of(athena: Any, name: str, work_group: str) -> str:
    """Return the query of a prepared statement.

    Raises:
        QueryError: NOT_FOUND.
    """
    try:
        found = athena.get_prepared_statement(StatementName=name, WorkGroup=work_group)
    except athena.exceptions.ResourceNotFoundException:
        raise QueryError(
            "NOT_FOUND", f"PreparedStatement {name} was not found in workGroup {work_group}"
        ) from None
    return str(found["PreparedStatement"]["QueryStatement"])
