"""The reading operations of CloudWatch Logs (service model ``logs``, 2014-03-28).

Paging follows what clients rely on: GetLogEvents repeats its token at the end of a stream. FilterLogEvents returns
a token with every page of events, and none with the empty last page, so that a client that polls (Airflow's
GlueJobOperator) continues where it stopped (docs/decisions/logs.md).
"""

from __future__ import annotations

import hashlib
import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from glueprint.local.logs import layout
from glueprint.local.logs.filters import matcher
from glueprint.local.logs.timeline import Event, Mark, backward, forward, observe, span
from glueprint.local.logs.tokens import Position, pack, unpack
from glueprint.local.protocol import ApiError, Context, Declare, Runs

T = TypeVar("T")

MAX_PAGE_EVENTS = 10_000
MAX_PAGE_BYTES = 1024 * 1024
EVENT_OVERHEAD_BYTES = 26
"""Bytes that CloudWatch counts for an event in addition to its message (PutLogEvents)."""
MAX_SCANNED_BYTES = 64 * 1024 * 1024
"""Bytes that one FilterLogEvents reads before it returns a page, full or not."""
DEFAULT_LISTED = 50
_JOB_GROUPS = ("/aws-glue/jobs", "/aws-glue/python-jobs")
"""Prefixes of the groups of jobs."""


operation = Declare("logs")


