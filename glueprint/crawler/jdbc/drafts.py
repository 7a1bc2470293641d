"""The tables of a JDBC target, as a crawler writes them
(seen in catalogs; docs/facts/crawlers.md#what-a-crawl-writes)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..draft import CrawlStamp, Draft
from ..found_tables import FoundTable, Pairs, Storage
from ..naming import distinct_names
from ..specification import CrawlSpec, JdbcTarget
from ..statements import CrawlLog, Statement
from .include import Exclusions, JdbcPath, location_of
from .java import connected, engine_of_url
from .metadata import DatabaseTable, Tables


def database_drafts(spec: CrawlSpec, target: JdbcTarget, log: CrawlLog) -> list[Draft]:
    """The tables of a JDBC target.

    Raises:
        DatabaseProblem: the database cannot be read.
        BadJdbcPathError, BadGlobError: the target's path or an exclusion is not valid.
    """
    path = JdbcPath.parse(target.path)
    with connected(target) as database:
        tables = included(target, path, database)
    log.info(
        f"{target.path}: {len(tables)} tables and views are included, read through connection {target.connection}"
        + ("" if tables else ", so no table")
    )
    stamp = CrawlStamp.of(spec, target.exclusions)
    return [_draft(target, table, stamp) for table in tables]


def _draft(target: JdbcTarget, table: DatabaseTable, stamp: CrawlStamp) -> Draft:
    return Draft(
        table_location(table),
        make=lambda name: found_database_table(table, name, target, stamp),
        why=lambda found: _why(found, table, target),
    )


def included(target: JdbcTarget, path: JdbcPath, database: Tables) -> list[DatabaseTable]:
    """The tables of a target: those that its path means and no pattern excludes.

    Raises:
        DatabaseProblem: the database cannot be read.
        BadGlobError: a pattern is not valid.
    """
    exclusions = Exclusions(path, target.exclusions)
    return [table for table in database.tables(path) if not exclusions.leave_out(table.schema, table.name)]


def table_location(table: DatabaseTable) -> str:
    """``database.schema.table``, in the database's own case."""
    return location_of((table.database, table.schema, table.name))


def found_database_table(table: DatabaseTable, name: str, target: JdbcTarget, stamp: CrawlStamp) -> FoundTable:
    """The catalog's table for a database's.

    Args:
        table: the database's.
        name: the name chosen for the catalog's.
        target: the target it was found by.
        stamp: the crawl's stamp.
    """
    names = distinct_names(column.name for column in table.columns)
    engine = engine_of_url(target.url)
    parameters = stamp.parameters() | {
        "classification": engine,
        "compressionType": "none",
        "connectionName": target.connection,
        "typeOfData": "view" if table.is_view else "table",
    }
    with_comments, with_types = "COMMENTS" in target.metadata, "RAWTYPES" in target.metadata
    return FoundTable(
        name=name,
        location=table_location(table),
        classification=engine,
        columns=_pairs(names, (str(column.kind.to_glue()) for column in table.columns)),
        partition_keys=(),
        parameters=tuple(sorted(parameters.items())),
        storage=Storage("", "", ""),
        comments=_pairs(names, (column.comment for column in table.columns)) if with_comments else (),
        raw_types=_pairs(names, (column.kind.written() for column in table.columns)) if with_types else (),
        description=table.comment if with_comments else "",
    )


def _pairs(names: Sequence[str], texts: Iterable[str]) -> Pairs:
    return tuple(pair for pair in zip(names, texts, strict=True) if pair[1])


def _why(found: FoundTable, table: DatabaseTable, target: JdbcTarget) -> Iterator[Statement]:
    kind = "view" if table.is_view else "table"
    text = f"{kind} {found.location} of connection {target.connection} is included by {target.path}"
    yield Statement(text, table=found.name)
    for (name, glue_type), column in zip(found.columns, table.columns, strict=True):
        why = f"{glue_type}, because the database has {column.kind.written()}"
        yield Statement(why, table=found.name, column=name)
