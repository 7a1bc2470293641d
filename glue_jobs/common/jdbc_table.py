"""How a table is read over JDBC: its columns, their casts, and the conditions by which several tasks share it."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from glue_jobs.common.database_address import POSTGRESQL
from glue_jobs.common.jdbc_session import DRIVERS, JdbcSession, SharedSnapshot
from glue_jobs.common.listed_tables import ListedTable

FETCH_ROWS = 10_000
MIN_TASK_BYTES = 16 << 20
FIRST_WITH_TID_RANGES = 140000
"""The version of PostgreSQL that reads a range of row addresses without reading the rest of the table."""
KEY_ALIAS = "glueprint_key"
READ_AS_THEY_ARE = (
    *("bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name"),
    *("date", "timestamp", "timestamptz", "bytea", "uuid", "json", "jsonb"),
    *("_bool", "_int4", "_int8", "_float4", "_float8", "_text", "_varchar", "_bpchar"),
    *("_date", "_timestamp", "_timestamptz"),
)
"""Types of PostgreSQL that Spark reads without loss; others are read as text."""
JDBC_INTEGERS = ("-6", "5", "4", "-5")
"""java.sql.Types: TINYINT, SMALLINT, INTEGER, BIGINT."""
DECIMAL = "decimal"
AS_TEXT = "string"
AS_DOUBLE = "double"
UNBOUNDED_AS = {DECIMAL: "numeric(38,18)", AS_TEXT: "text", AS_DOUBLE: "double precision"}


class UnreadableTable(Exception):
    """A table, or values in it, that cannot be read without loss."""


@dataclass(frozen=True)
class ListedQuery(ListedTable):
    """A query of the user's in place of a table.

    Attributes:
        query: its text.
    """

    query: str = ""


@dataclass(frozen=True)
class JdbcColumn:
    """A column.

    Attributes:
        name: in the database's own spelling.
        expression: what is selected; the quoted name, or a cast of it.
        type_name: the database's name of the type.
        lossy: a condition that is true for values that the expression would change; empty if there are none.
    """

    name: str
    expression: str
    type_name: str
    lossy: str = ""


@dataclass(frozen=True)
class ReadingPlan:
    """How one table is read.

    Attributes:
        table: the table.
        source: its quoted name.
        columns: what is selected.
        condition: which rows; empty for all.
        key: the expression whose ranges are shared among the tasks; empty for one task.
        predicates: conditions about :data:`KEY_ALIAS`, of which each of these rows fulfils exactly one.
        rows: how many rows the plan reads, counted by the database.
    """

    table: ListedTable
    source: str
    columns: Tuple[JdbcColumn, ...]
    condition: str
    key: str
    predicates: Tuple[str, ...]
    rows: int

    def query(self, quote: Any) -> str:
        """The query as Spark's JDBC source wants it: in brackets and with an alias."""
        selected = ["{} AS {}".format(column.expression, quote(column.name)) for column in self.columns]
        if self.predicates:
            selected.append("{} AS {}".format(self.key, KEY_ALIAS))
        where = " WHERE {}".format(self.condition) if self.condition else ""
        return "(SELECT {} FROM {}{}) glueprint_source".format(", ".join(selected), self.source, where)


def table_columns(session: JdbcSession, table: ListedTable, unbounded_as: str) -> Tuple[JdbcColumn, ...]:
    """The columns of a table in their order.

    Args:
        session: a session with the database.
        table: the table.
        unbounded_as: how numbers without a precision are read: ``decimal``, ``string`` or ``double``.

    Raises:
        UnreadableTable: there is no such table, or two of its columns differ only in case.
    """
    if isinstance(table, ListedQuery):
        columns = _query_columns(session, table, unbounded_as)
    elif session.address.vendor == POSTGRESQL:
        columns = _postgresql_columns(session, table, unbounded_as)
    else:
        found = session.described("getColumns", None, table.schema or None, table.name, None)
        columns = tuple(
            JdbcColumn(row["COLUMN_NAME"], session.quote(row["COLUMN_NAME"]), row["DATA_TYPE"]) for row in found
        )
    if not columns:
        raise UnreadableTable("The table {} is not there or has no column.".format(table.full_name))
    lower = [column.name.lower() for column in columns]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    if twice:
        raise UnreadableTable(
            "{}: two columns are named {}, but for case; the Data Catalog cannot tell them apart.".format(
                table.full_name, ", ".join(twice)
            )
        )
    return columns


