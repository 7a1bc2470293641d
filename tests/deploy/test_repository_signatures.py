"""Signatures of published versions, with the real ssh-keygen (man ssh-keygen, "-Y")."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import draft, index_of

from glueprint.client.errors import GlueprintError, InvalidArgument
from glueprint.deploy.repository.directory_store import DirectoryStore
from glueprint.deploy.repository.index import Index
from glueprint.deploy.repository.publishing import publish
from glueprint.deploy.repository.pulling import parse_reference, pull
from glueprint.deploy.repository.signatures import SignatureRefused, sign, verify
from glueprint.deploy.repository.versions import Version

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
ANY = parse_reference("orders")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys of Anna and of Mallory, and a file in which Anna is the only allowed signer."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("anna", "mallory"):
        create = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(create, check=True)
    public = (folder / "anna.pub").read_text()
    (folder / "allowed").write_text(f'anna@example.com namespaces="glueprint" {public}')
    (folder / "git_only").write_text(f'anna@example.com namespaces="git" {public}')
    return folder


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    """An empty repository."""
    (tmp_path / "repository").mkdir()
    return DirectoryStore(tmp_path / "repository")


def test_a_signed_version_is_pulled(store: DirectoryStore, keys: Path) -> None:
    """The principal of the file of allowed signers is who signed it."""
    publish(store, draft("1.0.0", key=keys / "anna"))
    assert pull(store, *ANY, keys / "allowed").signer == "anna@example.com"
    assert pull(store, *ANY).signer is None


def test_a_version_without_the_right_signature_is_refused(store: DirectoryStore, keys: Path) -> None:
    """Not signed, signed by another key, and signed with a key that is allowed for something else only."""
    publish(store, draft("1.0.0"))
    with pytest.raises(SignatureRefused, match=r"orders 1\.0\.0 is refused: it is not signed"):
        pull(store, *ANY, keys / "allowed")
    publish(store, draft("1.1.0", key=keys / "mallory"))
    with pytest.raises(SignatureRefused, match=r"orders 1\.1\.0 is refused: its signature is not valid"):
        pull(store, *ANY, keys / "allowed")
    publish(store, draft("1.2.0", key=keys / "anna"))
    with pytest.raises(SignatureRefused, match="namespace"):
        pull(store, *ANY, keys / "git_only")


def test_a_signature_belongs_to_one_version(store: DirectoryStore, keys: Path) -> None:
    """Whoever can write the index cannot offer an old signed zip as a new version, nor another zip as a signed
    version."""
    entry = publish(store, draft("1.0.0", key=keys / "anna")).entry
    for changed in (replace(entry, version=Version.parse("1.0.1")), replace(entry, name="returns")):
        forged = Index().adding(changed)
        store.commit(store.snapshot(), forged.to_bytes(), {changed.path: draft("1.0.0").content}, "forged")
        with pytest.raises(SignatureRefused):
            pull(store, *parse_reference(changed.name), keys / "allowed")
    other = draft("1.0.0", "another text").content
    with pytest.raises(SignatureRefused):
        verify(replace(entry, sha256="0" * 64).signed_text(), entry.signature, keys / "allowed")
    assert other != draft("1.0.0").content


@pytest.mark.parametrize("signature", ["", "nonsense", "-----BEGIN SSH SIGNATURE-----\nAAAA\n"])
def test_what_is_not_a_signature_is_refused(signature: str, keys: Path) -> None:
    """A damaged signature is no signature."""
    with pytest.raises(SignatureRefused):
        verify(b"text", signature, keys / "allowed")


def test_keys_and_files_that_do_not_exist(store: DirectoryStore, keys: Path) -> None:
    """Mistakes in the arguments are named, and nothing is published."""
    with pytest.raises(InvalidArgument, match=r"there is no key .*ssh-keygen -t ed25519"):
        publish(store, draft("1.0.0", key=keys / "missing"))
    with pytest.raises(GlueprintError, match=r"could not sign: .*; nothing was published"):
        publish(store, draft("1.0.0", key=keys / "allowed"))
    assert index_of(store) == Index()
    with pytest.raises(InvalidArgument, match="no file of allowed signers"):
        verify(b"text", sign(b"text", keys / "anna"), keys / "missing")


def test_without_openssh_the_error_names_it(
    store: DirectoryStore, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, not a traceback."""
    monkeypatch.setenv("PATH", str(keys))
    with pytest.raises(GlueprintError, match="ssh-keygen is not installed"):
        publish(store, draft("1.0.0", key=keys / "anna"))
