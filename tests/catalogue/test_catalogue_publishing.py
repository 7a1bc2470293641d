"""The publish protocol without Parquet and without a catalog: any files, any view."""

from __future__ import annotations

import pytest
from fake_s3 import FakeS3

from glue_jobs.common.publishing import (
    CountMismatch,
    Destination,
    NotOwned,
    Output,
    Part,
    Publication,
    publish,
    read_publication,
    retire_old_runs,
)

DESTINATION = Destination("daily", "s3://lake/lines/")


class ShownRuns:
    """A view that remembers what it was to show."""

    def __init__(self, is_free: bool = True) -> None:
        self.is_free = is_free
        self.runs: list[str] = []

    def check(self) -> None:
        """Refuse unless free."""
        if not self.is_free:
            raise NotOwned("the view is another's")

    def show(self, publication: Publication) -> None:
        """Remember the run."""
        self.runs.append(publication.run)


def write_lines(s3: FakeS3, run: str, lines: int = 2, rows_read: int = 2) -> Output:
    """One text file of a run."""
    key = f"lines/run={run}/a.txt"
    body = b"x\n" * lines
    s3.put_object(Bucket="lake", Key=key, Body=body)
    return Output(rows_read, (Part((), key, lines, len(body)),))


def run(s3: FakeS3, name: str, view: ShownRuns, destination: Destination = DESTINATION) -> Publication:
    """Publish a run that writes two lines."""
    return publish(s3, destination, name, "s3://scripts/m.json", lambda: write_lines(s3, name), view)


def test_each_run_replaces_the_one_before_and_is_shown() -> None:
    """Text files under the protocol that Parquet tables use (glue_jobs/common/publishing.py)."""
    s3, view = FakeS3(), ShownRuns()
    for name in ("r1", "r2", "r3"):
        published = run(s3, name, view)
    assert view.runs == ["r1", "r2", "r3"]
    assert (published.run, published.previous, published.rows) == ("r3", "r2", 2)
    assert read_publication(s3, DESTINATION.location) == published
    assert retire_old_runs(s3, DESTINATION, published) == ["r1"]


def test_a_run_that_is_published_is_shown_again_and_not_written_again() -> None:
    """After a kill between the atomic step and the view, only the view is missing (publishing.publish)."""
    s3, view = FakeS3(), ShownRuns()
    first = run(s3, "r1", view)

    def write() -> Output:
        raise AssertionError("written twice")

    assert publish(s3, DESTINATION, "r1", "s3://scripts/m.json", write, view) == first
    assert view.runs == ["r1", "r1"]


def test_different_counts_publish_nothing() -> None:
    """Counts are verified before the atomic step; the previous output stays (publishing.publish)."""
    s3, view = FakeS3(), ShownRuns()
    first = run(s3, "r1", view)
    with pytest.raises(CountMismatch, match="3 rows were read but 2 written; nothing was published"):
        publish(s3, DESTINATION, "r2", "m", lambda: write_lines(s3, "r2", rows_read=3), view)
    assert read_publication(s3, DESTINATION.location) == first
    assert view.runs == ["r1"]


def test_what_another_workflow_owns_is_refused_before_anything_is_written() -> None:
    """Neither its folder nor its view is touched (publishing.publish)."""
    s3, view = FakeS3(), ShownRuns()
    run(s3, "r1", view)
    before = s3.list_objects_v2(Bucket="lake")["Contents"]
    with pytest.raises(NotOwned, match="holds the data of the workflow daily"):
        run(s3, "r2", view, Destination("other", DESTINATION.location))
    with pytest.raises(NotOwned, match="the view is another's"):
        run(s3, "r2", ShownRuns(is_free=False))
    assert s3.list_objects_v2(Bucket="lake")["Contents"] == before
