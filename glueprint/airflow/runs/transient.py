"""Which errors mean that a request or its answer was lost, so that the next one may succeed."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

from glueprint.client.errors import UNKNOWN_OUTCOME_CODES, error_code, is_refused_for_now

BOTOCORE_ERRORS = (BotoCoreError, ClientError)
"""Every error of a request."""


def is_transient(error: BaseException) -> bool:
    """Return whether a later request may succeed: the connection failed, or the service was busy or broken."""
    if is_refused_for_now(error) or error_code(error) in UNKNOWN_OUTCOME_CODES:
        return True
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return bool(status >= 500 or status == 429)
    return isinstance(error, (ConnectionFailed, HTTPClientError))  # refused, closed or timed out


class Patience:
    """Counts for how long requests have been lost, and gives up after a time.

    Args:
        seconds: how long they may be lost without an answer in between.
        now: returns monotonic seconds.
    """

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._now = now
        self._since: float | None = None

    def answered(self) -> None:
        """A request was answered."""
        self._since = None

    def lost(self, error: BaseException) -> float:
        """Return for how many seconds requests have been lost.

        Raises:
            Exception: ``error``, if it is not transient, or if requests have been lost for too long.
        """
        if not is_transient(error):
            raise error
        now = self._now()
        if self._since is None:
            self._since = now
        if now - self._since > self._seconds:
            raise error
        return now - self._since
