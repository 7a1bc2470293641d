"""Inspecting files: in threads, each file once, and only those that are not in the memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from .classify import inspected
from .formats.source import Classifier, Source
from .formats.unknown import why_unknown
from .inspection import FileProblem
from .memory import Answer, Memory, save
from .specification import ObjectEntry

_BATCH = 64
"""Files per task of a thread: reading a footer takes microseconds, and a task costs more."""


class _NotReached(FileProblem):
    """The file could not be opened; this result is not stored in the memory."""


class Reader:
    """Returns the results for the objects of a crawl.

    Args:
        custom: the crawler's own classifiers.
        memory: the file of the crawler's memory, or None.
        classifiers: the :func:`~glueprint.crawler.memory.fingerprint` of ``custom``.
        new_folders_only: whether a folder in the memory keeps the results of then.

    Attributes:
        files_read: the number of files that were read; those in the memory do not count.
        kept: the number of files with results from before the classifiers changed.
    """

    def __init__(
        self,
        custom: Sequence[Classifier],
        memory: str | None,
        *,
        classifiers: str = "",
        new_folders_only: bool = False,
    ) -> None:
        self.files_read = 0
        self.kept = 0
        self._custom = custom
        self._path = memory
        self._memory = Memory.load(memory)
        self._classifiers = classifiers
        self._have_changed = self._memory.classifiers != classifiers
        self._known_folders = self._memory.folders() if new_folders_only else frozenset[str]()
        self._answers: list[tuple[str, ObjectEntry, Answer]] = []

    def is_left_out(self, bucket: str, entry: ObjectEntry) -> bool:
        """Whether an object does not belong to this crawl: it was added to, or changed in, a folder that was
        crawled before (DG:incremental-crawls: "only crawl folders that were added").
        """
        folder = f"{bucket}/{entry.key}".rpartition("/")[0]
        return folder in self._known_folders and self._memory.recall(bucket, entry) is None

    def answers(self, bucket: str, entries: Sequence[ObjectEntry]) -> list[Answer]:
        """Return the result for each object, in order."""
        known = [self._recalled(bucket, entry) for entry in entries]
        unknown = [entry for entry, answer in zip(entries, known, strict=True) if answer is None]
        self.files_read += len(unknown)
        if self._have_changed:
            self.kept += len(entries) - len(unknown)
        fresh = iter(self._looked_at(unknown))
        answers = [answer if answer is not None else next(fresh) for answer in known]
        self._answers.extend(zip([bucket] * len(entries), entries, answers, strict=True))
        return answers

    def remember(self) -> None:
        """Write the memory, if there is one: the objects of this crawl replace those before.

        Where only new folders count, those before stay: they say which folders are not new.
        """
        if self._path is not None:
            kept = self._memory.answers() if self._known_folders else ()
            fresh = (entry for entry in self._answers if not isinstance(entry[2], _NotReached))
            save(self._path, self._classifiers, chain(kept, fresh))

    def _recalled(self, bucket: str, entry: ObjectEntry) -> Answer | None:
        """Return the stored result; None if the classifiers have changed and may now recognise the file."""
        answer = self._memory.recall(bucket, entry)
        may_look_again = self._have_changed and not self._known_folders
        return None if may_look_again and isinstance(answer, FileProblem) else answer

    def _looked_at(self, entries: Sequence[ObjectEntry]) -> list[Answer]:
        batches = [entries[start : start + _BATCH] for start in range(0, len(entries), _BATCH)]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="crawl") as pool:
            return [answer for answers in pool.map(self._batch, batches) for answer in answers]

    def _batch(self, entries: Sequence[ObjectEntry]) -> list[Answer]:
        return [self._look(entry) for entry in entries]

    def _look(self, entry: ObjectEntry) -> Answer:
        try:
            source = Source(entry.path, entry.size, entry.key)
            found = inspected(source, self._custom)
            return found or FileProblem(f"no classifier recognises it (UNKNOWN): {why_unknown(source)}")
        except FileProblem as problem:
            return problem
        except OSError as error:
            # The object was deleted, or became unreadable, after the listing.
            return _NotReached(f"it cannot be opened: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - a parser's failure on hostile bytes affects only that file
            return FileProblem(f"reading it failed with {type(error).__name__}: {error}")
