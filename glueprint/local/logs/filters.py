"""Filter patterns of FilterLogEvents for plain text.

CloudWatch Logs user guide, "Filter pattern syntax": terms that must all occur, ``?terms`` of which one must,
``-terms`` that must not, quotes around terms with other characters. Patterns over JSON (``{ ... }``), columns
(``[ ... ]``) and regular expressions (``%...%``) are refused with the name of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from glueprint.local.protocol import ApiError

Matcher = Callable[[str], bool]

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')


def matcher(pattern: str | None) -> Matcher:
    """Return the function that decides whether a message matches.

    Raises:
        ApiError: ``InvalidParameterException`` for a pattern that is malformed or of a kind not supported here.
    """
    text = (pattern or "").strip()
    if text[:1] in ("{", "[", "%"):
        kind = {"{": "JSON", "[": "space-delimited", "%": "regular expression"}[text[0]]
        raise ApiError("InvalidParameterException", f"{kind} filter patterns are not supported locally: {text}")
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise ApiError("InvalidParameterException", f"Invalid filter pattern at {text[position:]!r}")
        sign, quoted, bare = found.groups()
        terms[sign].append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare)
        position = found.end()
    needed, optional, excluded = terms[""], terms["?"], terms["-"]

    def matches(message: str) -> bool:
        if any(term in message for term in excluded) or not all(term in message for term in needed):
            return False
        # AWS ignores optional terms if there are needed ones.
        return bool(needed) or not optional or any(term in message for term in optional)

    return matches