class Logs:
    """Serves the log files under one root.

    Args:
        root: the data directory's ``logs`` folder.
        now: the time in seconds since the epoch.
    """

    def __init__(self, root: Path, now: Callable[[], float] = time.time) -> None:
        self._root = root
        self._now = now
        self._observing = threading.Lock()

    @property
    def root(self) -> Path:
        """The data directory's ``logs`` folder."""
        return self._root

    def seal(self, group: str, stream: str) -> None:
        """End a stream: its last line is complete, even without a newline."""
        log = layout.log_path(self._root, group, stream)
        if log.exists() and log.stat().st_size:
            self._marks(group, stream, ended=True)

    @operation("DescribeLogGroups", runs=Runs.IN_THREAD)
    def describe_log_groups(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeLogGroups: groups by name; ``logGroupNamePattern`` is a part of a name in any case."""
        prefix, pattern = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
        if prefix and pattern:
            raise _invalid("You must not specify both logGroupNamePrefix and logGroupNamePattern.")
        found = [
            name
            for name in layout.groups(self._root)
            if name.startswith(prefix or "") and (pattern or "").lower() in name.lower()
        ]
        page, token = _page(found, request)
        return {"logGroups": [self._group(context, name) for name in page], "nextToken": token}

    @operation("DescribeLogStreams", runs=Runs.IN_THREAD)
    def describe_log_streams(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeLogStreams: by name or by the time of the last event."""
        group = self._group_of(request)
        prefix = request.get("logStreamNamePrefix")
        by_time = request.get("orderBy") == "LastEventTime"
        if by_time and prefix:
            raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        names = [name for name in layout.streams(self._root, group) if name.startswith(prefix or "")]
        if by_time:
            names.sort(key=lambda name: (self._last_written(group, name), name))
        if request.get("descending"):
            names.reverse()
        page, token = _page(names, request)
        return {"logStreams": [self._stream(context, group, name) for name in page], "nextToken": token}

    @operation("GetLogEvents", runs=Runs.IN_THREAD)
    def get_log_events(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """GetLogEvents: one stream, forward or backward, with both tokens."""
        group = self._group_of(request)
        stream = request["logStreamName"]
        log = self._existing(group, stream)
        marks = self._marks(group, stream)
        low, high = span(marks, request.get("startTime"), request.get("endTime"))
        token = request.get("nextToken")
        if token is not None:
            position = Position.parse(token)
        elif request.get("startFromHead"):
            position = Position(forward=True, offset=low)
        else:
            position = Position(forward=False, offset=high)
        if position.forward:
            events = _fill(forward(log, marks, max(low, position.offset), high), request)
        else:
            events = _fill(backward(log, marks, low, min(high, position.offset)), request)[::-1]
        first, last = (events[0].start, events[-1].end) if events else (position.offset, position.offset)
        return {
            "events": [
                {"timestamp": e.timestamp, "message": _message(group, e), "ingestionTime": e.ingestion}
                for e in events
            ],
            "nextForwardToken": str(Position(forward=True, offset=last)),
            "nextBackwardToken": str(Position(forward=False, offset=first)),
        }

    @operation("FilterLogEvents", runs=Runs.IN_THREAD)
    def filter_log_events(self, context: Context, request: dict[str, Any]) -> dict[str, Any]:
        """FilterLogEvents: the events of several streams, merged by time."""
        group = self._group_of(request)
        if request.get("startFromHead") is False:
            raise _invalid("startFromHead=false is not supported locally: use GetLogEvents to read backward.")
        names = self._chosen_streams(group, request)
        matches = matcher(request.get("filterPattern"))
        token = request.get("nextToken")
        read = unpack(token) if token is not None else {}
        page: list[dict[str, Any]] = []
        limit = min(request.get("limit") or MAX_PAGE_EVENTS, MAX_PAGE_EVENTS)
        size, scanned, complete = 0, 0, True
        for name, event in self._merged(group, names, read, request):
            length = len(event.message.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES
            found = matches(event.message)
            if found and page and size + length > MAX_PAGE_BYTES:
                complete = False
                break
            read[name] = event.end
            scanned += length
            if found:
                size += length
                page.append(_filtered(group, name, event))
            if len(page) >= limit or scanned > MAX_SCANNED_BYTES:
                complete = False
                break
        more = bool(page) or not complete
        return {"events": page, "searchedLogStreams": [], "nextToken": pack(read) if more else None}

    def _merged(
        self, group: str, names: Sequence[str], read: Mapping[str, int], request: Mapping[str, Any]
    ) -> Iterator[tuple[str, Event]]:
        def events(name: str) -> Iterator[tuple[str, Event]]:
            marks = self._marks(group, name)
            low, high = span(marks, request.get("startTime"), request.get("endTime"))
            log = layout.log_path(self._root, group, name)
            for event in forward(log, marks, max(low, read.get(name, 0)), high):
                yield name, event

        # ``read`` changes while the merge runs: each stream reads its own entry once, before its first event.
        return heapq.merge(
            *[events(name) for name in names], key=lambda item: (item[1].timestamp, item[0], item[1].start)
        )

    def _chosen_streams(self, group: str, request: Mapping[str, Any]) -> list[str]:
        names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
        if names and prefix:
            raise _invalid("You must not specify both logStreamNames and logStreamNamePrefix.")
        if names:
            for name in names:
                self._existing(group, name)
            return sorted(set(names))
        return [name for name in layout.streams(self._root, group) if name.startswith(prefix or "")]

    def _group_of(self, request: Mapping[str, Any]) -> str:
        """Return the group of a request, which has its name or an identifier (a name or an ARN)."""
        name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
        if (name is None) == (identifier is None):
            raise _invalid("Exactly one of logGroupName and logGroupIdentifier is required.")
        group = str(name if name is not None else identifier)
        if name is None and group.startswith("arn:"):
            group = group.split(":log-group:", 1)[-1]
        if not layout.group_exists(self._root, group):
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
        return group

    def _existing(self, group: str, stream: str) -> Path:
        if not layout.stream_exists(self._root, group, stream):
            raise ApiError("ResourceNotFoundException", "The specified log stream does not exist.")
        return layout.log_path(self._root, group, stream)

    def _marks(self, group: str, stream: str, *, ended: bool = False) -> list[Mark]:
        log = layout.log_path(self._root, group, stream)
        times = layout.times_path(self._root, group, stream)
        with self._observing:
            return observe(log, times, int(self._now() * 1000), ended=ended)

    def _last_written(self, group: str, stream: str) -> int:
        marks = self._marks(group, stream)
        return marks[-1].written if marks else 0

    def _group(self, context: Context, name: str) -> dict[str, Any]:
        paths = [layout.log_path(self._root, name, stream) for stream in layout.streams(self._root, name)]
        arn = f"arn:aws:logs:{context.region}:{context.account_id}:log-group:{name}"
        settings = layout.read_settings(self._root, name)
        return {
            "logGroupName": name,
            "retentionInDays": settings.get("retentionInDays"),
            "kmsKeyId": settings.get("kmsKeyId"),
            "creationTime": int(layout.group_created(self._root, name) * 1000),
            "metricFilterCount": 0,
            "arn": f"{arn}:*",
            "logGroupArn": arn,
            "logGroupClass": settings.get("logGroupClass", "STANDARD"),
            "storedBytes": sum(path.stat().st_size for path in paths),
        }

    def _stream(self, context: Context, group: str, name: str) -> dict[str, Any]:
        marks = self._marks(group, name)
        stat = layout.log_path(self._root, group, name).stat()
        first = marks[0].written if marks else int(stat.st_mtime * 1000)
        described: dict[str, Any] = {
            "logStreamName": name,
            "creationTime": first,
            "arn": f"arn:aws:logs:{context.region}:{context.account_id}:log-group:{group}:log-stream:{name}",
            "storedBytes": 0,  # AWS answers 0 since 2019 (service model)
        }
        if marks:
            described |= {
                "firstEventTimestamp": first,
                "lastEventTimestamp": marks[-1].written,
                "lastIngestionTime": marks[-1].seen,
            }
        return described


def _fill(events: Iterable[Event], request: Mapping[str, Any]) -> list[Event]:
    """Return the events of one page of GetLogEvents."""
    limit = min(request.get("limit") or MAX_PAGE_EVENTS, MAX_PAGE_EVENTS)
    page: list[Event] = []
    size = 0
    for event in events:
        size += len(event.message.encode("utf-8", "replace")) + EVENT_OVERHEAD_BYTES
        if page and size > MAX_PAGE_BYTES:
            break
        page.append(event)
        if len(page) >= limit:
            break
    return page


def _page(found: Sequence[T], request: Mapping[str, Any]) -> tuple[Sequence[T], str | None]:
    """Return one page of a listing, and the token of the next."""
    token = request.get("nextToken")
    start = unpack(token).get("start", 0) if token is not None else 0
    limit = request.get("limit") or DEFAULT_LISTED
    end = max(start, 0) + limit
    return found[max(start, 0) : end], pack({"start": end}) if end < len(found) else None


def _message(group: str, event: Event) -> str:
    """Return an event's message; those of jobs end with the line's end, as AWS's do.

    apache/airflow, ``GlueJobHook.print_job_logs``: "Log lines returned already contain a newline character at the
    end".
    """
    return f"{event.message}\n" if event.ends_line and group.startswith(_JOB_GROUPS) else event.message


def _filtered(group: str, stream: str, event: Event) -> dict[str, Any]:
    """Return an event of FilterLogEvents.

    ``eventId`` is as long as CloudWatch's and the same in every call: time, stream, position.
    """
    digest = int.from_bytes(hashlib.sha256(f"{group}\0{stream}".encode()).digest()[:8])
    return {
        "logStreamName": stream,
        "timestamp": event.timestamp,
        "message": _message(group, event),
        "ingestionTime": event.ingestion,
        "eventId": f"{event.timestamp:014d}{digest:022d}{event.start:020d}",
    }


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
