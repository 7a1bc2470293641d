"""``python -m glueprint.query SPEC.json ANSWER.json``: run one statement; ends when its standard input does.

Without arguments, the process is a warm one: it imports what it needs, writes ``ready``, and reads both names from
a line of its standard input.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    """Run one statement."""
    names = sys.argv[1:]
    if not names:
        _warm_up()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        names = sys.stdin.readline().rstrip("\n").split("\t")
        if len(names) != 2:
            return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from glueprint.query.process import run
    from glueprint.query.specification import QuerySpec

    spec = QuerySpec.from_json(Path(names[0]).read_text(encoding="utf-8"))
    _limit_memory(spec.memory_bytes)
    answer = run(spec, _client)
    partial = Path(f"{names[1]}.partial")
    partial.write_text(answer.to_json(), encoding="utf-8")
    partial.replace(names[1])


def _warm_up() -> None:
    import duckdb
    import pyarrow  # noqa: F401

    import glueprint.query.process  # noqa: F401

    for service in ("glue", "s3", "athena"):
        _client(service)
    duckdb.connect(":memory:").close()


_clients: dict[str, Any] = {}


def _client(service: str) -> Any:
    """Return a client of the Glue that the environment names."""
    import boto3
    from botocore.config import Config

    if service not in _clients:
        addressing = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
        _clients[service] = boto3.client(
            service, config=Config(retries={"mode": "standard", "max_attempts": 5}, **addressing)
        )
    return _clients[service]


def _limit_memory(memory_bytes: int) -> None:
    """What DuckDB does not count (Python's own rows, Arrow) is limited, too."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        limit = memory_bytes * 2 + 2 * 1024**3
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _end_with_parent() -> None:
    """The server holds the other end of standard input: without it no one wants the answer."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(0, 1):
            pass
    os._exit(3)


if __name__ == "__main__":
    main()
