"""Reading of result files: CSV with every value in quotes, null as nothing; light, for the server."""

from __future__ import annotations

Row = list[str | None]


def read_rows(content: bytes, limit: int, *, is_end: bool) -> tuple[list[Row], int]:
    """Return at most ``limit`` complete rows at the start of ``content``, and how many bytes they take.

    Args:
        content: a part of the file, from the start of a row.
        limit: how many rows are wanted.
        is_end: whether the file ends with it.
    """
    text = content.decode("latin-1")  # one character a byte: positions are the file's
    rows: list[Row] = []
    at = 0
    while len(rows) < limit and at < len(text):
        found = _row(text, at, is_end)
        if found is None:
            break
        row, at = found
        rows.append(row)
    return rows, at


def _row(text: str, at: int, is_end: bool) -> tuple[Row, int] | None:
    """A row and where the next starts; None if it is not complete."""
    row: Row = []
    while True:
        if text[at : at + 1] == '"':
            end = at + 1
            while True:
                end = text.find('"', end)
                if end < 0 or (end + 1 == len(text) and not is_end):
                    return None
                if text[end + 1 : end + 2] != '"':
                    break
                end += 2
            row.append(text[at + 1 : end].replace('""', '"').encode("latin-1").decode("utf-8", "replace"))
            at = end + 1
        else:
            row.append(None)
        following = text[at : at + 1]
        at += 1
        if following == ",":
            continue
        if following == "" and not is_end:
            return None
        return row, at
