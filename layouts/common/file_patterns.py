"""Patterns that choose files, in the parameters of a blueprint."""

from typing import Any, Iterator, Mapping

from layouts.common.globs import BadGlobError, glob_expression
from layouts.common.parameters import Check


def is_file_pattern(name: str) -> Check:
    """The parameter is a valid file pattern."""

    def check(params: Mapping[str, Any]) -> Iterator[str]:
        try:
            glob_expression(params[name])
        except BadGlobError as error:
            yield "{} {}.".format(name, error.problem)

    return check
