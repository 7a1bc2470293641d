"""What the tests of repositories share: zips, places of every kind, and publishers that take turns."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from glueprint.blueprint.archive import write_archive
from glueprint.deploy.repository.index import AlreadyPublished, Index
from glueprint.deploy.repository.publishing import Draft, Published, publish
from glueprint.deploy.repository.stores import Snapshot, Store
from glueprint.deploy.repository.versions import Bump, Version

CFG = b'{"layoutGenerator": "orders.layout.generate_layout", "parameterSpec": {}}'
PUBLISHER = "anna@example.com"


def blueprint_zip(text: str = "", name: str = "orders", **files: bytes) -> bytes:
    """A small blueprint's zip; ``text`` makes the difference between two of them."""
    readme = f"# {name}\n\nLoads the orders. Nothing else.\n\n{text}\n".encode()
    config = CFG.replace(b"orders", name.encode())
    inside = {"blueprint.cfg": config, "README.md": readme, "layout.py": b"x = 1\n", **files}
    return write_archive({f"{name}/{path}": content for path, content in inside.items()})


def draft(version: str | Bump, text: str = "", name: str = "orders", **members: Any) -> Draft:
    """A version to publish."""
    wanted = version if isinstance(version, Bump) else Version.parse(version)
    return Draft(name, blueprint_zip(text, name), wanted, PUBLISHER, **members)


def index_of(store: Store) -> Index:
    """The index of a repository."""
    return Index.parse(store.snapshot().data)


def versions_of(store: Store, name: str = "orders") -> list[str]:
    """The versions of a blueprint, the newest first."""
    return [str(entry.version) for entry in index_of(store).versions(name)]


def git_repository(folder: Path) -> Path:
    """A new bare git repository."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


class Schedule:
    """Lets threads go on one at a time, in an order that a test has drawn.

    Args:
        turns: which of the waiting threads goes on; when they are used up, the first one does.
        number: of threads.
    """

    def __init__(self, turns: Sequence[int], number: int) -> None:
        self._turns = list(turns)
        self._running = number
        self._waiting: list[int] = []
        self._next: int | None = None
        self._changed = threading.Condition()

    def turn(self, me: int) -> None:
        """Wait until it is this thread's turn."""
        with self._changed:
            self._waiting.append(me)
            self._choose()
            assert self._changed.wait_for(lambda: self._next == me, timeout=60)
            self._waiting.remove(me)
            self._next = None

    def end(self) -> None:
        """This thread has ended."""
        with self._changed:
            self._running -= 1
            self._choose()

    def _choose(self) -> None:
        if self._next is None and self._waiting and len(self._waiting) == self._running:
            turn = self._turns.pop(0) if self._turns else 0
            self._next = sorted(self._waiting)[turn % len(self._waiting)]
            self._changed.notify_all()


class TakesTurns:
    """A store whose every access waits for its publisher's turn."""

    def __init__(self, store: Store, schedule: Schedule, me: int) -> None:
        self._store, self._schedule, self._me = store, schedule, me

    def snapshot(self) -> Snapshot:
        self._schedule.turn(self._me)
        return self._store.snapshot()

    def commit(self, before: Snapshot, index: bytes, files: Mapping[str, bytes], message: str) -> None:
        self._schedule.turn(self._me)
        self._store.commit(before, index, files, message)

    def read(self, path: str) -> bytes | None:
        self._schedule.turn(self._me)
        return self._store.read(path)


def publish_together(
    opened: Callable[[], Store], drafts: Sequence[Draft], turns: Sequence[int]
) -> list[Published | AlreadyPublished]:
    """Let publishers publish at the same time, each with its own store; what each of them got."""
    schedule = Schedule(turns, len(drafts))
    results: dict[int, Published | AlreadyPublished] = {}
    errors: list[Exception] = []

    def work(me: int, one: Draft) -> None:
        try:
            results[me] = publish(TakesTurns(opened(), schedule, me), one, pause=lambda seconds: None)
        except AlreadyPublished as refusal:
            results[me] = refusal
        except Exception as error:  # noqa: BLE001
            errors.append(error)
        finally:
            schedule.end()

    threads = [threading.Thread(target=work, args=(me, one)) for me, one in enumerate(drafts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]
    return [results[me] for me in range(len(drafts))]
