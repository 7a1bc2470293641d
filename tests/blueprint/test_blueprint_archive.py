"""Archives: deterministic when written, suspicious when read."""

from __future__ import annotations

import contextlib
import io
import random
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.blueprint.archive import (
    MAX_COMPRESSED_BYTES,
    MAX_INFLATED_BYTES,
    Archive,
    ArchiveError,
    read_archive,
    write_archive,
)

CONFIG = "demo/blueprint.cfg"
BOMB = 30_000_000
"""Bytes; more than fits in the memory of a careless reader would only make the test slow."""
FILES = {CONFIG: b"{}", "demo/layout.py": b"x = 1\n" * 50, "demo/scripts/look.py": b""}


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """A zip of just these members, however bad their names, beside a blueprint.cfg."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # zipfile itself warns of duplicate names
        archive.writestr(CONFIG, b"{}")
        for member, content in members:
            archive.writestr(member, content)
    return buffer.getvalue()


def refused(data: bytes, words: str, stem: str = "demo") -> ArchiveError:
    """The error of reading ``data``, which must hold ``words``."""
    with pytest.raises(ArchiveError, match=words) as caught:
        read_archive(data, stem)
    return caught.value


def test_written_archives_read_back() -> None:
    """What is zipped comes back byte for byte."""
    archive = read_archive(write_archive(FILES), "demo")
    assert dict(archive.files) == FILES
    assert archive.config_path == CONFIG
    assert archive.config == b"{}"


@settings(deadline=None)
@given(st.permutations(list(FILES)))
def test_same_files_give_the_same_bytes(order: list[str]) -> None:
    """No clock, no modes, no order of a directory listing in the bytes (same tree, same bytes)."""
    assert write_archive({name: FILES[name] for name in order}) == write_archive(FILES)


def test_extracted_files_are_as_in_the_archive(tmp_path: Path) -> None:
    """Extraction writes each file below the directory, and never over another."""
    archive = read_archive(write_archive(FILES), "demo")
    archive.extract(tmp_path)
    found = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == FILES
    with pytest.raises(FileExistsError):
        archive.extract(tmp_path)


def test_config_at_the_root_or_in_the_folder_named_like_the_zip() -> None:
    """Both forms of the guide's troubleshooting page (docs/facts/blueprints.md#zip-layout)."""
    at_root = {"blueprint.cfg": b"{}", "layout.py": b""}
    assert read_archive(write_archive(at_root), "anything").config_path == "blueprint.cfg"
    refused(write_archive(FILES), r"wrong place.*other/blueprint.cfg.*found demo/blueprint.cfg", stem="other")
    refused(write_archive({"demo/layout.py": b""}), "it has no blueprint.cfg")
    refused(write_archive({**FILES, **at_root}), "two configuration files")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil.py", "leaves the archive"),
        ("demo/../../evil.py", "leaves the archive"),
        ("/etc/passwd", "absolute"),
        ("C:/evil.py", "drive letter"),
        ("demo\\evil.py", "backslash"),
        ("demo//evil.py", "empty or . part"),
        ("demo/./evil.py", "empty or . part"),
        ("demo/a\nb.py", "control character"),
        ("demo/" + "x" * 256, "more than 255"),
        ("demo/" + "x/" * 600 + "y", "longer than 1024"),
        ("demo/BLUEPRINT.cfg", "only in case"),
        ("Demo/other.py", "only in case"),
        (CONFIG, "there twice"),
        (CONFIG + "/under", "which is a file"),
        ("demo", "both a file and a folder"),
    ],
)
def test_names_that_could_harm_are_refused(name: str, words: str) -> None:
    """Escaping, duplicate and clashing names are refused before anything is inflated."""
    refused(zipped((name, b"x")), words)
    if name != CONFIG:  # a mapping cannot hold a name twice
        with pytest.raises(ArchiveError, match=words):
            write_archive({CONFIG: b"{}", name: b"x"})


def test_nul_in_a_name_is_refused() -> None:
    """zipfile would cut the name at the NUL and extract something else."""
    data = zipped(("demo/evil@.py", b"x")).replace(b"demo/evil@.py", b"demo/evil\0.py")
    refused(data, "NUL")