def _query_columns(session: JdbcSession, table: ListedQuery, unbounded_as: str) -> Tuple[JdbcColumn, ...]:
    columns = []
    for name, type_name, jdbc_type, precision, scale in session.result_columns(table.query):
        quoted = session.quote(name)
        if session.address.vendor != POSTGRESQL:
            columns.append(JdbcColumn(name, quoted, str(jdbc_type)))
            continue
        modifier = (precision << 16 | scale) + 4 if precision else -1
        # The driver's names of a sequence's columns: serial, bigserial.
        type_name = type_name.rpartition(".")[2].strip('"').replace("serial", "int8")
        columns.append(_postgresql_column(name, quoted, type_name, modifier, unbounded_as))
    return tuple(columns)


def source_of(session: JdbcSession, table: ListedTable) -> str:
    """What is read: the table's quoted name, or the query in brackets."""
    if isinstance(table, ListedQuery):
        return "({}) glueprint_query".format(table.query.strip().rstrip(";"))
    return session.quoted(table.schema, table.name)


def _postgresql_columns(session: JdbcSession, table: ListedTable, unbounded_as: str) -> Tuple[JdbcColumn, ...]:
    name = "'{}'::regclass".format(session.quoted(table.schema, table.name).replace("'", "''"))
    found = session.query(
        "SELECT a.attname, t.typname, t.typtype, a.atttypmod, b.typname, t.typtypmod,"
        " format_type(t.typbasetype, t.typtypmod) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " LEFT JOIN pg_type b ON b.oid = t.typbasetype"
        " WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum".format(name)
    )
    columns = []
    for column, type_name, kind, modifier, base_name, base_modifier, base in found:
        quoted = session.quote(column)
        expression = quoted
        if kind == "d":  # a domain: its base type with a check
            type_name, modifier, expression = base_name, base_modifier, "{}::{}".format(quoted, base)
        columns.append(_postgresql_column(column, expression, type_name, int(modifier), unbounded_as))
    return tuple(columns)


def _postgresql_column(name: str, expression: str, type_name: str, modifier: int, unbounded_as: str) -> JdbcColumn:
    if type_name == "numeric" and _is_bounded(modifier):
        # NaN has a place in every numeric, but in no decimal of Spark.
        return JdbcColumn(name, expression, type_name, "{} = 'NaN'".format(expression))
    if type_name in ("numeric", "_numeric"):
        array = "[]" if type_name == "_numeric" else ""
        lossy = ""
        if unbounded_as == DECIMAL:
            value = "u.v" if array else expression
            lossy = "({0} = 'NaN' OR abs({0}) >= 1e20 OR {0} <> round({0}, 18))".format(value)
            if array:
                lossy = "EXISTS (SELECT FROM unnest({}) AS u(v) WHERE {})".format(expression, lossy)
        return JdbcColumn(name, "{}::{}{}".format(expression, UNBOUNDED_AS[unbounded_as], array), type_name, lossy)
    if type_name == "date":
        # Spark has years 1 to 9999; it reads infinite timestamps in this way, too.
        infinite = "CASE {0} WHEN 'infinity' THEN '9999-12-31' WHEN '-infinity' THEN '0001-01-01' ELSE {0} END"
        return JdbcColumn(name, infinite.format(expression), type_name)
    if type_name in READ_AS_THEY_ARE:
        return JdbcColumn(name, expression, type_name)
    if type_name == "_int2":
        return JdbcColumn(name, expression + "::int4[]", type_name)
    return JdbcColumn(name, expression + ("::text[]" if type_name.startswith("_") else "::text"), type_name)


