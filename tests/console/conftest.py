"""A console in the test's process, over a hand-written Glue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from console_fake import FakeGlue, FakeSession

starlette = pytest.importorskip("starlette.testclient")

from glueprint.console.access import Access, Names  # noqa: E402
from glueprint.console.app import console_app  # noqa: E402
from glueprint.console.serving import ConsoleOptions, console_of  # noqa: E402

BASE = "http://127.0.0.1:4578"


class Browser(starlette.TestClient):  # type: ignore[name-defined,misc]
    """A browser that sends what browsers send with their own forms."""

    def csrf(self) -> str:
        """The token in the page's forms."""
        text = self.get("/").text
        return str(text.split('name="csrf" value="')[1].split('"')[0])

    def submit(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """Submit a form of the console."""
        headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        form = {"csrf": self.csrf(), **(data or {})}
        return self.post(path, data=form, headers=headers, **more)


@pytest.fixture
def glue() -> FakeGlue:
    """The hand-written Glue."""
    return FakeGlue()


Open = Callable[..., Browser]


@pytest.fixture
def open_console(glue: FakeGlue) -> Iterator[Open]:
    """Open a console of the Glue, signed in unless ``sign_in`` is false."""
    opened: list[Any] = []

    def open_one(*, sign_in: bool = True, session: Any = None, **options: Any) -> Browser:
        access = Access()
        console = console_of(
            session or FakeSession(glue), ConsoleOptions(**options), access, "glueprint_console_4578"
        )
        browser = Browser(console_app(console, Names()), base_url=BASE, raise_server_exceptions=False)
        browser.token = access.token
        opened.append((browser, console))
        if sign_in:
            assert browser.get(f"/sign-in?token={access.token}").status_code == 200
        return browser

    yield open_one
    for browser, console in opened:
        console.finish()
        browser.close()


@pytest.fixture
def browser(open_console: Open) -> Browser:
    """A signed-in browser."""
    return open_console()
