"""What makes files count as present: locations, dates, markers, lists, sidecars, quiet, a deadline, a ledger."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fake_catalogue import FakeCatalogue
from fake_s3 import FakeS3
from hypothesis import given
from hypothesis import strategies as st
from test_catalogue_look import arguments

from glue_jobs.common import workflow_run
from glue_jobs.common.date_patterns import date_problems, fill_in_date, fill_in_date_of_name, logical_date
from glue_jobs.common.globs import glob_expression
from glue_jobs.common.input_files import Thresholds
from glue_jobs.common.input_search import Expectations, Found, search_all, search_location
from glue_jobs.common.ledger import rejected_entry, write_ledger
from glue_jobs.common.manifest import FrozenFile, manifest_from_json
from glue_jobs.common.patterns import compile_pattern
from glue_jobs.common.publishing import Destination, NotOwned, Publication, commit
from glue_jobs.common.run_lock import DestinationLocked, acquire_lock
from glue_jobs.file_presence import look

WRITTEN = datetime(2024, 1, 1, tzinfo=UTC)
"""When the fake's objects were written."""
ANY = Thresholds(1, 1, None)


def bucket(*keys: str, **bodies: str) -> FakeS3:
    """A landing bucket with these files."""
    s3 = FakeS3()
    for key in keys:
        s3.put_object(Bucket="landing", Key=key, Body=b"a,b\n1,2\n")
    for key, body in bodies.items():
        s3.put_object(Bucket="landing", Key=key, Body=body)
    return s3


def search(s3: Any, now: datetime = WRITTEN, ledger: dict[str, str] | None = None, **changes: Any) -> Found:
    """One search of ``s3://landing/in/``."""
    expectations = Expectations(**{"file_pattern": "*", "limits": ANY, **changes})
    return search_location(s3, "s3://landing/in", expectations, ledger or {}, now)


def names(found: Found) -> list[str]:
    """The paths of the files that count."""
    return [file.key.removeprefix("in/") for file in found.files]


def test_expected_files_must_each_match(s3: Any) -> None:
    """Parameter ExpectedFiles: every pattern that matches no file is named (blueprint.cfg)."""
    world = bucket("in/orders-2024-05-01.csv", "in/x/returns.csv")
    assert search(world, expected=("orders-2024-05-01*.csv", "x/returns.csv")).reason == ""
    found = search(world, expected=("orders-2024-05-02*.csv", "returns.csv", "y/*.csv"))
    assert found.reason == "no file matches orders-2024-05-02*.csv; no file matches y/*.csv"


def test_a_success_file_may_be_empty_and_is_not_input() -> None:
    """Parameter SuccessFile: without it no file counts; its own name may be one that matches FilePattern."""
    world = bucket("in/a.csv")
    assert search(world, success_file="_SUCCESS").reason == "_SUCCESS is not there"
    world.put_object(Bucket="landing", Key="in/_SUCCESS", Body=b"")
    world.put_object(Bucket="landing", Key="in/done.csv", Body=b"x")
    assert search(world, success_file="_SUCCESS").reason == ""
    assert names(search(world, success_file="done.csv")) == ["a.csv"]


LISTS = [
    "a.csv\nb c/é=%2B+.csv\n",
    "\ufeffs3://landing/in/a.csv\r\ns3://landing/in/b c/é=%2B+.csv",
    json.dumps(
        {"entries": [{"url": "s3://landing/in/a.csv"}, {"url": "b c/é=%2B+.csv", "meta": {"content_length": 8}}]}
    ),
]


@pytest.mark.parametrize("text", LISTS, ids=["lines", "locations", "json"])
def test_a_list_names_exactly_the_files_that_count(text: str) -> None:
    """Parameter FileList: plain names, or the manifest of Redshift's UNLOAD; other files are not input."""
    world = bucket("in/a.csv", "in/b c/é=%2B+.csv", "in/other.csv")
    world.put_object(Bucket="landing", Key="in/list.txt", Body=text)
    found = search(world, file_list="list.txt")
    assert (names(found), found.reason) == (["a.csv", "b c/é=%2B+.csv"], "")
    world.delete_object("landing", "in/b c/é=%2B+.csv")
    assert search(world, file_list="list.txt").reason.startswith(
        "1 of 2 listed files are not there: b c/é=%2B+.csv"
    )
    assert search(world, file_list="{x}.txt").reason.startswith("{x}.txt is not there")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it names no file"),
        ("s3://elsewhere/a.csv", "s3://elsewhere/a.csv is outside of s3://landing/in/"),
        ('{"entries": [{"name": "a.csv"}]}', "'url'"),
        ("{not json", "is not a list of files"),
        (
            '{"entries": [{"url": "a.csv", "meta": {"content_length": 9}}]}',
            "1 of 1 listed files have another size: a.csv",
        ),
    ],
)
def test_a_wrong_list_is_a_reason(text: str, reason: str) -> None:
    """What is wrong with the list is the reason, and nothing counts (input_search)."""
    world = bucket("in/a.csv")
    world.put_object(Bucket="landing", Key="in/_list", Body=text)
    assert reason in search(world, file_list="_list").reason


