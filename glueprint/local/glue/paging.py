"""Pages of answers: tokens, and pages of rows, lists and named resources."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from glueprint.local.glue.family import Request, Transaction
from glueprint.local.protocol import ApiError
from glueprint.local.protocol.errors import invalid_input
from glueprint.local.store import Row
from glueprint.local.store.resources import Document, Resources, tags_of

T = TypeVar("T")


def page_token(position: Any) -> str:
    """Return an opaque token with the position of the next page."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def page_position(token: str | None, kind: type[T]) -> T | None:
    """Return the position in a token of :func:`page_token`; None without a token.

    Raises:
        ApiError: the token is not one of this service.
    """
    if not token:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, RecursionError) as error:
        raise bad_token() from error
    parts = found if isinstance(found, list) else [found]
    if type(found) is not kind or not all(map(_is_storable, parts)):
        raise bad_token()
    return found


def _is_storable(part: object) -> bool:
    """Whether a part of a position can be compared with stored values: a client may have made up the token."""
    match part:
        case bool():
            return False
        case int():
            return -(2**63) <= part < 2**63
        case str():
            return not any("\ud800" <= letter <= "\udfff" for letter in part)
        case _:
            return isinstance(part, float)


def bad_token() -> ApiError:
    """Return the error for a NextToken that this service has not returned."""
    return invalid_input("NextToken was not returned by this service")


def at_most(request: Request, maximum: int) -> Request:
    """Limit the page size of a request: the texts of the model allow less than its numbers."""
    limit = request.get("MaxResults")
    return request if limit is None or limit <= maximum else request | {"MaxResults": maximum}


def page_of_rows(
    tx: Transaction,
    select: str,
    name: str | Sequence[Any],
    order: tuple[str, str],
    request: Mapping[str, Any],
    default: int,
) -> tuple[list[Row], str | None]:
    """Return one page of history, newest first, and the token of the next.

    Args:
        select: a query that ends with a condition.
        name: the value of its ``?``, or the values if there are several.
        order: the column of the time, and a unique one for rows of the same time; they are selected as
            ``page_time`` and ``page_tie``.
    """
    time, tie = order
    position = page_position(request.get("NextToken"), list)
    if position is not None and len(position) != 2:
        raise bad_token()
    limit = request.get("MaxResults") or default
    beyond = f" AND ({time}, {tie}) < (?, ?)" if position else ""
    rows = tx.execute(
        f"{select.replace('SELECT ', f'SELECT {time} AS page_time, {tie} AS page_tie, ', 1)}{beyond}"
        f" ORDER BY {time} DESC, {tie} DESC LIMIT ?",
        (*([name] if isinstance(name, str) else name), *(position or ()), limit + 1),
    ).fetchall()
    shown = rows[:limit]
    more = len(rows) > limit
    return shown, page_token([shown[-1]["page_time"], shown[-1]["page_tie"]]) if more else None


def page_of(items: Sequence[T], request: Mapping[str, Any], default: int) -> tuple[list[T], str | None]:
    """Return one page of a list in memory, and the token of the next."""
    position = page_position(request.get("NextToken"), int) or 0
    if position < 0:
        raise bad_token()
    end = position + (request.get("MaxResults") or default)
    return list(items[position:end]), page_token(end) if end < len(items) else None


def page_of_resources(
    resources: Resources, tx: Transaction, request: Mapping[str, Any], default: int
) -> tuple[list[Document], str | None]:
    """Return one page of named resources, by name, and the token of the next."""
    after = page_position(request.get("NextToken"), str)
    limit = request.get("MaxResults") or default
    found = resources.page(tx, after, limit + 1)
    token = page_token(found[limit - 1]["Name"]) if len(found) > limit else None
    return found[:limit], token


def page_of_tagged(
    resources: Resources,
    tx: Transaction,
    request: Mapping[str, Any],
    default: int,
    arn_of: Callable[[str], str],
) -> tuple[list[str], str | None]:
    """Return one page of the names of resources with all requested tags, and the token of the next."""
    wanted: Mapping[str, str] = request.get("Tags") or {}
    if not wanted:
        found, token = page_of_resources(resources, tx, request, default)
        return [document["Name"] for document in found], token
    names = [
        document["Name"]
        for document in resources.all(tx)
        if wanted.items() <= tags_of(tx, arn_of(document["Name"])).items()
    ]
    return page_of(names, request, default)
