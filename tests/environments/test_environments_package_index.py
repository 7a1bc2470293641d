"""The user's package index: pip's settings count for uv, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from glueprint.environments.package_index import installer_environment, pip_settings, without_passwords

BASE = {"PATH": "/bin", "HOME": "/nowhere", "XDG_CONFIG_DIRS": "/nowhere", "PIP_CONFIG_FILE": "/dev/null"}


def test_pips_index_is_translated_for_uv() -> None:
    """Indexes with pip's rule for several of them; certificate and proxy."""
    user = {
        **BASE,
        "PIP_INDEX_URL": "https://me:secret@index.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
        "PIP_FIND_LINKS": "/wheels /more",
        "PIP_CERT": "/ca.pem",
        "PIP_PROXY": "http://proxy:3128",
    }
    found = installer_environment(user, uv=True)
    assert found["UV_DEFAULT_INDEX"] == "https://me:secret@index.example/simple"
    assert found["UV_INDEX"] == "https://a.example https://b.example"
    assert found["UV_FIND_LINKS"] == "/wheels,/more"
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert found["SSL_CERT_FILE"] == "/ca.pem"
    assert found["HTTPS_PROXY"] == "http://proxy:3128"
    assert found["UV_PYTHON_DOWNLOADS"] == "never"


def test_uvs_own_settings_come_first() -> None:
    """An index that is configured for uv is the only one; so are a certificate and a proxy."""
    user = {
        **BASE,
        "PIP_INDEX_URL": "https://pip.example",
        "UV_INDEX_URL": "https://uv.example",
        "PIP_CERT": "/pip.pem",
    }
    found = installer_environment({**user, "SSL_CERT_FILE": "/uv.pem", "https_proxy": "http://p"}, uv=True)
    assert "UV_DEFAULT_INDEX" not in found
    assert "UV_INDEX_STRATEGY" not in found
    assert found["SSL_CERT_FILE"] == "/uv.pem"
    assert found["https_proxy"] == "http://p"


def test_pips_files_are_read_in_its_order(tmp_path: Path) -> None:
    """Global, then the user's, then ``PIP_CONFIG_FILE``, then the environment; several lines are one value."""
    for folder, text in (
        ("xdg/pip", "[global]\nindex-url = https://global\ncert = /global.pem\n"),
        (".config/pip", "[global]\nindex-url = https://user\nextra-index-url =\n    https://a\n    https://b\n"),
        ("", "[install]\nfind-links = /wheels\n"),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "pip.conf").write_text(text)
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path / "xdg"),
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_CERT": "/environment.pem",
    }
    settings = pip_settings(environ)
    assert settings["index-url"] == "https://user"
    assert settings["extra-index-url"] == "https://a https://b"
    assert settings["find-links"] == "/wheels"
    assert settings["cert"] == "/environment.pem"


@pytest.mark.parametrize("uv", [True, False])
def test_settings_of_other_environments_do_not_count(uv: bool) -> None:
    """What would install elsewhere, or other versions: the active environment, targets, constraints."""
    names = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_USER", "UV_TARGET", "UV_PYTHON")
    found = installer_environment({**BASE, **dict.fromkeys(names, "x")}, uv=uv)
    assert not set(names) & set(found)
    assert found["PATH"] == "/bin"
    if not uv:
        assert found["PIP_CONSTRAINT"] == ""


def test_passwords_in_addresses_are_hidden() -> None:
    """Everything else of the text stays."""
    text = "see https://docs.example/a@b and https://me:se@cret@i.example/simple or a@b"
    assert without_passwords(text) == "see https://docs.example/a@b and https://***@i.example/simple or a@b"
