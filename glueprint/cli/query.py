"""``glueprint query``: SQL over the tables of the Data Catalog."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterator
from typing import Any

import click
from rich.text import Text

from glueprint.cli.output import echo, print_json, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.target import open_session, report, with_target
from glueprint.client import queries
from glueprint.client.printable import printable
from glueprint.client.queries import Result
from glueprint.client.session import Session, Target

DEFAULT_ROWS = 100


@click.command()
@click.argument("sql", required=False)
@click.option(
    "--file",
    "file",
    type=click.File("r", encoding="utf-8"),
    help="Read the statement from a file; - is standard input.",
)
@click.option(
    "--database", "-d", metavar="NAME", help="The database of names that have none; default: default."
)
@click.option(
    "--rows",
    type=click.IntRange(0),
    default=DEFAULT_ROWS,
    show_default=True,
    help="How many rows are shown in the table.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print all rows as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print all rows and the query's details as JSON.")
@click.option(
    "--output",
    metavar="S3-FOLDER",
    help="Where the result is stored; local default: a bucket that is made for it.",
)
@click.option("--workgroup", metavar="NAME", help="Athena's workgroup; default: primary.")
@with_target
def query(
    sql: str | None,
    file: Any,
    database: str | None,
    rows: int,
    as_csv: bool,
    as_json: bool,
    output: str | None,
    workgroup: str | None,
    target: Target,
) -> None:
    """Run one statement of Athena's SQL over the tables of the Data Catalog, and print its rows.

    The local Glue runs it with DuckDB, as its Athena API does; with --aws, Athena runs it. What is supported, and
    what differs, is in docs/query.md. Ctrl-C stops the query.

    Exit codes: 0 the statement has run; 1 it failed (the reason is on stderr, as Athena words it); 2 a mistake in
    the arguments.

    \b
    Examples:
      glueprint query "SELECT carrier, count(*) AS flights FROM flights.flights GROUP BY 1 ORDER BY 2 DESC"
      glueprint query -d flights "SHOW TABLES"
      glueprint query --csv "SELECT * FROM shop.orders" > orders.csv
      glueprint query --file report.sql --json
    """
    statement = _statement(sql, file)
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other")
    if output is not None and not output.startswith("s3://"):
        raise click.UsageError(
            f"--output must be a folder in S3 such as s3://bucket/results/, not {output!r}"
        )
    with open_session(target, existing=True) as session:
        place = output or (None if workgroup else queries.default_output(session))
        id_ = queries.start(session, statement, database, place, workgroup)
        try:
            result = queries.wait(session, id_)
        except KeyboardInterrupt:
            queries.stop(session, id_)
            raise click.ClickException(f"the query {id_} was stopped") from None
        if as_json:
            _print_json(session, result)
        elif as_csv:
            _print_csv(session, result)
        else:
            _print(session, result, rows)


def _statement(sql: str | None, file: Any) -> str:
    if (sql is None) == (file is None):
        raise click.UsageError('give one statement: glueprint query "SELECT ...", or --file NAME')
    text = sql if sql is not None else file.read()
    if not text.strip():
        raise click.UsageError("the statement is empty")
    return str(text)


def _print(session: Session, result: Result, limit: int) -> None:
    if not result.is_table:
        lines = list(queries.rows(session, result))
        for line in lines:
            echo("\t".join(printable(cell or "") for cell in line))
        if not lines:
            report("nothing found" if result.columns else "done")
        return
    found = list(itertools.islice(queries.rows(session, result, limit + 1), limit + 1))
    shown = found[:limit]
    cells = [
        [
            Text(_cell(value), justify=_side(kind))
            for value, (_, kind) in zip(row, result.columns, strict=True)
        ]
        for row in shown
    ]
    show(plain_table([name for name, _ in result.columns], cells))
    more = len(found) > limit
    count = f"{'the first ' if more else ''}{len(shown):,} row{'' if len(shown) == 1 else 's'}"
    hint = "; --rows N shows more, --csv all" if more else ""
    report(f"{count}, {result.scanned_bytes:,} bytes read{hint}")


_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")


def _side(kind: str) -> Any:
    return "right" if kind in _NUMBERS else "left"


def _cell(value: str | None) -> str:
    """A value on one line; null is shown as an empty cell."""
    return "" if value is None else printable(value.replace("\n", " "))


def _print_csv(session: Session, result: Result) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if result.is_table:
        writer.writerow([name for name, _ in result.columns])
    writer.writerows(["" if cell is None else cell for cell in row] for row in queries.rows(session, result))


def _print_json(session: Session, result: Result) -> None:
    columns = [{"Name": name, "Type": kind} for name, kind in result.columns]
    found: list[Any] = list(_records(session, result))
    details = {
        "QueryExecutionId": result.id,
        "OutputLocation": result.location,
        "DataScannedInBytes": result.scanned_bytes,
    }
    print_json({**details, "Columns": columns, "Rows": found})


def _records(session: Session, result: Result) -> Iterator[Any]:
    for row in queries.rows(session, result):
        if not result.is_table:
            yield "\t".join(cell or "" for cell in row)
            continue
        yield {name: _typed(value, kind) for value, (name, kind) in zip(row, result.columns, strict=True)}


def _typed(value: str | None, kind: str) -> Any:
    """A value as JSON has it: whole numbers, floating-point numbers and Booleans; everything else is text."""
    if value is None:
        return None
    if kind in ("tinyint", "smallint", "integer", "bigint"):
        return int(value)
    if kind in ("float", "double") and value not in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if kind == "boolean":
        return value == "true"
    return value
