"""CloudWatch Logs over plain files: names, times that never change, and the paging that clients rely on."""

from __future__ import annotations

import base64
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.local.logs import Logs, log_path, logs_service, prepare_log, timeline
from glueprint.local.logs.filters import matcher
from glueprint.local.protocol import ApiError, Context

GROUP = "/aws-glue/jobs/output"
CONTEXT = Context()
NAMES = st.text(
    alphabet=st.characters(exclude_characters=":*", exclude_categories=["Cs"]), min_size=1, max_size=300
)


class Clock:
    """A clock that changes only when a test sets it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class LogFiles:
    """The logs service over files that tests write."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = Clock()
        self.service = logs_service(Logs(root, self.clock))

    def write(self, text: str, stream: str = "jr_1", group: str = GROUP, at: float | None = None) -> Path:
        path = prepare_log(self.root, group, stream)
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
        moment = self.clock.now if at is None else at
        os.utime(path, (moment, moment))
        return path

    def restart(self) -> None:
        self.service = logs_service(Logs(self.root, self.clock))

    def get(self, **request: Any) -> dict[str, Any]:
        return self.service.call(
            "GetLogEvents", {"logGroupName": GROUP, "logStreamName": "jr_1", **request}, CONTEXT
        )

    def filter(self, **request: Any) -> dict[str, Any]:
        return self.service.call("FilterLogEvents", {"logGroupName": GROUP, **request}, CONTEXT)

    def call(self, name: str, **request: Any) -> dict[str, Any]:
        return self.service.call(name, request, CONTEXT)


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    return LogFiles(tmp_path / "logs")


def messages(answer: dict[str, Any]) -> list[str]:
    """The texts of an answer's events."""
    return [event["message"].rstrip("\n") for event in answer["events"]]


def test_messages_of_jobs_end_with_the_lines_end(files: LogFiles) -> None:
    """As AWS's do (apache/airflow, GlueJobHook.print_job_logs: "already contain a newline character at the end");
    an unfinished line has none yet."""
    files.write("one\ntwo", at=files.clock.now - 60)
    assert [event["message"] for event in files.filter()["events"]] == ["one\n", "two"]


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=5, unique=True))
@settings(max_examples=60, deadline=None)
def test_any_group_and_stream_name_comes_back(pairs: list[tuple[str, str]]) -> None:
    """Names up to 512 characters, slashes and dots among them (service model), never leave the folder."""
    import tempfile

    from glueprint.local.logs import layout

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for group, stream in pairs:
            path = prepare_log(root, group, stream)
            assert root in path.parents
            assert ".." not in path.parts
        assert layout.groups(root) == sorted({group for group, _ in pairs})
        for group in layout.groups(root):
            assert layout.streams(root, group) == sorted(s for g, s in pairs if g == group)


def test_missing_group_and_stream_answer_resource_not_found(files: LogFiles) -> None:
    """Missing log groups answer ResourceNotFoundException (docs/facts/orchestration.md)."""
    files.write("x\n")
    for request in ({"logGroupName": "/nowhere"}, {"logStreamName": "jr_2"}):
        with pytest.raises(ApiError) as refused:
            files.get(**request)
        assert refused.value.code == "ResourceNotFoundException"
    with pytest.raises(ApiError) as refused:
        files.filter(logStreamNames=["jr_2"])
    assert refused.value.code == "ResourceNotFoundException"


def test_get_log_events_reads_the_tail_by_default_and_the_head_on_request(files: LogFiles) -> None:
    """startFromHead is false by default: the latest events come first (service model, GetLogEvents)."""
    files.write("".join(f"line {i}\n" for i in range(10)))
    assert messages(files.get(limit=2)) == ["line 8", "line 9"]
    assert messages(files.get(limit=2, startFromHead=True)) == ["line 0", "line 1"]


def test_get_log_events_repeats_its_token_at_the_end_and_goes_on_later(files: LogFiles) -> None:
    """'If you have reached the end of the stream, it returns the same token you passed in' (service model)."""
    files.write("a\nb\n")
    first = files.get(startFromHead=True)
    again = files.get(startFromHead=True, nextToken=first["nextForwardToken"])
    assert (again["events"], again["nextForwardToken"]) == ([], first["nextForwardToken"])
    files.write("c\n")
    later = files.get(startFromHead=True, nextToken=again["nextForwardToken"])
    assert messages(later) == ["c"]
    start = files.get(nextToken=first["nextBackwardToken"])
    assert (start["events"], start["nextBackwardToken"]) == ([], first["nextBackwardToken"])