def _is_bounded(modifier: int) -> bool:
    """Whether a modifier of numeric states a precision and scale that Spark's decimal has, too."""
    if modifier < 4:
        return False
    precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
    return precision <= 38 and scale <= precision  # negative scales are great numbers here


def count_rows(session: JdbcSession, source: str, columns: Sequence[JdbcColumn], condition: str) -> int:
    """Count the rows that a plan reads, and make sure that no value of them would be changed.

    Raises:
        UnreadableTable: values that do not fit; the message has each column and their number.
    """
    lossy = [column for column in columns if column.lossy]
    counts = ["count(*)"] + ["count(*) FILTER (WHERE {})".format(column.lossy) for column in lossy]
    where = " WHERE {}".format(condition) if condition else ""
    [found] = session.query("SELECT {} FROM {}{}".format(", ".join(counts), source, where))
    wrong = ["{} in {}".format(count, column.name) for count, column in zip(found[1:], lossy) if int(count)]
    if wrong:
        raise UnreadableTable(
            "{} has values that do not fit decimal(38,18) without loss: {}. Set UnboundedNumbers to string or "
            "double, or, if they are NaN, read the table through a view.".format(source, ", ".join(wrong))
        )
    return int(found[0])


def plan_reading(
    session: JdbcSession,
    table: ListedTable,
    tasks: int,
    key: str = "",
    unbounded_as: str = DECIMAL,
    condition: str = "",
) -> ReadingPlan:
    """Plan how a table is read by up to ``tasks`` tasks at once.

    Of PostgreSQL from version 14, each task reads a range of the table's blocks, which needs no key. Else a key is
    used: the given one, or a primary key that is one integer column.

    Args:
        session: a session with the database; in a snapshot, if there is one.
        table: the table.
        tasks: the most tasks.
        key: a column; empty if it is to be found.
        unbounded_as: see :func:`table_columns`.
        condition: which rows; empty for all.

    Raises:
        UnreadableTable: the key is not a column, or values that do not fit.
    """
    columns = table_columns(session, table, unbounded_as)
    source = source_of(session, table)
    rows = count_rows(session, source, columns, condition)
    by_name = {column.name: column for column in columns}
    if key and key not in by_name:
        raise UnreadableTable(
            "{} has no column {}; there are {}.".format(table.full_name, key, ", ".join(by_name))
        )
    expression = session.quote(key) if key else ""
    predicates: Tuple[str, ...] = ()
    if tasks > 1 and rows > 1:
        is_postgresql = session.address.vendor == POSTGRESQL
        is_query = isinstance(table, ListedQuery)
        if is_postgresql and not key and not is_query and _has_tid_ranges(session, table):
            expression, predicates = "ctid", _block_predicates(session, table, tasks)
        elif is_postgresql and key:
            predicates = _quantile_predicates(session, source, expression, tasks, condition)
        else:
            found = key or ("" if is_query else _integer_key(session, table))
            if found:
                expression = session.quote(found)
                predicates = _range_predicates(session, source, expression, tasks, condition)
    return ReadingPlan(table, source, columns, condition, expression, predicates, rows)


def _regclass(session: JdbcSession, table: ListedTable) -> str:
    return "'{}'::regclass".format(session.quoted(table.schema, table.name).replace("'", "''"))


def _has_tid_ranges(session: JdbcSession, table: ListedTable) -> bool:
    [(version, kind)] = session.query(
        "SELECT current_setting('server_version_num'), relkind FROM pg_class WHERE oid = {}".format(
            _regclass(session, table)
        )
    )
    return int(version) >= FIRST_WITH_TID_RANGES and kind in ("r", "p", "m")


