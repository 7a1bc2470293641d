"""Queries over the Data Catalog, through Athena's API: the local Athena, or that of the account."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from starlette.responses import Response

from glueprint.client import queries
from glueprint.client.errors import InvalidArgument, NotFound, error_code
from glueprint.client.queries import FINAL_STATES, Result
from glueprint.console.text import badge, shortened
from glueprint.console.visits import Family, Visit

ROWS_SHOWN = 500
_CELL_LENGTH = 1_000
_RECENT = 25
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")


def query(visit: Visit) -> Response:
    """Show the form for a statement and the recent queries; with ``id`` a query, live, and its rows."""
    execution_id = visit.query("id")
    found = _execution(visit, execution_id) if execution_id else None
    result, rows = (None, []) if found is None else _rows(visit, found)
    status = {} if found is None else found.get("Status") or {}
    state = status.get("State")
    return visit.page(
        "query.html",
        live=found is not None and state not in FINAL_STATES,
        sql=visit.query("sql") if found is None else found.get("Query", ""),
        database=visit.query("database") or ((found or {}).get("QueryExecutionContext") or {}).get("Database", ""),
        databases=_databases(visit),
        query=found,
        badge_=badge(state),
        progress=status,
        statistics={} if found is None else found.get("Statistics") or {},
        output="" if found is None else (found.get("ResultConfiguration") or {}).get("OutputLocation") or "",
        result=result,
        is_number=[kind in _NUMBERS for _, kind in result.columns] if result else [],
        rows=rows[:ROWS_SHOWN],
        more=len(rows) > ROWS_SHOWN,
        limit=ROWS_SHOWN,
        recent=[(one, badge((one.get("Status") or {}).get("State"))) for one in _recent(visit)],
    )


def _execution(visit: Visit, execution_id: str) -> Mapping[str, Any]:
    athena = visit.session.client("athena")
    try:
        found: Mapping[str, Any] = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
    except athena.exceptions.ClientError as error:
        if error_code(error) != "InvalidRequestException":
            raise
        raise NotFound(f"there is no query {execution_id}") from error
    return found


def _rows(visit: Visit, found: Mapping[str, Any]) -> tuple[Result | None, list[list[str]]]:
    """Return the result and its first rows; one row more than are shown if there are more."""
    if (found.get("Status") or {}).get("State") != "SUCCEEDED":
        return None, []
    result = queries.wait(visit.session, found["QueryExecutionId"])
    rows = islice(queries.rows(visit.session, result, ROWS_SHOWN + 1), ROWS_SHOWN + 1)
    return result, [["" if one is None else shortened(one, _CELL_LENGTH) for one in row] for row in rows]


def _databases(visit: Visit) -> list[str]:
    pages = visit.glue.get_paginator("get_databases").paginate()
    return [one["Name"] for page in pages for one in page["DatabaseList"]]


def _recent(visit: Visit) -> list[Mapping[str, Any]]:
    """Return the newest queries; none if the user may not list them."""
    athena = visit.session.client("athena")
    try:
        ids = athena.list_query_executions(MaxResults=_RECENT).get("QueryExecutionIds", [])
    except athena.exceptions.ClientError:
        return []
    if not ids:
        return []
    answer: list[Mapping[str, Any]] = athena.batch_get_query_execution(QueryExecutionIds=ids)["QueryExecutions"]
    order = {one: place for place, one in enumerate(ids)}
    return sorted(answer, key=lambda one: order.get(one["QueryExecutionId"], len(ids)))


def run(visit: Visit) -> Response:
    """Start a query."""
    sql = visit.field("sql").strip()
    if not sql:
        raise InvalidArgument("write a statement, such as SELECT * FROM sales.orders LIMIT 10", "nothing was run")
    execution_id = queries.start(
        visit.session,
        sql,
        visit.field("database") or None,
        queries.default_output(visit.session),
        visit.field("workgroup").strip() or None,
    )
    return visit.redirect("/query", id=execution_id)


def stop(visit: Visit) -> Response:
    """Stop a query."""
    execution_id = visit.field("id")
    queries.stop(visit.session, execution_id)
    visit.notice("The query is being stopped", "halted")
    return visit.redirect("/query", id=execution_id)


FAMILY = Family(pages=(("/query", query),), forms=(("/query/run", run), ("/query/stop", stop)))
