"""The metastore's calls about functions: Spark asks for each name that it does not know as a function."""

from __future__ import annotations

from glueprint.runtime.sparksql import translation
from glueprint.runtime.sparksql.calls import call
from glueprint.runtime.sparksql.databases import matching
from glueprint.runtime.sparksql.glue import GlueCatalog
from glueprint.runtime.sparksql.hive import (
    AlreadyExists,
    Function,
    Functions,
    InvalidObject,
    MetaError,
    NoSuchObject,
)
from glueprint.runtime.sparksql.thrift import STRING, TEXTS, StructOf

_FUNCTION = StructOf(Function)


class FunctionCalls:
    """User-defined functions of ``catalog``."""

    def __init__(self, catalog: GlueCatalog) -> None:
        self._catalog = catalog

    @call(returns=StructOf(Functions), raises={1: MetaError})
    def get_all_functions(self) -> Functions:
        """None: Hive would load them all at its start; Spark asks for each when it is used."""
        return Functions(())

    @call(STRING, STRING, returns=TEXTS, raises={1: MetaError})
    def get_functions(self, database: str, pattern: str | None) -> list[str]:
        """The names that fit ``pattern``."""
        return matching([each["FunctionName"] for each in self._catalog.functions(database)], pattern)

    @call(STRING, STRING, returns=_FUNCTION, raises={1: MetaError, 2: NoSuchObject})
    def get_function(self, database: str, name: str) -> Function:
        """One function."""
        try:
            return translation.function_from_glue(self._catalog.function(database, name), database)
        except NoSuchObject as error:
            # The words by which Spark knows (HiveShim.getFunctionOption).
            raise NoSuchObject(f"Function {database}.{name} does not exist") from error

    @call(_FUNCTION, raises={1: AlreadyExists, 2: InvalidObject, 3: MetaError, 4: NoSuchObject})
    def create_function(self, function: Function) -> None:
        """Create a function."""
        self._catalog.create_function(function.db_name, translation.function_to_glue(function))

    @call(STRING, STRING, raises={1: NoSuchObject, 3: MetaError})
    def drop_function(self, database: str, name: str) -> None:
        """Drop a function."""
        self._catalog.delete_function(database, name)
