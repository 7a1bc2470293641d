"""XML text as Python records: the elements of one tag. Runs inside Spark's Python workers.

Sources: developer guide, "Using the XML format in AWS Glue" (options; "behaves similarly to the XML Data Source
for Apache Spark"), and that project's documentation (databricks/spark-xml): attributes are fields with a prefix,
an element with attributes and text is a struct, elements that repeat are an array, an element without content has
no value. Names keep their namespace prefix. Types are those of each text, as in its inference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from glueprint.runtime.frames.json_text import Malformed

MAX_LEVELS = 200
"""Of elements within a row; Spark's types are nested as deeply."""
_SHOWN = 200
"""Characters of a text that cannot be read, in its error."""
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class _CannotBeRead(Exception):
    """The rest of a text is left out, for this reason."""


@dataclass(frozen=True)
class XmlRows:
    """Parser of the rows of a complete file.

    Attributes:
        tag: the elements that are rows. One within another belongs to the outer one.
        prefix: of the fields for attributes; None: attributes are left out.
        value_tag: the field of an element's own text if it has attributes or children.
        trims: white space around texts is left out.
        blank_is_null: a text of white space has no value.
    """

    tag: str
    prefix: str | None = "_"
    value_tag: str = "_VALUE"
    trims: bool = False
    blank_is_null: bool = False

    def __call__(self, text: str) -> Iterator[dict[str, Any] | Malformed]:
        """Return the records; reading ends at the first text that is not XML, which is an error record."""
        reading = _Reading(self)
        try:
            reading.parse(text.lstrip("\ufeff \t\r\n"))
        except (expat.ExpatError, _CannotBeRead) as error:
            yield from reading.rows
            yield Malformed(text[:_SHOWN], f"not XML: {error}")
        else:
            yield from reading.rows


class _Element:
    """An element that is not complete: its attributes and children so far, and its text."""

    __slots__ = ("fields", "has_children", "name", "texts")

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.name = name
        self.fields = fields
        self.texts: list[str] = []
        self.has_children = False


class _Reading:
    """One pass over a file; only the row that is being read is kept as a tree."""

    def __init__(self, options: XmlRows) -> None:
        self._options = options
        self._open: list[_Element] = []
        self.rows: list[dict[str, Any]] = []

    def parse(self, text: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse_entity
        parser.Parse(text, True)

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise _CannotBeRead(f"it declares the entity {name!r}, which is not followed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != self._options.tag:
            return
        if len(self._open) == MAX_LEVELS:
            raise _CannotBeRead(f"elements are nested more than {MAX_LEVELS} levels deep")
        if self._open:
            self._open[-1].has_children = True
        prefix = self._options.prefix
        fields = {} if prefix is None else {prefix + one: self._value(text) for one, text in attributes.items()}
        self._open.append(_Element(name, fields))

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _end(self, name: str) -> None:
        if not self._open:
            return
        element = self._open.pop()
        value = self._finished(element)
        if self._open:
            _add(self._open[-1].fields, element.name, value)
        elif element.has_children or element.texts:  # "Row tags cannot be self-closing"
            self.rows.append(value if isinstance(value, dict) else {self._options.value_tag: value})

    def _finished(self, element: _Element) -> Any:
        text = "".join(element.texts)
        if not element.fields and not element.has_children:
            return self._value(text) if text else None
        if text.strip() or (text and not element.has_children):
            _add(element.fields, self._options.value_tag, self._value(text))
        return element.fields

    def _value(self, text: str) -> Any:
        if self._options.blank_is_null and not text.strip():
            return None
        if self._options.trims:
            text = text.strip()
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(text)
        return {"true": True, "false": False}.get(text.lower(), text)


def _add(fields: dict[str, Any], name: str, value: Any) -> None:
    """Add a child; of several with one name the field is a list."""
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]
