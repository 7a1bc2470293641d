"""The rules that keep web pages and foreign names out."""

from __future__ import annotations

import pytest
from http_harness import HOST, FrontHarness, ask, glue_call, plain

from glueprint.local.http.guard import Guard, HostRules, content_type_problem, refusal

RULES = HostRules()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:4577",
        "127.0.0.1:4577",
        "127.8.9.10",
        "[::1]:4577",
        "bucket.localhost:80",
        "localhost.",
    ],
)
def test_loopback_names_are_allowed(host: str) -> None:
    """Host allow-list: loopback names and *.localhost, where S3 clients put the bucket."""
    assert refusal(plain(host=host).wire, RULES) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.4", "user@localhost",
     "localhost/x", "", "notlocalhost", "0.0.0.0:4577", "localhost:99999"],
)  # fmt: skip
def test_other_names_are_refused(host: str) -> None:
    """An attacker's name that resolves to 127.0.0.1 (DNS rebinding) must not reach the server."""
    assert refusal(plain(host=host).wire, RULES) is not None


def test_a_request_with_two_hosts_or_none_is_refused() -> None:
    """Another layer could use another one than the guard has checked (RFC 9112, 3.2)."""
    sent = plain()
    assert refusal(type(sent)("GET", b"/", b"", ()).wire, RULES) is not None
    assert refusal(type(sent)("GET", b"/", b"", (*sent.headers, *sent.headers)).wire, RULES) is not None


def test_further_names_are_allowed_with_the_guards_rules() -> None:
    """--allow-host: clients in containers have another name for the host; web pages stay refused."""
    rules = HostRules.for_bind("172.17.0.1", ["Host.Docker.Internal", "glue"])
    for host in ("host.docker.internal:4577", "glue:4577", "172.17.0.1", "localhost"):
        assert refusal(plain(host=host).wire, rules) is None
    assert refusal(plain(host="evil.glue").wire, rules) is not None
    assert refusal(plain(host="glue", origin="http://evil.example").wire, rules) is not None
    assert HostRules.for_bind("0.0.0.0", ["glue"]).allows("glue")


def test_the_bound_host_is_allowed_and_a_wildcard_allows_addresses_only() -> None:
    """--host adds its name; an address literal cannot be rebound by DNS, a name can (docs/fidelity/http.md)."""
    assert HostRules.for_bind("glue.internal").allows("glue.internal:80")
    assert not HostRules.for_bind("glue.internal").allows("192.168.1.4")
    wildcard = HostRules.for_bind("0.0.0.0")
    assert wildcard.allows("192.168.1.4:4577")
    assert wildcard.allows("localhost")
    assert not wildcard.allows("evil.example")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:3000", "null", "http://127.0.0.1", ""]
)
def test_a_foreign_origin_is_refused(origin: str) -> None:
    """Requests with a foreign Origin are refused."""
    assert refusal(plain(origin=origin).wire, RULES) is not None


def test_the_own_origin_is_allowed() -> None:
    """A page served by this very server may call it."""
    assert refusal(plain(origin=f"http://{HOST}").wire, RULES) is None


@pytest.mark.parametrize(
    ("site", "allowed"), [("cross-site", False), ("same-site", False), ("same-origin", True), ("none", True)]
)
def test_fetch_metadata_of_other_sites_is_refused(site: str, allowed: bool) -> None:
    """Sec-Fetch-Site tells where a browser's request comes from (W3C Fetch Metadata)."""
    assert (refusal(plain(sec_fetch_site=site).wire, RULES) is None) is allowed


def test_a_json_call_needs_a_json_content_type() -> None:
    """A page may send text/plain across origins unasked; JSON calls must not be that."""
    assert content_type_problem(glue_call().wire) is None
    assert content_type_problem(glue_call(content_type="application/x-amz-json-1.0; charset=utf-8").wire) is None
    assert content_type_problem(glue_call(content_type="text/plain").wire) is not None


def test_the_guard_answers_403_and_strips_cors_headers() -> None:
    """403 for what the rules refuse; no CORS header leaves, whatever a service answers."""
    front = FrontHarness.build(keys=None)
    guarded = Guard(front.front, RULES)
    refused = ask(guarded, plain(url="http://evil.example/bucket"))
    assert refused.status == 403
    assert "evil.example" in refused.json()["message"]
    answered = ask(guarded, plain(url=f"http://{HOST}/bucket"))
    assert answered.status == 200
    assert not [name for name in answered.headers if name.startswith("access-control-")]
