"""The tables of a database as a source: PostgreSQL in one snapshot, others table by table."""

from typing import Any, List, Mapping, Optional, Sequence

from glue_jobs.common.database_address import POSTGRESQL, DatabaseAddress
from glue_jobs.common.jdbc_session import JdbcSession, SharedSnapshot
from glue_jobs.common.jdbc_table import (
    JdbcColumn,
    ListedQuery,
    ReadingPlan,
    plan_reading,
    read_frame,
    source_of,
    table_columns,
)
from glue_jobs.common.listed_tables import ListedTable
from glue_jobs.common.table_source import Slice, UnusableColumn

LOCKABLE = "SELECT relkind FROM pg_class WHERE oid = '{}'::regclass"


class DatabaseSource:
    """Tables of a database, read over JDBC by Spark's tasks.

    Args:
        spark: the Spark session.
        session: a session with the database.
        tasks: the most tasks that read at once.
        key: the column by which they share a table; empty if it is to be found.
        unbounded_as: how numbers without a precision are read.
    """

    def __init__(self, spark: Any, session: JdbcSession, tasks: int, key: str, unbounded_as: str) -> None:
        self.tasks = tasks
        self.is_consistent = session.address.vendor == POSTGRESQL
        self.spark = spark
        self.session = session
        self._key = key
        self._unbounded_as = unbounded_as
        self._snapshot: Optional[SharedSnapshot] = None

    def begin(self, tables: Sequence[ListedTable]) -> None:
        """See :class:`TableSource`."""
        if self.is_consistent:
            self._snapshot = SharedSnapshot(self.session, self._lockable(tables))

    def slice(self, table: ListedTable, column: str, low: str) -> Slice:
        """See :class:`TableSource`.

        Raises:
            UnreadableTable: the table is gone, or has values that cannot be read without loss.
            UnusableColumn: the incremental column is not there, or has no value in some rows.
        """
        high, condition = "", ""
        if column:
            high, condition = self._range(table, column, low)
        plan = plan_reading(self.session, table, self.tasks, self._key_of(table), self._unbounded_as, condition)
        frame = read_frame(self.spark, self.session, plan, self._snapshot)
        return Slice(table, frame, len(plan.predicates) or 1, lambda copied: self._count(plan, copied), high)

    def close(self) -> None:
        """See :class:`TableSource`."""
        if self._snapshot is not None:
            self._snapshot.end()
        self.session.close()

    def _lockable(self, tables: Sequence[ListedTable]) -> List[str]:
        names = [source_of(self.session, table) for table in tables if not isinstance(table, ListedQuery)]
        kinds = [self.session.query(LOCKABLE.format(name.replace("'", "''"))) for name in names]
        return [name for name, [(kind,)] in zip(names, kinds) if kind in ("r", "p")]

    def _key_of(self, table: ListedTable) -> str:
        """The given key, if this table has it."""
        if not self._key:
            return ""
        columns = table_columns(self.session, table, self._unbounded_as)
        return self._key if self._key in {column.name for column in columns} else ""

    def _range(self, table: ListedTable, name: str, low: str) -> "tuple[str, str]":
        """The greatest value of the incremental column, and the condition for rows up to it."""
        columns = {column.name: column for column in table_columns(self.session, table, self._unbounded_as)}
        if name not in columns:
            raise UnusableColumn(
                "{} has no column {}; there are {}. Without IncrementalColumn each snapshot is complete.".format(
                    table.full_name, name, ", ".join(columns)
                )
            )
        column, source = self.session.quote(name), source_of(self.session, table)
        [(without, high)] = self.session.query(
            "SELECT count(*) - count({0}), max({0}) FROM {1}".format(column, source)
        )
        if int(without):
            raise UnusableColumn(
                "{} of {} has no value in {} rows: whether they are new cannot be known.".format(
                    name, table.full_name, without
                )
            )
        if high is None:
            return "", "1 = 0"
        upper = "{} <= {}".format(column, _literal(high, columns[name]))
        if not low:
            return high, upper
        return high, "{} AND {} > {}".format(upper, column, _literal(low, columns[name]))

    def _count(self, plan: ReadingPlan, copied: int) -> int:
        """Rows according to the database. Without a snapshot rows may come and go meanwhile: then the number
        must be between that before and that after.
        """
        if self.is_consistent:
            return plan.rows
        where = " WHERE {}".format(plan.condition) if plan.condition else ""
        [(after,)] = self.session.query("SELECT count(*) FROM {}{}".format(plan.source, where))
        low, high = sorted((plan.rows, int(after)))
        return min(max(copied, low), high)


def _literal(value: str, column: JdbcColumn) -> str:
    """A value in a condition; quoted unless it is a number of a database that compares those only unquoted."""
    if value.lstrip("-").replace(".", "", 1).isdigit():
        return value if column.type_name.lstrip("-").isdigit() else "'{}'".format(value)
    return "'{}'".format(value.replace("'", "''"))


def open_database(spark: Any, conf: Mapping[str, str], tasks: int, key: str, unbounded_as: str) -> DatabaseSource:
    """Open the database that ``extract_jdbc_conf`` describes.

    Args:
        spark: the Spark session.
        conf: what ``GlueContext.extract_jdbc_conf`` returned.
        tasks: the most tasks that read at once.
        key: the column by which they share a table; empty if it is to be found.
        unbounded_as: how numbers without a precision are read.
    """
    url = conf.get("fullUrl") or conf["url"]
    address = DatabaseAddress(
        url, conf.get("user", ""), conf.get("password", ""), str(conf.get("enforceSSL", "")).lower() == "true"
    )
    return DatabaseSource(spark, JdbcSession(spark, address), tasks, key, unbounded_as)
