"""Reading CSV files as rows of one schema.

Arrow converts chunks of complete records. A chunk that it refuses is read again as texts, so that each record that
does not fit is found; no value ever becomes null because it does not fit.
"""

import codecs
import csv
import io
from dataclasses import replace
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from glue_jobs.common.bad_records import BadRecord
from glue_jobs.common.csv_dialect import CsvDialect, column_names, first_fields, record_end, split_records
from glue_jobs.common.csv_ranges import quoted_range_chunks
from glue_jobs.common.object_streams import (
    CHUNK_BYTES,
    MARGIN_BYTES,
    Chunk,
    UnreadableFile,
    file_chunks,
    range_chunks,
    read_range,
)
from glue_jobs.common.pieces import Piece
from glue_jobs.common.row_batches import (
    Rows,
    SchemaContradicted,
    Target,
    complete_rows,
    merge_schemas,
)
from glue_jobs.common.text_values import cast_texts
from glue_jobs.common.type_merging import catalog_form

_PADDED = r"^[+-]?0[0-9]"
_TOO_LONG = r"^[+-]?[0-9]{16,}$"
_BLANK = b" \t\r\n"


def read_csv_rows(s3: Any, bucket: str, piece: Piece, dialect: CsvDialect, target: Target) -> Iterator[Rows]:
    """The rows of a piece of a file.

    Raises:
        UnreadableFile: the file is broken, or has a column that the schema lacks.
        MustNotBeCut: a piece of a file with quotes, inside of which a line may end.
        SchemaContradicted: a value does not fit the inferred schema.
        TypesDiffer: a value does not fit, and the choice of types is refused.
    """
    count = 0
    for names, chunk in _named_chunks(s3, bucket, piece, dialect, target.schema.names):
        unknown = sorted(set(names) - set(target.schema.names))
        if unknown:
            raise UnreadableFile("{}: the schema has no column {}".format(piece.file.key, ", ".join(unknown)))
        table = _read_trustingly(chunk, names, dialect, target)
        if table is not None:
            rows = Rows(complete_rows(table, target.schema))
        else:
            where = "record {}" if piece.complete else "record {{}} from byte {}".format(piece.start)
            rows = _read_carefully(chunk, names, dialect, target, where, count)
        count += rows.table.num_rows + len(rows.bad)
        yield replace(rows, quotes=chunk.quotes)


def csv_schema(
    s3: Any, bucket: str, piece: Piece, dialect: CsvDialect, target: Target, complete: bool
) -> pa.Schema:
    """The schema that the values of a piece suggest.

    Args:
        s3: a boto3 S3 client.
        bucket: the file's bucket.
        piece: the piece.
        dialect: how the file is written.
        target: how types are merged; its schema has the names of a file without header, if it has fields.
        complete: whether all chunks count, or the first one only.

    Raises:
        UnreadableFile: the file is broken.
        TypesDiffer: a choice of types, which the target refuses.
    """
    schema = pa.schema([])
    for names, chunk in _named_chunks(s3, bucket, piece, dialect, target.schema.names):
        schema = merge_schemas(schema, _chunk_schema(chunk.data, names, dialect), target)
        if not complete:
            break
    return schema


def _named_chunks(
    s3: Any, bucket: str, piece: Piece, dialect: CsvDialect, given: Sequence[str]
) -> Iterator[Tuple[List[str], Chunk]]:
    """The chunks without the header, with the names of the file's columns; at least one, which may be empty."""
    file = piece.file
    if piece.complete:
        chunks = file_chunks(s3, bucket, file, dialect.encoding, record_end(dialect))
    elif dialect.multi_line and dialect.quote:
        chunks = quoted_range_chunks(s3, bucket, piece, dialect)
    else:
        chunks = range_chunks(s3, bucket, piece)
    names: Optional[List[str]] = None
    if piece.start:
        head = read_range(s3, bucket, file, 0, MARGIN_BYTES)
        names, _ = _file_names(head[head.startswith(codecs.BOM_UTF8) and 3 :], file.key, dialect, given)
    for chunk in chunks:
        if names is None:
            names, end = _file_names(chunk.data, file.key, dialect, given)
            chunk = replace(chunk, data=chunk.data[end:], start=chunk.start + end)
        yield names, chunk


def _file_names(data: bytes, key: str, dialect: CsvDialect, given: Sequence[str]) -> Tuple[List[str], int]:
    fields, end = first_fields(data, dialect)
    try:
        is_text = "\0" not in data[:end].decode("utf-8")
    except UnicodeDecodeError:
        is_text = False
    if dialect.header and not is_text:
        raise UnreadableFile("{}: its first line is not text in {}".format(key, dialect.encoding))
    if dialect.header:
        return column_names(fields, key), end
    if not given:
        return ["col{}".format(index) for index in range(len(fields))], 0
    return list(given), 0


def _read_table(data: bytes, names: List[str], types: Any, dialect: CsvDialect, handler: Any = None) -> pa.Table:
    """Read records with these types; without types, with those that Arrow infers."""
    if not data or data.isspace():
        return pa.table([pa.nulls(0, (types or {}).get(name, pa.null())) for name in names], names=names)
    return arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(
            column_names=names,
            block_size=max(len(data), CHUNK_BYTES),
            use_threads=False,  # Spark runs a task for each core; and rows are numbered
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            escape_char=dialect.escape or False,
            newlines_in_values=dialect.multi_line,
            ignore_empty_lines=len(names) > 1,
            invalid_row_handler=handler,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=types or {},
            # An empty field is null, but in a text column it is the empty text; "NA" and the like are no numbers.
            null_values=["", dialect.null_text],
            strings_can_be_null=bool(dialect.null_text),
        ),
    )