@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=30),
    st.integers(1, 7),
    st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_paging_either_way_gives_every_line_once_in_order(lines: list[str], limit: int, from_head: bool) -> None:
    """Following a token in one direction walks the complete stream (service model, GetLogEvents)."""
    import tempfile

    expected = [line.replace("\n", "_").replace("\r", "_") for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        files = LogFiles(Path(folder))
        for line in expected:
            files.write(line + "\n")
            files.clock.now += 1
        key = "nextForwardToken" if from_head else "nextBackwardToken"
        found: list[str] = []
        answer = files.get(limit=limit, startFromHead=from_head)
        while answer["events"]:
            found = found + messages(answer) if from_head else messages(answer) + found
            answer = files.get(limit=limit, nextToken=answer[key])
        assert found == [line or " " for line in expected]


def test_an_event_keeps_its_time_and_id_while_the_file_grows_and_after_a_restart(files: LogFiles) -> None:
    """Durable: the same event has the same timestamp and eventId at every call."""
    files.write("a\n", at=files.clock.now - 60)
    before = files.filter()["events"]
    files.clock.now += 10
    files.write("b\n")
    files.restart()
    after = files.filter()["events"]
    assert after[:1] == before
    assert before[0]["timestamp"] == 1_799_999_940_000
    assert after[1]["timestamp"] == 1_800_000_010_000
    assert len({event["eventId"] for event in after}) == 2
    assert all(len(event["eventId"]) == 56 for event in after)


def test_an_unfinished_line_waits_until_the_writer_rests(files: LogFiles) -> None:
    """An event once shown never changes; half a line is not shown while it may still grow."""
    files.write("whole\nhal")
    assert messages(files.get()) == ["whole"]
    files.clock.now += 5
    assert messages(files.get()) == ["whole", "hal"]
    files.write("f\n")
    assert messages(files.get()) == ["whole", "hal", "f"]


def test_a_sealed_stream_shows_its_last_line_at_once(files: LogFiles) -> None:
    """A script whose last print has no newline has still printed it."""
    files.write("whole\nlast words")
    Logs(files.root, files.clock).seal(GROUP, "jr_1")
    assert messages(files.get()) == ["whole", "last words"]
    Logs(files.root, files.clock).seal(GROUP, "never written")


def test_a_mark_that_a_crash_cut_short_is_forgotten(files: LogFiles) -> None:
    """A power cut in the middle of a note must not break reading."""
    files.write("a\n")
    files.get()
    (times,) = [p for p in files.root.rglob(".times/*") if p.is_file()]
    times.write_text(times.read_text() + "17 18")
    files.write("b\n")
    assert messages(files.get()) == ["a", "b"]


def test_time_bounds_are_start_inclusive_and_end_exclusive(files: LogFiles) -> None:
    """startTime <= timestamp < endTime (service model, GetLogEvents)."""
    stamps = []
    for line in "abc":
        files.write(f"{line}\n")
        stamps.append(int(files.clock.now * 1000))
        files.get()
        files.clock.now += 10
    assert messages(files.get(startTime=stamps[1])) == ["b", "c"]
    assert messages(files.get(endTime=stamps[1])) == ["a"]
    assert messages(files.filter(startTime=stamps[1], endTime=stamps[2])) == ["b"]


def test_filter_log_events_merges_streams_and_ends_without_a_token(files: LogFiles) -> None:
    """The last page of FilterLogEvents has no nextToken (docs/facts/orchestration.md)."""
    for number in range(6):
        files.write(f"{number}\n", stream=f"jr_{number % 2}")
        files.filter()
        files.clock.now += 1
    found, token = [], None
    pages = 0
    while True:
        answer = files.filter(limit=4, **({"nextToken": token} if token else {}))
        found += messages(answer)
        pages += 1
        if "nextToken" not in answer:
            break
        token = answer["nextToken"]
    assert found == list("012345")
    assert (pages, answer["events"]) == (3, [])


def test_a_poller_that_keeps_its_last_token_sees_each_event_once(files: LogFiles) -> None:
    """Airflow's GlueJobHook keeps the last nextToken that it saw and starts from it at its next poll."""
    token: str | None = None
    seen: list[str] = []
    for line in "abcd":
        files.write(f"{line}\n")
        files.clock.now += 6
        start = token
        while True:
            answer = files.filter(logStreamNames=["jr_1"], **({"nextToken": start} if start else {}))
            seen += messages(answer)
            start = answer.get("nextToken")
            token = start or token
            if start is None:
                break
    assert seen == list("abcd")


def test_streams_are_chosen_by_name_or_prefix(files: LogFiles) -> None:
    """logStreamNames and logStreamNamePrefix exclude each other (service model, FilterLogEvents)."""
    for stream in ("jr_1", "jr_1-driver", "jr_2"):
        files.write(f"{stream}\n", stream=stream)
    assert messages(files.filter(logStreamNames=["jr_2"])) == ["jr_2"]
    assert sorted(messages(files.filter(logStreamNamePrefix="jr_1"))) == ["jr_1", "jr_1-driver"]
    with pytest.raises(ApiError, match="must not specify both"):
        files.filter(logStreamNames=["jr_2"], logStreamNamePrefix="jr")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ERROR", ["ERROR disk", "ERROR net"]),
        ("ERROR net", ["ERROR net"]),
        ("?disk ?WARN", ["ERROR disk", "WARN net"]),
        ("ERROR -disk", ["ERROR net"]),
        ('"ERROR d"', ["ERROR disk"]),
        ("", ["ERROR disk", "WARN net", "ERROR net"]),
    ],
)
def test_filter_patterns_of_terms(pattern: str, expected: list[str]) -> None:
    """CloudWatch Logs user guide, 'Filter pattern syntax for log events'."""
    matches = matcher(pattern)
    assert [line for line in ("ERROR disk", "WARN net", "ERROR net") if matches(line)] == expected


