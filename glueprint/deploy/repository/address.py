"""The address of a repository: a directory, ``s3://BUCKET/PREFIX`` or a git repository.

A git repository is what starts with ``git+``, ends with ``.git``, is an ``ssh://`` or ``user@host:path`` address,
or is a local folder with git's files; ``#BRANCH`` at the end names a branch. For S3, the command's own target
(``--aws``, ``--endpoint-url``, the local Glue) is used, unless the address names another one:
``s3://BUCKET/PREFIX?aws=true&region=eu-central-1`` or ``?endpoint_url=http://127.0.0.1:9000``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Notify, Session, Target, ignore, open_session
from glueprint.deploy.repository.directory_store import DirectoryStore
from glueprint.deploy.repository.git_store import GitStore, without_password
from glueprint.deploy.repository.s3_store import S3Store
from glueprint.deploy.repository.stores import Store

_GIT_PREFIX = "git+"
_SCP_LIKE = re.compile(r"[\w.-]+@[\w.-]+:.+")
_S3_SETTINGS = ("aws", "region", "endpoint_url")
_FORMS = "a repository is a directory, s3://BUCKET/PREFIX, or a git repository such as git+https://host/name.git"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is. One of ``directory``, ``bucket`` and ``git`` is set.

    Attributes:
        shown: the address for messages: without passwords.
        prefix: of S3: empty, or with a slash at its end.
        target: of S3: which service has the bucket; None is the command's own target.
        branch: of git; None is the repository's default branch.
    """

    shown: str
    directory: Path | None = None
    bucket: str | None = None
    prefix: str = ""
    target: Target | None = None
    git: str | None = None
    branch: str | None = None

    @property
    def is_in_targets_s3(self) -> bool:
        """Whether it is in the S3 of the command's own target."""
        return self.bucket is not None and self.target is None


def parse_address(text: str, base: Path = Path()) -> Address:
    """Read an address.

    Args:
        text: what the user named.
        base: the directory to which local paths are relative.

    Raises:
        InvalidArgument: it is not an address.
    """
    if not text or text.startswith("-"):
        raise InvalidArgument(f"{text!r} is not the address of a repository", _FORMS)
    if text.startswith("s3://"):
        return _s3(text)
    plain, hash_, branch = text.partition("#")
    if _is_git(plain, base):
        url = plain.removeprefix(_GIT_PREFIX)
        is_option = url.startswith("-")
        if not urlsplit(url).scheme and not _SCP_LIKE.fullmatch(url):
            url = str((base / Path(url).expanduser()).absolute())
        if is_option or (hash_ and not re.fullmatch(r"(?!-)[\w./-]+", branch)):
            raise InvalidArgument(f"{text!r} is not the address of a git repository", _FORMS)
        return Address(without_password(text), git=url, branch=branch or None)
    scheme = urlsplit(text).scheme
    if scheme == "file":
        text = urlsplit(text).path
    elif scheme and "://" in text:
        raise InvalidArgument(f"{without_password(text)!r}: addresses with {scheme}:// are not supported", _FORMS)
    return Address(text, directory=base / Path(text).expanduser())


def _s3(text: str) -> Address:
    parts = urlsplit(text)
    settings = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = [name for name in settings if name not in _S3_SETTINGS]
    if not parts.netloc or unknown or parts.fragment:
        what = f"it has unknown settings {', '.join(unknown)}" if unknown else "it has no bucket"
        raise InvalidArgument(
            f"{text!r} is not the address of a repository in S3: {what}", f"settings are {', '.join(_S3_SETTINGS)}"
        )
    if settings.get("aws", "true") not in ("true", "false"):
        raise InvalidArgument(f"{text!r}: aws is true or false", None)
    is_aws = settings.get("aws") == "true"
    endpoint = settings.get("endpoint_url") or None
    if is_aws and endpoint:
        raise InvalidArgument(f"{text!r}: aws and endpoint_url exclude each other", None)
    region = settings.get("region")
    target = Target(endpoint, is_aws, region=region) if is_aws or endpoint else None
    prefix = parts.path.strip("/")
    return Address(text, bucket=parts.netloc, prefix=f"{prefix}/" if prefix else "", target=target)


def _is_git(plain: str, base: Path) -> bool:
    if plain.startswith((_GIT_PREFIX, "ssh://", "git://")) or plain.rstrip("/").endswith(".git"):
        return True
    if _SCP_LIKE.fullmatch(plain) and not (base / plain).exists():
        return True
    folder = base / Path(plain).expanduser()
    return (folder / ".git").exists() or all((folder / one).exists() for one in ("HEAD", "objects", "refs"))


@contextlib.contextmanager
def open_store(
    address: Address, target: Target | Session, author: str = "", notify: Notify = ignore
) -> Iterator[Store]:
    """Open a repository.

    Args:
        address: where it is.
        target: the command's target, or its open session, for S3.
        author: who publishes, for git.
        notify: receives lines for the user.
    """
    if address.git is not None:
        git = GitStore(address.git, address.branch, author)
        with contextlib.closing(git):
            yield git
    elif address.bucket is not None:
        where = address.target or target
        with contextlib.ExitStack() as stack:
            if isinstance(where, Target):
                where = stack.enter_context(open_session(where, notify=notify))
            yield S3Store(where.client("s3"), address.bucket, address.prefix)
    else:
        assert address.directory is not None
        yield DirectoryStore(address.directory)
