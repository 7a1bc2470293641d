"""What a query's process is given, and what it answers: JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """One statement to run.

    Attributes:
        output: the folder of results, ``s3://bucket/prefix/``.
        parameters: values for question marks, as they are written in SQL.
        objects_root: the folder whose files are the objects of S3; without it they are downloaded.
        work_dir: a folder of the query's own.
    """

    id: str
    sql: str
    database: str
    output: str
    work_dir: str
    work_group: str = "primary"
    parameters: tuple[str, ...] = ()
    objects_root: str | None = None
    memory_bytes: int = 2 * 1024**3
    threads: int = 2

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> QuerySpec:
        """Read what :meth:`to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "parameters": tuple(found["parameters"])})


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """How a statement ended.

    Attributes:
        error: Athena's ``StateChangeReason``; None if it succeeded.
        is_users_error: whether the statement or its data are at fault.
        columns: ``ColumnInfo`` of the result.
        output: the address of the result; None if the statement has none.
        manifest: the address of the list of files that were written.
    """

    error: str | None = None
    is_users_error: bool = True
    columns: tuple[Mapping[str, Any], ...] = ()
    output: str | None = None
    manifest: str | None = None
    update_count: int | None = None
    statistics: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> QueryAnswer:
        """Read what :meth:`to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "columns": tuple(found["columns"])})
