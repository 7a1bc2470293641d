"""The events that S3 sends: for writes through S3, and for files that Spark wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from events_harness import PLACE, Bridge
from hypothesis import given
from hypothesis import strategies as st

from glueprint.local.events import S3Events
from glueprint.local.events.s3_events import created_between, object_created, object_deleted
from glueprint.local.s3 import ObjectCreated, ObjectInfo, S3Store

AT = 1_700_000_000.25


class Bucket:
    """A bucket, the source of its events, and a workflow that receives all events of S3."""

    def __init__(self, bridge: Bridge, root: Path) -> None:
        self.bridge = bridge
        self.emitter = S3Events(bridge.database, bridge.database, bridge.events, PLACE)
        self.s3 = S3Store(
            bridge.database,
            root,
            bridge.clock.now,
            on_change=self.emitter.created,
            on_delete=self.emitter.deleted,
        )
        self.s3.create_bucket("data")
        self.s3.buckets.put_setting("data", "Notification", {"EventBridgeConfiguration": {}})
        self.root = root

    def listen(self) -> None:
        self.bridge.rule("r", {"source": ["aws.s3"], "detail-type": ["Object Created"]}, "w")

    def spark_writes(self, key: str, data: bytes) -> None:
        path = self.root / "data" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def bucket(bridge: Bridge, tmp_path: Path) -> Bucket:
    return Bucket(bridge, tmp_path / "s3")


def test_an_object_that_was_created() -> None:
    """The members of "Object Created" (S3 user guide, "EventBridge event message structure")."""
    event = object_created(PLACE, ObjectCreated("data", "in/a b.csv", 5, "b1946ac92492d2347c6235b4d2611184", AT))
    assert (event.source, event.detail_type, event.resources) == (
        "aws.s3",
        "Object Created",
        ("arn:aws:s3:::data",),
    )
    detail = dict(event.detail)
    assert len(detail.pop("request-id")) == 16
    assert int(detail["object"].pop("sequencer"), 16) > 0
    assert detail == {
        "version": "0",
        "bucket": {"name": "data"},
        "object": {"key": "in/a b.csv", "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184"},
        "requester": "123456789012",
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    }


def test_an_object_in_parts_and_a_copy() -> None:
    """reason is the API that created the object (same page); an ETag with a number of parts gives it away."""
    parts = ObjectCreated("data", "k", 5, "b1946ac92492d2347c6235b4d2611184-2", AT)
    assert object_created(PLACE, parts).detail["reason"] == "CompleteMultipartUpload"
    assert object_created(PLACE, parts, "CopyObject").detail["reason"] == "CopyObject"


def test_an_object_that_was_deleted() -> None:
    """In a bucket without versions it is permanently deleted (same page, deletion-type)."""
    event = object_deleted(PLACE, "data", "k", AT)
    assert event.detail_type == "Object Deleted"
    assert (event.detail["reason"], event.detail["deletion-type"]) == ("DeleteObject", "Permanently Deleted")
    assert event.detail["object"]["key"] == "k"


def test_sequencers_grow_with_time() -> None:
    """Comparing sequencers tells the order of two events of one key (S3 user guide, "Event ordering")."""
    sequencers = [
        object_deleted(PLACE, "b", "k", at).detail["object"]["sequencer"] for at in (AT, AT + 0.001, AT + 99)
    ]
    assert sequencers == sorted(sequencers)
    assert len({len(one) for one in sequencers}) == 1


def test_a_put_object_reaches_a_workflow(bucket: Bucket) -> None:
    """S3 Object Created is sent for writes through S3."""
    bucket.s3.put("data", "before", b"1")
    bucket.listen()
    bucket.s3.put("data", "in/a.csv", b"2")
    assert len(bucket.bridge.held()) == 1


def test_rules_filter_by_key_and_size(bucket: Bucket) -> None:
    """The documented way to start on a prefix: detail.object.key with prefix and suffix (guide, S3 tutorial)."""
    key = [{"wildcard": "in/*.csv"}]
    bucket.bridge.rule("r", {"detail": {"bucket": {"name": ["data"]}, "object": {"key": key}}}, "w")
    for name in ("in/a.csv", "in/a.txt", "out/a.csv"):
        bucket.s3.put("data", name, b"x")
    assert len(bucket.bridge.held()) == 1


def test_deletes_reach_rules_for_them(bucket: Bucket) -> None:
    """Object Deleted is another kind of event: a rule for Object Created does not see it. What was not there sends
    none.
    """
    for key in ("first", "second"):
        bucket.s3.put("data", key, b"x")
    bucket.listen()
    bucket.s3.delete("data", "first")
    assert bucket.bridge.held() == []
    bucket.bridge.rule("d", {"detail-type": ["Object Deleted"]}, "w")
    for _ in range(2):
        bucket.s3.delete("data", "second")
    assert len(bucket.bridge.held()) == 1


def test_files_that_spark_wrote_send_events_when_the_job_ends(bucket: Bucket) -> None:
    """By a difference of listings, without objects that went through S3 meanwhile, until they are stored."""
    bucket.listen()
    bucket.spark_writes("old.parquet", b"old")
    bucket.s3.put("data", "kept", b"1")
    before = bucket.s3.listing("data")
    bucket.spark_writes("t/part-0.parquet", b"new")
    bucket.spark_writes("old.parquet", b"changed")
    bucket.spark_writes("vanishes", b"x")
    bucket.bridge.clock.advance(60)
    bucket.s3.put("data", "by-api", b"2")
    after = bucket.s3.listing("data")
    os.unlink(bucket.root / "data" / "vanishes")
    written = bucket.emitter.written_as_files(bucket.s3, "data", before, after)
    assert bucket.emitter.written_as_files(bucket.s3, "data", before, after) == written
    events = bucket.emitter.events(written)
    assert [event.detail["object"]["key"] for event in events] == ["old.parquet", "t/part-0.parquet"]
    assert events[1].detail["object"]["etag"] == "22af645d1859cb5ca6da0c484f1f37ea"
    for created in written:
        bucket.emitter.remember(created)
    assert bucket.emitter.written_as_files(bucket.s3, "data", before, after) == []


def test_without_rules_nothing_is_read(bucket: Bucket) -> None:
    """ETags of large outputs are not computed without a rule."""
    bucket.spark_writes("part-0", b"x")
    assert bucket.emitter.written_as_files(bucket.s3, "data", [], bucket.s3.listing("data")) == []


def test_a_bucket_sends_nothing_by_default(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    """S3 user guide, "Enabling Amazon EventBridge": off by default. The log names the rule that waits, once."""
    bucket.listen()
    bucket.s3.create_bucket("silent")
    for key in ("a", "b"):
        bucket.s3.put("silent", key, b"1")
    bucket.s3.delete("silent", "a")
    assert bucket.emitter.written_as_files(bucket.s3, "silent", [], bucket.s3.listing("silent")) == []
    assert bucket.bridge.held() == []
    (line,) = caplog.messages
    assert line.startswith("rule r waits for events of bucket silent, which does not send events to EventBridge")
    for setting, number in (({"EventBridgeConfiguration": {}}, 1), ({}, 1)):
        bucket.s3.buckets.put_setting("silent", "Notification", setting)
        bucket.s3.put("silent", "c", b"1")
        assert len(bucket.bridge.held()) == number


KEYS = st.sampled_from("abcd")
LISTINGS = st.dictionaries(KEYS, st.tuples(st.integers(0, 2), st.sampled_from([1.0, 2.0])))


@given(LISTINGS, LISTINGS)
def test_the_difference_of_two_listings(
    before: dict[str, tuple[int, float]], after: dict[str, tuple[int, float]]
) -> None:
    """Exactly the keys that are new, or have another size or time, in key order (definition)."""

    def listing(of: dict[str, tuple[int, float]]) -> list[ObjectInfo]:
        return [ObjectInfo(key, size, modified, Path(key)) for key, (size, modified) in of.items()]

    found = [one.key for one in created_between(listing(before), listing(after))]
    assert found == sorted(key for key, value in after.items() if before.get(key) != value)
