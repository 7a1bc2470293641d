"""The metastore's calls about databases, and about the user-defined functions in them.

Spark requests every name that it does not know as a function.
"""

from __future__ import annotations

import re

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.calls import call
from glueprint.runtime.sparksql.data_catalog import GlueCatalog
from glueprint.runtime.sparksql.hive import (
    AlreadyExists,
    Database,
    Function,
    Functions,
    InvalidObject,
    InvalidOperation,
    MetaError,
    NoSuchObject,
)
from glueprint.runtime.sparksql.thrift import BOOL, STRING, STRINGS, StructOf
from glueprint.runtime.sparksql.warehouse import Warehouse, created_directory

_DATABASE = StructOf(Database)


def names_matching(names: list[str], pattern: str | None) -> list[str]:
    """Return the names that match Hive's ``pattern``, in any case: ``*`` is any text, ``|`` divides
    alternatives.
    """
    wanted = (pattern or "*").replace(".*", "*").replace("*", ".*")
    return [name for name in names if re.fullmatch(wanted, name, re.IGNORECASE)]


class DatabaseCalls:
    """Databases of ``catalog``, and their directories in ``warehouse``."""

    def __init__(self, catalog: GlueCatalog, warehouse: Warehouse) -> None:
        self._catalog = catalog
        self._warehouse = warehouse

    @call(STRING, returns=_DATABASE, raises={1: NoSuchObject, 2: MetaError})
    def get_database(self, name: str) -> Database:
        """One database."""
        database = translation.database_from_glue(self._catalog.database(name))
        self._warehouse.prepare([database.location_uri])
        return database

    @call(STRING, returns=STRINGS, raises={1: MetaError})
    def get_databases(self, pattern: str | None) -> list[str]:
        """The names that match ``pattern``."""
        return names_matching(self.get_all_databases(), pattern)

    @call(returns=STRINGS, raises={1: MetaError})
    def get_all_databases(self) -> list[str]:
        """All names."""
        return self._catalog.database_names()

    @call(_DATABASE, raises={1: AlreadyExists, 2: InvalidObject, 3: MetaError})
    def create_database(self, database: Database) -> None:
        """Create a database and its directory."""
        with created_directory(self._warehouse, database.location_uri or None):
            self._catalog.create_database(translation.database_to_glue(database))

    @call(STRING, _DATABASE, raises={1: MetaError, 2: NoSuchObject})
    def alter_database(self, name: str, database: Database) -> None:
        """Change a database."""
        self._catalog.update_database(name, translation.database_to_glue(database))

    @call(STRING, BOOL, BOOL, raises={1: NoSuchObject, 2: InvalidOperation, 3: MetaError})
    def drop_database(self, name: str, delete_data: bool, cascade: bool) -> None:
        """Drop a database, which must be empty unless ``cascade`` is set. With ``delete_data`` its directory is
        removed, too, as by Amazon's client.
        """
        database = self._catalog.database(name)
        if not cascade and self._catalog.tables(name):
            raise InvalidOperation(f"Database {name} is not empty.")
        self._catalog.delete_database(name)
        if delete_data and database.get("LocationUri"):
            self._warehouse.remove(database["LocationUri"])


_FUNCTION = StructOf(Function)


class FunctionCalls:
    """User-defined functions of ``catalog``."""

    def __init__(self, catalog: GlueCatalog) -> None:
        self._catalog = catalog

    @call(returns=StructOf(Functions), raises={1: MetaError})
    def get_all_functions(self) -> Functions:
        """An empty list: Hive would load all functions at its start; Spark requests each when it is used."""
        return Functions(())

    @call(STRING, STRING, returns=STRINGS, raises={1: MetaError})
    def get_functions(self, database: str, pattern: str | None) -> list[str]:
        """The names that match ``pattern``."""
        return names_matching([each["FunctionName"] for each in self._catalog.functions(database)], pattern)

    @call(STRING, STRING, returns=_FUNCTION, raises={1: MetaError, 2: NoSuchObject})
    def get_function(self, database: str, name: str) -> Function:
        """One function."""
        try:
            return translation.function_from_glue(self._catalog.function(database, name), database)
        except NoSuchObject as error:
            # Spark recognises an unknown function by this message (HiveShim.getFunctionOption).
            raise NoSuchObject(f"Function {database}.{name} does not exist") from error

    @call(_FUNCTION, raises={1: AlreadyExists, 2: InvalidObject, 3: MetaError, 4: NoSuchObject})
    def create_function(self, function: Function) -> None:
        """Create a function."""
        self._catalog.create_function(function.db_name, translation.function_to_glue(function))

    @call(STRING, STRING, raises={1: NoSuchObject, 3: MetaError})
    def drop_function(self, database: str, name: str) -> None:
        """Drop a function."""
        self._catalog.delete_function(database, name)