@pytest.mark.parametrize(
    ("mode", "words"),
    [(stat.S_IFLNK | 0o777, "a link"), (stat.S_IFIFO | 0o644, "neither a file nor a folder")],
)
def test_links_and_special_files_are_refused(mode: int, words: str) -> None:
    """A link could point anywhere."""
    info = zipfile.ZipInfo("demo/link")
    info.external_attr = mode << 16
    refused(zipped((info, b"/etc/passwd")), words)


def test_encrypted_members_are_refused() -> None:
    """A blueprint has no password to open them with."""
    data = bytearray(zipped(("demo/secret.py", b"x")))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8] |= 1
    refused(bytes(data), "encrypted")


def test_other_compressions_are_refused() -> None:
    """Java's zip, which the service is likely to use, knows stored and deflated only."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(CONFIG, b"{}")
    refused(buffer.getvalue(), "use deflate")


def test_every_bad_member_is_reported_at_once() -> None:
    """All problems of a zip are listed at once; the thousands of a hostile zip are counted, not listed."""
    error = refused(zipped(("../a", b""), ("/b", b"")), "leaves the archive")
    assert len(error.problems) == 2
    many = refused(zipped(*((f"../{number}", b"") for number in range(50))), "leaves the archive")
    assert str(many).endswith("and 30 more")


def test_bombs_are_stopped_while_they_inflate() -> None:
    """5 MB inflated, counted and not believed from the headers
    (docs/facts/blueprints.md#limits)."""
    data = zipped(("demo/bomb", b"\0" * BOMB))
    assert len(data) < MAX_COMPRESSED_BYTES
    refused(data, "inflates to more than 5,000,000")
    # The same with headers that claim one byte: what is read is what was claimed, and its checksum is wrong.
    size = struct.pack("<I", BOMB)
    refused(data.replace(size, struct.pack("<I", 1)), "damaged")


def test_many_members_count_together() -> None:
    """The limit is for the whole archive (docs/facts/blueprints.md#limits)."""
    refused(zipped(*((f"demo/{number}", b"\0" * 1_000_000) for number in range(6))), "inflates to more than")


def test_limits_hold_for_writing_and_reading() -> None:
    """At most 1 MB compressed and 5 MB inflated (developer guide, restrictions)."""
    noise = random.Random(1).randbytes(MAX_COMPRESSED_BYTES)
    with pytest.raises(ArchiveError, match="compressed"):
        write_archive({CONFIG: noise})
    with pytest.raises(ArchiveError, match="inflated"):
        write_archive({CONFIG: b"\0" * (MAX_INFLATED_BYTES + 1)})
    refused(zipped(("demo/noise", noise)), "compressed")
    exactly = write_archive({CONFIG: b"\0" * MAX_INFLATED_BYTES})
    assert len(read_archive(exactly, "demo").config) == MAX_INFLATED_BYTES


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b\x08"])
def test_what_is_not_a_zip_is_refused_as_such(data: bytes) -> None:
    """Not a zip, a cut one, an empty one."""
    refused(data, "not a zip|no blueprint.cfg")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_raise_only_archive_errors(data: bytes) -> None:
    """Whatever lies at BlueprintLocation, the blueprint ends FAILED with words."""
    for start in (b"", b"PK\x03\x04"):
        with pytest.raises(ArchiveError):
            read_archive(start + data, "demo")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damaged_archives_raise_only_archive_errors(data: st.DataObject) -> None:
    """A zip with some bytes changed is read as it was, or refused with words."""
    damaged = bytearray(write_archive(FILES))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ArchiveError):
        assert isinstance(read_archive(bytes(damaged), "demo"), Archive)


@settings(deadline=None)
@given(
    st.lists(st.text("aA./\\é", min_size=1, max_size=6), max_size=6), st.sampled_from(["stored", "deflated"])
)
def test_whatever_is_accepted_stays_in_its_directory(names: list[str], how: str) -> None:
    """Names that pass are relative, plain and distinct on any file system."""
    method = zipfile.ZIP_STORED if how == "stored" else zipfile.ZIP_DEFLATED
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        archive.writestr("blueprint.cfg", b"{}")
        for name in names:
            archive.writestr(name, b"")
    try:
        found = read_archive(buffer.getvalue(), "demo")
    except ArchiveError:
        return
    assert all(
        not name.startswith("/") and not {"..", ".", ""} & set(name.split("/")) for name in found.files
    )
    assert len({name.casefold() for name in found.files}) == len(found.files)
