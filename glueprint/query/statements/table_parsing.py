"""CREATE TABLE and its clauses."""

from __future__ import annotations

from glueprint.query.errors import QueryError
from glueprint.query.statements import model
from glueprint.query.statements.words import Words


def create_table(words: Words, *, is_external: bool) -> model.Statement:
    """Read what follows ``CREATE [EXTERNAL] TABLE``."""
    if_not_exists = words.skip("IF", "NOT", "EXISTS")
    name = words.dotted()
    properties = {}
    if not is_external and words.is_next("WITH"):
        words.expect("WITH")
        properties = with_properties(words)
    if not is_external and words.skip("AS"):
        return _as_query(words, name, properties, if_not_exists)
    if words.skip("LIKE"):
        raise QueryError("NOT_SUPPORTED", "CREATE TABLE LIKE is not supported")
    columns = column_list(words) if words.is_next("(") else ()
    found = _Clauses(words)
    if str(found.properties.get("table_type", "")).lower() == "iceberg":
        raise QueryError(
            "NOT_SUPPORTED", "CREATE TABLE with table_type ICEBERG is not supported by the local Athena"
        )
    if not is_external:
        raise QueryError(
            "NOT_SUPPORTED",
            "CREATE TABLE without EXTERNAL is for Iceberg tables, which are not supported by the local"
            " Athena",
        )
    if not found.location:
        raise QueryError("SYNTAX_ERROR", "CREATE EXTERNAL TABLE needs LOCATION 's3://bucket/folder/'")
    return model.CreateTable(
        name,
        columns,
        found.partition_keys,
        found.location,
        if_not_exists,
        found.comment,
        found.serde,
        found.serde_properties,
        found.stored_as,
        found.input_format,
        found.output_format,
        found.properties,
    )


def _as_query(
    words: Words, name: model.Name, properties: dict[str, str | tuple[str, ...]], if_not_exists: bool
) -> model.Statement:
    text, with_data = words.rest(), True
    trimmed = text.rstrip().rstrip(";").rstrip()
    if trimmed.upper().endswith("WITH NO DATA"):
        trimmed, with_data = trimmed[: -len("WITH NO DATA")].rstrip(), False
    return model.CreateTableAs(name, trimmed, properties, if_not_exists, with_data)


class _Clauses:
    """The clauses behind the columns, in any order."""

    def __init__(self, words: Words) -> None:
        self.comment = self.location = self.serde = self.stored_as = self.input_format = (
            self.output_format
        ) = ""
        self.partition_keys: tuple[tuple[str, str, str], ...] = ()
        self.serde_properties: dict[str, str] = {}
        self.properties: dict[str, str] = {}
        while words.peek() is not None:
            self._clause(words)

    def _clause(self, words: Words) -> None:
        if words.skip("COMMENT"):
            self.comment = words.string()
        elif words.skip("PARTITIONED", "BY"):
            self.partition_keys = column_list(words)
        elif words.is_next("CLUSTERED"):
            raise QueryError(
                "NOT_SUPPORTED", "bucketed tables (CLUSTERED BY) are not supported by the local Athena"
            )
        elif words.skip("ROW", "FORMAT", "SERDE"):
            self.serde = words.string()
        elif words.skip("WITH", "SERDEPROPERTIES"):
            self.serde_properties.update(texts(with_properties(words)))
        elif words.skip("ROW", "FORMAT", "DELIMITED"):
            self._delimited(words)
        elif words.skip("STORED", "AS", "INPUTFORMAT"):
            self.input_format = words.string()
            words.expect("OUTPUTFORMAT")
            self.output_format = words.string()
        elif words.skip("STORED", "AS"):
            self.stored_as = words.name()
        elif words.skip("STORED", "BY"):
            raise QueryError("NOT_SUPPORTED", "STORED BY is not supported")
        elif words.skip("LOCATION"):
            self.location = words.string()
        elif words.skip("TBLPROPERTIES"):
            self.properties = texts(with_properties(words))
        else:
            raise words.unexpected("expecting a clause of CREATE EXTERNAL TABLE")

    def _delimited(self, words: Words) -> None:
        self.serde_properties.setdefault("serialization.format", "\x01")
        while True:
            if words.skip("FIELDS", "TERMINATED", "BY"):
                self.serde_properties |= {"field.delim": words.string()}
                self.serde_properties["serialization.format"] = self.serde_properties["field.delim"]
                if words.skip("ESCAPED", "BY"):
                    self.serde_properties["escape.delim"] = words.string()
            elif words.skip("COLLECTION", "ITEMS", "TERMINATED", "BY"):
                self.serde_properties["collection.delim"] = words.string()
            elif words.skip("MAP", "KEYS", "TERMINATED", "BY"):
                self.serde_properties["mapkey.delim"] = words.string()
            elif words.skip("LINES", "TERMINATED", "BY"):
                self.serde_properties["line.delim"] = words.string()
            elif words.skip("NULL", "DEFINED", "AS"):
                self.serde_properties["serialization.null.format"] = words.string()
            else:
                return


def column_list(words: Words) -> tuple[tuple[str, str, str], ...]:
    """Read ``(name type [COMMENT '...'], ...)``; types as the Data Catalog writes them."""
    words.expect("(")
    found = []
    while True:
        name = words.name()
        kind = _type(words)
        comment = words.string() if words.skip("COMMENT") else ""
        found.append((name, kind, comment))
        if not words.skip(","):
            break
    words.expect(")")
    return tuple(found)


def _type(words: Words) -> str:
    """A Hive type: everything up to the comma, bracket or COMMENT at its own level."""
    parts: list[str] = []
    depth = 0
    while (one := words.peek()) is not None:
        if depth == 0 and parts and (one.text in (",", ")") or words.is_next("COMMENT")):
            break
        if one.kind == "symbol":
            depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(one.text, 0)
        if depth < 0:
            break
        parts.append(words.next().text.replace("`", ""))
    if not parts:
        raise words.unexpected("expecting a type")
    written = "".join(parts).lower()
    return {"integer": "int"}.get(written, written)


def with_properties(words: Words) -> dict[str, str | tuple[str, ...]]:
    """Read ``(key = value, ...)``; values are texts, numbers, words, or ``ARRAY['a', 'b']``."""
    words.expect("(")
    found: dict[str, str | tuple[str, ...]] = {}
    while not words.skip(")"):
        key = words.next()
        words.expect("=")
        found[key.value if key.kind in ("text", "name") else key.text.lower()] = _property(words)
        if not words.skip(","):
            words.expect(")")
            break
    return found


def _property(words: Words) -> str | tuple[str, ...]:
    if words.skip("ARRAY"):
        words.expect("[")
        items = []
        while not words.skip("]"):
            items.append(words.string())
            words.skip(",")
        return tuple(items)
    return words.next().value


def texts(properties: dict[str, str | tuple[str, ...]]) -> dict[str, str]:
    """Return properties whose values are texts."""
    return {key: value if isinstance(value, str) else ",".join(value) for key, value in properties.items()}
