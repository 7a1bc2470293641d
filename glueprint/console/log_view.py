"""The lines of a job run's two log streams: the last ones of a page, then the new ones of each second."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from glueprint.client.errors import error_code
from glueprint.client.log_streams import LogStream
from glueprint.client.printable import printable
from glueprint.console.text import shortened

MAX_LINES = 5_000
"""Lines of a page."""
_LINE_LENGTH = 4_000
_MAX_PAGES = 20
"""Requests for one page or one refresh, for each stream."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; control characters in it are visible."""

    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class LogPart:
    """Lines, sorted by time.

    Attributes:
        position: where the next part starts.
        is_cut: whether earlier lines are left out.
    """

    lines: tuple[Line, ...]
    position: str
    is_cut: bool = False


def last_part(logs: Any, streams: Iterable[LogStream]) -> LogPart:
    """Return the last lines of some streams."""
    found, positions, is_cut = [], {}, False
    known = list(streams)
    with ThreadPoolExecutor(max(1, len(known))) as pool:
        answers = list(pool.map(lambda stream: _last_events(logs, stream), known))
    for stream, (events, token) in zip(known, answers, strict=True):
        found += [(event["timestamp"], stream.is_error, event["message"]) for event in events]
        positions[stream.stream + ("!" if stream.is_error else "")] = token
    lines = _lines(found)
    if len(lines) > MAX_LINES:
        lines, is_cut = lines[-MAX_LINES:], True
    return LogPart(tuple(lines), _packed(positions), is_cut)


def next_part(logs: Any, streams: Iterable[LogStream], position: str) -> LogPart:
    """Return the lines after a part."""
    positions = _unpacked(position)
    found = []
    for stream in streams:
        key = stream.stream + ("!" if stream.is_error else "")
        events, token = _next_events(logs, stream, positions.get(key))
        found += [(event["timestamp"], stream.is_error, event["message"]) for event in events]
        positions[key] = token
    return LogPart(tuple(_lines(found)[:MAX_LINES]), _packed(positions))


_HINT = "glueprint: "


def hint_of(lines: Iterable[Line]) -> str:
    """Return what the local Glue has added to the error log of a failed run: why it failed, and what to do."""
    hints = [one.text.removeprefix(_HINT) for one in lines if one.is_error and one.text.startswith(_HINT)]
    return hints[-1] if hints else ""


def html_of(lines: Iterable[Line]) -> Markup:
    """Return lines as list items; all are escaped at once, which is much faster than one by one."""
    found = list(lines)
    if not found:
        return Markup()
    texts = str(escape("\n".join(one.text for one in found))).split("\n")
    items = ('<li class="err">' if one.is_error else "<li>" for one in found)
    return Markup("".join(f"{item}{text}</li>" for item, text in zip(items, texts, strict=True)))


def _lines(events: list[tuple[int, bool, str]]) -> list[Line]:
    """Return the lines of events, sorted by time; none contains a line end."""
    ordered = sorted(events, key=lambda one: one[0])
    found = [
        (shortened(text, _LINE_LENGTH), is_error)
        for _, is_error, message in ordered
        for text in (message.rstrip("\r\n").splitlines() or [""])
    ]
    texts = printable("\n".join(text for text, _ in found)).split("\n")
    return [Line(text, is_error) for text, (_, is_error) in zip(texts, found, strict=True)] if found else []


def _last_events(logs: Any, stream: LogStream) -> tuple[list[dict[str, Any]], str | None]:
    """Return the last events of a stream, oldest first, and the token of what follows them."""
    answer = _request(logs, stream, startFromHead=False)
    if answer is None:
        return [], None
    events, token = answer["events"], answer["nextForwardToken"]
    backward = answer.get("nextBackwardToken") if events else None
    for _ in range(_MAX_PAGES):
        if backward is None or len(events) >= MAX_LINES:
            break
        answer = _request(logs, stream, nextToken=backward)
        if answer is None or answer.get("nextBackwardToken") == backward:
            break
        events, backward = [*answer["events"], *events], answer.get("nextBackwardToken")
    return events, token


def _next_events(logs: Any, stream: LogStream, token: str | None) -> tuple[list[dict[str, Any]], str | None]:
    events: list[dict[str, Any]] = []
    for _ in range(_MAX_PAGES):
        more = {"startFromHead": True} if token is None else {"startFromHead": True, "nextToken": token}
        answer = _request(logs, stream, **more)
        if answer is None:
            break
        events += answer["events"]
        if answer["nextForwardToken"] == token:
            break
        token = answer["nextForwardToken"]
    return events, token


def _request(logs: Any, stream: LogStream, **more: Any) -> dict[str, Any] | None:
    """Request events; None if the stream does not exist yet."""
    try:
        answer: dict[str, Any] = logs.get_log_events(
            logGroupName=stream.group, logStreamName=stream.stream, **more
        )
    except logs.exceptions.ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return None
    return answer


def _packed(positions: dict[str, str | None]) -> str:
    return base64.urlsafe_b64encode(json.dumps(positions).encode()).decode()


def _unpacked(position: str) -> dict[str, str | None]:
    """Return the tokens in a position; what is not one starts from the beginning."""
    try:
        found = json.loads(base64.urlsafe_b64decode(position.encode()))
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items() if value} if isinstance(found, dict) else {}
