"""A repository in a branch of a git repository. Each version is a commit; publishing is a push.

git refuses a push that is not based on the branch's present commit: that is the conflict after which a publisher
reads again and repeats. Nothing is checked out: the commit is made from objects, in a temporary bare clone that
has only the newest commit and, if the server can, only the files that are read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

from glueprint.client.errors import GlueprintError
from glueprint.deploy.repository.stores import INDEX, Conflict, Snapshot

_DEFAULT_BRANCH = "main"
_DEFAULT_AUTHOR = "glueprint"
_MOVED = (
    "(fetch first)",
    "(non-fast-forward)",
    "(cannot lock ref",
    "(incorrect old value",
    "(failed to update ref",
)
"""Why a push is refused if the branch has moved."""
_ENVIRONMENT = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
)
"""Set in git's hooks: they would redirect commands to another repository."""
_ORIGIN = '[remote "origin"]\n\turl = "{url}"\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
_SETTINGS = ("protocol.ext.allow=never", f"core.hooksPath={os.devnull}", "gc.auto=0", "maintenance.auto=false")


class GitStore:
    """A repository in a branch of ``url``. :meth:`close` removes the temporary clone.

    Args:
        url: what ``git clone`` accepts.
        branch: the branch; without it, the one that HEAD names, or ``main``.
        author: who publishes, for commits.
    """

    def __init__(self, url: str, branch: str | None, author: str) -> None:
        self._url = url
        self._given_branch = branch
        self._branch = branch or _DEFAULT_BRANCH
        self._author = author
        self._folder = tempfile.TemporaryDirectory(prefix="glueprint-repository-")
        self._clone = Path(self._folder.name) / "clone.git"

    def close(self) -> None:
        """Remove the temporary clone."""
        self._folder.cleanup()

    def snapshot(self) -> Snapshot:
        """Fetch the branch and read the index."""
        commit = self._fetched()
        data = None if commit is None else self._blob(commit, INDEX)
        return Snapshot(data, commit)

    def commit(self, before: Snapshot, index: bytes, files: Mapping[str, bytes], message: str) -> None:
        """Commit files and index on top of the commit that was read, and push."""
        parent = before.token
        git_index = {"GIT_INDEX_FILE": str(Path(self._folder.name) / "index")}
        self._git("read-tree", parent if parent else "--empty", environment=git_index)
        added = b""
        for path, content in {**files, INDEX: index}.items():
            blob = self._git("hash-object", "-w", "--stdin", stdin=content).decode().strip()
            added += f"100644 {blob}\t{path}\n".encode()
        self._git("update-index", "--add", "--index-info", stdin=added, environment=git_index)
        tree = self._git("write-tree", "--missing-ok", environment=git_index).decode().strip()
        parents = ("-p", parent) if parent else ()
        # Without it, two publishers of the same in the same second make the same commit: both pushes succeed.
        text = f"{message}\nPublication: {uuid.uuid4()}\n".encode()
        commit = self._git("commit-tree", tree, *parents, stdin=text, environment=self._identity())
        self._push(commit.decode().strip())

    def read(self, path: str) -> bytes | None:
        """Return the content of a file of the commit that was fetched last."""
        return self._blob(f"refs/heads/{self._branch}", path)

    def _push(self, commit: str) -> None:
        done = self._run("push", "--porcelain", "origin", f"{commit}:refs/heads/{self._branch}")
        if done.returncode == 0:
            self._git("update-ref", f"refs/heads/{self._branch}", commit)
            return
        output = f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}"
        if any(reason in output for reason in _MOVED):
            raise Conflict
        remedy = "no version was changed"
        if "refusing to update checked out branch" in output:
            remedy = "use a bare repository (git init --bare), or another branch: URL#BRANCH"
        raise _failed("push to", self._url, output, remedy)

    def _fetched(self) -> str | None:
        """Return the branch's present commit, which is then in the clone; None if there is no such branch yet."""
        heads = self._heads()
        if not self._clone.is_dir():
            self._git("init", "--quiet", "--bare", "--template=", str(self._clone), within=False)
            with (self._clone / "config").open("a", encoding="utf-8") as file:
                file.write(_ORIGIN.format(url=self._url.replace("\\", "\\\\").replace('"', '\\"')))
        if f"refs/heads/{self._branch}" not in heads:
            return None
        ref = f"refs/heads/{self._branch}"
        fetch = ("fetch", "--quiet", "--no-tags", "--depth", "1", "origin", f"+{ref}:{ref}")
        done = self._run(*fetch)
        if done.returncode != 0:
            raise _failed("fetch", self._url, done.stderr.decode(errors="replace"), None)
        return self._git("rev-parse", ref).decode().strip()

    def _heads(self) -> set[str]:
        """Return the branches of the remote repository, and choose the branch if none was given."""
        done = self._run("ls-remote", "--symref", "--", self._url, "HEAD", "refs/heads/*", within=False)
        if done.returncode != 0:
            output = done.stderr.decode(errors="replace")
            raise _failed("read", self._url, output, "the git repository must exist: git init --bare creates one")
        heads = set()
        for line in done.stdout.decode(errors="replace").splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: refs/heads/") and name == "HEAD" and self._given_branch is None:
                self._branch = value.removeprefix("ref: refs/heads/")
            heads.add(name)
        return heads

    def _blob(self, commit: str, path: str) -> bytes | None:
        listed = self._git("ls-tree", "--full-tree", "-z", commit, "--", path).decode()
        if not listed:
            return None
        return self._git("cat-file", "blob", f"{commit}:{path}")

    def _identity(self) -> dict[str, str]:
        name, _, email = (" ".join(self._author.split()) or _DEFAULT_AUTHOR).partition(" <")
        address = email.rstrip(">") or (name if "@" in name else f"{name}@localhost")
        return {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", name), ("EMAIL", address))
        }

    def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        within: bool = True,
    ) -> bytes:
        done = self._run(*arguments, stdin=stdin, environment=environment, within=within)
        if done.returncode != 0:
            raise _failed(arguments[0], self._url, done.stderr.decode(errors="replace"), None)
        return done.stdout

    def _run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        within: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        where = ("--git-dir", str(self._clone)) if within else ()
        settings = [part for one in _SETTINGS for part in ("-c", one)]
        base = {name: value for name, value in os.environ.items() if name not in _ENVIRONMENT}
        base |= {"LC_ALL": "C"} | ({} if sys.stdin.isatty() else {"GIT_TERMINAL_PROMPT": "0"})
        command = ["git", *settings, *where, *arguments]
        try:
            return subprocess.run(
                command, input=stdin, capture_output=True, env={**base, **(environment or {})}, check=False
            )
        except FileNotFoundError as error:
            raise GlueprintError("git is not installed", "install it, or use a directory or S3") from error


def _failed(what: str, url: str, output: str, remedy: str | None) -> GlueprintError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    reasons = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!"))] or lines
    return GlueprintError(f"git could not {what} {without_password(url)}: {'; '.join(reasons[:3])}", remedy)


def without_password(url: str) -> str:
    """Return a URL without the user and password that it may contain."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}" if separator else url
