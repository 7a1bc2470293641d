"""Finding a version and returning its zip, once everything that the index states about it is true."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from glueprint.blueprint.archive import Archive, ArchiveError, read_archive
from glueprint.client.errors import InvalidArgument
from glueprint.deploy.repository.index import DamagedRepository, Entry, Index, check_name
from glueprint.deploy.repository.signatures import SignatureRefused, verify
from glueprint.deploy.repository.stores import Store
from glueprint.deploy.repository.versions import LATEST, Selector


@dataclass(frozen=True, slots=True)
class Pulled:
    """A version from a repository.

    Attributes:
        content: its zip.
        archive: the files of the zip.
        signer: who signed it; None if signatures are not required.
    """

    entry: Entry
    content: bytes
    archive: Archive
    signer: str | None = None


def parse_reference(text: str) -> tuple[str, Selector]:
    """Read ``NAME`` or ``NAME@VERSION``; without a version, the latest is meant.

    Raises:
        InvalidArgument: it is neither.
    """
    name, at, version = text.partition("@")
    if at and not version:
        raise InvalidArgument(f"{text!r} has no version after the @", f"write {name}@{LATEST} or {name}@1.4.0")
    return check_name(name), Selector.parse(version or LATEST)


def pull(store: Store, name: str, selector: Selector, allowed_signers: Path | None = None) -> Pulled:
    """Return the newest version that is selected, with its zip.

    Args:
        store: the repository.
        name: the blueprint.
        selector: which versions are meant.
        allowed_signers: who must have signed it; None: no one.

    Raises:
        NotFound: there is no such blueprint or version.
        DamagedRepository: the zip is missing, or is not the one that was published.
        SignatureRefused: it is not signed by an allowed signer.
    """
    entry = Index.parse(store.snapshot().data).select(name, selector)
    shown = f"{entry.name} {entry.version}"
    content = store.read(entry.path)
    if content is None:
        raise DamagedRepository(f"the zip of {shown} is missing: {entry.path}", "restore it from a backup")
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise DamagedRepository(
            f"{shown} is not the zip that was published: its SHA-256 is {digest}, the index has {entry.sha256}",
            "do not use it; restore the file from a backup, and find out who changed it",
        )
    signer = None
    if allowed_signers is not None:
        try:
            signer = verify(entry.signed_text(), entry.signature, allowed_signers)
        except SignatureRefused as error:
            raise SignatureRefused(f"{shown} is refused: {error.message}", error.remedy) from error
    try:
        archive = read_archive(content, name)
    except ArchiveError as error:
        raise DamagedRepository(f"{shown} is not a usable blueprint: {error}") from error
    return Pulled(entry, content, archive, signer)
