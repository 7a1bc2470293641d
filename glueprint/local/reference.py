"""The table of all operations of Glue: which are implemented, which moto serves, which are refused.

``python -m glueprint.local.reference docs/reference-operations.md`` writes it from the code and the installed
service model.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import botocore

from glueprint.local.assembly import LocalGlue
from glueprint.local.clock import SystemClock
from glueprint.local.datadir import DataDirectory
from glueprint.local.glue.refusals import reason_of
from glueprint.local.glue.served_by_moto import SERVED_BY_MOTO
from glueprint.local.protocol import JsonService, Operation

IMPLEMENTED, BY_MOTO, REFUSED = "implemented", "served by moto", "refused"

_HEAD = f"""# Every operation of AWS Glue

Generated from the code and botocore {{version}}'s service model: `python -m glueprint.local.reference
docs/reference-operations.md`. Do not edit; a test compares.

* **{IMPLEMENTED}**: checked against the service model, carried out, and stored durably. `docs/fidelity/` lists
  the choices where AWS's behaviour is not documented, and the differences.
* **{BY_MOTO}**: checked against the service model, then answered by moto: kept in memory until the server
  ends, and without effect on anything else.
* **{REFUSED}**: answers `UnsupportedOperationException` (HTTP 400), with the operation's name and the reason.

{{counts}}

| Operation | Status | Meaning or reason |
|---|---|---|
"""
_PREFIX = re.compile(r"Service model, ``\w+``(?: and ``\w+``)?[:;.]?\s*")


def operations_table() -> str:
    """Return the page as text."""
    with open_reference_glue() as local:
        return _page(local.glue)


@contextlib.contextmanager
def open_reference_glue() -> Iterator[LocalGlue]:
    """Yield a local Glue in a temporary directory that is never started, to inspect its services."""
    with tempfile.TemporaryDirectory() as folder, DataDirectory.open(Path(folder) / "data") as data:
        local = LocalGlue(data, SystemClock(), "", account_id="123456789012", region="us-east-1", slots=0)
        try:
            yield local
        finally:
            local.close()


def statuses(page: str) -> dict[str, tuple[str, str]]:
    """Return the status and the meaning or reason of each operation in a page."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*) \|$", page, re.MULTILINE)
    return {name: (where, meaning.strip()) for name, where, meaning in rows}


def _page(service: JsonService) -> str:
    rows = [(name, *_status(name, service.operations)) for name in service.model.operation_names]
    counts = "; ".join(
        f"{sum(where == kind for _, where, _ in rows)} {kind}" for kind in (IMPLEMENTED, BY_MOTO, REFUSED)
    )
    head = _HEAD.format(version=botocore.__version__, counts=f"{len(rows)} operations: {counts}.")
    return head + "".join(f"| `{name}` | {where} | {meaning} |\n" for name, where, meaning in rows)


def _status(name: str, operations: Mapping[str, Operation]) -> tuple[str, str]:
    if name in operations:
        return IMPLEMENTED, _summary(operations[name])
    if name in SERVED_BY_MOTO:
        return BY_MOTO, SERVED_BY_MOTO[name]
    return REFUSED, reason_of(name)


def _summary(operation: Operation) -> str:
    """Return the first paragraph of an operation's docstring, without the name of its source."""
    text = " ".join((operation.call.__doc__ or "").partition("\n\n")[0].split())
    return _PREFIX.sub("", text).removesuffix(".").replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(operations_table(), encoding="utf-8")
