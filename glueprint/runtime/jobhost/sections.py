"""Compiles a bundled script in sections, each as the lines of its source: tracebacks, logs and the debugger show
the file that a developer edits. A script that is not bundled is compiled as it is.

Imported with ``script``: imports only what Python has loaded at its start anyway.
"""

from __future__ import annotations

import os

from glueprint.facts.source_lines import read_map
from glueprint.runtime.jobhost.tracebacks import use_linecache

TYPE_CHECKING = False  # as typing has it; typing itself takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType

    from glueprint.facts.source_lines import Entry


def compiled(script: str, data: bytes) -> list[CodeType]:
    """Return the code objects of a script, to be executed one after the other in one namespace.

    Args:
        script: its path, which tracebacks show if it has no map of source lines.
        data: its text; in Python's way, a comment may name its coding.

    Raises:
        SyntaxError: with the lines of the script itself.
    """
    entries = read_map(data)
    if entries:
        try:
            return _compiled_sections(data.decode(), entries)
        except (SyntaxError, ValueError):
            pass  # a map that splits a statement; Python describes what else is wrong
    return [compile(data, script, "exec", dont_inherit=True)]


def files(script: str, codes: Iterable[CodeType]) -> set[str]:
    """Return the names of the files that the frames of a script's own code have."""
    return {script, *(code.co_filename for code in codes)}


def _compiled_sections(text: str, entries: list[Entry]) -> list[CodeType]:
    import __future__

    future = __future__.annotations.compiler_flag  # the only one that changes anything since Python 3.7
    lines = text.split("\n")
    sources: dict[str, list[str]] = {}
    codes, flags = [], 0
    ends = [*(start for start, _, _ in entries[1:]), len(lines) + 1]
    for index, (start, path, line) in enumerate(entries):
        section = lines[start - 1 : ends[index] - 1]
        known = sources.setdefault(path, [])
        known.extend([""] * (line - 1 + len(section) - len(known)))
        known[line - 1 : line - 1 + len(section)] = section
        code = compile("\n" * (line - 1) + "\n".join(section), path, "exec", flags, dont_inherit=True)
        flags |= code.co_flags & future
        codes.append(code)
    _show_sources(sources)
    return codes


def _show_sources(sources: dict[str, list[str]]) -> None:
    """Have everything that shows lines of code find those of the sources, which are not here."""
    import linecache

    use_linecache()
    for path, lines in sources.items():
        shown = [f"{line}\n" for line in lines]
        for name in (path, os.path.abspath(path)):  # the debugger looks for the second
            linecache.cache[name] = (sum(map(len, shown)), None, shown, name)
