"""Checks of what requests to the Data Catalog share: the catalog, unsupported members, page positions, times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from botocore.utils import parse_timestamp

from glueprint.local.glue.family import Context, Request
from glueprint.local.glue.paging import page_position
from glueprint.local.glue.refusals import unsupported
from glueprint.local.protocol.errors import invalid_input, not_found

Position = TypeVar("Position", int, str)

_FIRST_SECOND, _END_OF_TIME = -62_135_596_800.0, 253_402_300_800.0
"""The years 1 to 9999: no other time can be read by clients in Python."""


def check_catalog(context: Context, request: Request, *refused: str) -> None:
    """Check what stands beside the names in a request: the catalog, and members that are refused by name.

    Raises:
        ApiError: the catalog is not this account's, or one of ``refused`` is given.
    """
    catalog = request.get("CatalogId")
    if catalog is not None and catalog != context.account_id:
        raise not_found(f"Catalog {catalog} not found.")
    refuse(request, *refused)


def refuse(members: Mapping[str, Any], *names: str) -> None:
    """Refuse what would change the answer, and is not built here.

    Raises:
        ApiError: one of ``names`` is given.
    """
    given = [name for name in names if members.get(name) is not None]
    if given:
        raise unsupported(", ".join(given))


def nothing_shared(request: Request) -> bool:
    """Whether only what other accounts share is asked for: this catalog has none of it."""
    return request.get("ResourceShareType") in ("FOREIGN", "FEDERATED")


def position(request: Request, kind: type[Position]) -> Position | None:
    """Where the page begins, as this service wrote it into ``NextToken``; None on the first page.

    Raises:
        ApiError: the token is none of ours.
    """
    return page_position(request.get("NextToken"), kind)


def epoch_seconds(value: Any, member: str) -> float:
    """A time as clients send it - epoch seconds or ISO 8601 - as it is stored.

    Raises:
        ApiError: it is no time.
    """
    try:
        seconds = _seconds(value)
    except (ValueError, OverflowError) as error:
        raise invalid_input(f"{member} is not a timestamp: {value}") from error
    if not _FIRST_SECOND <= seconds < _END_OF_TIME:
        raise invalid_input(f"{member} is not a timestamp of the years 1 to 9999: {value}")
    return seconds


def _seconds(value: Any) -> float:
    """The number, or the time, that ``value`` is. Raises: ValueError, OverflowError."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = float(parse_timestamp(value).timestamp())
    if not math.isfinite(seconds):
        raise ValueError("not finite")
    return seconds
