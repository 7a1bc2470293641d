"""Reads a table of a database, in parallel and from the bookmark on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql.types import ByteType, IntegerType, LongType, ShortType

from glueprint.runtime.bookmarks import Key, SortOrder
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.endpoints import Services, source_identity
from glueprint.runtime.storage.errors import BadOption, StorageError
from glueprint.runtime.storage.jdbc import sample
from glueprint.runtime.storage.jdbc.conf import JdbcConf
from glueprint.runtime.storage.jdbc.database import JdbcDatabase
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.sql_literals import quoted

_DEFAULT_PARTITIONS = 7
"""``hashpartitions`` (developer guide, "Reading from JDBC tables in parallel")."""
_WHOLE = (ByteType, ShortType, IntegerType, LongType)


@dataclass
class JdbcSource:
    """A table or query of a database. A format that a script sets has no effect, as in Glue.

    Attributes:
        table: what Spark reads: a table's name, or ``(query) alias``.
        is_query: whether ``table`` is a query, which has no primary key.
        from_catalog: whether ``table`` is a name in the database's own spelling, which may need quotes.
    """

    services: Services
    conf: JdbcConf
    table: str
    options: Options
    ctx: str
    is_query: bool = False
    from_catalog: bool = False
    format_name: str = ""
    format_options: Options = field(default_factory=Options)

    def frame(self, partitions: int | None = None) -> Frame:
        """Return the rows that no earlier run has read."""
        database = JdbcDatabase(self.services.spark, self.conf)
        if self.is_query and sample.is_partitioned(self.options):
            data = sample.read_partitioned(database, self.options, self._predicates(database))
        else:
            data = database.read(self._name(database), self._predicates(database))
            data = sample.limited(data, self.options)
        data = self._from_bookmark_on(data, database)
        return Frame.of(data.repartition(partitions) if partitions else data)

    def _name(self, database: JdbcDatabase) -> str:
        return database.quoted_table(self.table) if self.from_catalog else self.table

    def _predicates(self, database: JdbcDatabase) -> list[str]:
        """Return a condition for each query that reads in parallel (developer guide, same page)."""
        expression = self.options.text("hashexpression") or self._hash_field(database)
        if not expression:
            return []
        count = self.options.number("hashpartitions") or _DEFAULT_PARTITIONS
        remainder = self.conf.vendor.modulo.format(f"ABS({expression})", count)
        conditions = [f"{remainder} = {at}" for at in range(count)]
        return [f"{conditions[0]} OR {expression} IS NULL", *conditions[1:]]

    def _hash_field(self, database: JdbcDatabase) -> str:
        """Return ``hashfield`` as an expression. Glue hashes texts in the database; here one query reads them."""
        column = self.options.text("hashfield")
        if not column:
            return ""
        described = self.options.text("dbtable") if sample.is_partitioned(self.options) else ""
        known = {one.name.lower(): one for one in database.read(described or self._name(database)).schema.fields}
        found = known.get(column.lower())
        if found is None:
            raise BadOption("hashfield", column, f"a column of {self.table} ({', '.join(known)})")
        return database.quoted_column(found.name) if isinstance(found.dataType, _WHOLE) else ""

    def _from_bookmark_on(self, data: DataFrame, database: JdbcDatabase) -> DataFrame:
        keys = self._keys(data, database)
        if not keys:
            return data
        bookmarks = self.services.bookmarks
        source = source_identity({"url": self.conf.url, "table": self.table})
        wanted = bookmarks.key_range(self.ctx, source, keys, self._order())
        if wanted is None:
            return data
        last = _last_key(_within(data, wanted.where()), keys, wanted.order)
        seen = bookmarks.record_last_key(self.ctx, source, wanted, last)
        return _within(data, seen.where())

    def _keys(self, data: DataFrame, database: JdbcDatabase) -> Sequence[str]:
        """Return ``jobBookmarkKeys``, or else the primary key; that is read only if there may be a bookmark."""
        chosen = self.options.texts("jobBookmarkKeys")
        known = {name.lower(): name for name in data.columns}
        if missing := [key for key in chosen if key.lower() not in known]:
            raise BadOption("jobBookmarkKeys", missing[0], f"a column of {self.table} ({', '.join(data.columns)})")
        if chosen:
            return [known[key.lower()] for key in chosen]
        if not self.ctx or self.is_query:
            return ()
        return [known.get(key.lower(), key) for key in database.primary_key(self.table)]

    def _order(self) -> SortOrder:
        text = self.options.text("jobBookmarkKeysSortOrder", "asc").lower()
        try:
            return SortOrder(text)
        except ValueError:
            raise BadOption("jobBookmarkKeysSortOrder", text, "asc or desc") from None


def _within(data: DataFrame, condition: str | None) -> DataFrame:
    return data if condition is None else data.where(condition)


def _last_key(data: DataFrame, keys: Sequence[str], order: SortOrder) -> Key | None:
    """Return the last of the rows' keys in their order."""
    columns = [data[quoted(key)] for key in keys]
    ordered = [one.desc() if order is SortOrder.ASCENDING else one.asc() for one in columns]
    whole = data.select(*columns).dropna().orderBy(*ordered).head()
    return None if whole is None else tuple(whole)


def table_of(options: Options) -> tuple[str, bool]:
    """Return what to read (``dbtable``, or ``query``/``sampleQuery``) and whether it is a query.

    Raises:
        StorageError: neither exists.
    """
    if query := options.text("query"):
        return sample.as_table(query), True
    if options.text("sampleQuery"):
        return sample.as_table(sample.query_of(options)), True
    table = options.text("dbtable")
    if not table:
        raise StorageError("a source of a database needs the option 'dbtable' (or 'query')")
    if condition := options.text("filterPredicate"):
        return sample.as_table(f"SELECT * FROM {table} WHERE {condition}"), False
    return table, table.lstrip().startswith("(")
