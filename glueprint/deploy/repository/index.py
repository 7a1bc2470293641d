"""The index of a repository: which versions of which blueprints it contains. Pure; versions are only ever
added."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.client.names import did_you_mean, listed
from glueprint.deploy.repository.versions import Selector, Version

FORMAT = 2
_FORMAT_BEFORE_WITHDRAWALS = 1
"""What is written while nothing is withdrawn: older programs read it, and would lose a withdrawal in writing."""
MAX_TEXT_LENGTH = 500
_NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,128}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HASH_LENGTH = 16
"""Digits of the digest in a path: enough to separate two attempts at one version."""


class DamagedRepository(GlueprintError):
    """The index or a file of a repository is not what a publisher wrote."""


class AlreadyPublished(GlueprintError):
    """The version exists with another content, or is withdrawn."""


def check_name(name: str) -> str:
    """Return ``name`` if it can name a blueprint in a repository.

    Raises:
        InvalidArgument: Glue does not accept it (service model, ``OrchestrationNameString``), or it is ``..``.
    """
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"{name!r} cannot name a blueprint", "use 1 to 128 letters, digits, dots, hyphens and underscores"
        )
    return name


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took a version back, when (ISO 8601, UTC), and why."""

    at: str
    by: str
    reason: str = ""

    def __str__(self) -> str:
        return f"withdrawn on {self.at[:10]} by {self.by}{': ' if self.reason else ''}{self.reason}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One published version.

    Attributes:
        sha256: the digest of its zip.
        size: the bytes of its zip.
        published_at: ISO 8601, UTC.
        published_by: who published it, as the publisher stated; only a signature proves it.
        notes: what has changed, as the publisher stated.
        summary: the first sentence of its README.
        signature: OpenSSH's, of :meth:`signed_text`; None if it is not signed.
        withdrawn: None if it is not withdrawn.
    """

    name: str
    version: Version
    sha256: str
    size: int
    published_at: str
    published_by: str
    notes: str = ""
    summary: str = ""
    signature: str | None = field(default=None, repr=False)
    withdrawn: Withdrawal | None = None

    @property
    def path(self) -> str:
        """Where its zip is in the repository: two attempts at one version never share a path, and the file has the
        name of the folder in the zip, so that it can be registered where it is."""
        return f"{self.name}/{self.version}/{self.sha256[:_HASH_LENGTH]}/{self.name}.zip"

    def signed_text(self) -> bytes:
        """Return the text that is signed: a signature of one version cannot be used for another."""
        return f"glueprint blueprint {self.name} {self.version} sha256:{self.sha256}\n".encode()

    def to_wire(self) -> dict[str, Any]:
        """Return its JSON object in the index."""
        wire: dict[str, Any] = {
            "Version": str(self.version),
            "Sha256": self.sha256,
            "Size": self.size,
            "PublishedAt": self.published_at,
            "PublishedBy": self.published_by,
            "Notes": self.notes,
            "Summary": self.summary,
        }
        if self.signature:
            wire["Signature"] = self.signature
        if self.withdrawn is not None:
            back = self.withdrawn
            wire["Withdrawn"] = {"At": back.at, "By": back.by, "Reason": back.reason}
        return wire

    @classmethod
    def from_wire(cls, name: str, wire: Mapping[str, Any]) -> Entry:
        """Read a JSON object of the index.

        Raises:
            ValueError, KeyError, InvalidArgument: it is not one.
        """
        if not _DIGEST.fullmatch(wire["Sha256"]):
            raise ValueError("the digest is not one")
        back = wire.get("Withdrawn")
        withdrawn = None
        if back is not None:
            withdrawn = Withdrawal(str(back["At"]), str(back["By"]), str(back.get("Reason", "")))
        return cls(
            check_name(name),
            Version.parse(wire["Version"]),
            wire["Sha256"],
            int(wire["Size"]),
            str(wire["PublishedAt"]),
            str(wire["PublishedBy"]),
            str(wire.get("Notes", "")),
            str(wire.get("Summary", "")),
            wire.get("Signature"),
            withdrawn,
        )

    def cut(self) -> Entry:
        """Return it with texts that are not longer than an index should have."""
        return replace(self, notes=self.notes[:MAX_TEXT_LENGTH], summary=self.summary[:MAX_TEXT_LENGTH])


@dataclass(frozen=True, slots=True)
class Index:
    """All versions in a repository, by name and version."""

    entries: Mapping[str, Mapping[Version, Entry]] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes | None) -> Index:
        """Read the bytes of an index; None is that of a new repository.

        Raises:
            DamagedRepository: it is not an index, or one of a later format.
        """
        if data is None:
            return cls()
        try:
            wire = json.loads(data)
            if wire["Format"] > FORMAT:
                raise DamagedRepository(
                    f"the repository has format {wire['Format']}, this glueprint reads {FORMAT}",
                    "install a newer glueprint",
                )
            read = [Entry.from_wire(name, one) for name, found in wire["Blueprints"].items() for one in found]
        except (ValueError, KeyError, TypeError, AttributeError, InvalidArgument) as error:
            raise DamagedRepository(
                f"index.json of the repository cannot be read: {type(error).__name__}: {error}",
                "restore it from a backup; no version was changed",
            ) from error
        entries: dict[str, dict[Version, Entry]] = {}
        for entry in read:
            if entry.version in entries.setdefault(entry.name, {}):
                raise DamagedRepository(f"index.json of the repository has {entry.name} {entry.version} twice")
            entries[entry.name][entry.version] = entry
        return cls(entries)

    def to_bytes(self) -> bytes:
        """Return the bytes of the index: names and versions in order, so that versions of it can be compared."""
        blueprints = {
            name: [found[version].to_wire() for version in sorted(found)]
            for name, found in sorted(self.entries.items())
        }
        is_any_withdrawn = any(one.withdrawn for found in self.entries.values() for one in found.values())
        number = FORMAT if is_any_withdrawn else _FORMAT_BEFORE_WITHDRAWALS
        return (json.dumps({"Format": number, "Blueprints": blueprints}, indent=1) + "\n").encode()

    def adding(self, entry: Entry) -> Index:
        """Return the index with one more version.

        Raises:
            AlreadyPublished: the version exists with another content, or is withdrawn.
        """
        before = self.entries.get(entry.name, {}).get(entry.version)
        if before is not None and before.sha256 != entry.sha256:
            raise AlreadyPublished(
                f"{entry.name} {entry.version} was published on {before.published_at[:10]} by "
                f"{before.published_by} with another content",
                "a published version never changes: publish a new one, such as --bump patch",
            )
        if before is not None and before.withdrawn is not None:
            raise AlreadyPublished(
                f"{entry.name} {entry.version} was {before.withdrawn}",
                "a withdrawn version stays withdrawn: publish a new one, such as --bump patch",
            )
        return self if before is not None else self._with(entry)

    def withdrawing(self, name: str, version: Version, withdrawal: Withdrawal) -> Index:
        """Return the index in which a version is withdrawn; the first withdrawal stays.

        Raises:
            NotFound: there is no such version.
        """
        entry = self.select(name, Selector(str(version), exact=version))
        return self if entry.withdrawn is not None else self._with(replace(entry, withdrawn=withdrawal))

    def _with(self, entry: Entry) -> Index:
        return Index({**self.entries, entry.name: {**self.entries.get(entry.name, {}), entry.version: entry}})

    def versions(self, name: str) -> list[Entry]:
        """Return the versions of a blueprint, the newest first.

        Raises:
            NotFound: there is no such blueprint.
        """
        found = self.entries.get(name)
        if not found:
            names = sorted(self.entries)
            remedy = did_you_mean(name, names) or (
                f"there are: {listed(names)}" if names else "it is empty: `glueprint publish` adds a blueprint"
            )
            raise NotFound(f"the repository has no blueprint {name!r}", remedy)
        return [found[version] for version in sorted(found, reverse=True)]

    def newest(self, name: str, *, withdrawn: bool = False) -> Entry | None:
        """Return the newest release of a blueprint, or else its newest prerelease; None if there is none.

        Args:
            name: of the blueprint.
            withdrawn: whether withdrawn versions count.
        """
        found = {key: one for key, one in self.entries.get(name, {}).items() if withdrawn or not one.withdrawn}
        return found[max(found, key=lambda one: (one.is_release, one))] if found else None

    def select(self, name: str, selector: Selector) -> Entry:
        """Return the newest version that is selected; a withdrawn one only if it is named exactly.

        Raises:
            NotFound: there is no such blueprint or version.
        """
        entries = {entry.version: entry for entry in self.versions(name)}
        is_exact = selector.exact is not None
        version = selector.newest(one for one, entry in entries.items() if is_exact or not entry.withdrawn)
        if version is None:
            there = listed([f"{one}{' (withdrawn)' if entry.withdrawn else ''}" for one, entry in entries.items()])
            raise NotFound(f"the repository has no version {selector.text} of {name}", f"there are: {there}")
        return entries[version]
