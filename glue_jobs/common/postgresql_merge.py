"""Putting rows into a table of PostgreSQL: first into a staging table, then all of them in one transaction.

The transaction checks the numbers of rows, merges by key, and drops the staging table. A run that is killed before
it leaves the table as it was; one that is run again merges the same rows to the same result.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from glue_jobs.common.jdbc_session import DRIVERS, NO_LIMITS, JdbcSession

STAGING_PREFIX = "glueprint_stage_"
ROW_NUMBER = "glueprint_row"
BATCH_ROWS = 5000
UPSERT = "upsert"
REPLACE_ALL = "replace"


class UnusableTarget(Exception):
    """The table cannot take these rows; nothing was changed."""


class WrongRows(Exception):
    """The rows cannot be merged, or not all of them arrived; nothing was changed."""


@dataclass(frozen=True)
class MergeTarget:
    """A table that rows are merged into.

    Attributes:
        schema: its schema.
        name: its name.
        columns: the columns that are written, in the source's order, in the table's own spelling.
        keys: those that identify a row.
        has_identity: whether one of them is an identity that is always generated, unless it is overridden.
    """

    schema: str
    name: str
    columns: Tuple[str, ...]
    keys: Tuple[str, ...]
    has_identity: bool = False


@dataclass(frozen=True)
class Merged:
    """What a merge has done.

    Attributes:
        inserted: rows that were not there.
        updated: rows that were there; they have the new values.
        deleted: rows that were there before the table's content was replaced.
    """

    inserted: int
    updated: int
    deleted: int


def find_target(session: JdbcSession, table: str, columns: Sequence[str], keys: Sequence[str]) -> MergeTarget:
    """Find the table, and make sure that it has the columns and that the keys identify its rows.

    Args:
        session: a session with the database.
        table: ``schema.table``.
        columns: names in the source, in lower case.
        keys: columns that identify a row; case does not matter.

    Raises:
        UnusableTarget: every problem in one message.
    """
    schema, _, name = table.rpartition(".")
    schema = schema or "public"
    found = session.query(
        "SELECT a.attname, a.attgenerated, a.attidentity FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {}"
        " AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped".format(_text(schema), _text(name))
    )
    if not found:
        raise UnusableTarget("There is no table {}.{}.".format(schema, name))
    exact = {column: column for column, _, _ in found}
    by_lower = {column.lower(): column for column, _, _ in found}
    names = {column: exact.get(column, by_lower.get(column.lower(), "")) for column in (*columns, *keys)}
    problems = ["it has no column {}".format(column) for column in columns if not names[column]]
    problems += [
        "the key {} is not a column of the source".format(key) for key in keys if key.lower() not in columns
    ]
    generated = [column for column, kind, _ in found if kind and column in names.values()]
    problems += ["the column {} is generated".format(column) for column in generated]
    if not problems and keys and not _is_unique(session, schema, name, [names[key] for key in keys]):
        problems.append(
            "no primary key or unique index consists of {}; create one first".format(
                ", ".join(names[key] for key in keys)
            )
        )
    if problems:
        raise UnusableTarget("{}.{}: {}.".format(schema, name, "; ".join(problems)))
    identities = {column for column, _, identity in found if identity == "a"}
    written = tuple(names[column] for column in columns)
    return MergeTarget(schema, name, written, tuple(names[key] for key in keys), bool(identities & set(written)))


def _is_unique(session: JdbcSession, schema: str, name: str, keys: Sequence[str]) -> bool:
    found = session.query(
        "SELECT array_to_string(array(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid"
        " AND a.attnum = ANY(i.indkey[0:i.indnkeyatts - 1])), chr(1)) FROM pg_index i"
        " WHERE i.indrelid = {}::regclass AND i.indisunique AND i.indimmediate AND i.indisvalid"
        " AND i.indpred IS NULL AND i.indexprs IS NULL".format(_text(session.quoted(schema, name)))
    )
    return any(set(text.split("\x01")) == set(keys) for (text,) in found)


def create_staging(session: JdbcSession, target: MergeTarget, workflow: str) -> str:
    """Create an empty staging table with the target's types, and drop those that killed runs of the workflow left.

    Returns:
        Its quoted name. It is new for each attempt: a task of an earlier one that is still writing finds no table.
    """
    prefix = STAGING_PREFIX + hashlib.sha256(workflow.encode()).hexdigest()[:12] + "_"
    left = session.query(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {}"
        " AND c.relkind = 'r' AND starts_with(c.relname, {})".format(_text(target.schema), _text(prefix))
    )
    for (name,) in left:
        print("Dropping {}, left over by an earlier attempt.".format(name))
        session.execute("DROP TABLE IF EXISTS {}".format(session.quoted(target.schema, name)))
    staging = session.quoted(target.schema, prefix + secrets.token_hex(6))
    session.execute(
        "CREATE UNLOGGED TABLE {} AS SELECT {}, 0::bigint AS {} FROM {} WITH NO DATA".format(
            staging,
            _names(session, target.columns),
            ROW_NUMBER,
            session.quoted(target.schema, target.name),
        )
    )
    return staging


def fill_staging(frame: Any, session: JdbcSession, target: MergeTarget, staging: str, tasks: int) -> None:
    """Write a DataFrame into the staging table by at most ``tasks`` tasks, each in a transaction of its own.

    Each row has a number that it keeps when its task is done again, so that a task whose rows were committed, but
    whose end was not reported, does not double them.
    """
    from pyspark.sql import functions

    names: Dict[str, str] = dict(zip(frame.columns, target.columns))
    renamed = frame.select(
        *[functions.col("`{}`".format(name.replace("`", "``"))).alias(column) for name, column in names.items()]
    )
    numbered = renamed.coalesce(tasks).withColumn(ROW_NUMBER, functions.monotonically_increasing_id())
    properties = {
        **session.properties(),
        "driver": DRIVERS[session.address.vendor],
        "batchsize": str(BATCH_ROWS),
        "reWriteBatchedInserts": "true",
        # Texts become whatever the column is: uuid, json, an enum.
        "stringtype": "unspecified",
    }
    numbered.write.jdbc(session.address.url, staging, mode="append", properties=properties)


def merge_staging(
    session: JdbcSession, target: MergeTarget, staging: str, rows: int, order: str = "", mode: str = UPSERT
) -> Merged:
    """Merge the staging table into the target and drop it, in one transaction.

    Args:
        session: a session with the database.
        target: the table.
        staging: the staging table's quoted name.
        rows: how many rows the source has.
        order: of several rows with one key, the one with the greatest value of this column counts; empty: several
            are an error.
        mode: ``upsert``, or ``replace`` to delete everything else.

    Raises:
        WrongRows: rows are missing, have no key, or share one. Nothing was changed.
    """
    session.execute(NO_LIMITS)
    session.begin_writing()
    keys = _names(session, target.keys)
    [(arrived,)] = session.query("SELECT count(DISTINCT {}) FROM {}".format(ROW_NUMBER, staging))
    if int(arrived) != rows:
        raise WrongRows(
            "The source has {:,} rows, but {:,} arrived; nothing was changed.".format(rows, int(arrived))
        )
    missing = " OR ".join("{} IS NULL".format(session.quote(key)) for key in target.keys)
    [(without,)] = session.query("SELECT count(*) FROM {} WHERE {}".format(staging, missing))
    if int(without):
        raise WrongRows("{:,} rows have no key ({}); nothing was changed.".format(int(without), keys))
    [(different, shared)] = session.query(
        "SELECT count(*), count(*) FILTER (WHERE n > 1)"
        " FROM (SELECT count(DISTINCT {}) AS n FROM {} GROUP BY {}) k".format(ROW_NUMBER, staging, keys)
    )
    if int(shared) and not order:
        raise WrongRows(
            "{:,} keys ({}) are those of several rows each; nothing was changed. Set OrderColumn if the row with "
            "its greatest value counts.".format(int(shared), keys)
        )
    deleted = 0
    name = session.quoted(target.schema, target.name)
    if mode == REPLACE_ALL:
        [(count,)] = session.query(
            "WITH gone AS (DELETE FROM {} RETURNING 1) SELECT count(*) FROM gone".format(name)
        )
        deleted = int(count)
    joined = " AND ".join("t.{0} = s.{0}".format(session.quote(key)) for key in target.keys)
    there = "SELECT count(*) FROM (SELECT DISTINCT {} FROM {}) s JOIN {} t ON {}".format(
        keys, staging, name, joined
    )
    [(before,)] = session.query(there)
    [(merged,)] = session.query(
        "WITH merged AS ({} RETURNING 1) SELECT count(*) FROM merged".format(
            _statement(session, target, staging, order)
        )
    )
    [(after,)] = session.query(there)
    if not int(after) == int(merged) == int(different):
        raise WrongRows(
            "{:,} keys arrived, but {:,} were merged and {:,} are there; nothing was changed.".format(
                int(different), int(merged), int(after)
            )
        )
    session.execute("DROP TABLE {}".format(staging))
    session.commit()
    return Merged(int(merged) - int(before), int(before), deleted)


def _statement(session: JdbcSession, target: MergeTarget, staging: str, order: str) -> str:
    keys, columns = _names(session, target.keys), _names(session, target.columns)
    others = [session.quote(column) for column in target.columns if column not in target.keys]
    # A row that is there already must be returned, too, so one column is set even if all are keys.
    changed = ", ".join(
        "{0} = EXCLUDED.{0}".format(column) for column in others or [session.quote(target.keys[0])]
    )
    by_lower = {column.lower(): column for column in target.columns}
    newest = "{} DESC NULLS LAST, ".format(session.quote(by_lower[order.lower()])) if order else ""
    return (
        "INSERT INTO {} ({}) {}SELECT {} FROM (SELECT DISTINCT ON ({}) * FROM {} ORDER BY {}, {}{} DESC) newest"
        " ON CONFLICT ({}) DO UPDATE SET {}"
    ).format(
        session.quoted(target.schema, target.name),
        columns,
        "OVERRIDING SYSTEM VALUE " if target.has_identity else "",
        columns,
        keys,
        staging,
        keys,
        newest,
        ROW_NUMBER,
        keys,
        changed,
    )


def _names(session: JdbcSession, columns: Sequence[str]) -> str:
    names: List[str] = [session.quote(column) for column in columns]
    return ", ".join(names)


def _text(value: str) -> str:
    return "'{}'".format(value.replace("'", "''"))