def test_files_that_are_still_changing_do_not_count() -> None:
    """Parameter QuietSeconds."""
    world = bucket("in/a.csv")
    quiet = timedelta(seconds=60)
    late = WRITTEN + timedelta(seconds=59)
    assert search(world, late, quiet=quiet).reason == (
        "the newest file is of 2024-01-01T00:00:00.000000Z, less than 60 seconds ago"
    )
    assert search(world, WRITTEN + quiet, quiet=quiet).reason == ""


def test_sidecars_are_not_input() -> None:
    """Parameter SidecarFiles: files that describe others do not count; one without its file is a file."""
    world = bucket("in/a.csv", "in/a.csv.md5", "in/a.csv.rows", "in/b.csv", "in/b.csv.sha256", "in/lonely.md5")
    found = search(world, sidecars="check")
    assert [(file.key, file.sidecars) for file in found.files] == [
        ("in/a.csv", (".md5", ".rows")),
        ("in/b.csv", (".sha256",)),
        ("in/lonely.md5", ()),
    ]
    assert len(search(world).files) == 6
    required = search(world, sidecars="require")
    assert required.reason == "1 of 3 files have no checksum next to them: lonely.md5"


def test_a_file_that_was_loaded_does_not_count_again() -> None:
    """LoadMode append: by its key; changed ones counted and listed, a rejected one is tried when it changes."""
    world = bucket("in/a.csv", "in/b.csv", "in/c.csv", "in/d.csv")
    etag = search(world).files[0].etag
    rejected = rejected_entry(FrozenFile("", 0, etag, ""))
    ledger = {"landing/in/a.csv": etag, "landing/in/b.csv": "other", "landing/in/c.csv": rejected}
    found = search(world, ledger=ledger)
    assert (names(found), found.loaded, found.changed) == (["d.csv"], 3, ("in/b.csv",))
    ledger = {"landing/in/d.csv": "x", **ledger, "landing/in/c.csv": "rejected:older"}
    assert names(search(world, ledger=ledger)) == ["c.csv"]
    ledger["landing/in/c.csv"] = rejected
    assert search(world, ledger=ledger).reason == "no file is there (4 files were loaded before)"


@pytest.mark.parametrize(
    ("is_any_enough", "present", "count"), [(False, (), 0), (True, ("in", "more"), 3), (True, ("more",), 2)]
)
def test_all_locations_or_any(is_any_enough: bool, present: tuple[str, ...], count: int) -> None:
    """MoreLocations and RequiredLocations: with any, files of a location without enough do not count."""
    s3 = bucket("more/b.csv", "more/c.csv")
    if "in" in present:
        s3.put_object(Bucket="landing", Key="in/a.csv", Body=b"x")
    expectations = Expectations(file_pattern="*", limits=ANY)
    found = search_all(s3, ["s3://landing/in", "s3://landing/more"], expectations, is_any_enough, {}, WRITTEN)
    assert bool(found.reason) is not bool(present)
    if present:
        assert len(found.files) == count
        return
    assert found.reason == "s3://landing/in/: no file is there"
    assert found.location == "s3://landing/in/, s3://landing/more/"


DAY = date(2024, 3, 1)


def test_dates_are_filled_in() -> None:
    """``{date:...}``, ``{date-1:...}`` and braces of the glob dialect in one pattern (date_patterns)."""
    pattern = fill_in_date("{date:%Y/%m}/{a,b}-{date-1:%Y%m%d}*.csv", DAY)
    assert pattern == "2024/03/{a,b}-20240229*.csv"
    assert fill_in_date_of_name(r"x\{date:%j}*.done", DAY) == r"x\061*.done"


@given(
    st.dates(date(1, 2, 1), date(9000, 1, 1)), st.text("%YmdjGVu[]*?,\\-_ é", max_size=12), st.integers(-30, 30)
)
def test_a_filled_in_date_matches_only_itself(day: date, form: str, days: int) -> None:
    """Whatever the format contains is plain text in the pattern."""
    problems = date_problems(f"{{date{days:+d}:{form}}}")
    if problems:
        return
    moved = (day + timedelta(days=days)).strftime(form)
    assert compile_pattern(fill_in_date(f"/{{date{days:+d}:{form}}}", day)).fullmatch("/" + moved)
    glob_expression(fill_in_date(f"{{date{days:+d}:{form}}}", day))


