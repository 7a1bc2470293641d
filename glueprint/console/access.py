"""Who may use the console: a one-time sign-in link, sessions in memory, and the rules for each request.

The rules against other web pages: the Host header must be one of the console's names (an attacker's name that
resolves to 127.0.0.1 is not), a request that names an Origin must come from this one, cookies are SameSite=Strict,
and what changes something needs the session's CSRF token in its form. Sources: OWASP Cheat Sheet "Cross-Site
Request Forgery Prevention"; W3C, Fetch Metadata Request Headers.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SESSION_SECONDS = 12 * 3600.0
"""How long a session lasts without a request."""
MAX_SESSIONS = 32
_TOKEN_BYTES = 32
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(slots=True)
class BrowserSession:
    """One browser that has signed in.

    Attributes:
        csrf: the token that its forms contain.
        notices: messages for the next page, such as "started run wr_...".
    """

    csrf: str
    seen: float
    notices: list[tuple[str, str]] = field(default_factory=list)


class Access:
    """Sign-in tokens and sessions.

    Args:
        on_used: called with the new token when one has been used, for the operator's next browser.
        clock: monotonic seconds.
    """

    def __init__(
        self, on_used: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._sessions: dict[str, BrowserSession] = {}
        self._lock = threading.Lock()
        self._on_used = on_used
        self._clock = clock

    @property
    def token(self) -> str:
        """The token of the next sign-in link."""
        return self._token

    def sign_in(self, token: str) -> str | None:
        """Use a token: return the id of a new session, or None if it is not the present token."""
        with self._lock:
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = secrets.token_urlsafe(_TOKEN_BYTES)
            while len(self._sessions) >= MAX_SESSIONS:
                del self._sessions[min(self._sessions, key=lambda one: self._sessions[one].seen)]
            key = secrets.token_urlsafe(_TOKEN_BYTES)
            self._sessions[key] = BrowserSession(secrets.token_urlsafe(_TOKEN_BYTES), self._clock())
        if self._on_used is not None:
            self._on_used(self._token)
        return key

    def session(self, key: str) -> BrowserSession | None:
        """Return the session with this id, or None if there is none or it has expired."""
        with self._lock:
            found = self._sessions.get(key)
            now = self._clock()
            if found is None:
                return None
            if now - found.seen > SESSION_SECONDS:
                del self._sessions[key]
                return None
            found.seen = now
            return found

    def sign_out(self, key: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(key, None)


@dataclass(frozen=True, slots=True)
class Names:
    """The names by which browsers may call the console.

    Attributes:
        hosts: further names besides those of loopback, in small letters.
        any_address: whether each literal IP address is one: for a console on all interfaces.
    """

    hosts: frozenset[str] = frozenset()
    any_address: bool = False

    def allows(self, authority: str) -> bool:
        """Whether ``authority``, the value of a Host header, is allowed."""
        try:
            split = urlsplit(f"//{authority}")
            _ = split.port
        except ValueError:
            return False
        name = (split.hostname or "").rstrip(".")
        if split.netloc != authority or "@" in authority or not name:
            return False
        if name == "localhost" or name.endswith(".localhost") or name in self.hosts:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.any_address or address.is_loopback


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What of a request decides whether it is answered; headers that are missing are None."""

    method: str
    host: str | None
    origin: str | None = None
    fetch_site: str | None = None
    fetch_mode: str | None = None


def refusal(request: RequestFacts, names: Names) -> str | None:
    """Return why a request must not be answered, as text; None if it may.

    A link on another page may lead here (a GET that navigates): it changes nothing, and the page cannot read the
    answer. Everything else of another origin is refused: also of another port of the same machine, whose cookies
    are shared.
    """
    if request.host is None or not names.allows(request.host):
        return (
            f"Host {request.host!r} is not a name of this console; `glueprint console --allow-host NAME` adds one"
        )
    if request.origin is not None and not _is_own(request.origin, request.host):
        return f"requests from web pages of another origin ({request.origin!r}) are refused"
    if request.fetch_site not in (None, "same-origin", "none"):
        is_navigation = request.method in SAFE_METHODS and request.fetch_mode == "navigate"
        if not is_navigation:
            return f"requests from web pages of another site (Sec-Fetch-Site: {request.fetch_site}) are refused"
    if request.method not in SAFE_METHODS and request.origin is None and request.fetch_site is None:
        return "a request that changes something must name its Origin"
    return None


def _is_own(origin: str, host: str) -> bool:
    split = urlsplit(origin)
    return split.scheme in ("http", "https") and split.netloc.lower() == host.lower()
