"""From a statement's text to what it is.

Source: Athena user guide, "DDL statements" and "DML queries, functions, and operators". What the guide lists as
unsupported, and what is not supported here, is refused by name.
"""

from __future__ import annotations

from glueprint.query.errors import QueryError
from glueprint.query.statements import model
from glueprint.query.statements.alter_parsing import alter_table
from glueprint.query.statements.table_parsing import create_table, texts, with_properties
from glueprint.query.statements.words import Words

_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "(", "TABLE")
_REFUSED = {
    "MERGE": "MERGE INTO (Iceberg)",
    "UPDATE": "UPDATE (Iceberg)",
    "DELETE": "DELETE (Iceberg)",
    "OPTIMIZE": "OPTIMIZE (Iceberg)",
    "VACUUM": "VACUUM (Iceberg)",
    "ANALYZE": "ANALYZE",
    "CALL": "CALL",
    "GRANT": "GRANT",
    "REVOKE": "REVOKE",
    "SET": "SET",
    "START": "transactions",
    "COMMIT": "transactions",
    "ROLLBACK": "transactions",
    "TRUNCATE": "TRUNCATE TABLE",
    "LOAD": "LOAD DATA",
    "EXPORT": "EXPORT TABLE",
    "IMPORT": "IMPORT TABLE",
    "USING": "USING EXTERNAL FUNCTION (user-defined functions in Lambda)",
}


def parse_statement(sql: str) -> model.Statement:
    """Return a statement.

    Raises:
        QueryError: it is not one, or is not supported; named.
    """
    words = Words(sql)
    first = words.peek()
    if first is None:
        raise QueryError("SYNTAX_ERROR", "the statement is empty")
    name = first.text.upper()
    if name in _QUERY_WORDS:
        return model.Query(sql)
    if name in _REFUSED:
        raise QueryError("NOT_SUPPORTED", f"{_REFUSED[name]} is not supported by the local Athena")
    reader = _READERS.get(name)
    if reader is None:
        raise words.unexpected(f"Expecting: {', '.join(sorted({*_QUERY_WORDS[:3], *_READERS}))}")
    words.next()
    found = reader(words)
    words.end()
    return found


def _explain(words: Words) -> model.Statement:
    if words.skip("ANALYZE"):
        raise QueryError("NOT_SUPPORTED", "EXPLAIN ANALYZE is not supported by the local Athena")
    if words.is_next("(") and not words.is_next("(", "SELECT"):
        raise QueryError("NOT_SUPPORTED", "options of EXPLAIN are not supported by the local Athena")
    return model.Explain(words.rest())


def _insert(words: Words) -> model.Statement:
    if words.skip("OVERWRITE"):
        raise QueryError("NOT_SUPPORTED", "INSERT OVERWRITE is not supported")
    words.expect("INTO")
    words.skip("TABLE")
    name = words.dotted()
    columns: list[str] = []
    if words.is_next("(") and not (
        words.is_next("(", "SELECT") or words.is_next("(", "WITH") or words.is_next("(", "VALUES")
    ):
        words.expect("(")
        columns.append(words.name())
        while words.skip(","):
            columns.append(words.name())
        words.expect(")")
    return model.Insert(name, tuple(columns), words.rest())


def _unload(words: Words) -> model.Statement:
    words.expect("(")
    start, depth = words.position(), 1
    while True:
        one = words.next()
        depth += {"(": 1, ")": -1}.get(one.text, 0) if one.kind == "symbol" else 0
        if depth == 0:
            end = one.start
            break
    words.expect("TO")
    location = words.string()
    properties = with_properties(words) if words.skip("WITH") else {}
    return model.Unload(words.padded(start, end), location, properties)


def _create(words: Words) -> model.Statement:
    or_replace = words.skip("OR", "REPLACE")
    if words.skip("VIEW"):
        name = words.dotted()
        words.expect("AS")
        return model.CreateView(name, words.rest(), or_replace)
    if words.skip("PROTECTED") or words.skip("MULTI"):
        raise QueryError(
            "NOT_SUPPORTED", "CREATE PROTECTED MULTI DIALECT VIEW is not supported by the local Athena"
        )
    if words.skip("DATABASE") or words.skip("SCHEMA"):
        return _create_database(words)
    is_external = words.skip("EXTERNAL")
    if words.skip("TABLE"):
        return create_table(words, is_external=is_external)
    found = words.peek()
    raise QueryError("NOT_SUPPORTED", f"CREATE {found.text.upper() if found else ''} is not supported")


def _create_database(words: Words) -> model.Statement:
    if_not_exists = words.skip("IF", "NOT", "EXISTS")
    name, comment, location = words.name(), "", ""
    properties: dict[str, str] = {}
    while words.peek() is not None:
        if words.skip("COMMENT"):
            comment = words.string()
        elif words.skip("LOCATION"):
            location = words.string()
        elif words.skip("WITH", "DBPROPERTIES"):
            properties = texts(with_properties(words))
        else:
            raise words.unexpected("expecting COMMENT, LOCATION or WITH DBPROPERTIES")
    return model.CreateDatabase(name, if_not_exists, comment, location, properties)


