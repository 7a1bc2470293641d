"""The job that looks for the files: what counts, what it writes, and what it does when files are missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common import workflow_run
from glue_jobs.common.input_files import Thresholds, choose, from_iso, iso, reason_missing
from glue_jobs.common.presence import (
    Marker,
    MarkerMissing,
    count_from_properties,
    marker_from_properties,
    marker_to_properties,
    put_count,
    put_counts,
)
from glue_jobs.file_presence import look

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def arguments(**changes: str) -> dict[str, str]:
    """The job's arguments as the layout gives them."""
    return {
        "WORKFLOW_NAME": "daily",
        "WORKFLOW_RUN_ID": "wr_1",
        "aws_region": "us-east-1",
        "locations": '["s3://landing/in"]',
        "required_locations": "all",
        "file_pattern": "*.csv",
        "minimum_files": "1",
        "minimum_bytes": "1",
        "maximum_age_hours": "0",
        "on_missing": "skip",
        "wait_minutes": "0",
        "poll_seconds": "60",
        "quiet_seconds": "0",
        "sidecar_files": "ignore",
        "load_mode": "replace",
        "destination": "s3://lake/out",
        "database": "db",
        "table": "out",
        "expected_files": "",
        "success_file": "",
        "file_list": "",
        "logical_date": "",
        "manifest_folder": "s3://scripts/manifests",
        **changes,
    }


def entry(key: str, size: int = 10, age_hours: float = 0.0) -> dict[str, Any]:
    """An object as ListObjectsV2 describes it."""
    return {"Key": key, "Size": size, "ETag": f'"{key}"', "LastModified": NOW - timedelta(hours=age_hours)}


@pytest.mark.parametrize(
    ("key", "size", "counts"),
    [
        ("in/a.csv", 1, True),
        ("in/deep/er/a.csv", 1, True),
        ("in/a.csv", 0, False),
        ("in/a.txt", 1, False),
        ("in/_a.csv", 1, False),
        ("in/_temporary/a.csv", 1, False),
        ("in/.staging/a.csv", 1, False),
    ],
)
def test_only_files_that_a_query_would_read_count(key: str, size: int, counts: bool) -> None:
    """Empty objects and names that begin with _ or . never count (blueprint.cfg, FilePattern)."""
    assert bool(choose([entry(key, size)], "in/", "*.csv")) is counts


def test_the_location_may_itself_lie_in_a_hidden_folder() -> None:
    """Only what lies below the location can be hidden: its own name was chosen by the user (blueprint.cfg)."""
    assert choose([entry("_in/a.csv")], "_in/", "*")


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 200)), max_size=5),
    st.integers(1, 5),
    st.integers(0, 300),
    st.one_of(st.none(), st.integers(1, 200)),
)
def test_files_are_present_exactly_when_no_threshold_is_missed(
    files: list[tuple[int, int]], minimum_files: int, minimum_bytes: int, hours: int | None
) -> None:
    """Minimum files, minimum bytes and maximum age of the newest file must all hold."""
    listing = [entry(f"in/{number}.csv", size, age) for number, (size, age) in enumerate(files)]
    chosen = choose(listing, "in/", "*")
    limits = Thresholds(minimum_files, minimum_bytes, None if hours is None else timedelta(hours=hours))
    reason = reason_missing(chosen, limits, NOW)
    fresh = hours is None or not files or min(age for _, age in files) <= hours
    present = len(files) >= minimum_files and sum(size for size, _ in files) >= minimum_bytes and fresh
    assert (reason == "") is present
    assert ("files are there" in reason) is (0 < len(files) < minimum_files)


def test_every_missed_threshold_is_reported() -> None:
    """The reason names all that is wrong at once."""
    chosen = choose([entry("in/a.csv", 5, 48)], "in/", "*")
    reason = reason_missing(chosen, Thresholds(2, 100, timedelta(hours=24)), NOW)
    assert "1 of at least 2 files" in reason
    assert "5 of at least 100 bytes" in reason
    assert "more than 24 hours ago" in reason


MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_written_moments_sort_like_the_moments(one: datetime, other: datetime) -> None:
    """The marker's times are texts; the newest is found by comparing them (presence.Marker)."""
    assert (iso(one) < iso(other)) is (one < other)
    assert from_iso(iso(one)) == one


def put(s3: Any, key: str, body: bytes = b"a,b\n1,2\n") -> None:
    """Put a file into the landing bucket."""
    s3.put_object(Bucket="landing", Key=key, Body=body)


