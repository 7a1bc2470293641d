"""ALTER TABLE."""

from __future__ import annotations

from glueprint.query.errors import QueryError
from glueprint.query.statements import model
from glueprint.query.statements.table_parsing import column_list, texts, with_properties
from glueprint.query.statements.words import Words


def alter_table(words: Words) -> model.Statement:
    """Read what follows ``ALTER TABLE``."""
    name = words.dotted()
    if words.skip("ADD", "COLUMNS"):
        return model.AlterTable(name, add_columns=column_list(words))
    if words.skip("REPLACE", "COLUMNS"):
        return model.AlterTable(name, replace_columns=column_list(words))
    if words.skip("ADD"):
        return _add(words, name)
    if words.skip("DROP"):
        return _drop(words, name)
    if words.skip("SET", "LOCATION"):
        return model.AlterTable(name, location=words.string())
    if words.skip("SET", "TBLPROPERTIES"):
        return model.AlterTable(name, properties=texts(with_properties(words)))
    if words.skip("PARTITION"):
        values = _values(words)
        if words.skip("RENAME", "TO", "PARTITION"):
            return model.RenamePartition(name, values, new_values=_values(words))
        words.expect("SET", "LOCATION")
        return model.RenamePartition(name, values, location=words.string())
    found = words.peek()
    raise QueryError(
        "NOT_SUPPORTED",
        f"ALTER TABLE ... {found.text.upper() if found else ''} is not supported by the local Athena",
    )


def _add(words: Words, name: model.Name) -> model.Statement:
    if_not_exists = words.skip("IF", "NOT", "EXISTS")
    found = []
    while words.skip("PARTITION"):
        values = _values(words)
        found.append((values, words.string() if words.skip("LOCATION") else None))
        words.skip(",")
    if not found:
        raise words.unexpected("expecting PARTITION or COLUMNS")
    return model.AddPartitions(name, tuple(found), if_not_exists)


def _drop(words: Words, name: model.Name) -> model.Statement:
    if_exists = words.skip("IF", "EXISTS")
    found = []
    while words.skip("PARTITION"):
        conditions = []
        words.expect("(")
        while not words.skip(")"):
            key, operator = words.name(), words.next().text
            conditions.append((key, operator, words.next().value))
            words.skip(",")
        found.append(tuple(conditions))
        words.skip(",")
    if not found:
        raise words.unexpected("expecting PARTITION")
    return model.DropPartitions(name, tuple(found), if_exists)


def _values(words: Words) -> dict[str, str]:
    """``(key = 'value', ...)``."""
    words.expect("(")
    found: dict[str, str] = {}
    while not words.skip(")"):
        key = words.name()
        words.expect("=")
        found[key] = words.next().value
        words.skip(",")
    return found