@pytest.mark.parametrize(
    "pattern", ["{date:}", "{date:%H}", "{date:%}", "{date}", "{date:%Y", "{date +1:%Y}", "{date:%B}"]
)
def test_a_wrong_date_is_a_problem(pattern: str) -> None:
    """A misspelt date would be a pattern that never matches (date_patterns.date_problems)."""
    assert date_problems(pattern)
    assert not date_problems("{a,b}-{date+10:%Y-%m-%d}")


@pytest.mark.parametrize(
    ("argument", "properties", "wanted"),
    [
        ("", {}, date(2024, 5, 31)),
        ("2024-05-01", {"logical_date": "2024-05-02"}, date(2024, 5, 1)),
        ("", {"logical_date": "2024-05-02"}, date(2024, 5, 2)),
        ("", {"logical_date": "20240502"}, date(2024, 5, 2)),
        ("", {"logical_date": "2024-05-02T23:00:00+00:00"}, date(2024, 5, 2)),
    ],
)
def test_the_logical_date(argument: str, properties: dict[str, str], wanted: date) -> None:
    """The argument, else the run property (Airflow's ds, ds_nodash or ts), else the day of the run's start."""
    assert logical_date(argument, properties, datetime(2024, 5, 31, 23, 59, tzinfo=UTC)) == wanted


@pytest.mark.parametrize("text", ["yesterday", "2024-02-30", "2024-5-1", "24-05-01", "2024-05-01x"])
def test_a_wrong_logical_date_is_an_error(text: str) -> None:
    """Not a day of the calendar: the run must not look for another day's files."""
    with pytest.raises(ValueError, match="it must be a date such as 2024-05-31"):
        logical_date(text, {}, WRITTEN)


class Clock:
    """A clock that sleeping advances, and at whose time files arrive."""

    def __init__(self, s3: FakeS3, arrivals: dict[int, str]) -> None:
        self.seconds = 0
        self._s3 = s3
        self._arrivals = arrivals
        self.sleeps: list[float] = []

    def now(self, zone: Any) -> datetime:
        """The present."""
        return WRITTEN + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.sleeps.append(seconds)
        for _ in range(int(seconds)):
            self.seconds += 1
            if self.seconds in self._arrivals:
                self._s3.put_object(Bucket="landing", Key=self._arrivals[self.seconds], Body=b"a\n1\n")


