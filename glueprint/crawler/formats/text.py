"""Text in a sample: its lines, and estimates of how many records the complete file has."""

from __future__ import annotations

import io

from .source import Sample, Source


def text_of(sample: Sample) -> str | None:
    """Return the sample as text (UTF-8, without a byte order mark), or None if it is not text.

    Bytes that are not UTF-8 become replacement characters: a stray Latin-1 letter does not make a CSV file binary.
    """
    if b"\0" in sample.data:
        return None
    return sample.data.decode("utf-8-sig", errors="replace")


def complete_lines(text: str, whole: bool) -> str:
    """Return ``text`` up to its last line end; all of it if it is the complete file."""
    return text if whole else text[: text.rfind("\n") + 1]


def lines_of(text: str) -> list[str]:
    """Return the lines with their ends, as Hadoop's readers split text: at ``\\n``, ``\\r`` and ``\\r\\n``.

    ``str.splitlines`` would cut at form feeds, Unicode's separators and others too, which are data.
    """
    return list(io.StringIO(text, newline=""))


def estimated_records(source: Source, sample: Sample, records: int, read: int) -> tuple[int, int]:
    """Return the records and data bytes of a complete file from a part of its sample.

    Args:
        source: the file.
        sample: its sample.
        records: the number of records that were counted.
        read: bytes of data of these records.

    Returns:
        The counts, if they are of the complete file; otherwise in proportion, on the assumption that the rest of a
        compressed file is as dense as the sample.
    """
    if sample.whole and read >= len(sample.data):
        return records, read
    data = len(sample.data) if sample.whole else source.size * len(sample.data) // max(1, sample.stored)
    return max(1, data * records // max(1, read)), max(data, read)
