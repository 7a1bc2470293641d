"""The data directory: everything that a local Glue stores, locked by one server.

Layout of ``<data-dir>`` (mode 0700)::

    lock            held by the one server of this directory; its text is that server's pid
    keys.json       access key and secret (0600), made once
    endpoint.json   where that server answers, while it is ready (0600); clients read it
    left.json       where servers answered that were killed or left their children: those still call there
    s3/ logs/ runs/ state.sqlite
    backups/        copies of state.sqlite of the last days
    ephemeral/      replaces the line above under --ephemeral; emptied at start, removed at the end
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import stat
import string
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_LOCK = "lock"
_TEMPORARY = "temporary"
"""The second line of the lock's text, with the pid of the command, if its server leaves for any other."""
COMMAND_SECONDS = 10.0
"""How long a server that starts lets a command use its temporary server."""
_KEYS = "keys.json"
_ENDPOINT = "endpoint.json"
_LEFT = "left.json"
MAX_LEFT_URLS = 4
"""Children of earlier servers are rare, and each port that they call is one more to listen on."""
_EPHEMERAL = "ephemeral"
_FOLDERS = ("s3", "logs", "runs")
_KEY_LETTERS = string.ascii_uppercase + "234567"
_SECRET_LETTERS = string.ascii_letters + string.digits


