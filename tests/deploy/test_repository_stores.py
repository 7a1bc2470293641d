"""What every kind of repository promises: one suite for directory, git, our S3 and moto's."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from harness.serving import serving_s3
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from repositories import blueprint_zip, draft, git_repository, index_of, publish_together, versions_of

from glueprint.blueprint.archive import ArchiveError
from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound
from glueprint.deploy.repository.directory_store import DirectoryStore
from glueprint.deploy.repository.git_store import GitStore, without_password
from glueprint.deploy.repository.index import AlreadyPublished, DamagedRepository, Index
from glueprint.deploy.repository.publishing import Draft, Published, publish, withdraw
from glueprint.deploy.repository.pulling import parse_reference, pull
from glueprint.deploy.repository.s3_store import S3Store
from glueprint.deploy.repository.stores import Conflict, Store
from glueprint.deploy.repository.versions import Bump, Version

KINDS = ("directory", "git", "local", "moto")
ANY = parse_reference("orders")


class Places:
    """New repositories of one kind.

    Args:
        kind: one of :data:`KINDS`.
        folder: for what they need.
        s3: a client, for the kinds that need one.
    """

    def __init__(self, kind: str, folder: Path, s3: Any = None) -> None:
        self._kind, self._folder, self._s3 = kind, folder, s3
        self._numbers = itertools.count()
        self._opened: list[GitStore] = []

    def new(self) -> Callable[[], Store]:
        """An empty repository; the result opens it, as another publisher does each time."""
        name = f"repository-{next(self._numbers)}"
        if self._kind == "directory":
            (self._folder / name).mkdir()
            return lambda: DirectoryStore(self._folder / name)
        if self._kind == "git":
            url = str(git_repository(self._folder / name))
            return lambda: self._git(url)
        self._s3.create_bucket(Bucket=name)
        return lambda: S3Store(self._s3, name, "glue/")

    def _git(self, url: str) -> GitStore:
        store = GitStore(url, None, "anna@example.com")
        self._opened.append(store)
        return store

    def close(self) -> None:
        """Remove what was opened."""
        for store in self._opened:
            store.close()


def s3_client(url: str) -> Any:
    """A client of one endpoint."""
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=url, config=Config(s3={"addressing_style": "path"}), **keys)


@pytest.fixture(scope="module", params=KINDS)
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Repositories of each kind."""
    kind, folder = request.param, tmp_path_factory.mktemp("places")
    if kind == "git" and shutil.which("git") is None:
        pytest.skip("git is not installed")
    if kind == "directory" or kind == "git":
        made = Places(kind, folder)
        yield made
        made.close()
    elif kind == "moto":
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        client = s3_client("http://{}:{}".format(*server.get_host_and_port()))
        yield Places(kind, folder, client)
        client.close()
        server.stop()
    else:
        with serving_s3(folder) as url:
            client = s3_client(url)
            yield Places(kind, folder, client)
            client.close()


def test_what_was_published_is_pulled(places: Places) -> None:
    """The whole of it: new repository, first version, next versions, content, and who published when."""
    opened = places.new()
    assert index_of(opened()) == Index()
    first = publish(opened(), draft(Bump.MINOR, "one", notes="the first"), now=lambda: 0.0)
    assert str(first.entry.version) == "0.1.0"
    publish(opened(), draft(Bump.MINOR, "two"))
    publish(opened(), draft("2.0.0-rc.1", "three"))
    assert versions_of(opened()) == ["2.0.0-rc.1", "0.2.0", "0.1.0"]
    store = opened()
    assert pull(store, *ANY).content == blueprint_zip("two")
    assert pull(store, *parse_reference("orders@2.0.0-rc.1")).content == blueprint_zip("three")
    entry = pull(store, *parse_reference("orders@0.1.0")).entry
    assert (entry.published_at, entry.published_by, entry.notes) == (
        "1970-01-01T00:00:00Z",
        "anna@example.com",
        "the first",
    )
    assert entry.summary == "Loads the orders."


def test_a_published_version_never_changes(places: Places) -> None:
    """Another content is refused, and the first stays; the same content is no change, whoever repeats it."""
    opened = places.new()
    first = publish(opened(), draft("1.0.0", "one"))
    before = opened().snapshot().data
    with pytest.raises(AlreadyPublished, match=r"orders 1\.0\.0 was published on .* by anna@example\.com"):
        publish(opened(), draft("1.0.0", "two"))
    assert publish(opened(), draft("1.0.0", "one")) == Published(first.entry, is_new=False)
    assert publish(opened(), draft(Bump.MAJOR, "one")) == Published(first.entry, is_new=False)
    assert opened().snapshot().data == before
    assert pull(opened(), *ANY).content == blueprint_zip("one")


