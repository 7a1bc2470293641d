"""The table that a data quality run is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueprint.local.glue.refusals import unsupported
from glueprint.local.protocol.errors import invalid_input


def table_of(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table of a ``DataSource``.

    Raises:
        ApiError: there is none, or it has two.
    """
    found = [source[name] for name in ("GlueTable", "DataQualityGlueTable") if source.get(name) is not None]
    if len(found) != 1:
        raise invalid_input("DataSource must have one of GlueTable and DataQualityGlueTable")
    table: Mapping[str, Any] = found[0]
    if table.get("ConnectionName"):
        raise unsupported("DataSource with ConnectionName")
    return table


def source_key(source: Mapping[str, Any]) -> str:
    """Return the text by which runs and results on one table are found."""
    table = table_of(source)
    return json.dumps([table["DatabaseName"].lower(), table["TableName"].lower()])