def _block_predicates(session: JdbcSession, table: ListedTable, tasks: int) -> Tuple[str, ...]:
    """Equal ranges of blocks; of a partitioned table, ranges that each of its partitions has."""
    [(size, block)] = session.query(
        "SELECT max(pg_relation_size(oid)), current_setting('block_size') FROM (SELECT {0}::oid AS oid UNION ALL"
        " SELECT relid FROM pg_partition_tree({0}) WHERE isleaf) parts".format(_regclass(session, table))
    )
    count = min(tasks, max(1, int(size) // MIN_TASK_BYTES + 1))
    blocks = int(size) // int(block)
    bounds = sorted({blocks * number // count for number in range(1, count)} - {0})
    return _between(["'({},0)'::tid".format(bound) for bound in bounds])


def _quantile_predicates(
    session: JdbcSession, source: str, quoted: str, tasks: int, condition: str
) -> Tuple[str, ...]:
    """Ranges of a key with the same number of rows each, whatever its type and however it is distributed."""
    shares = ", ".join(str(number / tasks) for number in range(1, tasks))
    where = " WHERE {}".format(condition) if condition else ""
    found = session.query(
        "SELECT DISTINCT u.b::text AS bound, u.b FROM unnest((SELECT percentile_disc(ARRAY[{}])"
        " WITHIN GROUP (ORDER BY {}) FROM {}{})) AS u(b) WHERE u.b IS NOT NULL ORDER BY u.b".format(
            shares, quoted, source, where
        )
    )
    bounds = ["'{}'".format(text.replace("'", "''")) for text, _ in found]
    return _between(bounds)


def _integer_key(session: JdbcSession, table: ListedTable) -> str:
    """The primary key, if it is one integer column."""
    keys = session.described("getPrimaryKeys", None, table.schema or None, table.name)
    types = {
        row["COLUMN_NAME"]: row["DATA_TYPE"]
        for row in session.described("getColumns", None, table.schema or None, table.name, None)
    }
    names = [row["COLUMN_NAME"] for row in keys]
    return names[0] if len(names) == 1 and types.get(names[0]) in JDBC_INTEGERS else ""


def _range_predicates(
    session: JdbcSession, source: str, quoted: str, tasks: int, condition: str
) -> Tuple[str, ...]:
    """Equally wide ranges of an integer key."""
    where = " WHERE {}".format(condition) if condition else ""
    [(low, high)] = session.query("SELECT min({0}), max({0}) FROM {1}{2}".format(quoted, source, where))
    try:
        first, last = int(low), int(high)
    except (TypeError, ValueError) as error:
        raise UnreadableTable(
            "The key {} of {} is not an integer; only PostgreSQL is read by ranges of other types.".format(
                quoted, source
            )
        ) from error
    bounds = sorted({first + (last - first) * number // tasks for number in range(1, tasks)} - {first})
    return _between([str(bound) for bound in bounds])


def _between(bounds: Sequence[str]) -> Tuple[str, ...]:
    """Conditions that every row, also one without a value, fulfils exactly one of; none without bounds."""
    if not bounds:
        return ()
    middle = ["{0} >= {1} AND {0} < {2}".format(KEY_ALIAS, low, high) for low, high in zip(bounds, bounds[1:])]
    first = "({0} < {1} OR {0} IS NULL)".format(KEY_ALIAS, bounds[0])
    return (first, *middle, "{} >= {}".format(KEY_ALIAS, bounds[-1]))


def read_frame(spark: Any, session: JdbcSession, plan: ReadingPlan, snapshot: Optional[SharedSnapshot]) -> Any:
    """The DataFrame of a plan; its columns are named in lower case. Nothing is read yet."""
    properties = {**session.properties(), "fetchsize": str(FETCH_ROWS)}
    if session.address.vendor in DRIVERS:
        properties["driver"] = DRIVERS[session.address.vendor]
    if session.address.vendor == POSTGRESQL:
        # Values in binary form from the first row on: a quarter less processor time than texts.
        properties["prepareThreshold"] = "-1"
    if snapshot is not None:
        properties["sessionInitStatement"] = snapshot.statement
    predicates: List[str] = list(plan.predicates) or ["1 = 1"]
    frame = spark.read.jdbc(
        session.address.url, plan.query(session.quote), predicates=predicates, properties=properties
    )
    names: Dict[str, str] = {column.name: column.name.lower() for column in plan.columns}
    return frame.select(
        *[frame["`{}`".format(name.replace("`", "``"))].alias(lower) for name, lower in names.items()]
    )