@pytest.mark.parametrize("pattern", ["{ $.level = 1 }", "[a, b]", "%ERR.R%", '"open'])
def test_other_filter_patterns_are_refused_by_name(pattern: str) -> None:
    """What is not supported is refused, never half understood."""
    with pytest.raises(ApiError) as refused:
        matcher(pattern)
    assert refused.value.code == "InvalidParameterException"


def test_long_streams_are_read_in_parts_and_long_lines_cut(
    files: LogFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page holds at most 1 MB, an event 256 KB (CloudWatch Logs quotas); UTF-8 characters stay whole."""
    monkeypatch.setattr(timeline, "MAX_SEGMENT_BYTES", 100)
    monkeypatch.setattr(timeline, "MAX_MESSAGE_BYTES", 40)
    text = "é" * 333 + "\n" + "short\n" * 50
    files.write(text)
    forward = messages(files.get(startFromHead=True))
    assert "".join(forward) == text.replace("\n", "")
    assert all("\ufffd" not in message for message in forward)
    assert messages(files.get()) == forward
    assert messages(files.get(limit=3)) == forward[-3:]


def test_a_page_of_long_lines_stops_at_one_megabyte(files: LogFiles) -> None:
    """'Each page returned can contain up to 1 MB of log events' (service model)."""
    files.write(("x" * 200_000 + "\n") * 12)
    sizes, answer = [], files.get(startFromHead=True)
    while answer["events"]:
        sizes.append(len(answer["events"]))
        answer = files.get(nextToken=answer["nextForwardToken"])
    assert sizes == [5, 5, 2]


def test_groups_and_streams_are_described_in_pages(files: LogFiles) -> None:
    """DescribeLogGroups and DescribeLogStreams (service model): by name, prefix, time; at most 50 a page."""
    for index in range(3):
        files.write("x\n", stream=f"s{2 - index}")
        files.filter()
        files.clock.now += 1
    files.write("x\n", group="/aws-glue/crawlers", stream="c")
    groups = files.call("DescribeLogGroups")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws-glue/crawlers", GROUP]
    assert groups[1]["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"
    assert [
        g["logGroupName"] for g in files.call("DescribeLogGroups", logGroupNamePattern="CRAWL")["logGroups"]
    ] == ["/aws-glue/crawlers"]
    first = files.call("DescribeLogStreams", logGroupName=GROUP, limit=2)
    second = files.call("DescribeLogStreams", logGroupName=GROUP, limit=2, nextToken=first["nextToken"])
    assert [s["logStreamName"] for s in first["logStreams"] + second["logStreams"]] == ["s0", "s1", "s2"]
    assert "nextToken" not in second
    latest = files.call("DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", descending=True)
    assert [s["logStreamName"] for s in latest["logStreams"]] == ["s0", "s1", "s2"]
    arn = groups[1]["logGroupArn"]
    by_arn = files.call("DescribeLogStreams", logGroupIdentifier=arn, logStreamNamePrefix="s1")
    assert [s["logStreamName"] for s in by_arn["logStreams"]] == ["s1"]


def made_up(text: str) -> str:
    """A token of the right form with wrong content."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "f/1", "f/-1/s", "../../x"),
        *map(made_up, ["[1]", '{"start": "x"}', '{"start": 1e999}', "[" * 9999]),
    ],
)
def test_an_unknown_token_is_refused(files: LogFiles, token: str) -> None:
    """InvalidParameterException for a malformed nextToken (service model)."""
    files.write("x\n")
    for operation in ("GetLogEvents", "FilterLogEvents", "DescribeLogStreams"):
        request = {"logGroupName": GROUP, "nextToken": token}
        if operation == "GetLogEvents":
            request["logStreamName"] = "jr_1"
        with pytest.raises(ApiError) as refused:
            files.call(operation, **request)
        assert refused.value.code == "InvalidParameterException"


def test_names_beyond_what_a_path_can_hold_are_not_there(files: LogFiles) -> None:
    """The model allows names whose encoding is longer than any path: ResourceNotFoundException like any other."""
    files.write("x\n")
    stream = "\N{GRINNING FACE}" * 512
    for operation, request in (
        ("GetLogEvents", {"logGroupName": GROUP, "logStreamName": stream}),
        ("FilterLogEvents", {"logGroupName": GROUP, "logStreamNames": [stream]}),
        ("GetLogEvents", {"logGroupIdentifier": "/" * 2048, "logStreamName": "jr_1"}),
    ):
        with pytest.raises(ApiError) as refused:
            files.call(operation, **request)
        assert refused.value.code == "ResourceNotFoundException"


def test_the_writer_needs_only_a_path(tmp_path: Path) -> None:
    """log_path is pure: it makes nothing."""
    path = log_path(tmp_path, GROUP, "jr_1")
    assert path == tmp_path / "%2Faws-glue%2Fjobs%2Foutput" / "jr_1"
    assert not path.parent.exists()
