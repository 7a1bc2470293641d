"""What to do about a query that failed because a name is not there: similar names of the Data Catalog."""

from __future__ import annotations

import difflib
import re

from botocore.exceptions import BotoCoreError, ClientError

from glueprint.client.session import Session

_TABLE = re.compile(r"TABLE_NOT_FOUND: .*?'(?:awsdatacatalog\.)?([^'.]+)\.([^'.]+)' does not exist")
_SCHEMA = re.compile(r"SCHEMA_NOT_FOUND: .*?(?:Schema '([^']+)' does not exist|Database does not exist: (\S+))")
MAX_NAMES = 5


def hint(session: Session, reason: str) -> str | None:
    """Return the remedy of a failed query, or None; ``reason`` is Athena's ``StateChangeReason``.

    Nothing is raised: without the right to list names there is no remedy.
    """
    try:
        if (match := _TABLE.search(reason)) is not None:
            return _tables(session, match[1], match[2])
        if (match := _SCHEMA.search(reason)) is not None:
            return _shown("the databases are", match[1] or match[2], _databases(session))
    except (ClientError, BotoCoreError):
        return None
    return None


def _tables(session: Session, database: str, name: str) -> str:
    glue = session.client("glue")
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    try:
        names = sorted(one["Name"] for page in pages for one in page["TableList"])
    except glue.exceptions.EntityNotFoundException:  # Athena's "default" need not exist
        names = []
    if names:
        return _shown(f"the tables of {database} are", name, names)
    found = _shown("the databases are", "", [one for one in _databases(session) if one != database])
    return f"{database} has no tables; -d names another database, {found}"


def _databases(session: Session) -> list[str]:
    pages = session.client("glue").get_paginator("get_databases").paginate()
    return sorted(one["Name"] for page in pages for one in page["DatabaseList"])


def _shown(what: str, wanted: str, names: list[str]) -> str:
    """The names that are similar to the wanted one, or else the first ones."""
    if similar := difflib.get_close_matches(wanted.lower(), names, MAX_NAMES):
        return f"did you mean {' or '.join(similar)}?"
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return f"{what} {', '.join(names[:MAX_NAMES]) or '(none)'}{more}"
