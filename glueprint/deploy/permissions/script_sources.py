"""What a script reads and writes with Spark and ``awsglue``: locations and tables of the Data Catalog."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from glueprint.deploy.permissions.script_calls import reachable

_READERS = frozenset(
    {"csv", "json", "load", "orc", "parquet", "text", "textFile", "wholeTextFiles", "binaryFiles"}
)
_WRITERS = frozenset({"csv", "json", "orc", "parquet", "save", "text", "saveAsTextFile"})


@dataclass(frozen=True)
class DataAccess:
    """A source or sink.

    Attributes:
        path: an expression with S3 locations; None if it is a table.
        database, table: expressions; None if they are not named.
        connection: an expression with the name of a connection, or None.
    """

    line: int
    what: str
    writes: bool
    path: ast.expr | None = None
    database: ast.expr | None = None
    table: ast.expr | None = None
    connection: ast.expr | None = None
    is_table: bool = False


def data_accesses(tree: ast.Module) -> Iterator[DataAccess]:
    """Yield what a script reads and writes."""
    for node in reachable(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _of_call(node, node.func)


def _of_call(call: ast.Call, function: ast.Attribute) -> Iterator[DataAccess]:
    chain = ast.unparse(function)
    given = {one.arg: one.value for one in call.keywords if one.arg}
    name, line = function.attr, call.lineno
    if name in ("from_catalog", "create_dynamic_frame_from_catalog", "create_data_frame_from_catalog"):
        database = given.get("database") or given.get("name_space") or _argument(call, 0)
        table = given.get("table_name") or _argument(call, 1)
        yield DataAccess(line, name, "write" in chain, database=database, table=table, is_table=True)
    elif name == "write_dynamic_frame_from_catalog":
        yield DataAccess(
            line, name, True, database=given.get("database"), table=given.get("table_name"), is_table=True
        )
    elif name in ("from_options", "create_dynamic_frame_from_options", "create_data_frame_from_options"):
        options = given.get("connection_options")
        yield DataAccess(line, name, "write" in chain, path=options, connection=_connection(options))
    elif name in ("write_dynamic_frame_from_options", "getSink"):
        yield DataAccess(line, name, True, path=given.get("connection_options") or given.get("path"))
    elif name == "setCatalogInfo":
        database, table = given.get("catalogDatabase"), given.get("catalogTableName")
        yield DataAccess(line, name, True, database=database, table=table, is_table=True)
    elif name == "from_jdbc_conf" or name == "extract_jdbc_conf":
        yield DataAccess(
            line, name, "write" in chain, connection=given.get("catalog_connection") or _argument(call, 0)
        )
    elif name in ("table", "saveAsTable", "insertInto", "sql") and _is_spark(chain):
        yield DataAccess(line, name, name != "table", database=None, table=_argument(call, 0), is_table=True)
    elif (name in _WRITERS and ".write" in chain) or name == "saveAsTextFile":
        yield DataAccess(line, name, True, path=_argument(call, 0) or given.get("path"))
    elif name in _READERS and (".read" in chain or name.endswith(("File", "Files"))):
        yield DataAccess(line, name, False, path=_argument(call, 0) or given.get("path") or given.get("paths"))


def _is_spark(chain: str) -> bool:
    return "spark" in chain.lower() or ".write" in chain


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    return call.args[position] if position < len(call.args) else None


def _connection(options: ast.expr | None) -> ast.expr | None:
    if not isinstance(options, ast.Dict):
        return None
    for key, value in zip(options.keys, options.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "connectionName":
            return value
    return None
