"""``glueprint table``: tables of the Data Catalog, their columns, partitions and first rows."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.target import open_session, with_target
from glueprint.client.printable import printable
from glueprint.client.session import Session, Target
from glueprint.client.table_rows import CannotRead, Row, first_rows
from glueprint.client.tables import PartitionView, TableView, all_tables, find_table, partitions

MAX_SHOWN_PARTITIONS = 10


@click.command()
@click.argument("name", required=False)
@click.option("--rows", type=click.IntRange(0), default=10, show_default=True, help="How many rows are shown.")
@click.option(
    "--partitions",
    "partition_count",
    type=click.IntRange(1),
    default=MAX_SHOWN_PARTITIONS,
    show_default=True,
    help="How many partitions are shown; the rows are read from these.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the tables, or the table with its rows, as JSON.")
@with_target
def table(name: str | None, rows: int, partition_count: int, as_json: bool, target: Target) -> None:
    """List the tables of the Data Catalog, or show the columns, partitions and first rows of table NAME.

    NAME is DATABASE.TABLE, or TABLE if only one database has it. Rows are read from the files in S3, without
    Spark: Parquet, ORC, CSV and JSON. CSV values are shown as they are in the file.

    Exit codes: 0 shown, also if the rows cannot be read (a message on stderr contains the reason); 1 there is no
    such table; 2 a mistake in the arguments.

    \b
    Examples:
      glueprint table
      glueprint table shop.orders
      glueprint table orders --rows 3 --json
    """
    with open_session(target, existing=True) as session:
        if name is None:
            _list(list(all_tables(session)), as_json=as_json)
            return
        found = find_table(session, name)
        shown = partitions(session, found, partition_count + 1)
        more, shown = len(shown) > partition_count, shown[:partition_count]
        read, problem = _rows(session, found, shown, rows)
    if problem is not None:
        echo(f"no rows: {problem}", err=True)
    if as_json:
        parts = [{"Values": one.values, "Location": one.location} for one in shown]
        print_json({"Table": found.wire, "Partitions": parts, "Rows": [_plain(row) for row in read]})
        return
    echo(f"{found.full_name}  {found.format or 'no classification'}  {found.location}")
    echo()
    show(plain_table(("COLUMN", "TYPE", "COMMENT"), _column_rows(found)))
    if found.partition_keys:
        echo()
        keys = "/".join(key for key, _, _ in found.partition_keys)
        rows_of_parts = [(Text(printable("/".join(one.values))), Text(one.location)) for one in shown]
        show(plain_table((f"PARTITION {keys}", "LOCATION"), rows_of_parts))
        if more:
            echo(f"... and more; --partitions N shows more than {partition_count}")
    if read:
        echo()
        show(_row_table(found, read))


def _list(found: Sequence[TableView], *, as_json: bool) -> None:
    if as_json:
        print_json({"Tables": [one.wire for one in found]})
        return
    rows = [
        (
            Text(one.full_name),
            Text(one.format),
            str(len(one.columns)),
            Text(", ".join(key for key, _, _ in one.partition_keys)),
            Text(one.location),
        )
        for one in found
    ]
    show(plain_table(("TABLE", "FORMAT", "COLUMNS", "PARTITION KEYS", "LOCATION"), rows))


def _rows(
    session: Session, found: TableView, shown: Sequence[PartitionView], number: int
) -> tuple[list[Row], str | None]:
    try:
        return first_rows(session.client("s3"), found, shown, number), None
    except CannotRead as error:
        return [], str(error)


def _column_rows(found: TableView) -> list[tuple[Text, Text, Text]]:
    rows = [(Text(name), Text(kind), Text(printable(comment))) for name, kind, comment in found.columns]
    keys = [
        (Text(name), Text(kind), Text(" ".join(filter(None, ("partition key", printable(comment))))))
        for name, kind, comment in found.partition_keys
    ]
    return rows + keys


def _row_table(found: TableView, read: Sequence[Row]) -> Any:
    known = [name for name, _, _ in (*found.columns, *found.partition_keys)]
    by_lower = [{key.lower(): value for key, value in row.items()} for row in read]
    cells = [[Text(_cell(row.get(name.lower()))) for name in known] for row in by_lower]
    return plain_table(known, cells)


def _cell(value: object) -> str:
    """Return a value on one line; null is shown as an empty cell, as in most query tools."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False).strip('"')
    return printable(text.replace("\n", " "))


def _plain(value: Any) -> Any:
    """Return a value that JSON has: times and decimals as text, bytes in base64."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
