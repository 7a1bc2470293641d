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
"""The years 1 to 9999: clients in Python cannot read other times."""


def check_catalog(context: Context, request: Request, *refused: str) -> None:
    """Check the catalog of a request, and refuse unsupported members.

    Raises:
        ApiError: the catalog is not this account's, or the request has one of ``refused``.
    """
    catalog = request.get("CatalogId")
    if catalog is not None and catalog != context.account_id:
        raise not_found(f"Catalog {catalog} not found.")
    refuse(request, *refused)


def refuse(members: Mapping[str, Any], *names: str) -> None:
    """Refuse members that are not supported and would change the answer.

    Raises:
        ApiError: one of ``names`` is among the members.
    """
    given = [name for name in names if members.get(name) is not None]
    if given:
        raise unsupported(", ".join(given))


def nothing_shared(request: Request) -> bool:
    """Whether a request is for resources of other accounts only: this catalog has none."""
    return request.get("ResourceShareType") in ("FOREIGN", "FEDERATED")


def position(request: Request, kind: type[Position]) -> Position | None:
    """Return the start of the page, which ``NextToken`` contains; None on the first page.

    Raises:
        ApiError: the token is not one of this service.
    """
    return page_position(request.get("NextToken"), kind)


def epoch_seconds(value: Any, member: str) -> float:
    """Return a time as it is stored from what clients send: epoch seconds or ISO 8601.

    Raises:
        ApiError: it is not a time.
    """
    try:
        seconds = _seconds(value)
    except (ValueError, OverflowError) as error:
        raise invalid_input(f"{member} is not a timestamp: {value}") from error
    if not _FIRST_SECOND <= seconds < _END_OF_TIME:
        raise invalid_input(f"{member} is not a timestamp of the years 1 to 9999: {value}")
    return seconds


def _seconds(value: Any) -> float:
    """Return a number or a time as seconds; raises ValueError or OverflowError for other values."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = float(parse_timestamp(value).timestamp())
    if not math.isfinite(seconds):
        raise ValueError("not finite")
    return seconds
