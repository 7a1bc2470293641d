"""Where the quotes of a CSV file open and close fields."""

from typing import Any

import numpy as np


class QuotePositions:
    """Where the quotes are in some bytes.

    Args:
        data: the bytes.
        delimiter: of the fields.
        quote: the quote.
        inside: whether the first byte is inside of quotes.
    """

    def __init__(self, data: bytes, delimiter: str, quote: str, inside: bool) -> None:
        self._data = data
        self._bytes = np.frombuffer(data, np.uint8)
        has_quotes = quote.encode() in data
        self._quotes = np.flatnonzero(self._bytes == ord(quote)) if has_quotes else np.zeros(0, np.int64)
        self._around = (ord(delimiter), ord(quote), 10, 13)
        self._inside = inside

    def misplaced(self) -> int:
        """How many quotes are where none that counts can be; those at the edges of the bytes may be anything."""
        return self._misplaced(self._quotes)

    def _misplaced(self, quotes: Any) -> int:
        if not len(quotes):
            return 0
        around = np.zeros(256, bool)
        around[list(self._around)] = True
        first_opens = 1 if self._inside else 0
        opening, closing = quotes[first_opens::2], quotes[1 - first_opens :: 2]
        opening = opening[opening > 0]
        closing = closing[closing < len(self._bytes) - 1]
        wrong = np.count_nonzero(~around[self._bytes[opening - 1]])
        return int(wrong + np.count_nonzero(~around[self._bytes[closing + 1]]))

    def are_pairs(self, end: int) -> bool:
        """Whether the bytes before a position are complete records, each of whose quotes counts."""
        quotes = self._quotes[: int(np.searchsorted(self._quotes, end))]
        return len(quotes) % 2 == 0 and not self._misplaced(quotes)

    def is_inside(self, position: int) -> bool:
        """Whether the byte at a position is inside of quotes."""
        return (int(np.searchsorted(self._quotes, position)) + self._inside) % 2 == 1

    def first_end(self, position: int) -> int:
        """The end of the first record that ends at a line end at this position or later; 0 if there is none."""
        while True:
            line_end = self._data.find(b"\n", position)
            if line_end < 0 or not self.is_inside(line_end):
                return line_end + 1
            after = int(np.searchsorted(self._quotes, line_end))
            if after == len(self._quotes):
                return 0
            position = int(self._quotes[after]) + 1

    def last_end(self) -> int:
        """The end of the last record that ends in the bytes; 0 if there is none."""
        position = len(self._data)
        while True:
            line_end = self._data.rfind(b"\n", 0, position)
            if line_end < 0 or not self.is_inside(line_end):
                return line_end + 1
            before = int(np.searchsorted(self._quotes, line_end))
            if before == 0:
                return 0
            position = int(self._quotes[before - 1])
