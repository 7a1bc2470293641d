"""The demo's second scene: the many small files of the flights become one file a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glueprint.cli.demo.flights import FLIGHTS
from glueprint.cli.demo.places import DATABASE, LAKE, LANDING, ROLE, SCRIPTS
from glueprint.cli.demo.shell import Shell, expect
from glueprint.cli.errors import EXIT_SUCCEEDED
from glueprint.cli.output import show
from glueprint.cli.render.tables import plain_table
from glueprint.client.lookup import Lookup
from glueprint.client.session import Session
from glueprint.environments.installed import local_glue_version

_WORKFLOW, _COPY = "compact_flights", "flights_compacted"


@dataclass(frozen=True, slots=True)
class Compacted:
    """What the scene has made, for ``--json``."""

    files_before: int
    files_after: int
    rows: int
    run: dict[str, Any]


def compact(session: Session, shell: Shell) -> Compacted:
    """Create a workflow from the blueprint compaction, run it, and show the files before and after."""
    shell.heading("A second blueprint, compaction: the crawler's table has many small files")
    values = {
        "WorkflowName": _WORKFLOW,
        "IAMRole": ROLE,
        "ScriptBucket": SCRIPTS,
        "Database": DATABASE,
        "Table": "source_flights",
        "QuietMinutes": "0",
        "DestinationLocation": f"s3://{LAKE}/{_COPY}/",
        "DestinationDatabase": DATABASE,
        "DestinationTable": _COPY,
        "GlueVersion": local_glue_version(),
    }
    given = [word for name, value in values.items() for word in ("--param", f"{name}={value}")]
    shell.glueprint("create", "compaction", *given)
    code = shell.glueprint("run", _WORKFLOW)
    if code != EXIT_SUCCEEDED:
        shell.glueprint("logs", _WORKFLOW)
    run = Lookup(session).workflow_run(_WORKFLOW, None)
    rows = int(run.properties.get("compaction.rows", "0"))
    expect(code == EXIT_SUCCEEDED, f"every action succeeds (exit code {code})")
    expect(rows == FLIGHTS, f"{FLIGHTS:,} rows are rewritten, not {rows:,}")
    before, after = _files(session, LANDING, "flights/"), _files(session, LAKE, f"{_COPY}/run=")
    show(
        plain_table(
            ("TABLE", "FILES", "MEAN SIZE"),
            [
                (f"{DATABASE}.source_flights", f"{len(before):>5}", f"{_mean(before):>9}"),
                (f"{DATABASE}.{_COPY}", f"{len(after):>5}", f"{_mean(after):>9}"),
            ],
        )
    )
    expect(len(after) < len(before), f"{len(before)} files become fewer")
    return Compacted(len(before), len(after), rows, dict(run.wire))


def _files(session: Session, bucket: str, prefix: str) -> list[int]:
    """Return the sizes in bytes of the objects below a prefix."""
    pages = session.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Size"] for page in pages for entry in page.get("Contents", ())]


def _mean(sizes: list[int]) -> str:
    return f"{sum(sizes) / max(len(sizes), 1) / 1e3:,.0f} kB"
