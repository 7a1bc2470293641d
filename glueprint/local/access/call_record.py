"""Which operations each run has called on which resources: one file of JSON lines for each run.

A call is written when it is the run's first with this operation and these resources, so that a run that reads a
million times costs one line. Of the objects of one folder the first few are written by name, further ones as the
folder.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.iam.evaluation import Request

MAX_NAMED_OBJECTS = 20
"""Objects of one folder that are written by name for one action."""
MAX_CALLS = 5000
"""Lines for one run; its further calls are not written, and the last line states that."""

MAX_RUNS_IN_MEMORY = 64
MAX_HASHES = 10_000
"""Calls of one run that are recognised when they are repeated."""

_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")


@dataclass
class _Seen:
    """What is known of one run: its lines, and how many objects of each folder were named for an action."""

    lines: set[str]
    named: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def resource(self, request: Request) -> str:
        """Return the resource; for an object of a folder with many of them, the folder's pattern."""
        folder, slash, name = request.resource.rpartition("/")
        if not slash or ":s3:::" not in folder or not name:
            return request.resource
        names = self.named.setdefault((request.action, folder), set())
        if name not in names:
            if len(names) >= MAX_NAMED_OBJECTS:
                return f"{folder}/*"
            names.add(name)
        return request.resource


class CallRecord:
    """The record of one data directory.

    Args:
        folder: for the files; it is made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, _Seen] = {}
        self._hashes: dict[str, set[int]] = {}
        self._lock = threading.Lock()

    def add(self, run_id: str, service: str, operation: str, requests: Sequence[Request]) -> None:
        """Add a call of a run."""
        if _RUN_ID.fullmatch(run_id) is None:
            return
        with self._lock:
            seen = self._of(run_id)
            if len(seen.lines) > MAX_CALLS:
                return
            needs = [_need(one, seen.resource(one)) for one in requests]
            line = json.dumps({"Service": service, "Operation": operation, "Needs": needs})
            if line in seen.lines:
                return
            if len(seen.lines) == MAX_CALLS:
                line = json.dumps({"Incomplete": True})
            seen.lines.add(line)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with self._file(run_id).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    def is_repeated(self, run_id: str, call: object) -> bool:
        """Whether a run has made exactly this call before; hashes are kept, so that polling costs little."""
        seen = self._hashes.get(run_id)
        if seen is None:
            seen = self._hashes[run_id] = set()
            if len(self._hashes) > MAX_RUNS_IN_MEMORY:
                self._hashes.pop(next(iter(self._hashes)), None)
        mark = hash(call)
        if mark in seen:
            return True
        if len(seen) < MAX_HASHES:
            seen.add(mark)
        return False

    def calls(self, run_id: str) -> list[dict[str, Any]]:
        """Return the calls of a run: Service, Operation, and Needs (Action and Resource of each)."""
        return [json.loads(line) for line in self._lines(run_id)] if _RUN_ID.fullmatch(run_id) else []

    def forget(self, run_id: str) -> None:
        """Remove the calls of a run."""
        with self._lock:
            self._runs.pop(run_id, None)
            self._hashes.pop(run_id, None)
            if _RUN_ID.fullmatch(run_id):
                self._file(run_id).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._runs.clear()
            self._hashes.clear()
            for file in self._folder.glob("*.jsonl"):
                file.unlink(missing_ok=True)

    def _of(self, run_id: str) -> _Seen:
        """Return what is known of a run; of runs that have not called for long, the file is read again."""
        seen = self._runs.pop(run_id, None) or _Seen(set(self._lines(run_id)))
        self._runs[run_id] = seen
        if len(self._runs) > MAX_RUNS_IN_MEMORY:
            del self._runs[next(iter(self._runs))]
        return seen

    def _file(self, run_id: str) -> Path:
        return self._folder / f"{run_id}.jsonl"

    def _lines(self, run_id: str) -> Iterator[str]:
        try:
            text = self._file(run_id).read_text("utf-8")
        except FileNotFoundError:
            return
        yield from text.splitlines()


def _need(request: Request, resource: str) -> dict[str, str]:
    """Return what a call required; of a listing with its prefix, which conditions of policies compare."""
    prefix = {"Prefix": request.context["s3:prefix"][0]} if "s3:prefix" in request.context else {}
    return {"Action": request.action, "Resource": resource, **prefix}
