"""How a repository is named: addresses, the environment and the project's file (docs/repository.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from glueprint.client.errors import InvalidArgument
from glueprint.client.session import Target
from glueprint.deploy.repository.address import Address, parse_address
from glueprint.deploy.repository.settings import Settings, read_settings, required_address


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of who runs the tests."""
    for name in ("GLUEPRINT_REPOSITORY", "GLUEPRINT_ALLOWED_SIGNERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("share", Address("share", directory=Path("/base/share"))),
        ("/mnt/share", Address("/mnt/share", directory=Path("/mnt/share"))),
        ("file:///mnt/share", Address("/mnt/share", directory=Path("/mnt/share"))),
        ("s3://b", Address("s3://b", bucket="b")),
        ("s3://b/glue/prints/", Address("s3://b/glue/prints/", bucket="b", prefix="glue/prints/")),
        (
            "s3://b/p?aws=true&region=eu-central-1",
            Address(
                "s3://b/p?aws=true&region=eu-central-1",
                bucket="b",
                prefix="p/",
                target=Target(None, True, region="eu-central-1"),
            ),
        ),
        (
            "s3://b?endpoint_url=http://127.0.0.1:9000",
            Address(
                "s3://b?endpoint_url=http://127.0.0.1:9000", bucket="b", target=Target("http://127.0.0.1:9000")
            ),
        ),
        ("share.git", Address("share.git", git="/base/share.git")),
        ("git+https://host/x", Address("git+https://host/x", git="https://host/x")),
        (
            "https://anna:secret@host/x.git#released",
            Address("https://host/x.git#released", git="https://anna:secret@host/x.git", branch="released"),
        ),
        ("git@host:team/x", Address("git@host:team/x", git="git@host:team/x")),
        ("ssh://git@host/x", Address("ssh://host/x", git="ssh://git@host/x")),
    ],
)
def test_what_an_address_means(text: str, address: Address) -> None:
    """A directory, S3 or git; passwords are not shown."""
    assert parse_address(text, Path("/base")) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "-x", "--upload-pack=x.git", "git+--upload-pack=touch x", "s3://", "s3:///p", "https://host/x"),
        *("s3://b?regoin=x", "s3://b?aws=maybe", "s3://b?aws=true&endpoint_url=http://x", "x.git#-f", "x.git#"),
    ],
)
def test_what_is_not_an_address_is_refused(text: str) -> None:
    """Also what git would take for an option."""
    with pytest.raises(InvalidArgument):
        parse_address(text, Path("/base"))


def test_option_environment_file_in_this_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest of them counts; paths in the file are relative to it."""
    below = tmp_path / "project" / "below"
    below.mkdir(parents=True)
    assert read_settings(here=below) == Settings(None, None)
    with pytest.raises(InvalidArgument, match=r"no repository is named; .*GLUEPRINT_REPOSITORY.*glueprint\.ini"):
        required_address(read_settings(here=below))
    file = below.parent / "glueprint.ini"
    file.write_text("[repository]\naddress = ../share\nallowed_signers = keys/signers\n")
    found = read_settings(here=below)
    assert required_address(found).directory == below.parent / "../share"
    assert found.allowed_signers == below.parent / "keys/signers"
    monkeypatch.setenv("GLUEPRINT_REPOSITORY", "s3://b")
    monkeypatch.setenv("GLUEPRINT_ALLOWED_SIGNERS", "mine")
    found = read_settings(here=below)
    assert (required_address(found).bucket, found.allowed_signers) == ("b", below / "mine")
    assert required_address(read_settings("other", here=below)).directory == below / "other"


@pytest.mark.parametrize("text", ["address = x", "[repository]\nadress = x\n", "[repository]\naddress = -x\n"])
def test_a_file_that_cannot_be_used_is_named(text: str, tmp_path: Path) -> None:
    """A misspelt setting is not ignored: signatures could be switched off by it."""
    (tmp_path / "glueprint.ini").write_text(text)
    with pytest.raises(InvalidArgument):
        read_settings(here=tmp_path)
