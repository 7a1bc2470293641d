"""The Data Catalog: databases, tables, their columns, partitions and first rows."""

from __future__ import annotations

from itertools import islice
from typing import Any

from starlette.responses import Response

from glueprint.client.errors import NotFound, is_not_found
from glueprint.client.objects import Location, listing
from glueprint.client.table_rows import first_rows
from glueprint.client.tables import PartitionView, TableView
from glueprint.console.listing import page_of_names
from glueprint.console.text import shortened
from glueprint.console.visits import Family, Visit, or_reason

_TABLES = 100
_PARTITIONS = 100
_ROWS = 20
_SOURCES = 3
"""Partitions whose files are read for the first rows."""
_CELL_LENGTH = 300
MAX_COUNTED = 1_000
"""Objects that are counted for the size of a table."""


def databases(visit: Visit) -> Response:
    """List the databases."""
    pages = visit.glue.get_paginator("get_databases").paginate()
    found = {one["Name"]: one for page in pages for one in page["DatabaseList"]}
    page = page_of_names(list(found), visit.query("q"), visit.query("page"))
    return visit.page("databases.html", rows=[found[name] for name in page.names], listed=page, total=len(found))


def database(visit: Visit) -> Response:
    """List the tables of a database."""
    name = visit.required("name")
    try:
        found = visit.glue.get_database(Name=name)["Database"]
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        raise NotFound(f"there is no database {name!r}") from error
    after = visit.query("after")
    token = {"NextToken": after} if after else {}
    answer = visit.glue.get_tables(DatabaseName=name, MaxResults=_TABLES, **token)
    return visit.page(
        "database.html",
        database=found,
        tables=[TableView.from_wire(one) for one in answer["TableList"]],
        following=answer.get("NextToken"),
        after=after,
    )


def table(visit: Visit) -> Response:
    """Show a table."""
    name = visit.required("name")
    try:
        shape = visit.glue.get_table(DatabaseName=visit.required("database"), Name=name)["Table"]
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        raise NotFound(f"there is no table {visit.query('database')}.{name}") from error
    view = TableView.from_wire(shape)
    partitions, following = _partitions(visit, view)
    rows, problem = _rows(visit, view, partitions)
    names = list(dict.fromkeys([one[0] for one in view.columns] + [one[0] for one in view.partition_keys]))
    return visit.page(
        "table.html",
        table=view,
        partitions=partitions,
        following=following,
        after=visit.query("after"),
        names=names,
        rows=[[_cell(row.get(one)) for one in names] for row in rows],
        problem=problem,
        size=_size(visit, view),
    )


def _partitions(visit: Visit, view: TableView) -> tuple[list[PartitionView], str | None]:
    if not view.partition_keys:
        return [], None
    after = visit.query("after")
    token = {"NextToken": after} if after else {}
    answer = visit.glue.get_partitions(
        DatabaseName=view.database, TableName=view.name, MaxResults=_PARTITIONS, ExcludeColumnSchema=True, **token
    )
    found = [
        PartitionView(tuple(one["Values"]), (one.get("StorageDescriptor") or {}).get("Location") or "")
        for one in answer["Partitions"]
    ]
    return found, answer.get("NextToken")


def _rows(
    visit: Visit, view: TableView, partitions: list[PartitionView]
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the first rows, or why they are not shown."""
    s3 = visit.session.client("s3")
    rows, reason = or_reason(lambda: first_rows(s3, view, partitions[:_SOURCES], _ROWS))
    return rows or [], reason


def _cell(value: Any) -> str:
    return "" if value is None else shortened(str(value), _CELL_LENGTH)


def _size(visit: Visit, view: TableView) -> tuple[int, int, bool] | None:
    """Return the number of a table's objects, their bytes, and whether there are more.

    None if it is not in S3, or cannot be listed: why, the rows' place says.
    """
    if not view.location.startswith(("s3://", "s3a://", "s3n://")):
        return None
    s3 = visit.session.client("s3")
    found, _ = or_reason(lambda: list(islice(listing(s3, Location.parse(view.location)), MAX_COUNTED + 1)))
    if found is None:
        return None
    return min(len(found), MAX_COUNTED), sum(one.size for one in found[:MAX_COUNTED]), len(found) > MAX_COUNTED


FAMILY = Family(pages=(("/tables", databases), ("/database", database), ("/table", table)))
