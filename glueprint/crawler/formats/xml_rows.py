"""XML: rows are the elements of one tag; their children and attributes are columns (DG:custom-classifier)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from glueprint.facts.hive_types import Array, GlueType, Struct, field_name
from glueprint.facts.serdes import NO_SERDE

from ..inspection import FileFormat, FileProblem, FileSchema, Inspection
from ..type_merging import NOTHING, merged, struct
from .json_records import MAX_LEVELS
from .source import MEGABYTE, Source
from .text import estimated_records, text_of
from .values import column_type

_MAX_ROWS = 1000


class XmlClassifier:
    """Built-in ``xml``, and custom ones.

    Args:
        name: for the log.
        classification: the table's ``classification``.
        row_tag: the tag of rows; None for the most frequent tag among the root's children.
    """

    def __init__(self, name: str = "xml", classification: str = "xml", row_tag: str | None = None) -> None:
        self.name = name
        self._classification = classification
        self._row_tag = row_tag

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> XmlClassifier:
        """A custom classifier (service model, ``XMLClassifier``)."""
        return cls(wire["Name"], wire.get("Classification", "xml"), wire.get("RowTag"))

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        sample = source.sample(MEGABYTE)
        text = text_of(sample)
        if text is None or not text.lstrip().startswith("<"):
            return None
        if "<!ENTITY" in text:
            raise FileProblem("its XML declares entities, which are not followed")
        root = _root_of(text, sample.whole)
        if root is None:
            return None
        tag = self._row_tag or _most_frequent_tag(root)
        rows = list(islice(_rows(root, tag), _MAX_ROWS)) if tag else []
        if tag is None or not rows:
            return None
        kind: GlueType = NOTHING
        for row in rows:
            kind = _together(kind, _element_type(row))
        fields = kind.fields if isinstance(kind, Struct) else ((tag, kind),)
        columns: dict[str, GlueType] = {}
        for name, part in fields:
            columns[name.lower()] = merged(columns.get(name.lower(), NOTHING), part)
        file_format = FileFormat(self._classification, "none", NO_SERDE, (("rowTag", tag),))
        records, size = estimated_records(source, sample, sum(1 for _ in _rows(root, tag)), len(sample.data))
        return Inspection(FileSchema(file_format, tuple(columns.items())), records, size, self.name)


def _root_of(text: str, whole: bool) -> Element | None:
    """Return the root element, as far as the text contains it; None if the text is not XML.

    Raises:
        FileProblem: the text starts like XML and is not well-formed.
    """
    parser: Any = XMLPullParser(events=("start", "end"))
    root: Element | None = None
    level = 0
    parser.feed(text)
    try:
        for event, element in parser.read_events():
            root = element if root is None else root
            level += 1 if event == "start" else -1
            if level > MAX_LEVELS:
                raise FileProblem(f"its XML is nested more than {MAX_LEVELS} levels deep")
        if whole:
            parser.close()
    except ParseError as error:
        if root is None:
            return None
        raise FileProblem(f"its XML cannot be read: {error}") from error
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _most_frequent_tag(root: Element) -> str | None:
    counted = Counter(_local(child.tag) for child in root)
    return counted.most_common(1)[0][0] if counted else None


def _rows(root: Element, tag: str) -> Iterator[Element]:
    # A row "cannot be a self-closing empty element" (DG:custom-classifier): nothing in it, no row.
    return (element for element in root.iter() if _local(element.tag) == tag and (len(element) or element.text))


def _together(left: GlueType, right: GlueType) -> GlueType:
    """Merge two types. A tag that one element contains several times, and another once, is an array in both."""
    match left, right:
        case Struct(), Struct():
            fields = dict(left.fields)
            for name, kind in right.fields:
                fields[name] = _together(fields.get(name, NOTHING), kind)
            return struct(fields.items())
        case Array(), Array():
            return Array(_together(left.element, right.element))
        case (Array(), _) if right != NOTHING:
            return Array(_together(left.element, right))
        case (_, Array()) if left != NOTHING:
            return Array(_together(left, right.element))
        case _:
            return merged(left, right)


def _element_type(element: Element) -> GlueType:
    fields: dict[str, GlueType] = {}
    for attribute, value in element.attrib.items():
        fields[f"_{field_name(_local(attribute))}"] = column_type((value.strip(),))
    children = Counter(_local(child.tag) for child in element)
    for child in element:
        name = field_name(_local(child.tag))
        kind = _element_type(child)
        repeated = Array(kind) if children[_local(child.tag)] > 1 else kind
        fields[name] = _together(fields.get(name, NOTHING), repeated)
    text = (element.text or "").strip()
    content: GlueType = column_type((text,)) if text else NOTHING
    if not fields:
        return content
    if text and not len(element):
        fields["_value"] = content
    return struct(fields.items())