def _read_trustingly(chunk: Chunk, names: List[str], dialect: CsvDialect, target: Target) -> Optional[pa.Table]:
    """Read a chunk with the target's types; None if that is refused, or a quote may have swallowed records."""
    data = chunk.data
    has_quotes = bool(dialect.quote) and dialect.quote.encode() in data
    if has_quotes and dialect.multi_line and chunk.is_last and _is_open(data, dialect):
        return None
    try:
        table = _read_table(data, names, {name: target.schema.field(name).type for name in names}, dialect)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    if has_quotes and not dialect.multi_line and table.num_rows < len(data.rstrip(_BLANK).splitlines()):
        return None
    return table


def _is_open(data: bytes, dialect: CsvDialect) -> bool:
    """Whether the last record has a quote that is opened and never closed."""
    complete = data.rstrip(b"\r\n") + b"\n"
    return record_end(replace(dialect, multi_line=True))(complete) < len(complete)


def _read_carefully(
    chunk: Chunk, names: List[str], dialect: CsvDialect, target: Target, where: str, count: int
) -> Rows:
    """Read a chunk as texts, and convert them column by column.

    Raises:
        SchemaContradicted: the target is inferred, and another one fits.
    """
    data, numbers, bad = _readable(chunk.data, dialect, where, count)
    skipped: List[int] = []

    def skip(row: Any) -> str:
        skipped.append(row.number - 1)
        reason = "{} fields instead of {}".format(row.actual_columns, row.expected_columns)
        bad.append(BadRecord(where.format(_number(numbers, row.number - 1)), reason, row.text))
        return "skip"

    texts = _read_table(data, names, {name: pa.string() for name in names}, dialect, skip)
    columns: List[pa.Array] = []
    wrong: Dict[int, str] = {}
    for name in names:
        column = texts.column(name).combine_chunks()
        column = column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
        wanted = target.schema.field(name).type
        if wanted == pa.string():
            columns.append(column)
            continue
        values, positions = cast_texts(column, wanted, dialect.null_text)
        columns.append(values)
        for position in positions:
            wrong.setdefault(position, "{}: {!r} is not {}".format(name, column[position].as_py(), wanted))
        if positions and target.is_inferred and name not in target.fixed:
            merged = merge_schemas(target.schema, _chunk_schema(data, names, dialect), target)
            if merged != target.schema:
                raise SchemaContradicted(merged)
    kept = sorted(set(range(texts.num_rows + len(skipped))) - set(skipped))
    for position in sorted(wrong):
        record = [text.as_py() for text in (texts.column(name)[position] for name in names)]
        place = where.format(_number(numbers, kept[position]))
        bad.append(BadRecord(place, wrong[position], _record_text(record, dialect)))
    table = pa.table(columns, names=names)
    if wrong:
        mask = pc.is_in(pa.array(range(table.num_rows), pa.int64()), pa.array(sorted(wrong), pa.int64()))
        table = table.filter(pc.invert(mask))
    return Rows(complete_rows(table, target.schema), tuple(bad))


def _readable(
    data: bytes, dialect: CsvDialect, where: str, count: int
) -> Tuple[bytes, List[int], List[BadRecord]]:
    """The records that are UTF-8 and end, their numbers in the file, and the others."""
    records = split_records(data, dialect)
    records = [record for record in records if record.strip(b"\r\n")]
    kept, numbers, bad = [], [], []
    for number, record in enumerate(records, count + 1):
        try:
            text = record.decode("utf-8")
        except UnicodeDecodeError as error:
            reason = "its text is not UTF-8: {}".format(error.reason)
            bad.append(BadRecord(where.format(number), reason, record.decode("utf-8", errors="backslashreplace")))
            continue
        if dialect.quote and dialect.quote in text and _is_open(record, dialect):
            bad.append(BadRecord(where.format(number), "a quote is opened and never closed", text))
            continue
        kept.append(record)
        numbers.append(number)
    return b"".join(kept), numbers, bad


def _number(numbers: List[int], position: int) -> int:
    return numbers[position] if position < len(numbers) else position + 1


def _record_text(fields: List[Optional[str]], dialect: CsvDialect) -> str:
    text = io.StringIO()
    options: Any = (
        {"quotechar": dialect.quote} if dialect.quote else {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}
    )
    csv.writer(text, delimiter=dialect.delimiter, lineterminator="", **options).writerow(fields)
    return text.getvalue()


def _chunk_schema(data: bytes, names: List[str], dialect: CsvDialect) -> pa.Schema:
    """The types of a chunk's values: those of Arrow, but nothing that would change a number when it is read."""
    skip = lambda row: "skip"  # noqa: E731 - a handler of one word
    table = _read_table(data, names, None, dialect, skip)
    types = {field.name: field.type for field in table.schema}
    numbers = [name for name in names if pa.types.is_integer(types[name]) or pa.types.is_floating(types[name])]
    texts = _read_table(data, names, {name: pa.string() for name in numbers}, dialect, skip)
    fields = []
    for name in names:
        found = types[name]
        if name in numbers:
            pattern = _PADDED if pa.types.is_integer(found) else _PADDED[:-5] + "0[0-9]+$|" + _TOO_LONG
            if pc.any(pc.match_substring_regex(pc.utf8_trim_whitespace(texts.column(name)), pattern)).as_py():
                found = pa.string()
        fields.append((name, pa.string() if pa.types.is_binary(found) else catalog_form(found)))
    return pa.schema(fields)
