"""``glueprint console``: its options, what it prints, and listening on a port."""

from __future__ import annotations

import importlib.util
import socket
import urllib.request
from typing import Any

import pytest
from click.testing import CliRunner
from console_fake import FakeGlue, FakeSession

pytest.importorskip("starlette")

from glueprint.cli.main import cli
from glueprint.client.errors import InvalidArgument
from glueprint.console.serving import ConsoleOptions, running_console


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--allow-writes", "--read-only"], "exclude each other"),
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--port", "70000"], "65535"),
        (["--aws", "--endpoint-url", "http://127.0.0.1:1"], "exclude each other"),
    ],
)
def test_wrong_options_are_usage_errors(arguments: list[str], expected: str) -> None:
    """Each mistake is one error with the option that it is about, before anything is started."""
    result = CliRunner().invoke(cli, ["console", *arguments])
    assert result.exit_code == 2
    assert expected in result.output


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the message names the packages and how to install them."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jinja2" else real(name))
    result = CliRunner().invoke(cli, ["console", "--data-dir", "none"])
    assert result.exit_code == 1
    assert "no jinja2" in result.output
    assert "glueprint[console]" in result.output


def _get(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as answer:
            return answer.status, answer.headers.get("server", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""


def test_it_listens_and_ends(glue: FakeGlue) -> None:
    """The link signs in, another Host is refused, the server does not name itself, and the port is free at the
    end."""
    links: list[str] = []
    session: Any = FakeSession(glue)
    with running_console(session, ConsoleOptions(port=0), links.append) as base:
        assert _get(f"{base}/health") == (200, "")
        assert _get(f"{base}/health", Host="evil.example")[0] == 403
        assert _get(f"{base}/workflows")[0] == 401
        assert _get(links[0])[0] == 200
        assert _get(links[0])[0] == 401
        assert len(links) == 2
        port = int(base.rpartition(":")[2])
        with (
            pytest.raises(InvalidArgument, match="cannot listen"),
            running_console(session, ConsoleOptions(port=port), links.append),
        ):
            pass
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