class DataDirectoryError(Exception):
    """The data directory cannot be used; the message is one line that states why and what to do."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials that clients of one data directory sign with."""

    access_key: str
    secret_key: str

    @classmethod
    def generate(cls) -> Keys:
        """New random keys. The ``GLPR`` prefix keeps them from being taken for a real account's ``AKIA``.

        Letters and digits only: nothing that a shell, a URL or an option parser could read another way.
        """
        access_key = "GLPR" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16))
        return cls(access_key, "".join(secrets.choice(_SECRET_LETTERS) for _ in range(40)))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The contents of ``endpoint.json``: how to reach the server that runs on a data directory."""

    url: str
    access_key: str
    secret_key: str
    region: str
    account_id: str
    pid: int
    temporary: bool = False


class DataDirectory:
    """An opened, locked data directory. Close it, or use it as a context manager.

    Attributes:
        path: the directory that the user named.
        root: where state lives: ``path``, or ``path/ephemeral``.
        keys: what clients must sign with.
        left_urls: where servers answered that were killed, or left their children, which still call there; the
            newest first.
        leaves_children: set by a server whose children go on; :meth:`close` then keeps its URL for the next.
    """

    def __init__(
        self, path: Path, root: Path, keys: Keys, lock: int, *, ephemeral: bool, left_urls: tuple[str, ...]
    ) -> None:
        """Use :meth:`open`."""
        self.left_urls = left_urls
        self.leaves_children = False
        self.path = path
        self.root = root
        self.keys = keys
        self.ephemeral = ephemeral
        self._lock: int | None = lock

    @classmethod
    def open(cls, path: Path | str, ephemeral: bool = False, *, temporary: bool = False) -> DataDirectory:
        """Create or open ``path``, take its lock and make its folders.

        Args:
            path: the data directory; created when missing.
            ephemeral: keep nothing: state goes to a folder that starts empty and is removed by :meth:`close`.
            temporary: for a server that leaves for any other.

        Raises:
            DataDirectoryError: in use by another server (the message names its pid), not a data directory, not
                writable, or the disk is full.
        """
        path = Path(path).absolute()
        try:
            _prepare(path)
            lock = _take_lock(path)
        except OSError as error:
            raise DataDirectoryError(_message(path, error)) from error
        try:
            _write_pid(lock, temporary=temporary)
            left_urls = _keep_left_urls(path)
            leftovers = path / _EPHEMERAL
            if leftovers.exists():
                shutil.rmtree(leftovers)
            root = leftovers if ephemeral else path
            for folder in _FOLDERS:
                (root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            keys = Keys.generate() if ephemeral else _kept_keys(path)
        except OSError as error:
            os.close(lock)
            raise DataDirectoryError(_message(path, error)) from error
        except BaseException:
            os.close(lock)
            raise
        return cls(path, root, keys, lock, ephemeral=ephemeral, left_urls=left_urls)

    @property
    def s3(self) -> Path:
        """Objects: ``s3/<bucket>/<key>``."""
        return self.root / "s3"

    @property
    def logs(self) -> Path:
        """Log files, laid out by :mod:`glueprint.local.logs`."""
        return self.root / "logs"

    @property
    def runs(self) -> Path:
        """Run directories of processes."""
        return self.root / "runs"

    @property
    def state(self) -> Path:
        """The SQLite file."""
        return self.root / "state.sqlite"

    def publish(self, url: str, *, region: str, account_id: str, temporary: bool = False) -> Endpoint:
        """Write ``endpoint.json``: the server is ready at ``url``; a temporary one leaves for any other.

        Raises:
            DataDirectoryError: the file cannot be written.
        """
        keys, pid = self.keys, os.getpid()
        endpoint = Endpoint(url, keys.access_key, keys.secret_key, region, account_id, pid, temporary)
        try:
            _write_private(self.path / _ENDPOINT, asdict(endpoint))
        except OSError as error:
            raise DataDirectoryError(_message(self.path, error)) from error
        return endpoint

    def close(self) -> None:
        """Withdraw ``endpoint.json``, drop what is ephemeral, release the lock. Safe to call twice."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        try:
            if self.leaves_children:
                _keep_left_urls(self.path)
            else:
                for name in (_ENDPOINT, _LEFT):
                    with contextlib.suppress(OSError):  # not a file
                        (self.path / name).unlink()
            if self.ephemeral:
                shutil.rmtree(self.root, ignore_errors=True)
        finally:
            os.close(lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def replace_temporary_server(path: Path, *, seconds: float = 30.0) -> bool:
    """Have a temporary server of ``path`` leave, and wait until it has; return whether it was made to leave.

    One that is starting is waited for, and so is its command, for a short time: most end within a second.
    Its pid counts only while the lock is held: that proves that the process which wrote it still runs.
    """
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        deadline = time.monotonic() + seconds
        requested = False
        patience = time.monotonic() + COMMAND_SECONDS
        while _is_held(lock) and time.monotonic() < deadline:
            pid, command = _temporary_holder(lock)
            if pid is None:
                return requested
            waits = command is not None and _is_alive(command) and time.monotonic() < patience
            if not requested and not waits and _is_published(path, pid):  # before, it could not leave in order
                os.kill(pid, signal.SIGTERM)
                requested = True
            time.sleep(0.05)
        return requested
    except ProcessLookupError:
        return True
    finally:
        os.close(lock)


def _temporary_holder(lock: int) -> tuple[int | None, int | None]:
    """Return the pids of the temporary server that holds the lock and of its command; None if it is not one."""
    pid, _, rest = os.pread(lock, 64, 0).decode("ascii", "replace").partition("\n")
    kind, _, command = rest.strip().partition(" ")
    if kind != _TEMPORARY or not (pid.isdigit() and command.isdigit()):
        return None, None
    return int(pid), int(command)


def _is_alive(pid: int) -> bool:
    """Whether a command still runs: a server that has lost it belongs to another process, such as 1."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return pid > 1


def _is_published(path: Path, pid: int) -> bool:
    try:
        return bool(json.loads((path / _ENDPOINT).read_text(encoding="utf-8"))["pid"] == pid)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_held(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def _prepare(path: Path) -> None:
    """Make ``path`` a private directory; never use a directory that contains something else."""
    if path.exists() and not path.is_dir():
        raise DataDirectoryError(f"data directory {path} is a file: choose another --data-dir")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (path / _LOCK).exists() and any(path.iterdir()):
        raise DataDirectoryError(
            f"{path} is not empty and not a glueprint data directory: choose another --data-dir, or an empty one"
        )
    for entry in (path, *path.iterdir()):  # what is deeper is behind these
        mode = entry.lstat().st_mode
        if mode & 0o077 and not stat.S_ISLNK(mode):
            entry.chmod(mode & 0o700)


def _keep_left_urls(path: Path) -> tuple[str, ...]:
    """Move the URL of the last server to those of earlier ones, and return all, the newest first.

    They are hints only: without them, calls of the children of these servers fail.
    """
    found = [url for name in (_ENDPOINT, _LEFT) for url in _urls_in(path / name)]
    urls = tuple(dict.fromkeys(found))[:MAX_LEFT_URLS]
    with contextlib.suppress(OSError):
        if urls and urls != _urls_in(path / _LEFT):
            try:
                _write_private(path / _LEFT, {"url": urls[0], "earlier": urls[1:]})
            except OSError:  # a full disk: the newest is enough
                os.replace(path / _ENDPOINT, path / _LEFT)
    with contextlib.suppress(OSError):
        (path / _ENDPOINT).unlink()
    return urls


def _urls_in(file: Path) -> tuple[str, ...]:
    """Return the valid URLs in a hint file, whatever else it contains."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return tuple(url for url in (content["url"], *content.get("earlier", ())) if _has_port(url))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def _has_port(url: str) -> bool:
    split = urlsplit(url)
    return bool(split.hostname and split.port)  # the port is checked when it is read


def _take_lock(path: Path) -> int:
    """Take the lock; it belongs to the open file and ends with this process, however that ends."""
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock_now(lock)
    except BlockingIOError as error:
        pid = os.pread(lock, 32, 0).decode("ascii", "replace").partition("\n")[0]
        os.close(lock)
        who = f"pid {pid}" if pid else "it is just starting"
        raise DataDirectoryError(
            f"{path} is in use by another glueprint server ({who}): stop that one, or choose another --data-dir"
        ) from error
    except OSError:
        os.close(lock)
        raise
    return lock


def _lock_now(lock: int) -> None:
    """Take the lock; a command that looks whether it is held has it for an instant."""
    for _ in range(4):
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
    return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_pid(lock: int, *, temporary: bool) -> None:
    kind = f"{_TEMPORARY} {os.getppid()}\n" if temporary else ""
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n{kind}".encode("ascii"), 0)
    os.fsync(lock)


def _kept_keys(path: Path) -> Keys:
    file = path / _KEYS
    try:
        found = json.loads(file.read_text("utf-8"))
        return Keys(str(found["access_key"]), str(found["secret_key"]))
    except FileNotFoundError:
        keys = Keys.generate()
        _write_private(file, asdict(keys))
        return keys
    except (ValueError, KeyError, TypeError) as error:
        raise DataDirectoryError(f"{file} is damaged: delete it, and new keys are created") from error


def _write_private(file: Path, content: object) -> None:
    """Replace ``file`` in one step, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _message(path: Path, error: OSError) -> str:
    return f"cannot use data directory {path}: {error.strerror or error}: choose another --data-dir, or free it"
