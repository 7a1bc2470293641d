"""What the operation classes of Athena share."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Sequence
from typing import Any, TypeVar

from glueprint.local.clock import Clock
from glueprint.local.protocol import ApiError, Declare
from glueprint.local.store import Database

Request = dict[str, Any]
Answer = dict[str, Any]
Transaction = sqlite3.Connection
T = TypeVar("T")

operation = Declare("athena")
DEFAULT_GROUP = "primary"
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
MAX_LISTED = 50


class Family:
    """One resource family: operations over the store, at the clock's time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock


def invalid(message: str) -> ApiError:
    """Athena's ``InvalidRequestException``."""
    return ApiError("InvalidRequestException", message)


def missing(message: str) -> ApiError:
    """Athena's ``ResourceNotFoundException``."""
    return ApiError("ResourceNotFoundException", message)


def page(found: Sequence[T], request: Request, default: int = MAX_LISTED) -> tuple[Sequence[T], str | None]:
    """Return one page of a listing, and the token of the next.

    Raises:
        ApiError: the token is not one of this service.
    """
    start = position(request.get("NextToken"))
    end = start + (request.get("MaxResults") or default)
    return found[start:end], token(end) if end < len(found) else None


def token(at: int) -> str:
    """Return an opaque token of a position."""
    return base64.urlsafe_b64encode(str(at).encode()).decode()


def position(text: str | None) -> int:
    """Return the position in a token; 0 without one.

    Raises:
        ApiError: it is not one.
    """
    if not text:
        return 0
    try:
        found = int(base64.urlsafe_b64decode(text.encode()))
    except ValueError as error:
        raise invalid("Invalid NextToken") from error
    if not 0 <= found < 2**62:
        raise invalid("Invalid NextToken")
    return found


def group_of(request: Request) -> str:
    """Return the workgroup of a request."""
    return str(request.get("WorkGroup") or DEFAULT_GROUP)
