"""Reading a range of a CSV file in which a line may end inside of quotes.

Whether a range starts inside of quotes follows from all quotes before it, which its task does not see. It guesses,
from what the first quotes are next to, and the driver compares: the guess for a range must be the state in which
the range before has ended. A range is read only if each of its quotes is where a quote that counts must be: at the
start or end of a field, or doubled. So guesses that agree are right, by induction from the file's first byte.
"""

from typing import Any, Dict, Iterator, List, Tuple

from glue_jobs.common.csv_dialect import CsvDialect
from glue_jobs.common.csv_quotes import QuotePositions
from glue_jobs.common.object_streams import (
    CHUNK_BYTES,
    MARGIN_BYTES,
    MAX_RECORD_BYTES,
    Chunk,
    MustNotBeCut,
    UnreadableFile,
    read_range,
)
from glue_jobs.common.pieces import Piece

_BOM = b"\xef\xbb\xbf"


def starts_inside_quotes(data: bytes, dialect: CsvDialect) -> bool:
    """Guess whether bytes from the middle of a file start inside of quotes."""
    if_outside = QuotePositions(data, dialect.delimiter, dialect.quote, False).misplaced()
    return if_outside > 0 and QuotePositions(data, dialect.delimiter, dialect.quote, True).misplaced() < if_outside


def range_quotes(s3: Any, bucket: str, piece: Piece, dialect: CsvDialect) -> Tuple[bool, bool]:
    """Whether a range starts and ends inside of quotes, by the same guess as :func:`quoted_range_chunks`."""
    start = inside = False
    for at in range(piece.start, piece.end, CHUNK_BYTES):
        data = read_range(s3, bucket, piece.file, at, min(piece.end + MARGIN_BYTES, at + CHUNK_BYTES))
        if at == piece.start and at > 0:
            start = inside = starts_inside_quotes(data, dialect)
        inside ^= data.count(dialect.quote.encode(), 0, piece.end - at) % 2 == 1
    return start, inside


def quoted_range_chunks(s3: Any, bucket: str, piece: Piece, dialect: CsvDialect) -> Iterator[Chunk]:
    """The records that start in a range; the last chunk is empty, and has the range's quotes.

    Raises:
        MustNotBeCut: a quote is where none that counts can be.
        UnreadableFile: a record is too long.
    """
    file = piece.file
    position = piece.start
    data = read_range(s3, bucket, file, position, min(piece.end + MARGIN_BYTES, position + CHUNK_BYTES))
    before = read_range(s3, bucket, file, piece.start - 1, piece.start) if piece.start else b"\n"
    inside = False
    if piece.start:
        inside = starts_inside_quotes(data, dialect)
    elif data.startswith(_BOM):
        data, position = data[len(_BOM) :], len(_BOM)
    starts_inside = inside
    count = 0
    counted_to = position
    is_at_start = before == b"\n" and not inside
    while True:
        read_to = position + len(data)
        if counted_to < min(read_to, piece.end):
            count += data.count(dialect.quote.encode(), counted_to - position, piece.end - position)
            counted_to = read_to
        quotes = QuotePositions(data, dialect.delimiter, dialect.quote, inside)
        is_end = read_to >= file.size
        if not is_at_start:
            end = quotes.first_end(0)
            skipped = True
        elif read_to >= piece.end:
            end = quotes.first_end(max(piece.end - 1 - position, 0)) or (len(data) if is_end else 0)
            skipped = False
        else:
            end, skipped = quotes.last_end(), False
        if end and position < piece.end:
            if not skipped:
                if not quotes.are_pairs(end):
                    raise MustNotBeCut(file.key)
                yield Chunk(data[:end], position)
            data, position, inside, is_at_start = data[end:], position + end, False, True
        elif len(data) > MAX_RECORD_BYTES:
            raise UnreadableFile(
                "{}: the record at byte {} is longer than {} MB".format(file.key, position, MAX_RECORD_BYTES >> 20)
            )
        if position >= piece.end or (is_end and not data) or (is_end and not end):
            break
        if not end or len(data) < CHUNK_BYTES:
            read_to = position + len(data)
            goal = max(CHUNK_BYTES - len(data), MARGIN_BYTES)
            limit = read_to + goal if not end else min(max(piece.end + MARGIN_BYTES, read_to), read_to + goal)
            data += read_range(s3, bucket, file, read_to, limit)
    if counted_to < piece.end:
        rest = read_range(s3, bucket, file, counted_to, piece.end)
        count += rest.count(dialect.quote.encode())
    yield Chunk(b"", piece.end, quotes=(starts_inside, starts_inside ^ (count % 2 == 1)))


def disagreeing(found: List[Tuple[str, int, bool, bool]]) -> "set[str]":
    """The keys of files whose ranges do not fit together.

    Args:
        found: of each range: the file's key, the first byte, and whether it starts and ends inside of quotes.
    """
    states: Dict[str, bool] = {}
    wrong = set()
    for key, _, starts_inside, ends_inside in sorted(found):
        if states.get(key, False) != starts_inside:
            wrong.add(key)
        states[key] = ends_inside
    return wrong
