"""Publishing and withdrawing a version, next to other publishers who do the same."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from glueprint.blueprint.archive import Archive, read_archive
from glueprint.client.errors import GlueprintError
from glueprint.compat import UTC
from glueprint.deploy.repository.index import MAX_TEXT_LENGTH, Entry, Index, Withdrawal, check_name
from glueprint.deploy.repository.signatures import sign
from glueprint.deploy.repository.stores import Conflict, Store
from glueprint.deploy.repository.versions import FIRST_VERSION, Bump, Version

README = "README.md"
MAX_ATTEMPTS = 40
_MAX_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Draft:
    """What is published.

    Attributes:
        content: the zip.
        version: the version, or which number of the latest one is raised.
        publisher: who publishes.
        notes: what has changed.
        key: signs it; None: it is not signed.
    """

    name: str
    content: bytes
    version: Version | Bump
    publisher: str
    notes: str = ""
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is in the repository now.

    Attributes:
        is_new: whether it was not there before, with this content.
    """

    entry: Entry
    is_new: bool


class TooManyPublishers(GlueprintError):
    """Others changed the index before each attempt."""


def publish(
    store: Store,
    draft: Draft,
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
    dry_run: bool = False,
) -> Published:
    """Add a version to a repository. The same content again, under the same version, changes nothing; so does
    the newest version's content with a :class:`Bump`.

    Args:
        store: the repository.
        draft: the version.
        now: the clock.
        pause: waits between two attempts.
        dry_run: change nothing.

    Raises:
        AlreadyPublished: the version exists with another content, or is withdrawn.
        ArchiveError: the content is not a blueprint's zip.
        TooManyPublishers: see there.
    """
    check_name(draft.name)
    archive = read_archive(draft.content, draft.name)

    def attempt() -> Published:
        before = store.snapshot()
        index = Index.parse(before.data)
        entry = _entry(index, draft, archive, now())
        existing = index.entries.get(entry.name, {}).get(entry.version)
        index = index.adding(entry)
        if existing is not None:
            return Published(existing, is_new=False)
        if dry_run:
            return Published(entry, is_new=True)
        if draft.key is not None:
            entry = replace(entry, signature=sign(entry.signed_text(), draft.key))
            index = Index.parse(before.data).adding(entry)
        message = f"Publish {entry.name} {entry.version}\n\n{entry.notes}".strip() + "\n"
        store.commit(before, index.to_bytes(), {entry.path: draft.content}, message)
        return Published(entry, is_new=True)

    return _repeated(attempt, f"{draft.name} was not published", pause)


def withdraw(
    store: Store,
    name: str,
    version: Version,
    by: str,
    reason: str = "",
    *,
    now: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Published:
    """Withdraw a version: it stays as it was published, and only its exact version selects it from now on.

    Args:
        store: the repository.
        name: the blueprint.
        version: of it.
        by: who withdraws it.
        reason: why.
        now: the clock.
        pause: waits between two attempts.

    Returns:
        The version; ``is_new`` is False if it was withdrawn before.

    Raises:
        NotFound: there is no such version.
        TooManyPublishers: see there.
    """
    check_name(name)

    def attempt() -> Published:
        before = store.snapshot()
        index = Index.parse(before.data)
        withdrawal = Withdrawal(_moment(now()), by, reason[:MAX_TEXT_LENGTH])
        changed = index.withdrawing(name, version, withdrawal)
        if changed is not index:
            message = f"Withdraw {name} {version}\n\n{reason}".strip() + "\n"
            store.commit(before, changed.to_bytes(), {}, message)
        return Published(changed.entries[name][version], is_new=changed is not index)

    return _repeated(attempt, f"{name} {version} was not withdrawn", pause)


def _repeated(attempt: Callable[[], Published], failure: str, pause: Callable[[float], None]) -> Published:
    """Repeat an attempt while others change the index before it."""
    for number in range(MAX_ATTEMPTS):
        with contextlib.suppress(Conflict):
            return attempt()
        pause(random.uniform(0, min(_MAX_PAUSE_SECONDS, 0.02 * 2**number)))
    raise TooManyPublishers(
        f"{failure}: others changed the repository before each of {MAX_ATTEMPTS} attempts", "repeat the command"
    )


def _moment(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(index: Index, draft: Draft, archive: Archive, now: float) -> Entry:
    digest = hashlib.sha256(draft.content).hexdigest()
    newest = index.newest(draft.name, withdrawn=True)  # whose number is taken
    if isinstance(draft.version, Version):
        version = draft.version
    elif newest is None:
        version = FIRST_VERSION
    elif newest.sha256 == digest and not newest.withdrawn:
        version = newest.version
    else:
        version = newest.version.bumped(draft.version)
    summary = summary_of(readme_of(draft.name, archive))
    size = len(draft.content)
    entry = Entry(draft.name, version, digest, size, _moment(now), draft.publisher, draft.notes, summary)
    return entry.cut()


def readme_of(name: str, archive: Archive) -> str | None:
    """Return the README of a blueprint's zip, or None."""
    for path in (f"{name}/{README}", README):
        if path in archive.files:
            return archive.files[path].decode("utf-8", "replace")
    return None


_LINK = re.compile(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])")
_MARK = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)|(`+)(.+?)\3|\\([\W_])")


def plain_text(markdown: str) -> str:
    """Return a line of Markdown without the marks of links, emphasis and code."""
    return _MARK.sub(lambda found: found[2] or found[4] or found[5], _LINK.sub(r"\1", markdown))


def summary_of(readme: str | None) -> str:
    """Return the first sentence of the first paragraph of a README, as plain text; empty without one."""
    paragraph: list[str] = []
    for line in (readme or "").splitlines():
        text = line.strip()
        if text and not text.startswith(("#", "<", "[", "!", "```", "|")):
            paragraph.append(text)
        elif paragraph:
            break
    joined = plain_text(" ".join(paragraph))
    sentence, dot, _ = joined.partition(". ")
    return sentence + "." if dot else joined
