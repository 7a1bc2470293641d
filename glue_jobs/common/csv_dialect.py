"""How CSV files are written: delimiter, quotes, header; and where their records end."""

import csv
import io
import re
from dataclasses import dataclass
from typing import List, Pattern, Tuple

from glue_jobs.common.csv_quotes import QuotePositions
from glue_jobs.common.object_streams import Cut, UnreadableFile, end_of_last_line, is_utf8


@dataclass(frozen=True)
class CsvDialect:
    """How CSV files are written.

    Attributes:
        delimiter: between fields.
        quote: around a field that contains a delimiter or a line end; empty for none.
        escape: before a character that has no special meaning; empty for none.
        header: whether the first record has the columns' names.
        multi_line: whether a quoted field may contain line ends.
        encoding: of the text.
        null_text: stands for no value, besides the empty field; empty for none.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    header: bool = True
    multi_line: bool = True
    encoding: str = "utf-8"
    null_text: str = ""

    @property
    def has_plain_line_ends(self) -> bool:
        """Whether each byte of a line end is one: the file can then be cut into ranges."""
        return is_utf8(self.encoding)


def quoted_field(dialect: CsvDialect) -> Pattern[bytes]:
    """Matches a quoted field from its opening quote to its closing one, which is group 1, or to the end."""
    quote, escape = re.escape(dialect.quote.encode()), re.escape(dialect.escape.encode())
    # The quote comes first: Python then searches for it, and looks at nothing else.
    before = rb"[\r\n" + re.escape(dialect.delimiter.encode()) + rb"]"
    start = quote + rb"(?:(?<=\A" + quote + rb")|(?<=" + before + quote + rb"))"
    inside = rb"[^" + quote + escape + rb"]*"
    double = quote + quote
    special = rb"(?:" + double + (rb"|" + escape + rb"." if escape else b"") + rb")"
    return re.compile(start + inside + rb"(?:" + special + inside + rb")*(" + quote + rb"|\Z)", re.DOTALL)


def record_end(dialect: CsvDialect) -> Cut:
    """The :data:`Cut` of CSV files: a line end outside of quotes ends a record, as Arrow reads them."""
    if not dialect.quote or not dialect.multi_line:
        return end_of_last_line
    quote, fields = dialect.quote.encode(), quoted_field(dialect)

    def cut(data: bytes) -> int:
        if quote not in data:
            return end_of_last_line(data)
        positions = QuotePositions(data, dialect.delimiter, dialect.quote, False)
        if not dialect.escape and not positions.misplaced():
            return positions.last_end()
        end = position = 0
        for field in fields.finditer(data):
            line_end = data.rfind(b"\n", position, field.start())
            end = line_end + 1 if line_end >= 0 else end
            if not field.group(1):
                return end
            position = field.end()
        line_end = data.rfind(b"\n", position)
        return line_end + 1 if line_end >= 0 else end

    return cut


def split_records(data: bytes, dialect: CsvDialect) -> List[bytes]:
    """The records, each with its line end; the last one may be without."""
    lines = data.splitlines(keepends=True) if b"\n" not in data else re.findall(rb"[^\n]*\n|[^\n]+\Z", data)
    cut = record_end(dialect)
    if cut is end_of_last_line or dialect.quote.encode() not in data:
        return lines
    records, open_lines = [], b""
    for line in lines:
        open_lines += line
        if cut(open_lines) == len(open_lines):
            records.append(open_lines)
            open_lines = b""
    return [*records, open_lines] if open_lines else records


def first_fields(data: bytes, dialect: CsvDialect) -> Tuple[List[str], int]:
    """The fields of the first record, and where the record ends."""
    cut = record_end(dialect)
    end = data.find(b"\n") + 1
    while end and cut(data[:end]) != end:
        end = data.find(b"\n", end) + 1
    end = end or len(data)
    text = data[:end].decode("utf-8", errors="replace").rstrip("\r\n")
    options = {"quotechar": dialect.quote} if dialect.quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, escapechar=dialect.escape or None, **options
    )
    return next(reader, []), end


def column_names(fields: List[str], key: str) -> List[str]:
    """The names in a header, in lower case as the catalog has them.

    Raises:
        UnreadableFile: a name is missing, or given twice.
    """
    names = [field.strip().lower() for field in fields]
    if not any(names):
        raise UnreadableFile("{}: its first line has no column names".format(key))
    problems = ["column {} has no name".format(number) for number, name in enumerate(names, 1) if not name]
    problems += [
        "two columns are named {}".format(name) for name in sorted(set(names)) if names.count(name) > 1 and name
    ]
    if problems:
        raise UnreadableFile("{}: {}".format(key, "; ".join(problems)))
    return names
