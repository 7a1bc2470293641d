"""SearchTables: tables of every database by text and by properties
(docs/facts/catalog.md#listing; service model)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from glueprint.local.glue.catalog.lookup import TABLES
from glueprint.local.glue.catalog.requests import check_catalog, epoch_seconds, nothing_shared
from glueprint.local.glue.catalog.table_definition import view
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation
from glueprint.local.glue.paging import page_of
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.store.resources import Document

_TEXTS = ("Name", "DatabaseName", "Description", "Owner", "TableType", "CreatedBy", "CatalogId")
_TIMES = ("CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
_PUNCTUATION = re.compile(r"[-:#/.,;|@\s]+")
"""The characters that split a value into words; the model lists ``-``, ``:`` and ``#``, "etc."."""

_MEMBERS = {name.lower(): name for name in (*_TEXTS, *_TIMES)}


class Search(Family):
    """``SearchTables``; links are shown as they are, not followed."""

    @operation("SearchTables", runs=Runs.IN_THREAD)
    def search_tables(self, context: Context, request: Request) -> Answer:
        """Service model, ``SearchTables``."""
        check_catalog(context, request)
        tests = [_property_test(predicate) for predicate in request.get("Filters") or []]
        if request.get("SearchText"):
            tests.append(_text_test(request["SearchText"]))

        def work(tx: Transaction) -> list[Document]:
            shown = (view(context, table) for table in TABLES.all(tx))
            return [table for table in shown if all(test(table) for test in tests)]

        found = [] if nothing_shared(request) else self.database.read(work)
        for criterion in request.get("SortCriteria") or []:
            member = _member(criterion.get("FieldName") or "Name")
            found.sort(
                key=lambda table: (member in table, table.get(member)), reverse=criterion.get("Sort") == "DESC"
            )
        page, token = page_of(found, request, 100)
        return {"TableList": page, "NextToken": token}


Test = Callable[[Document], bool]


def _property_test(predicate: Request) -> Test:
    """Times compare, texts match by word, and any other key is one of the table's parameters."""
    key, value = predicate.get("Key"), predicate.get("Value")
    if key is None or value is None:
        raise invalid_input("A filter must have a Key and a Value")
    member = _MEMBERS.get(key.lower())
    if member in _TIMES:
        wanted = epoch_seconds(_number_or_text(value), key)
        compare = _COMPARE[predicate.get("Comparator") or "EQUALS"]
        return lambda table: member in table and compare(table[member], wanted)
    if member is not None:
        return lambda table: _has_word(table.get(member), value)
    return lambda table: _has_word((table.get("Parameters") or {}).get(key), value)


def _has_word(text: str | None, word: str) -> bool:
    if text is None:
        return False
    folded = text.lower()
    return word.lower() == folded or word.lower() in _PUNCTUATION.split(folded)


def _text_test(text: str) -> Test:
    """Text in quotes must equal a value, other text must be a part of one."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        exact = text[1:-1].lower()
        return lambda table: any(exact == value.lower() for value in _texts(table))
    part = text.lower()
    return lambda table: any(part in value.lower() for value in _texts(table))


def _texts(table: Document) -> Iterator[str]:
    """Yield the values that a text search compares: the table's, its columns', its parameters'."""
    for member in _TEXTS:
        if table.get(member):
            yield table[member]
    columns = [*((table.get("StorageDescriptor") or {}).get("Columns") or []), *(table.get("PartitionKeys") or [])]
    for column in columns:
        yield column["Name"]
        if column.get("Comment"):
            yield column["Comment"]
    for key, value in (table.get("Parameters") or {}).items():
        yield key
        if value:
            yield value


def _member(name: str) -> str:
    member = _MEMBERS.get(name.lower())
    if member is None:
        raise invalid_input(f"FieldName {name} is not one of {', '.join(_MEMBERS.values())}")
    return member


def _number_or_text(value: str) -> Any:
    try:
        return float(value)
    except ValueError:
        return value
