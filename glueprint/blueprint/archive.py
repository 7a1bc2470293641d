"""A blueprint's zip: written reproducibly (the same files make the same bytes), read without trusting it.

Sources: DG:blueprint_workflow_restrictions (1 MB compressed, 5 MB inflated), DG:blueprint_workflow_troubleshoot
(``blueprint.cfg`` at the root, or in the folder that is named like the zip). Nothing of an archive is written to
disk before all of it has been read and checked.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from glueprint.blueprint.config import CONFIG_NAME
from glueprint.blueprint.member_names import name_problems

MAX_COMPRESSED_BYTES = 1_000_000
"""Of the zip. The guide has "1 MB"; this is the smaller interpretation: AWS accepts what is accepted here."""
MAX_INFLATED_BYTES = 5_000_000
"""Of all members together, inflated."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_COMPRESSION_LEVEL = 9
_UNIX = 3
_CHUNK = 64 * 1024
_MAX_LISTED = 20
"""Problems in one message; a hostile zip has thousands."""
_ENCRYPTED = 0x1 | 0x40
# What zipfile raises for a damaged archive.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
)


class ArchiveError(ValueError):
    """A zip that is not a usable blueprint; ``problems`` lists everything that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        listed = "; ".join(self.problems[:_MAX_LISTED])
        more = len(self.problems) - _MAX_LISTED
        super().__init__(f"{listed}; and {more:,} more" if more > 0 else listed)


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a blueprint's zip, checked."""

    files: Mapping[str, bytes]
    """Content by path; paths are relative, with ``/``, and safe to join to a directory."""
    config_path: str
    """Where ``blueprint.cfg`` is: at the root, or in the folder named like the zip."""

    @property
    def config(self) -> bytes:
        """The content of ``blueprint.cfg``."""
        return self.files[self.config_path]

    def extract(self, directory: Path) -> None:
        """Write every file under ``directory``, which exists and is empty.

        Raises:
            FileExistsError: a file exists already.
            OSError: the disk is full, or the directory does not exist.
        """
        for name, content in self.files.items():
            target = directory.joinpath(*name.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(content)


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Zip ``files`` (content by path). The bytes depend on names and contents alone: no clock, no file modes.

    Raises:
        ArchiveError: a name that cannot be extracted safely, or more bytes than Glue accepts.
    """
    problems = name_problems(files)
    inflated = sum(map(len, files.values()))
    if inflated > MAX_INFLATED_BYTES:
        problems.append(_too_large(inflated, MAX_INFLATED_BYTES, "inflated"))
    if problems:
        raise ArchiveError(problems)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[name], compresslevel=_COMPRESSION_LEVEL)
    data = buffer.getvalue()
    if len(data) > MAX_COMPRESSED_BYTES:
        raise ArchiveError([_too_large(len(data), MAX_COMPRESSED_BYTES, "compressed")])
    return data


def read_archive(data: bytes, stem: str) -> Archive:
    """Read the bytes of a zip that was named ``<stem>.zip``.

    Every member is checked before any is inflated. Inflated bytes are counted: the sizes in the zip are not
    trusted.

    Raises:
        ArchiveError: not a zip, damaged, too large, without ``blueprint.cfg``, or with an unsafe member.
    """
    if len(data) > MAX_COMPRESSED_BYTES:
        raise ArchiveError([_too_large(len(data), MAX_COMPRESSED_BYTES, "compressed")])
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise ArchiveError(["it is not a zip file (its first bytes are not those of one)"])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _checked(archive.infolist())
            files = _inflate(archive, members)
    except ArchiveError:
        raise
    except _DAMAGE as error:
        raise ArchiveError([f"it is damaged or not a zip file: {error}"]) from error
    return Archive(MappingProxyType(files), _find_config(files, stem))


def _checked(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    problems = name_problems([member.orig_filename for member in members])
    for member in members:
        shown = ascii(member.orig_filename)
        mode = member.external_attr >> 16
        if member.flag_bits & _ENCRYPTED:
            problems.append(f"{shown} is encrypted")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            kind = "a link" if stat.S_ISLNK(mode) else "neither a file nor a folder"
            problems.append(f"{shown} is {kind}")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            problems.append(f"{shown} is compressed by method {member.compress_type}; use deflate")
    if problems:
        raise ArchiveError(problems)
    return [member for member in members if not member.orig_filename.endswith("/")]


def _inflate(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for member in members:
        chunks: list[bytes] = []
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > MAX_INFLATED_BYTES:
                    raise ArchiveError(
                        [f"it inflates to more than {MAX_INFLATED_BYTES:,} bytes (stopped in {member.filename!a})"]
                    )
                chunks.append(chunk)
        files[member.filename] = b"".join(chunks)
    return files


def _find_config(files: Mapping[str, bytes], stem: str) -> str:
    inside = f"{stem}/{CONFIG_NAME}"
    found = [path for path in (CONFIG_NAME, inside) if path in files]
    if len(found) == 1:
        return found[0]
    if found:
        raise ArchiveError([f"it has two configuration files, {CONFIG_NAME} and {inside}: keep one"])
    misplaced = sorted(name for name in files if name.rpartition("/")[2].lower() == CONFIG_NAME)
    where = f"expected {inside} or {CONFIG_NAME} in {stem}.zip"
    if not misplaced:
        raise ArchiveError([f"it has no {CONFIG_NAME}: {where}"])
    hint = "a folder must be named like the zip"
    if stem.lower().endswith(".zip"):
        hint += ", whose name ends with .zip twice: rename it"
    raise ArchiveError(
        [f"{CONFIG_NAME} is in the wrong place: {where}, found {', '.join(misplaced)} ({hint})"]
    )


def _too_large(size: int, limit: int, how: str) -> str:
    return f"it is {size:,} bytes {how}; Glue accepts at most {limit:,}"