def _drop(words: Words) -> model.Statement:
    kind = words.next().text.upper()
    kind = "DATABASE" if kind == "SCHEMA" else kind
    if kind not in ("TABLE", "VIEW", "DATABASE"):
        raise QueryError("NOT_SUPPORTED", f"DROP {kind} is not supported")
    if_exists = words.skip("IF", "EXISTS")
    name: model.Name = (None, words.name()) if kind == "DATABASE" else words.dotted()
    cascade = words.skip("CASCADE")
    words.skip("RESTRICT")
    return model.Drop(kind, name, if_exists, cascade)


def _alter(words: Words) -> model.Statement:
    if words.skip("DATABASE") or words.skip("SCHEMA"):
        name = words.name()
        words.expect("SET", "DBPROPERTIES")
        return model.AlterDatabase(name, texts(with_properties(words)))
    if words.skip("VIEW"):
        raise QueryError("NOT_SUPPORTED", "ALTER VIEW is not supported by the local Athena")
    words.expect("TABLE")
    return alter_table(words)


def _repair(words: Words) -> model.Statement:
    words.expect("REPAIR", "TABLE")
    return model.Repair(words.dotted())


def _show(words: Words) -> model.Statement:
    what = words.next().text.upper()
    if what in ("DATABASES", "SCHEMAS"):
        return model.Show("DATABASES", pattern=_pattern(words))
    if what in ("TABLES", "VIEWS"):
        name: model.Name | None = None
        if words.skip("IN") or words.skip("FROM"):
            name = (words.name(), "")
        return model.Show(what, name, _pattern(words))
    if what == "COLUMNS":
        if not words.skip("FROM"):
            words.expect("IN")
        database, table = words.dotted()
        if words.skip("FROM") or words.skip("IN"):
            database = words.name()
        return model.Show("COLUMNS", (database, table))
    if what == "PARTITIONS":
        return model.Show("PARTITIONS", words.dotted())
    if what == "TBLPROPERTIES":
        name, pattern = words.dotted(), None
        if words.skip("("):
            pattern = words.string()
            words.expect(")")
        return model.Show("TBLPROPERTIES", name, pattern)
    if what == "CREATE":
        kind = words.next().text.upper()
        if kind in ("TABLE", "VIEW"):
            return model.Show(f"CREATE {kind}", words.dotted())
    raise QueryError("NOT_SUPPORTED", f"SHOW {what} is not supported by the local Athena")


def _pattern(words: Words) -> str | None:
    if words.skip("LIKE") or (words.peek() is not None and words.peek().kind == "text"):  # type: ignore[union-attr]
        return words.string()
    return None


def _describe(words: Words) -> model.Statement:
    if words.is_next("INPUT") or words.is_next("OUTPUT"):
        raise QueryError("NOT_SUPPORTED", "DESCRIBE INPUT and OUTPUT are not supported by the local Athena")
    is_extended = words.skip("EXTENDED") or words.skip("FORMATTED")
    return model.Describe(words.dotted(), is_extended)


def _prepare(words: Words) -> model.Statement:
    name = words.name()
    words.expect("FROM")
    return model.Prepare(name, words.rest())


def _deallocate(words: Words) -> model.Statement:
    words.expect("PREPARE")
    return model.Deallocate(words.name())


def _execute(words: Words) -> model.Statement:
    name, parameters = words.name(), []
    if words.skip("USING"):
        start, depth = words.position(), 0
        while (one := words.peek()) is not None:
            if one.text == "," and one.kind == "symbol" and depth == 0:
                parameters.append(words.sql[start : one.start].strip())
                words.next()
                start = words.position()
                continue
            depth += {"(": 1, ")": -1}.get(one.text, 0) if one.kind == "symbol" else 0
            last = words.next().end
        parameters.append(words.sql[start:last].strip())
    return model.Execute(name, tuple(parameters))


_READERS = {
    "EXPLAIN": _explain,
    "INSERT": _insert,
    "UNLOAD": _unload,
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "MSCK": _repair,
    "SHOW": _show,
    "DESCRIBE": _describe,
    "DESC": _describe,
    "PREPARE": _prepare,
    "DEALLOCATE": _deallocate,
    "EXECUTE": _execute,
}


def with_parameters(sql: str, parameters: tuple[str, ...]) -> str:
    """Return a query with values in place of its question marks.

    Raises:
        QueryError: there is another number of them.
    """
    words = Words(sql)
    found, at, used = [], 0, 0
    while (one := words.peek()) is not None:
        words.next()
        if one.kind == "symbol" and one.text == "?":
            if used < len(parameters):
                found.append(sql[at : one.start] + parameters[used])
                at = one.end
            used += 1
    if used != len(parameters):
        raise QueryError(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {used} but found {len(parameters)}",
        )
    return "".join(found) + sql[at:]
