"""Reading XML files as rows of one schema: each element of one name is a row, in a stream.

Attributes are fields whose names start with an underscore; the text of an element that also has attributes or
children is the field ``_VALUE``; an element that occurs several times is a list. Names are without namespaces.
"""

from itertools import islice
from typing import Any, Dict, Iterator, List
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

import pyarrow as pa

from glue_jobs.common.object_streams import UnreadableFile, byte_parts
from glue_jobs.common.pieces import Piece
from glue_jobs.common.record_rows import RECORDS_AT_ONCE, Numbered, lower_names, records_schema, records_to_rows
from glue_jobs.common.row_batches import Rows, Target
from glue_jobs.common.value_conversion import XmlText, typed_text


def read_xml_rows(s3: Any, bucket: str, piece: Piece, row_tag: str, target: Target) -> Iterator[Rows]:
    """The rows of a file.

    Raises:
        UnreadableFile: the file is not well-formed, or two fields of a row differ in case only.
        SchemaContradicted: a value does not fit the inferred schema.
        TypesDiffer: a value does not fit, and the choice of types is refused.
    """
    records = _xml_records(s3, bucket, piece, row_tag)
    while True:
        some = list(islice(records, RECORDS_AT_ONCE))
        if not some:
            return
        yield records_to_rows(some, target, [], typed_text)


def xml_schema(s3: Any, bucket: str, piece: Piece, row_tag: str, target: Target, complete: bool) -> pa.Schema:
    """The schema of a file; of its first rows only unless ``complete``.

    Raises:
        UnreadableFile: the file is not well-formed, or two fields of a row differ in case only.
        TypesDiffer: a choice of types, which the target refuses.
    """
    records = islice(_xml_records(s3, bucket, piece, row_tag), None if complete else RECORDS_AT_ONCE)
    return records_schema((typed_text(record) for _, record in records), target)


def _xml_records(s3: Any, bucket: str, piece: Piece, row_tag: str) -> Iterator[Numbered]:
    parser: Any = XMLPullParser(events=("start", "end"))
    path: List[Element] = []
    number = 0
    inside = 0
    try:
        for data in byte_parts(s3, bucket, piece.file):
            parser.feed(data)
            for event, element in parser.read_events():
                is_row = _local(element.tag) == row_tag
                if event == "start":
                    path.append(element)
                    inside += is_row
                    continue
                path.pop()
                inside -= is_row
                if is_row and not inside:
                    number += 1
                    yield "row {}".format(number), lower_names(_fields(element))
                if not inside and path:
                    path[-1].remove(element)  # what was read is forgotten
        parser.close()
    except (ParseError, ValueError) as error:
        raise UnreadableFile("{}: after row {}: {}".format(piece.file.key, number, error)) from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _fields(element: Element) -> Dict[str, Any]:
    fields: Dict[str, Any] = {"_" + _local(name): XmlText(value) for name, value in element.attrib.items()}
    for child in element:
        name = _local(child.tag)
        value = _value(child)
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    text = (element.text or "").strip() + "".join((child.tail or "").strip() for child in element)
    if text:
        fields["_VALUE"] = XmlText(text)
    return fields


def _value(element: Element) -> Any:
    if len(element) or element.attrib:
        return _fields(element)
    return XmlText(element.text) if element.text and element.text.strip() else None
