"""What to do about words that a shell made of one name or value, because it was not quoted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_UNEXPECTED = re.compile(r"Got unexpected extra arguments? \((?P<words>.*)\)", re.DOTALL)


def quoting_hint(message: str, arguments: Sequence[str]) -> str | None:
    """Return how to quote what click took for surplus arguments; None if nothing before them could be their start.

    Args:
        message: click's message of the usage error.
        arguments: all arguments of the command line.
    """
    found = _UNEXPECTED.fullmatch(message.strip())
    if found is None:
        return None
    surplus = found["words"]
    for index in range(1, len(arguments)):
        before, word = arguments[index - 1], arguments[index]
        if before.startswith("-") or not re.match(rf"{re.escape(word)}(\s|\Z)", surplus):
            continue
        words = [before, word]
        for following in arguments[index + 1 :]:
            if " ".join([*words[1:], following]) not in surplus:
                break
            words.append(following)
        if word.startswith("="):
            key, value = words[0], " ".join(words[1:]).removeprefix("=").strip()
            return f"Write it without spaces around the equals sign: {shlex.quote(f'{key}={value}')}"
        if "[" in before or "{" in before:
            key = before.partition("=")[0]
            return f"""Quote a list, which is JSON, as one word: '{key}=["a", "b"]'"""
        return f"If it is one name or value, quote it: {shlex.quote(' '.join(words))}"
    return None
