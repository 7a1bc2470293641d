"""Connections in the parameters of a blueprint: their names, and the member ``Connections`` of jobs."""

import re
from typing import Any, Dict, Iterator, Mapping

from layouts.common.parameters import Check

CONNECTION_NAME = r"[A-Za-z0-9_.:/ -]{1,255}"


def is_connection(name: str, optional: bool = False) -> Check:
    """The parameter is the name of a connection."""

    def check(params: Mapping[str, Any]) -> Iterator[str]:
        value = params[name].strip()
        if not (optional and not value) and not re.fullmatch(CONNECTION_NAME, value):
            yield "{} must be the name of a Glue connection.".format(name)
        elif value.startswith("-"):
            yield "{} must not start with a dash.".format(name)

    return check


def connection_members(name: str) -> Dict[str, Any]:
    """The member ``Connections`` of a job, which then runs in the connection's network; none without a name."""
    return {"Connections": {"Connections": [name]}} if name else {}
