"""Reading JSON files as rows of one schema: objects one per line, or in arrays, or over several lines each.

Arrow converts chunks of lines. A chunk that it refuses is read again record by record, so that each one that does
not fit is found.
"""

import codecs
import json
import re
from itertools import islice
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pyarrow as pa
import pyarrow.json as arrow_json

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.object_streams import (
    Chunk,
    MustNotBeCut,
    UnreadableFile,
    end_of_last_line,
    file_chunks,
    range_chunks,
    read_range,
)
from glue_jobs.common.pieces import Piece
from glue_jobs.common.record_rows import (
    RECORDS_AT_ONCE,
    Numbered,
    lower_names,
    records_schema,
    records_to_rows,
)
from glue_jobs.common.row_batches import Rows, Target, complete_rows, merge_schemas
from glue_jobs.common.type_merging import TypesDiffer, catalog_form, struct_fields
from glue_jobs.common.value_conversion import JsonNumber, NotOfType

_LONG_NUMBER = re.compile(rb"[:\[,]\s*-?[0-9]{16}")
HEAD_BYTES = 1024
_SPACE = " \t\r\n"
Text = Tuple[str, str]


def read_json_rows(s3: Any, bucket: str, piece: Piece, encoding: str, target: Target) -> Iterator[Rows]:
    """The rows of a piece of a file.

    Raises:
        UnreadableFile: the file is broken.
        MustNotBeCut: a piece of a file whose records are not lines.
        SchemaContradicted: a value does not fit the inferred schema.
        TypesDiffer: a value does not fit, and the choice of types is refused.
    """
    chunks, is_lines = _chunks_of(s3, bucket, piece, encoding)
    if not is_lines:
        records = _stream_records(chunks, piece.file.key)
        while True:
            bad: List[BadRecord] = []
            some = list(_numbered(islice(records, RECORDS_AT_ONCE), bad))
            if not some and not bad:
                return
            yield records_to_rows(some, target, bad)
    where = "line {}" if piece.complete else "line {{}} from byte {}".format(piece.start)
    count = 0
    for chunk in chunks:
        table = _read_json_table(chunk.data, target)
        if table is not None:
            yield Rows(table)
        else:
            bad = []
            yield records_to_rows(_line_records(chunk.data, where, count, bad), target, bad)
        count += chunk.data.count(b"\n")


def json_schema(s3: Any, bucket: str, piece: Piece, encoding: str, target: Target, complete: bool) -> pa.Schema:
    """The schema of a piece; of its first chunk only unless ``complete``.

    Raises:
        UnreadableFile: the file is broken.
        MustNotBeCut: a piece of a file whose records are not lines.
        TypesDiffer: a choice of types, which the target refuses.
    """
    chunks, is_lines = _chunks_of(s3, bucket, piece, encoding)
    if not is_lines:
        records = _numbered(_stream_records(chunks, piece.file.key), [])
        return records_schema(
            (record for _, record in islice(records, None if complete else RECORDS_AT_ONCE)), target
        )
    schema = pa.schema([])
    for chunk in chunks:
        schema = merge_schemas(schema, _lines_schema(chunk.data, target), target)
        if not complete:
            break
    return schema


def _chunks_of(s3: Any, bucket: str, piece: Piece, encoding: str) -> Tuple[Iterator[Chunk], bool]:
    """The chunks, and whether each line is a record."""
    if not piece.complete:
        head = read_range(s3, bucket, piece.file, 0, HEAD_BYTES) if not piece.start else b""
        if head.lstrip(codecs.BOM_UTF8).lstrip().startswith(b"["):
            raise MustNotBeCut(piece.file.key)
        chunks = range_chunks(s3, bucket, piece)
    else:
        chunks = file_chunks(s3, bucket, piece.file, encoding, _JsonCut())
    if piece.start:
        return chunks, True
    first = next(chunks, Chunk(b"", 0, True))
    line = first.data.lstrip().partition(b"\n")[0].strip()
    is_lines = not (line.startswith(b"[") or line == b"{")
    if not is_lines and not piece.complete:
        raise MustNotBeCut(piece.file.key)
    return _with_first(first, chunks), is_lines


class _JsonCut:
    """The :data:`Cut` of JSON: an array may be one long line, which its reader continues after any byte."""

    def __init__(self) -> None:
        self._is_array: Optional[bool] = None

    def __call__(self, data: bytes) -> int:
        """Where to cut."""
        if self._is_array is None:
            self._is_array = data.lstrip().startswith(b"[")
        return len(data) if self._is_array else end_of_last_line(data)


