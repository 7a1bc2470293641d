"""Text of others for a terminal: logs, names and messages cannot move its cursor or hide lines."""

from __future__ import annotations

_KEPT = "\t\n"
_SYMBOLS = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _KEPT} | {0x7F: "\u2421"}
"""Control characters as the symbols that Unicode has for them (block Control Pictures)."""
_C1 = dict.fromkeys(range(0x80, 0xA0), "\ufffd")
_DIRECTIONS = dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029], "\ufffd"
)
"""Characters that reorder what is shown (Unicode Technical Report 36, Bidirectional Text Spoofing)."""
_TABLE = {**_SYMBOLS, **_C1, **_DIRECTIONS}


def printable(text: str) -> str:
    """Return ``text`` with a visible character in place of each control character; tabs and line ends stay."""
    return text.translate(_TABLE)
