"""A job that replaces folders of its bucket by links, at any moment: no operation leaves the data directory."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.in_process import GlueInProcess

from glueprint.crawler.formats.source import Source
from glueprint.local.executors.endings import close_logs
from glueprint.local.executors.processes import Processes
from glueprint.local.logs import prepare_log
from glueprint.local.s3 import S3Error, S3Store
from glueprint.runtime.processes.process import Ended

SECONDS = 1.0
FAILED = Ended(3, None, "E: m", 1.0, 2.0, None)


class Outside:
    """A folder outside the data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "deep").mkdir(parents=True)
        for name in ("x.txt", "y.txt", "deep/x.txt", "only.txt"):
            (path / name).write_text("outside")
        self._before = self.contents()

    def contents(self) -> dict[str, str]:
        files = (file for file in self.path.rglob("*") if file.is_file())
        return {str(file.relative_to(self.path)): file.read_text() for file in files}

    def is_untouched(self) -> bool:
        return self.contents() == self._before


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path / "outside")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[S3Store]:
    with GlueInProcess(tmp_path / "data", 1e9) as glue:
        glue.local.s3_store.create_bucket("bucket")
        yield glue.local.s3_store


def _flip(folder: Path, outside: Path, end: float) -> None:
    """Have ``folder`` be a folder and a link to ``outside``, in turns."""
    aside = folder.parents[2] / "aside"
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            os.rename(folder, aside)
        with contextlib.suppress(FileExistsError):
            os.symlink(outside, folder)
            time.sleep(0)
            os.unlink(folder)
        with contextlib.suppress(OSError):
            os.rename(aside, folder)
        time.sleep(0)
        if aside.exists():  # the server has made the folder again meanwhile
            shutil.rmtree(aside)


def test_no_operation_follows_a_folder_that_becomes_a_link(store: S3Store, outside: Outside) -> None:
    """Reads, writes, deletes and listings while the folder above changes: what is outside is neither seen nor
    changed.
    """
    store.put("bucket", "d/x.txt", b"inside")
    end = time.monotonic() + SECONDS
    folder = store.bucket("bucket").path + "/d"
    flipping = threading.Thread(target=_flip, args=(Path(folder), outside.path, end))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    seen: set[bytes] = set()
    keys: set[str] = set()
    flipping.start()
    try:
        while time.monotonic() < end:
            for key in ("d/x.txt", "d/deep/x.txt", "d/new.txt"):
                with contextlib.suppress(S3Error):
                    store.put("bucket", key, b"inside")
                with contextlib.suppress(S3Error):
                    seen.add(store.read("bucket", key))
            with contextlib.suppress(S3Error):
                store.delete("bucket", "d/y.txt")
            keys |= {found.key for found in store.listing("bucket")}
            page = store.page("bucket", "d/", "", "", 100)
            with contextlib.suppress(S3Error):
                store.records_of("bucket", page.objects)
    finally:
        sys.setswitchinterval(interval)
        flipping.join()
    assert outside.is_untouched()
    assert seen == {b"inside"}
    assert keys <= {"d/x.txt", "d/deep/x.txt", "d/new.txt"}


def test_a_crawl_reads_nothing_behind_a_link(store: S3Store, outside: Outside) -> None:
    """The folder became a link after the listing."""
    store.put("bucket", "d/deep/x.txt", b"inside")
    (found,) = store.listing("bucket")
    with Source(str(found.path), found.size, found.key).open() as file:
        assert file.read() == b"inside"
    folder = Path(store.bucket("bucket").path) / "d"
    folder.rename(folder.with_name("was"))
    folder.symlink_to(outside.path)
    assert found.path.read_bytes() == b"outside"
    with pytest.raises(FileNotFoundError, match="symbolic link"):
        Source(str(found.path), found.size, found.key)


def test_files_of_a_run_are_removed_only_below_its_own_directory(tmp_path: Path, outside: Outside) -> None:
    """A job replaced its working directory, or its run directory, by a link."""
    (outside.path / "work").mkdir()
    (outside.path / "work" / "x").touch()
    processes = Processes(tmp_path / "runs", lambda subject, status: None, ())
    try:
        (tmp_path / "runs" / "one").mkdir(parents=True)
        (tmp_path / "runs" / "one" / "work").symlink_to(outside.path)
        (tmp_path / "runs" / "two").symlink_to(outside.path)
        for subject in ("one", "two", "none"):
            processes.clean(subject)
            processes.forget(subject)
    finally:
        processes.close()
    assert (outside.path / "work" / "x").exists()
    assert (outside.path / "only.txt").exists()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "nothing"])
def test_a_replaced_log_does_not_receive_the_explanation(
    tmp_path: Path, outside: Outside, kind: str
) -> None:
    """The run ends all the same."""
    log = prepare_log(tmp_path / "logs", "group/error", "jr_1")
    log.unlink()
    match kind:
        case "link":
            log.symlink_to(outside.path / "x.txt")
        case "pipe":
            os.mkfifo(log)
        case "folder":
            log.mkdir()
    assert close_logs(tmp_path / "logs", "group", "jr_1", FAILED).startswith("ran 1")
    assert outside.is_untouched()
