"""File patterns of the catalogue's blueprints: a crawler's globs, and names without a folder."""

import re

from glue_jobs.common.globs import BadGlobError, glob_expression


def compile_pattern(pattern: str) -> "re.Pattern[str]":
    """Return a file pattern as a regular expression for a path relative to the location; use its ``fullmatch``.

    The dialect is that of a crawler's exclude patterns (see ``globs``). A pattern without a slash is matched with
    the name of a file in any folder: ``*.csv`` means all CSV files.

    Raises:
        ValueError: the pattern is empty or not valid.
    """
    if not pattern:
        raise ValueError("The file pattern is empty; write * for every file.")
    try:
        text = glob_expression(pattern)
    except BadGlobError as error:
        raise ValueError("The file pattern {!r} {}.".format(pattern, error.problem)) from error
    return re.compile(text if "/" in pattern else "(?:.*/)?" + text, re.DOTALL)