def _with_first(first: Chunk, others: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from others


def _read_json_table(data: bytes, target: Target) -> Optional[pa.Table]:
    """Convert lines with Arrow; None if it refuses."""
    if not data.strip():
        return complete_rows(pa.table({}), target.schema) if target.schema.names else None
    names = _names_of_first(data)
    if names is None:
        return None
    fields = [(names.get(field.name, field.name), field.type) for field in target.schema]
    try:
        table = arrow_json.read_json(
            pa.BufferReader(data),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=pa.schema(fields), unexpected_field_behavior="error"
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None
    if table.num_rows != sum(1 for line in data.split(b"\n") if line.strip()):
        return None  # some lines have several objects
    return complete_rows(
        table.rename_columns([name.strip().lower() for name in table.schema.names]), target.schema
    )


def _names_of_first(data: bytes) -> Optional[Dict[str, str]]:
    """The names in the first record, by the names of columns."""
    try:
        record = json.loads(data.lstrip().partition(b"\n")[0])
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    return {name.strip().lower(): name for name in record}


def _line_records(data: bytes, where: str, count: int, bad: List[BadRecord]) -> List[Numbered]:
    return list(
        _numbered(
            (
                (where.format(number), line.decode("utf-8", errors="surrogateescape"))
                for number, line in enumerate(data.split(b"\n"), count + 1)
                if line.strip()
            ),
            bad,
        )
    )


def _numbered(texts: Iterator[Text], bad: List[BadRecord]) -> Iterator[Numbered]:
    """The texts as records; those that are no objects are bad."""
    for where, text in texts:
        try:
            text.encode("utf-8")
            record = json.loads(text, object_pairs_hook=_object, parse_float=JsonNumber)
            if not isinstance(record, dict):
                raise NotOfType("not an object")
            yield where, lower_names(record)
        except UnicodeEncodeError:  # noqa: PERF203 - each text counts
            shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            bad.append(BadRecord(where, "its text is not UTF-8", shown))
        except NotOfType as error:
            bad.append(BadRecord(where, str(error), text))
        except (ValueError, RecursionError) as error:
            bad.append(BadRecord(where, "not JSON: {}".format(error), text))


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotOfType("a name occurs twice in an object")
    return found


def _stream_records(chunks: Iterator[Chunk], key: str) -> Iterator[Text]:
    """The texts of the elements of arrays, and of objects that follow each other."""
    decoder = json.JSONDecoder()
    to_text = codecs.getincrementaldecoder("utf-8")(errors="strict")
    text, at, number, depth = "", 0, 0, 0
    try:
        for chunk in chunks:
            text, at = text[at:] + to_text.decode(chunk.data, final=chunk.is_last), 0
            while True:
                at, depth = _skip(text, at, depth)
                if at == len(text):
                    break
                try:
                    _, end = decoder.raw_decode(text, at)
                except ValueError:
                    if chunk.is_last:
                        raise
                    break
                if end == len(text) and not chunk.is_last:
                    break  # a number may go on
                number += 1
                yield "record {}".format(number), text[at:end]
                at = end
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("{}: record {} is not JSON: {}".format(key, number + 1, error)) from error
    if depth:
        raise UnreadableFile("{}: an array is not closed; the file may be cut off".format(key))


def _skip(text: str, at: int, depth: int) -> Tuple[int, int]:
    """Skip what is between elements; returns the position, and whether it is inside an array."""
    while at < len(text):
        letter = text[at]
        if letter == "[" and not depth:
            depth = 1
        elif letter == "]" and depth:
            depth = 0
        elif letter not in _SPACE and letter != ",":
            break
        at += 1
    return at, depth


def _lines_schema(data: bytes, target: Target) -> pa.Schema:
    """The schema of lines: Arrow's, unless it refuses or would change numbers."""
    if data.strip() and not _LONG_NUMBER.search(data):
        try:
            table = arrow_json.read_json(
                pa.BufferReader(data),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            )
            names = [name.strip().lower() for name in table.schema.names]
            if len(set(names)) == len(names):
                fields = [
                    (name, target.schema.field(name).type if name in target.fixed else _json_type(field.type))
                    for name, field in zip(names, table.schema)
                ]
                return pa.schema(fields)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, TypesDiffer):
            pass
    return records_schema((record for _, record in _line_records(data, "{}", 0, [])), target)


def _json_type(found: pa.DataType) -> pa.DataType:
    """The type as JSON states it: a moment is a text, an object without members is nothing."""
    types = pa.types
    if types.is_timestamp(found):
        return pa.string()
    if types.is_list(found):
        return pa.list_(_json_type(found.value_type))
    if types.is_struct(found):
        fields = [(field.name, _json_type(field.type)) for field in struct_fields(found)]
        return pa.struct(fields) if fields else pa.null()
    return catalog_form(found)
