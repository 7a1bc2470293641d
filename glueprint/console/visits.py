"""A request as a page receives it, and the wrapper that turns a page's function into an endpoint.

Pages are plain functions: they run in a thread, call boto3, and return a response. The wrapper has read the
form and checked session, CSRF token and permission to write before; it shows what the user can fix as a page.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from glueprint.client.errors import GlueprintError, NotFound, as_shown, from_botocore, is_not_found
from glueprint.client.session import Session
from glueprint.console import rendering
from glueprint.console.access import SAFE_METHODS, Access, BrowserSession
from glueprint.console.listing import NameLists
from glueprint.console.snapshot import Snapshots
from glueprint.console.text import shortened, url

MAX_FIELDS = 2_000
MAX_FIELD_BYTES = 4 << 20
MAX_FILES = 1_000
_LOG = logging.getLogger("glueprint.console")
T = TypeVar("T")


@dataclass(frozen=True)
class Console:
    """What all pages share.

    Attributes:
        session: clients of the Glue that is shown.
        access: sign-in and sessions.
        title: which Glue it is, for the top of each page.
        may_write: whether forms that change something are shown and accepted.
        why_read_only: shown if they are not.
        cookie: the name of the session's cookie.
        snapshots: what the overview shows.
        names: of everything that is listed.
        role: the role that blueprint runs get, if the user gives none; None: it must be given.
    """

    session: Session
    access: Access
    title: str
    may_write: bool
    cookie: str
    snapshots: Snapshots
    names: NameLists
    why_read_only: str = ""
    role: str | None = None

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.session.glue

    def finish(self) -> None:
        """Wait until nothing is being read in the background."""
        self.snapshots.finish()
        self.names.finish()


@dataclass
class Visit:
    """One request of a signed-in browser."""

    console: Console
    request: Request
    browser: BrowserSession
    form: FormData = field(default_factory=FormData)

    @property
    def glue(self) -> Any:
        """The Glue client."""
        return self.console.glue

    @property
    def session(self) -> Session:
        """Clients of the Glue that is shown."""
        return self.console.session

    def query(self, name: str, default: str = "") -> str:
        """Return a value of the address."""
        return self.request.query_params.get(name, default)

    @property
    def is_refresh(self) -> bool:
        """Whether the script requests the page again, for its parts that change."""
        return "x-refresh" in self.request.headers

    def required(self, name: str) -> str:
        """Return a value of the address.

        Raises:
            NotFound: it is missing.
        """
        value = self.query(name)
        if not value:
            raise NotFound(f"this address is incomplete: it has no {name}")
        return value

    def field(self, name: str, default: str = "") -> str:
        """Return a value of the form; lines end as in Python, not as in forms (HTML, 4.10.21.8)."""
        value = self.form.get(name, default)
        return value.replace("\r\n", "\n") if isinstance(value, str) else default

    def fields(self, name: str) -> list[str]:
        """Return all values of the form with this name, with lines as in ``field``."""
        return [value.replace("\r\n", "\n") for value in self.form.getlist(name) if isinstance(value, str)]

    def uploads(self, name: str) -> list[UploadFile]:
        """Return the files that were chosen in a field of the form."""
        return [one for one in self.form.getlist(name) if isinstance(one, UploadFile) and one.filename]

    def notice(self, message: str, kind: str = "good") -> None:
        """Show a message on the next page."""
        self.browser.notices.append((kind, message))

    def page(
        self, template: str, *, status: int = 200, live: bool = False, every: int = 1, **values: Any
    ) -> Response:
        """Return a rendered page.

        Args:
            template: its template.
            status: the HTTP status.
            live: whether the script requests it again until it does not change any more. An unchanged page is
                answered with 304.
            every: the seconds between two requests of the script: more for what is costly to read.
            values: what the template shows.
        """
        notices = [] if self.is_refresh else list(self.browser.notices)
        if not self.is_refresh:
            self.browser.notices.clear()
        content = rendering.render(
            template,
            console=self.console,
            csrf=self.browser.csrf,
            path=self.request.url.path,
            may_write=self.console.may_write,
            notices=notices,
            live=live,
            every=every,
            **values,
        )
        if not live:
            return HTMLResponse(content, status)
        tag = f'"{_fingerprint(content)}"'
        if self.request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return HTMLResponse(content, status, {"ETag": tag})

    def redirect(self, path: str, **values: Any) -> Response:
        """Return a redirect to a page, after a form."""
        return RedirectResponse(url(path, **values), 303)


def _fingerprint(content: str) -> str:
    """Return a digest of a page without the durations that go on in the browser."""
    lines = (line for line in content.splitlines() if "data-since" not in line)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:24]


Page = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(console: Console, page: Page, *, writes: bool = True) -> Endpoint:
    """Return the endpoint of a page.

    Args:
        console: the console.
        page: the page's function.
        writes: whether a POST changes something at the Glue; others are allowed in a read-only console.
    """

    @functools.wraps(page)
    async def answer(request: Request) -> Response:
        browser = console.access.session(request.cookies.get(console.cookie, ""))
        if browser is None:
            return signed_out(request)
        visit = Visit(console, request, browser)
        if request.method in SAFE_METHODS:
            return await run_in_threadpool(_guarded, visit, page)
        try:
            problem = await _read_form(visit)
            if problem is None and writes and not console.may_write:
                problem = f"nothing was changed: {console.why_read_only}"
            if problem is not None:
                return await run_in_threadpool(_error_page, visit, 403, problem, None)
            answer_ = await run_in_threadpool(_guarded, visit, page)
            console.names.forget()
            return answer_
        finally:
            await request.close()  # the files of the form

    return answer


def signed_out(request: Request) -> Response:
    """Return the answer for a browser without a session: nothing but how to get one."""
    if "x-refresh" in request.headers:
        return Response("signed out", 401)
    return HTMLResponse(rendering.render("signed_out.html", problem=None), 401)


async def _read_form(visit: Visit) -> str | None:
    """Read the form of a request; return why it is not accepted, or None."""
    form = await visit.request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    sent = form.get("csrf")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), visit.browser.csrf.encode()):
        return "this form is from another session: open the page again, and repeat what you did"
    visit.form = form
    return None


def or_reason(read: Callable[[], T]) -> tuple[T | None, str | None]:
    """Return what ``read`` returns, for a part of a page that is shown without it; else None, and why not."""
    try:
        return read(), None
    except Exception as error:
        shown = as_shown(error)
        if shown is None:
            raise
        return None, str(shown)


def _guarded(visit: Visit, page: Page) -> Response:
    """Return a page, or a page with the error that a user can understand."""
    try:
        return page(visit)
    except NotFound as error:
        return _error_page(visit, 404, error.message, error.remedy)
    except GlueprintError as error:
        return _error_page(visit, 400, error.message, error.remedy)
    except Exception as error:  # noqa: BLE001 - each is shown as a page
        shown = from_botocore(error)
        if shown is None:
            _LOG.exception("a page failed")
            text = f"the console failed: {type(error).__name__}: {error}"
            return _error_page(visit, 500, shortened(text, 2000), "its log has the details")
        return _error_page(visit, 404 if is_not_found(error) else 502, shown.message, shown.remedy)


def _error_page(visit: Visit, status: int, message: str, remedy: str | None) -> Response:
    return visit.page("error.html", status=status, message=message, remedy=remedy)


Handlers = tuple[tuple[str, Page], ...]
"""Paths and pages."""


@dataclass(frozen=True, slots=True)
class Family:
    """The pages of one module.

    Attributes:
        pages: are read (GET).
        forms: change something (POST); they redirect to a page.
        trials: take a form, and change nothing at the Glue.
    """

    pages: Handlers = ()
    forms: Handlers = ()
    trials: Handlers = ()