def test_a_version_is_withdrawn(places: Places) -> None:
    """A withdrawal is one more commit of the index: what another publisher commits meanwhile is not lost, the zip
    stays, and content that was withdrawn can be published under a new version."""
    opened = places.new()
    publish(opened(), draft("1.0.0", "one"))
    publish(opened(), draft("1.1.0", "two"))

    store = Tampered(opened(), {})
    commit = store.commit

    def overtaken(*arguments: Any) -> None:
        if versions_of(opened()) == ["1.1.0", "1.0.0"]:
            publish(opened(), draft("1.2.0-rc.1", "three"))
        commit(*arguments)

    store.commit = overtaken  # type: ignore[method-assign, assignment]
    done = withdraw(store, "orders", Version.parse("1.1.0"), "bert", "bad", pause=lambda _: None)
    assert done.is_new
    assert not withdraw(opened(), "orders", Version.parse("1.1.0"), "bert").is_new
    assert versions_of(opened()) == ["1.2.0-rc.1", "1.1.0", "1.0.0"]
    assert pull(opened(), *ANY).content == blueprint_zip("one")
    assert pull(opened(), *parse_reference("orders@1.1.0")).content == blueprint_zip("two")
    assert str(publish(opened(), draft(Bump.PATCH, "two")).entry.version) == "1.1.1"


def test_a_commit_on_an_old_index_is_refused(places: Places) -> None:
    """Compare and swap: of two publishers with the same index, one must read again (no version is lost)."""
    opened = places.new()
    mine, theirs = opened(), opened()
    before = mine.snapshot()
    theirs_before = theirs.snapshot()
    theirs.commit(theirs_before, b"theirs", {"a/1": b"a"}, "theirs")
    with pytest.raises(Conflict):
        mine.commit(before, b"mine", {"b/1": b"b"}, "mine")
    assert opened().snapshot().data == b"theirs"
    mine.commit(mine.snapshot(), b"mine", {"b/1": b"b"}, "mine")
    store = opened()
    assert store.snapshot().data == b"mine"
    assert (store.read("a/1"), store.read("b/1"), store.read("c/1")) == (b"a", b"b", None)


def test_a_dry_run_changes_nothing(places: Places) -> None:
    """``--dry-run`` returns the version that would be published."""
    opened = places.new()
    assert publish(opened(), draft(Bump.MINOR), dry_run=True).is_new
    assert opened().snapshot().data is None


def test_a_zip_that_was_changed_is_refused(places: Places) -> None:
    """The SHA-256 of the index is compared at each pull; a missing zip is reported as well."""
    opened = places.new()
    entry = publish(opened(), draft("1.0.0", "one")).entry
    other = publish(opened(), draft("1.1.0", "two")).entry
    store = opened()
    tampered = Tampered(store, {entry.path: blueprint_zip("evil"), other.path: None})
    with pytest.raises(DamagedRepository, match=r"orders 1\.0\.0 is not the zip that was published"):
        pull(tampered, *parse_reference("orders@1.0.0"))
    with pytest.raises(DamagedRepository, match=r"the zip of orders 1\.1\.0 is missing"):
        pull(tampered, *ANY)


def test_what_is_not_a_blueprint_is_not_published(places: Places) -> None:
    """A zip that Glue would refuse never becomes a version."""
    opened = places.new()
    with pytest.raises(ArchiveError):
        publish(opened(), Draft("orders", b"no zip", Version.parse("1.0.0"), "anna@example.com"))
    assert opened().snapshot().data is None


NAMES = ("orders", "returns")
drafts = st.builds(
    draft,
    st.one_of(st.sampled_from(["1.0.0", "1.1.0"]), st.sampled_from(Bump)),
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(NAMES),
)


@pytest.mark.parametrize("places", [kind for kind in KINDS if kind != "git"], indirect=True)
@settings(max_examples=12)
@given(st.lists(drafts, min_size=2, max_size=4), st.lists(st.integers(0, 3), max_size=12))
def test_no_publisher_loses_anothers_version(places: Places, together: list[Draft], turns: list[int]) -> None:
    """Publishers whose steps interleave in any order: each either has its version in the index, with its
    content, or was refused because another content has that version; nothing else is there."""
    interleave(places, together, turns)


@pytest.mark.parametrize("places", ["git"], indirect=True)
@settings(max_examples=3)
@given(st.lists(drafts, min_size=2, max_size=3), st.lists(st.integers(0, 3), max_size=8))
def test_no_push_loses_anothers_version(places: Places, together: list[Draft], turns: list[int]) -> None:
    """The same, with fewer examples in git, which starts many processes; `make lifecycle` has more."""
    interleave(places, together, turns)


