"""Writes to a table of a database: adds rows, as Glue's JDBC sink does."""

from __future__ import annotations

from dataclasses import dataclass, field

from glueprint.runtime.frames import typed_columns, types
from glueprint.runtime.frames.frame import Frame
from glueprint.runtime.storage.endpoints import Services
from glueprint.runtime.storage.errors import StorageError
from glueprint.runtime.storage.jdbc.conf import JdbcConf
from glueprint.runtime.storage.jdbc.database import JdbcDatabase
from glueprint.runtime.storage.options import Options

_NESTED = (types.Array, types.Map, types.Struct, types.Choice)


@dataclass
class JdbcSink:
    """A table of a database.

    Attributes:
        options: ``dbtable``; ``preactions`` and ``postactions`` are SQL before and after writing (Redshift);
            ``bulkSize``; ``useFrameName`` writes each frame of a collection to a table of its name.
        from_catalog: whether the table's name is in the database's own spelling, which may need quotes.
    """

    services: Services
    conf: JdbcConf
    options: Options
    format_name: str = ""
    format_options: Options = field(default_factory=Options)
    from_catalog: bool = False

    def write(self, frame: Frame) -> None:
        """Add the rows.

        Raises:
            StorageError: no table is named, or the frame has columns that no table can contain.
        """
        by_name = self.options.flag("useFrameName")
        table = frame.name if by_name else self.options.required("dbtable", "a JDBC sink")
        if nested := [one.name for one in frame.schema if not self._is_storable(one.type)]:
            raise StorageError(
                f"{table}: a database cannot contain the columns {', '.join(nested)}: relationalize the frame, "
                "resolve its choices, or drop them"
            )
        database = JdbcDatabase(self.services.spark, self.conf)
        if self.from_catalog:
            table = database.quoted_table(table)
        database.execute(_statements(self.options.text("preactions")))
        bulk = self.options.number("bulkSize")
        database.append(typed_columns.nullable_data(frame), table, {"batchsize": str(bulk)} if bulk else {})
        database.execute(_statements(self.options.text("postactions")))

    def _is_storable(self, logical: types.Type) -> bool:
        if isinstance(logical, types.Array) and self.conf.vendor.has_arrays:
            return not isinstance(logical.element, _NESTED)
        return not isinstance(logical, _NESTED)


def _statements(text: str) -> list[str]:
    """Return the statements between semicolons (developer guide, "Redshift connections")."""
    return [one.strip() for one in text.split(";") if one.strip()]
