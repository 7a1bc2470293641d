"""Who may use the console: sign-in, sessions, other web pages, forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from console_fake import FakeGlue, FakeSession

pytest.importorskip("starlette")

from glueprint.console.access import SESSION_SECONDS, Access, Names, RequestFacts, refusal
from glueprint.console.headers import Guard
from glueprint.console.pages import FAMILIES

HOST = "127.0.0.1:4578"
PATHS = sorted({path for family in FAMILIES for path, _ in family.pages})
FORMS = sorted({path for family in FAMILIES for path, _ in (*family.forms, *family.trials)})


def test_a_link_works_once() -> None:
    """A sign-in token is used up by the first browser; the operator gets the next one."""
    links: list[str] = []
    access = Access(links.append)
    token = access.token
    assert access.sign_in(token) is not None
    assert access.sign_in(token) is None
    assert links == [access.token]
    assert access.sign_in(links[0]) is not None


def test_a_session_ends_when_it_is_not_used() -> None:
    """A session without requests for 12 hours is over."""
    now = [0.0]
    access = Access(clock=lambda: now[0])
    key = access.sign_in(access.token)
    assert key is not None
    now[0] = SESSION_SECONDS - 1
    assert access.session(key) is not None
    now[0] += SESSION_SECONDS + 1
    assert access.session(key) is None


def test_sessions_are_limited() -> None:
    """The oldest session gives way, so that sign-ins cannot fill the memory."""
    access = Access()
    keys = [access.sign_in(access.token) for _ in range(40)]
    alive = [key for key in keys if key is not None and access.session(key) is not None]
    assert alive == keys[-32:]


@pytest.mark.parametrize(
    ("facts", "is_refused"),
    [
        (RequestFacts("GET", HOST), False),
        (RequestFacts("GET", "localhost:4578"), False),
        (RequestFacts("GET", "[::1]:4578"), False),
        (RequestFacts("GET", None), True),
        (RequestFacts("GET", "evil.example:4578"), True),
        (RequestFacts("GET", "127.0.0.1.evil.example"), True),
        (RequestFacts("GET", "user@127.0.0.1:4578"), True),
        (RequestFacts("GET", HOST, origin="http://evil.example"), True),
        (RequestFacts("GET", HOST, origin="null"), True),
        (RequestFacts("GET", HOST, origin="http://127.0.0.1:3000"), True),
        (RequestFacts("GET", HOST, fetch_site="cross-site", fetch_mode="navigate"), False),
        (RequestFacts("GET", HOST, fetch_site="cross-site", fetch_mode="no-cors"), True),
        (RequestFacts("GET", HOST, fetch_site="same-site", fetch_mode="cors"), True),
        (RequestFacts("POST", HOST, origin=f"http://{HOST}", fetch_site="same-origin"), False),
        (RequestFacts("POST", HOST, origin="http://evil.example"), True),
        (RequestFacts("POST", HOST, fetch_site="cross-site", fetch_mode="navigate"), True),
        (RequestFacts("POST", HOST), True),
    ],
)
def test_other_web_pages_are_refused(facts: RequestFacts, is_refused: bool) -> None:
    """Host, Origin and Sec-Fetch-Site decide (OWASP, Cross-Site Request Forgery Prevention; W3C, Fetch
    Metadata)."""
    assert (refusal(facts, Names()) is not None) is is_refused


def test_a_name_can_be_added() -> None:
    """--allow-host adds a name, and a console on all interfaces answers to each literal address."""
    assert Names(frozenset({"desk.example"})).allows("desk.example:80")
    assert not Names(frozenset({"desk.example"})).allows("10.0.0.1")
    assert Names(any_address=True).allows("10.0.0.1:4578")
    assert not Names(any_address=True).allows("evil.example")


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
def test_without_a_session_nothing_is_shown(path: str, open_console: Callable[..., Any], glue: FakeGlue) -> None:
    """An address alone shows how to sign in, and nothing of the Glue."""
    glue.add_workflow("secret-name")
    answer = open_console(sign_in=False).get(f"{path}?name=secret-name")
    assert answer.status_code == 401
    assert "secret-name" not in answer.text


@pytest.mark.parametrize("path", FORMS)
def test_a_form_needs_the_token_of_its_session(path: str, browser: Any, glue: FakeGlue) -> None:
    """A form without the session's CSRF token, or from another origin, changes nothing."""
    own = {"Origin": "http://127.0.0.1:4578", "Sec-Fetch-Site": "same-origin"}
    assert browser.post(path, data={"name": "x"}, headers=own).status_code == 403
    assert browser.post(path, data={"name": "x", "csrf": "wrong"}, headers=own).status_code == 403
    foreign = {"Origin": "http://evil.example"}
    assert browser.post(path, data={"name": "x", "csrf": browser.csrf()}, headers=foreign).status_code == 403
    assert glue.calls == []


@pytest.mark.parametrize("path", sorted({path for family in FAMILIES for path, _ in family.forms}))
def test_a_read_only_console_changes_nothing(path: str, open_console: Callable[..., Any], glue: FakeGlue) -> None:
    """With --read-only no form is accepted, whatever a browser sends."""
    browser = open_console(read_only=True)
    answer = browser.submit(path, {"name": "x"})
    assert answer.status_code == 403
    assert "read-only" in answer.text
    assert glue.calls == []


def test_an_account_is_not_changed_without_permission(open_console: Callable[..., Any], glue: FakeGlue) -> None:
    """With --aws no form is accepted, unless the console was started with --allow-writes."""
    browser = open_console(session=FakeSession(glue, is_aws=True))
    assert browser.submit("/workflow/start", {"name": "x"}).status_code == 403
    assert glue.calls == []
    allowed = open_console(session=FakeSession(glue, is_aws=True), allow_writes=True)
    assert allowed.submit("/workflow/start", {"name": "x"}, follow_redirects=False).status_code == 303
    assert glue.calls == [("start_workflow_run", {"Name": "x"})]


def test_the_cookie_is_for_this_console_only(open_console: Callable[..., Any]) -> None:
    """The cookie cannot be read by scripts, and is not sent with requests of other sites."""
    browser = open_console(sign_in=False)
    cookie = browser.get(f"/sign-in?token={browser.token}").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert cookie.startswith("glueprint_console_4578=")


@pytest.mark.parametrize("path", ["/", "/workflows", "/nothing", "/sign-in", "/static/console.js"])
def test_each_answer_forbids_inline_scripts(path: str, browser: Any) -> None:
    """The policy allows scripts and styles of the console's own files only, and no frame around it."""
    headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_a_browser_can_sign_out(browser: Any) -> None:
    """After signing out the cookie is worth nothing."""
    cookies = dict(browser.cookies)
    assert browser.submit("/sign-out").status_code == 200
    browser.cookies.update(cookies)
    assert browser.get("/workflows").status_code == 401


async def _nothing(*_: Any) -> None:
    raise AssertionError("the request was let through")


def test_the_guard_is_outermost() -> None:
    """A refused request reaches no page: also one for a path that does not exist."""
    import anyio

    sent: list[dict[str, Any]] = []

    async def call() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/static/console.js",
            "headers": [(b"host", b"evil.example")],
        }
        app = Guard(_nothing, Names())
        await app(scope, receive, send)

    anyio.run(call)
    assert sent[0]["status"] == 403