@pytest.mark.lifecycle
@pytest.mark.parametrize("places", ["git"], indirect=True)
@settings(max_examples=40)
@given(st.lists(drafts, min_size=2, max_size=4), st.lists(st.integers(0, 3), max_size=12))
def test_many_pushes_lose_no_version(places: Places, together: list[Draft], turns: list[int]) -> None:
    """The same again, longer."""
    interleave(places, together, turns)


def interleave(places: Places, together: list[Draft], turns: list[int]) -> None:
    """Publish at the same time, and compare the index with what each publisher got."""
    opened = places.new()
    results = publish_together(opened, together, turns)
    store = opened()
    index = index_of(store)
    found = {(name, entry.version): entry for name in index.entries for entry in index.versions(name)}
    published = [one.entry for one in results if isinstance(one, Published)]
    assert {(one.name, one.version): one for one in published} == found
    for one, result in zip(together, results, strict=True):
        if isinstance(result, Published):
            assert store.read(found[one.name, result.entry.version].path) == one.content
        else:
            assert isinstance(one.version, Version)
            assert store.read(found[one.name, one.version].path) != one.content
    raised = [one for one in results if isinstance(one, Published) and one.is_new]
    assert len({(one.entry.name, one.entry.version) for one in raised}) == len(raised)


def test_a_place_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    """A share that is not mounted, a misspelt bucket or address is an error, not a new repository."""
    with pytest.raises(NotFound, match=r"there is no directory .*mkdir -p"):
        publish(DirectoryStore(tmp_path / "nowhere"), draft("1.0.0"))
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgument, match="file is not a directory"):
        publish(DirectoryStore(tmp_path / "file"), draft("1.0.0"))


def test_a_directory_with_other_things_is_not_a_repository(tmp_path: Path) -> None:
    """`--repository .` in a project is a mistake; a README and hidden files are not in the way."""
    (tmp_path / "README.md").write_text("Ask Anna.")
    (tmp_path / ".snapshots").mkdir()
    (tmp_path / "layouts").mkdir()
    with pytest.raises(GlueprintError, match=r"is not a repository: it contains layouts, but no index\.json"):
        publish(DirectoryStore(tmp_path), draft("1.0.0"))
    (tmp_path / "layouts").rmdir()
    assert publish(DirectoryStore(tmp_path), draft("1.0.0")).is_new


def test_a_bucket_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    """See above; the remedy names the command."""
    with serving_s3(tmp_path) as url, contextlib.closing(s3_client(url)) as client:
        with pytest.raises(NotFound, match="there is no bucket nowhere; create it first"):
            publish(S3Store(client, "nowhere", ""), draft("1.0.0"))
        assert client.list_buckets()["Buckets"] == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_git_repository_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    """git's own reason, without passwords; a branch that is checked out is not pushed to."""
    with (
        contextlib.closing(GitStore(str(tmp_path / "nowhere.git"), None, "anna")) as store,
        pytest.raises(GlueprintError, match=r"git could not read .*nowhere\.git: fatal: .*git init --bare"),
    ):
        publish(store, draft("1.0.0"))
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(tmp_path / "work")], check=True)
    with (
        contextlib.closing(GitStore(str(tmp_path / "work"), None, "anna")) as store,
        pytest.raises(GlueprintError, match=r"use a bare repository"),
    ):
        publish(store, draft("1.0.0"))
    assert without_password("https://anna:secret@host/x.git") == "https://host/x.git"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_branch_of_a_git_repository(tmp_path: Path) -> None:
    """``URL#BRANCH``: other branches stay; within a git hook, whose variables name another repository, too."""
    url = str(git_repository(tmp_path / "repository.git"))
    with contextlib.closing(GitStore(url, "released", "Anna <anna@example.com>")) as store:
        publish(store, draft("1.0.0"))
    with contextlib.closing(GitStore(url, None, "anna")) as store:
        assert index_of(store) == Index()
    log = ["git", "--git-dir", url, "log", "--format=%an <%ae> %s", "released"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout == (
        "Anna <anna@example.com> Publish orders 1.0.0\n"
    )


class Tampered:
    """A store of which someone has changed files."""

    def __init__(self, store: Store, changed: dict[str, bytes | None]) -> None:
        self._store, self._changed = store, changed
        self.snapshot, self.commit = store.snapshot, store.commit

    def read(self, path: str) -> bytes | None:
        return self._changed[path] if path in self._changed else self._store.read(path)
