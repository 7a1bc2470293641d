"""A class-data archive of Spark's JARs: the JVM maps it instead of reading and checking 15,000 classes.

Made once for each Java and set of JARs, in a cache directory of the user, by a separate process
(``jobhost.archiver``) with the lowest priority. A JVM whose archive does not fit, is damaged or has been removed
starts without it and prints nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from glueprint.runtime.processes.process import ProcessSpec, kill_stragglers
from glueprint.runtime.processes.programs import OWN, Interpreter, own_program
from glueprint.runtime.shared import rundir

log = logging.getLogger(__name__)

_FORMAT_VERSION = "1"
"""Change it whenever an older archive of the same JARs becomes worse than a new one."""
_PREFIX, _SUFFIX = "spark-", ".jsa"
UNUSED_SECONDS = 30 * 24 * 3600.0
"""An archive that no server has used for this time is removed."""
_POLL_SECONDS = 2.0
_MB = 1 << 20


def cache_directory(environ: Mapping[str, str]) -> Path:
    """Return the directory of archives (XDG Base Directory Specification: relative paths are ignored)."""
    cache = Path(environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path.home() / ".cache") / "glueprint"


def archive_path(directory: Path, java_home: Path, jars: Iterable[Path]) -> Path:
    """Return the archive in ``directory`` for this Java and these JARs; it may not exist yet."""
    digest = hashlib.sha256(_FORMAT_VERSION.encode())
    for file in (java_home / "release", java_home / "lib" / "modules", *sorted(jars)):
        found = file.stat()
        digest.update(f"\n{file} {found.st_size} {found.st_mtime_ns}".encode())
    return directory / f"{_PREFIX}{digest.hexdigest()[:16]}{_SUFFIX}"


def remove_unused(directory: Path, before: float) -> None:
    """Remove the archives in ``directory`` that no server has used since ``before`` (epoch seconds).

    Each new environment makes one of 160 MB. A JVM that has mapped a removed archive is not affected.
    """
    for archive in directory.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # another server was faster, or it belongs to another user
            if archive.stat().st_mtime < before:
                archive.unlink()


class ArchiveMaker:
    """Makes the archive in the background if it is missing."""

    def __init__(
        self,
        archive: Path,
        plain_job: Callable[[Path], ProcessSpec],
        scratch: Path,
        *,
        may_start: Callable[[], bool],
        report: Callable[[str], None],
        interpreter: Interpreter = OWN,
    ) -> None:
        """
        Args:
            archive: the file to make.
            plain_job: the process of a Spark job without special parameters, in this working directory.
            scratch: the working directory while it is made; removed afterwards.
            may_start: whether making may start; polled until it may.
            report: called with a line for the user when the archive was made or could not be made.
            interpreter: the Python of such jobs.
        """
        self._archive = archive
        self._plain_job = plain_job
        self._scratch = scratch
        self._may_start = may_start
        self._report = report
        self._interpreter = interpreter
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start, unless the archive exists. Remove archives of other Javas and Sparks that are no longer used."""
        if self._archive.exists():
            with contextlib.suppress(OSError):
                os.utime(self._archive)  # in use
        else:
            self._thread = threading.Thread(target=self._make, name="class-archive", daemon=True)
            self._thread.start()
        remove_unused(self._archive.parent, time.time() - UNUSED_SECONDS)

    def close(self) -> None:
        """Stop making it; nothing remains."""
        self._closing.set()
        with self._lock:
            if self._process is not None:
                self._process.kill()
        if self._thread is not None:
            self._thread.join()

    def _make(self) -> None:
        while not self._may_start():
            if self._closing.wait(_POLL_SECONDS):
                return
        try:
            status = self._run()
        except OSError as error:
            self._report(f"the class-data archive for quicker Spark starts could not be made: {error}")
            return
        if status == 0:
            size = self._archive.stat().st_size // _MB
            self._report(f"Spark jobs start quicker from now on: class-data archive {self._archive} ({size} MB)")
        elif not self._closing.is_set():
            self._report(f"the class-data archive for quicker Spark starts could not be made (status {status})")

    def _run(self) -> int | None:
        """Run the archiver to its end and return its status."""
        self._clear()
        self._archive.parent.mkdir(parents=True, exist_ok=True)
        self._scratch.mkdir(parents=True, mode=0o700)
        try:
            spec = self._plain_job(self._scratch)
            assert spec.spark_instructions is not None
            output = self._scratch / "output"
            with output.open("wb") as file, self._lock:
                if self._closing.is_set():
                    return None
                self._process = subprocess.Popen(
                    own_program(
                        "jobhost.archiver",
                        str(spec.spark_instructions),
                        str(self._archive),
                        interpreter=self._interpreter,
                    ),
                    env={**spec.env, rundir.MARK: str(self._scratch)},
                    cwd=self._scratch,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            status = self._process.wait()
            if status and not self._closing.is_set():
                log.warning("output of the archiver: %s", output.read_text(errors="replace")[-2000:])
            return status
        finally:
            self._clear()

    def _clear(self) -> None:
        """Remove what an archiver that was killed has left, by this server or an earlier one."""
        kill_stragglers(self._scratch)
        shutil.rmtree(self._scratch, ignore_errors=True)
        for unfinished in self._archive.parent.glob(f"{self._archive.name}.*.tmp"):
            unfinished.unlink(missing_ok=True)
