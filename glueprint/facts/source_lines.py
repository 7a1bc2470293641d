"""The map from the lines of a bundled file to those of its sources: comments at the end of the file.

The bundler writes them; tracebacks of layouts and of jobs show the sources' lines. A text that was changed after
it was bundled, for example in Glue's console, does not match the map's checksum: then it has no map.

A job's process loads this before the script: it imports only what Python has loaded anyway.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Iterable

    Origin = tuple[str, int]
    """A source, relative to the repository, and a line in it."""
    Entry = tuple[int, str, int]
    """From this line of the bundled file on, its lines are those of a source from a line on."""

_TITLE = "# Source lines, for tracebacks (written by glueprint build). Checksum of the text above: "
_MAX_LINE_LENGTH = 110


def with_map(text: str, origins: Iterable[Origin | None]) -> str:
    """Return a bundled text with its map at the end.

    Args:
        text: it ends with a line's end.
        origins: of each of its lines; None for lines that are in no source.
    """
    by_path: dict[str, list[str]] = {}
    expected: Origin | None = None
    for number, origin in enumerate(origins, 1):
        if origin is not None and origin != expected:
            by_path.setdefault(origin[0], []).append(f"{number}={origin[1]}")
        if origin is not None:
            expected = origin
        expected = None if expected is None else (expected[0], expected[1] + 1)
    lines = [line for path, pairs in by_path.items() for line in _wrapped(f"# {path}", pairs)]
    return "\n".join([f"{text}\n{_TITLE}{_checksum(text.encode())}", *lines, ""])


def read_map(data: bytes) -> list[Entry]:
    """Return the entries of a bundled file's map, by line; none if there is no map, or the text was changed."""
    start = data.rfind(b"\n" + _TITLE.encode())
    if start < 0:
        return []
    title, *lines = data[start + 1 :].decode(errors="replace").splitlines()
    if title[len(_TITLE) :] != _checksum(data[:start]):
        return []
    found = []
    for line in lines:
        path, _, pairs = line.removeprefix("# ").partition(": ")
        for pair in pairs.split():
            number, _, source = pair.partition("=")
            found.append((int(number), path, int(source)))
    return sorted(found)


def origin_of(entries: list[Entry], line: int) -> Origin | None:
    """Return source and line of a line of the bundled file."""
    found = None
    for start, path, source in entries:
        if start > line:
            break
        found = (path, source + line - start)
    return found


def _wrapped(start: str, pairs: list[str]) -> list[str]:
    lines = [f"{start}:"]
    for pair in pairs:
        if len(lines[-1]) + 1 + len(pair) > _MAX_LINE_LENGTH and not lines[-1].endswith(":"):
            lines.append(f"{start}:")
        lines[-1] += f" {pair}"
    return lines


def _checksum(data: bytes) -> str:
    import binascii

    return f"{binascii.crc32(data):08x}"