class FakeRun:
    """A Glue whose only workflow run is RUNNING until it was stopped and looked at ``delay`` times."""

    class exceptions:  # noqa: N801 - boto3's own spelling
        class IllegalWorkflowStateException(Exception):
            """As boto3 raises it."""

    def __init__(self, delay: int = 0, stopping: bool = False) -> None:
        self.properties: dict[str, str] = {}
        self.calls: list[str] = []
        self.delay = delay
        self.stopped = stopping
        self._refuse = stopping

    def put_workflow_run_properties(self, Name: str, RunId: str, RunProperties: dict[str, str]) -> None:  # noqa: N803
        """Merge, as Glue does."""
        self.calls.append("put")
        self.properties.update(RunProperties)

    def stop_workflow_run(self, Name: str, RunId: str) -> None:  # noqa: N803
        """Accept the stop, or refuse it because the run is stopping."""
        self.calls.append("stop")
        if self._refuse:
            raise self.exceptions.IllegalWorkflowStateException
        self.stopped = True

    def get_workflow_run(self, Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        """The run's status."""
        self.delay -= 1
        return {"Run": {"Status": "STOPPING" if self.stopped and self.delay < 0 else "RUNNING"}}


def run_look(monkeypatch: pytest.MonkeyPatch, s3: Any, glue: Any, **changes: str) -> None:
    """Run the job's main with these clients."""
    monkeypatch.setattr(look, "read_arguments", lambda argv, required, optional: arguments(**changes))
    monkeypatch.setattr(look, "aws_client", lambda service, region: {"s3": s3, "glue": glue}[service])
    monkeypatch.setattr(workflow_run.time, "sleep", lambda seconds: None)
    look.main()


def test_what_is_found_is_frozen_and_marked(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """The manifest lists exactly the matching files; the marker says "true" with its details."""
    put(s3, "in/b.csv")
    put(s3, "in/a/a.csv")
    put(s3, "in/notes.txt")
    put(s3, "inside/c.csv")
    glue = FakeRun()
    run_look(monkeypatch, s3, glue)
    assert glue.properties["file_presence"] == "true"
    assert glue.properties["file_presence.count"] == "2"
    assert glue.properties["file_presence.bytes"] == "16"
    assert glue.properties["file_presence.location"] == "s3://landing/in/"
    assert glue.properties["file_presence.manifest"] == "s3://scripts/manifests/wr_1.json"
    assert glue.properties["file_presence.reason"] == ""
    manifest = json.loads(s3.get_object(Bucket="scripts", Key="manifests/wr_1.json")["Body"].read())
    assert [file["key"] for file in manifest["files"]] == ["in/a/a.csv", "in/b.csv"]
    assert glue.calls == ["put"]


def test_skip_marks_then_stops_its_own_run_and_waits_for_it(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """With skip the run is stopped, and the job's success comes only after the stop."""
    glue = FakeRun(delay=3)
    run_look(monkeypatch, s3, glue)
    assert glue.properties["file_presence"] == "false"
    assert glue.properties["file_presence.reason"] == "no file is there"
    assert glue.calls == ["put", "stop"]
    assert glue.delay < 0


def test_skip_in_a_run_that_is_already_stopping_ends_well(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """StopWorkflowRun refuses with IllegalWorkflowStateException then (service model); there is no more to do."""
    glue = FakeRun(stopping=True)
    run_look(monkeypatch, s3, glue)
    assert glue.calls == ["put", "stop"]


def test_a_stop_that_never_takes_hold_fails_the_job(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """A SUCCEEDED job in a running run would start the crawler, so the job fails instead
    (docs/decisions/publishing-a-load.md)."""
    with pytest.raises(TimeoutError, match="still RUNNING"):
        run_look(monkeypatch, s3, FakeRun(delay=10**6))


def test_fail_writes_the_marker_first(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """With fail the marker is there and then the job fails."""
    glue = FakeRun()
    with pytest.raises(look.FilesMissing, match="s3://landing/in/: no file is there"):
        run_look(monkeypatch, s3, glue, on_missing="fail")
    assert glue.properties["file_presence"] == "false"
    assert glue.calls == ["put"]


def test_continue_marks_and_succeeds(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """With continue the job succeeds, so that the rest runs."""
    glue = FakeRun()
    run_look(monkeypatch, s3, glue, on_missing="continue")
    assert glue.properties["file_presence"] == "false"
    assert glue.calls == ["put"]


def test_missing_files_write_no_object(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """Nothing is written anywhere when files are missing."""
    run_look(monkeypatch, s3, FakeRun(), on_missing="continue")
    for bucket in ("lake", "scripts"):
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_bucket_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """A mistyped location must not look like a day without files."""
    glue = FakeRun()
    with pytest.raises(s3.exceptions.NoSuchBucket):
        run_look(monkeypatch, s3, glue, locations='["s3://nowhere/in"]')
    assert glue.properties == {}


@given(st.booleans(), st.integers(0, 10**12), st.integers(0, 10**15), st.lists(st.text(), min_size=5, max_size=5))
def test_a_marker_survives_the_run_properties(present: bool, count: int, size: int, texts: list[str]) -> None:
    """What one job writes another reads, among properties of others."""
    marker = Marker(present, count, size, *texts)
    assert marker_from_properties({"other": "x", **marker_to_properties(marker)}) == marker


@pytest.mark.parametrize("properties", [{}, {"file_presence": "maybe"}, {"file_presence": "true"}])
def test_a_missing_or_broken_marker_is_an_error(properties: dict[str, str]) -> None:
    """A missing marker is an error, not "false"."""
    with pytest.raises(MarkerMissing):
        marker_from_properties(properties)


def test_a_marker_may_have_another_key() -> None:
    """A run may look for several inputs: ``<prefix>.presence`` with its own details (presence.Marker)."""
    orders = Marker(False, 0, 0, "", "now", "s3://b/orders/", "no file is there", "")
    flights = Marker(True, 2, 9, "then", "now", "s3://b/flights/", "", "m.json")
    properties = {**marker_to_properties(orders, "orders.presence"), **marker_to_properties(flights)}
    assert properties["orders.presence"] == "false"
    assert properties["orders.presence.reason"] == "no file is there"
    assert marker_from_properties(properties, "orders.presence") == orders
    assert marker_from_properties(properties) == flights


def test_counts_have_the_blueprints_name() -> None:
    """``<blueprint>.rows``; without a name they are those of file_presence (presence.put_counts)."""
    glue = FakeRun()
    put_counts(glue, "daily", "wr_1", {"rows": 3, "files_in": 2}, "compaction")
    put_count(glue, "daily", "wr_1", "rows", 5)
    assert glue.properties == {"compaction.rows": "3", "compaction.files_in": "2", "file_presence.rows": "5"}
    assert count_from_properties(glue.properties, "files_in", "compaction") == 2
    with pytest.raises(MarkerMissing, match=r"compaction\.files_out is missing"):
        count_from_properties(glue.properties, "files_out", "compaction")