class LookWorld(FakeCatalogue):
    """A Glue with one run, and the job's main on a clock."""

    def __init__(self, patch: pytest.MonkeyPatch, s3: FakeS3, arrivals: dict[int, str] | None = None) -> None:
        super().__init__()
        self.s3 = s3
        self.clock = Clock(s3, arrivals or {})
        self.runs["wr_1"] = "RUNNING"
        self.started = WRITTEN
        self._patch = patch

    def get_workflow_run(self, Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        """GetWorkflowRun, with the start."""
        answer = super().get_workflow_run(Name, RunId)
        answer["Run"]["StartedOn"] = self.started
        return answer

    def look(self, **changes: str) -> dict[str, str]:
        """Run the job; the run's properties."""
        clock = self.clock

        class Now(datetime):
            now = clock.now

        patch = self._patch
        patch.setattr(look, "read_arguments", lambda argv, required, optional: arguments(**changes))
        patch.setattr(look, "aws_client", lambda service, region: {"s3": self.s3, "glue": self}[service])
        patch.setattr(look, "datetime", Now)
        patch.setattr(look.time, "sleep", clock.sleep)
        look.main()
        return self.properties["wr_1"]


def test_it_waits_until_the_files_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters WaitMinutes and PollSeconds: it looks again, and stops waiting at once when they are there."""
    world = LookWorld(monkeypatch, FakeS3(), {95: "in/a.csv"})
    properties = world.look(wait_minutes="10", poll_seconds="30")
    assert properties["file_presence"] == "true"
    assert world.clock.sleeps == [30, 30, 30, 30]
    assert properties["file_presence.checked_at"] == "2024-01-01T00:02:00.000000Z"


def test_the_deadline_counts_from_the_start_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry of the job does not wait again from the start (look.look_until_present)."""
    world = LookWorld(monkeypatch, FakeS3(), {200: "in/a.csv"})
    world.started = WRITTEN - timedelta(seconds=490)
    properties = world.look(wait_minutes="10", poll_seconds="60", on_missing="continue")
    assert (properties["file_presence"], world.clock.sleeps) == ("false", [60, 50])


def test_dates_come_from_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """FilePattern, ExpectedFiles, SuccessFile and FileList have the same date; it is a run property."""
    s3 = bucket("in/2023-12-31/a.csv", "in/2024-01-01/b.csv", "in/20231231.done", "in/2023-365.list")
    s3.put_object(Bucket="landing", Key="in/2023-365.list", Body="2023-12-31/a.csv")
    world = LookWorld(monkeypatch, s3)
    world.properties["wr_1"] = {"logical_date": "2023-12-31", "other": "x"}
    properties = world.look(
        file_pattern="{date:%Y-%m-%d}/*",
        expected_files='["{date:%Y-%m-%d}/a.*"]',
        success_file="{date:%Y%m%d}.done",
        file_list="{date:%Y-%j}.list",
    )
    assert properties["file_presence"] == "true", properties
    assert (properties["file_presence.count"], properties["file_presence.date"]) == ("1", "2023-12-31")


def test_files_of_two_buckets_are_in_one_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not in the first location's bucket has its own (manifest.FrozenFile)."""
    s3 = bucket("in/a.csv")
    s3.put_object(Bucket="other", Key="in/b.csv", Body=b"x")
    properties = LookWorld(monkeypatch, s3).look(locations='["s3://landing/in", "s3://other/in"]')
    assert properties["file_presence.location"] == "s3://landing/in/, s3://other/in/"
    manifest = manifest_from_json(s3.get_object("scripts", "manifests/wr_1.json")["Body"].read().decode())
    assert [(manifest.bucket_of(file), file.key) for file in manifest.files] == [
        ("landing", "in/a.csv"),
        ("other", "in/b.csv"),
    ]
    assert manifest.files[0].bucket == ""


def test_a_second_run_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While another run holds the lock, the look fails: no manifest, no marker (run_lock)."""
    s3 = bucket("in/a.csv")
    world = LookWorld(monkeypatch, s3)
    world.runs["wr_0"] = "RUNNING"
    acquire_lock(s3, world, "s3://lake/out/", "daily", "wr_0")
    before = dict(s3.objects)
    with pytest.raises(DestinationLocked, match="locked by the run wr_0"):
        world.look()
    assert (s3.objects, world.properties) == (before, {})


def publish_ledger(s3: FakeS3, world: FakeCatalogue, shown: str, **ledger: str) -> None:
    """What an earlier run has published and the table shows."""
    destination = Destination("daily", "s3://lake/out/")
    write_ledger(s3, destination.location, "wr_0", {f"landing/in/{name}": etag for name, etag in ledger.items()})
    commit(s3, destination, Publication("daily", "wr_0", "", "m", 1, ()))
    world.tables["out"] = {"Name": "out", "Parameters": {"glueprint.run": shown}}


def test_only_new_files_are_looked_for_when_loads_append(monkeypatch: pytest.MonkeyPatch) -> None:
    """LoadMode append: the counts of files that do not count are run properties."""
    s3 = bucket("in/a", "in/b", "in/c")
    world = LookWorld(monkeypatch, s3)
    publish_ledger(s3, world, "wr_0", a="another", b=search(s3).files[1].etag)
    properties = world.look(load_mode="append", file_pattern="*")
    assert (properties["file_presence"], properties["file_presence.count"]) == ("true", "1")
    assert (properties["file_presence.loaded_before"], properties["file_presence.changed"]) == ("2", "1")
    assert world.look(load_mode="replace", file_pattern="*")["file_presence.count"] == "3"


@pytest.mark.parametrize(("shown", "present"), [("wr_0", "false"), ("wr_older", "true")])
def test_a_publication_that_no_table_shows_is_work(
    monkeypatch: pytest.MonkeyPatch, shown: str, present: str
) -> None:
    """A load that was killed after it had published is finished by the next run, also without new files."""
    s3 = bucket("in/a")
    world = LookWorld(monkeypatch, s3)
    publish_ledger(s3, world, shown, a=search(s3).files[0].etag)
    properties = world.look(load_mode="append", file_pattern="*", on_missing="continue")
    assert properties["file_presence"] == present


def test_another_workflows_destination_is_refused_by_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is written, and before anything is billed (publishing.check_owner)."""
    s3 = bucket("in/a.csv")
    commit(s3, Destination("weekly", "s3://lake/out/"), Publication("weekly", "wr_0", "", "m", 1, ()))
    with pytest.raises(NotOwned, match="workflow weekly"):
        LookWorld(monkeypatch, s3).look()


def test_the_clock_of_a_run_is_utc() -> None:
    """boto3 returns StartedOn in the local time zone; the default logical date is a day in UTC."""
    world = FakeCatalogue()

    def get_workflow_run(Name: str, RunId: str) -> dict[str, Any]:  # noqa: N803
        return {"Run": {"StartedOn": datetime.fromisoformat("2024-05-02T01:00:00+02:00")}}

    world.get_workflow_run = get_workflow_run  # type: ignore[method-assign]
    assert workflow_run.started_on(world, "daily", "wr_1").isoformat() == "2024-05-01T23:00:00+00:00"
