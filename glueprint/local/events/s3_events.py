"""The events that S3 sends (source ``aws.s3``), for objects of the S3 API and for files that Spark writes.

Source: S3 user guide, "EventBridge event message structure" and "Enabling Amazon EventBridge": a bucket sends
events once its notification configuration has an ``EventBridgeConfiguration``.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from glueprint.local.events.bus import Events, Writer
from glueprint.local.events.event import Event, new_event
from glueprint.local.protocol import Context
from glueprint.local.s3 import ObjectCreated, ObjectInfo, S3Error, S3Store, sends_events
from glueprint.local.store import Database

logger = logging.getLogger(__name__)

SOURCE = "aws.s3"
_LOOPBACK = "127.0.0.1"
_SAME_TIME = 0.000_01
"""Seconds between the time of a write and the date of its file: S3Store rounds, and adds less than 1 µs."""
_MAX_REMEMBERED = 100_000


def object_created(place: Context, created: ObjectCreated, reason: str | None = None) -> Event:
    """The event "Object Created".

    Args:
        reason: the API that made it; without it, the ETag decides (``...-N`` came in parts).
    """
    object_ = {"key": created.key, "size": created.size, "etag": created.etag}
    detail = {
        **_request(place, created.bucket, object_, created.at),
        "reason": reason or ("CompleteMultipartUpload" if "-" in created.etag else "PutObject"),
    }
    return new_event(place, SOURCE, "Object Created", created.at, detail, [_bucket_arn(created.bucket)])


def object_deleted(place: Context, bucket: str, key: str, at: float) -> Event:
    """The event "Object Deleted", of a bucket that was never versioned."""
    detail = {
        **_request(place, bucket, {"key": key}, at),
        "reason": "DeleteObject",
        "deletion-type": "Permanently Deleted",
    }
    return new_event(place, SOURCE, "Object Deleted", at, detail, [_bucket_arn(bucket)])


def created_between(before: Iterable[ObjectInfo], after: Iterable[ObjectInfo]) -> list[ObjectInfo]:
    """Return the objects of a bucket in ``after`` that are not the same in ``before``, in key order.

    An object counts as new if its size or its time of modification differs.
    """
    known = {(one.key, one.size, one.modified) for one in before}
    return sorted(
        (one for one in after if (one.key, one.size, one.modified) not in known), key=lambda one: one.key
    )


class S3Events:
    """Puts the events of S3 on the bus.

    Args:
        writer: the engine, so that the actions that an event causes are carried out.
        place: account and region of the buckets.
    """

    def __init__(self, database: Database, writer: Writer, events: Events, place: Context) -> None:
        self._database = database
        self._writer = writer
        self._events = events
        self._place = place
        self._stored: dict[tuple[str, str], tuple[int, float]] = {}
        self._reported: set[str] = set()
        self._lock = threading.Lock()

    def created(self, created: ObjectCreated) -> None:
        """Send the event of an object that was put through S3; it is stored before S3 answers."""
        self.remember(created)
        if self._database.read(self._events.has_subscribers):
            self._send(created.bucket, object_created(self._place, created))

    def deleted(self, bucket: str, key: str, at: float) -> None:
        """Send the event of an object that was deleted through S3."""
        if self._database.read(self._events.has_subscribers):
            self._send(bucket, object_deleted(self._place, bucket, key, at))

    def sends(self, bucket: str) -> bool:
        """Whether a bucket sends events to EventBridge, and any rule may receive them."""
        return self._database.read(lambda tx: self._events.has_subscribers(tx) and sends_events(tx, bucket))

    def _send(self, bucket: str, event: Event) -> None:
        if self._database.read(lambda tx: sends_events(tx, bucket)):
            self._writer.write(lambda tx: self._events.put(tx, [event]))
        elif bucket not in self._reported:
            rule = self._database.read(lambda tx: self._events.rule_for(tx, event))
            if rule is not None:
                self._reported.add(bucket)
                logger.warning(
                    "rule %s waits for events of bucket %s, which does not send events to EventBridge: "
                    "glueprint bucket create %s --events (PutBucketNotificationConfiguration) enables them",
                    rule,
                    bucket,
                    bucket,
                )

    def written_as_files(
        self, s3: S3Store, bucket: str, before: Iterable[ObjectInfo], after: Iterable[ObjectInfo]
    ) -> list[ObjectCreated]:
        """Return the objects that a job wrote into a bucket as files.

        Put their :meth:`events` into the transaction that ends the job; once that is stored, :meth:`remember`
        them. The new objects are read for their ETags: call it outside of a transaction. Objects that were put
        through S3 meanwhile, and those that are remembered, are left out.

        Args:
            before, after: the bucket's listing when the job started, and now.
        """
        if not self.sends(bucket):
            return []
        written = []
        for one in created_between(before, after):
            if self._is_stored(bucket, one):
                continue
            try:
                with s3.open(bucket, one.key) as found:
                    etag = found.record.etag
                    written.append(ObjectCreated(bucket, one.key, found.size, etag, found.modified))
            except S3Error as error:
                # Another job may have deleted it since the listing.
                if error.code not in ("NoSuchKey", "NoSuchBucket"):
                    raise
        return written

    def events(self, written: Iterable[ObjectCreated]) -> list[Event]:
        """Return the events of these objects."""
        return [object_created(self._place, created) for created in written]

    def remember(self, created: ObjectCreated) -> None:
        """Note that the event of this object is stored, so that it is not sent again."""
        with self._lock:
            self._stored.pop((created.bucket, created.key), None)
            self._stored[created.bucket, created.key] = (created.size, created.at)
            if len(self._stored) > _MAX_REMEMBERED:
                del self._stored[next(iter(self._stored))]

    def _is_stored(self, bucket: str, one: ObjectInfo) -> bool:
        with self._lock:
            size, at = self._stored.get((bucket, one.key), (-1, 0.0))
        return size == one.size and abs(at - one.modified) < _SAME_TIME


def _request(place: Context, bucket: str, object_: Mapping[str, Any], at: float) -> dict[str, Any]:
    """The members that both kinds of detail share: a request by the account's owner from this machine."""
    return {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {**object_, "sequencer": f"{int(at * 1_000_000):016X}"},
        "request-id": secrets.token_hex(8).upper(),
        "requester": place.account_id,
        "source-ip-address": _LOOPBACK,
    }


def _bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"
