"""Jobs with their logs, crawlers, the Data Catalog, S3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from console_fake import NOW, FakeGlue, FakeLogs, FakeSession

pytest.importorskip("starlette")

from glueprint.client.log_streams import LogStream
from glueprint.console.log_view import last_part, next_part
from glueprint.console.pages.crawlers import summary_of
from glueprint.console.pages.storage import text_of

HOSTILE = '<script>alert(1)</script>"\u202e\x1b[2J'
OUT = LogStream("load", "/aws-glue/jobs/output", "jr_1", is_error=False)


def add_job(glue: FakeGlue, name: str = "load", **run: Any) -> None:
    """A job with one run."""
    glue.jobs[name] = {"Name": name, "Command": {"Name": "pythonshell", "ScriptLocation": "s3://scripts/load.py"}}
    shape = {"Id": "jr_1", "JobName": name, "JobRunState": "SUCCEEDED", "StartedOn": NOW - timedelta(seconds=3)}
    glue.job_runs[name] = [{**shape, "CompletedOn": NOW, "Arguments": {"--day": "monday"}, **run}]


def test_a_job_shows_its_runs_and_definition(browser: Any, glue: FakeGlue) -> None:
    """Durations, states, the script's address and the arguments of a run are shown."""
    add_job(glue)
    text = browser.get("/job?name=load").text
    assert "Python shell" in text
    assert '/s3/object?at=s3://scripts/load.py"' in text
    assert "3.0 s" in text
    assert "monday" in browser.get("/job-run?job=load&id=jr_1").text
    assert "SUCCEEDED" in browser.get("/jobs").text


def test_logs_are_text_and_errors_are_marked(browser: Any, glue: FakeGlue) -> None:
    """A log cannot bring tags or move the cursor, a line of 10 MB is shortened, and errors are marked."""
    add_job(glue)
    glue.logs["/aws-glue/jobs/output", "jr_1"] = [{"timestamp": 1, "message": HOSTILE + "\n"}]
    glue.logs["/aws-glue/jobs/error", "jr_1"] = [{"timestamp": 2, "message": "y" * 10_000_000}]
    answer = browser.get("/job-run?job=load&id=jr_1")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.text) < 100_000
    assert '<li class="err">yyy' in answer.text


def test_the_tail_returns_each_line_once(browser: Any, glue: FakeGlue) -> None:
    """New lines are returned once, and the script stops when the run has ended."""
    add_job(glue, JobRunState="RUNNING", CompletedOn=None)
    events = glue.logs["/aws-glue/jobs/output", "jr_1"] = [{"timestamp": 1, "message": "one"}]
    first = last_part(FakeLogs(glue), [OUT])
    assert [one.text for one in first.lines] == ["one"]
    assert next_part(FakeLogs(glue), [OUT], first.position).lines == ()
    events.append({"timestamp": 2, "message": "two"})
    path = "/job-run/log?job=load&id=jr_1"
    answer = browser.get(f"{path}&from={first.position}").json()
    assert answer["lines"] == [{"text": "two", "error": False}]
    assert answer["done"] is False
    glue.job_runs["load"][0]["JobRunState"] = "SUCCEEDED"
    assert browser.get(path + "&from=" + answer["from"]).json()["done"] is True


def test_a_refresh_of_a_running_job_is_small(browser: Any, glue: FakeGlue) -> None:
    """The log is not sent again with each refresh: the script requests new lines, and the head of the page only
    when the state has changed."""
    add_job(glue, JobRunState="RUNNING", CompletedOn=None)
    glue.logs["/aws-glue/jobs/output", "jr_1"] = [{"timestamp": 1, "message": "line of the log"}] * 5000
    page = browser.get("/job-run?job=load&id=jr_1").text
    assert page.count("line of the log") == 5000
    assert "data-live" not in page
    assert 'data-state="RUNNING"' in page
    refreshed = browser.get("/job-run?job=load&id=jr_1", headers={"X-Refresh": "1"})
    assert len(refreshed.content) < 15_000
    assert browser.get("/job-run/log?job=load&id=jr_1").json()["state"] == "RUNNING"


def test_the_hint_is_next_to_the_error(browser: Any, glue: FakeGlue) -> None:
    """What the local Glue adds to the log of a failed run, why it failed and what to do, is below its message."""
    add_job(glue, JobRunState="FAILED", ErrorMessage="ModuleNotFoundError: No module named 'x'")
    lines = ["Traceback", "glueprint: Install x with --additional-python-modules."]
    glue.logs["/aws-glue/jobs/error", "jr_1"] = [{"timestamp": 1, "message": one} for one in lines]
    text = browser.get("/job-run?job=load&id=jr_1").text
    assert "<p>Install x with --additional-python-modules.</p>" in text


@pytest.mark.parametrize("position", ["", "nonsense", "e30=", "W10=", "\u00e9"])
def test_a_wrong_position_starts_again(position: str, glue: FakeGlue) -> None:
    """A position that the console did not make is the beginning."""
    glue.logs["/aws-glue/jobs/output", "jr_1"] = [{"timestamp": 1, "message": "one"}]
    assert [one.text for one in next_part(FakeLogs(glue), [OUT], position).lines] == ["one"]


def test_a_job_is_started_with_arguments(browser: Any, glue: FakeGlue) -> None:
    """Arguments are lines --NAME=VALUE; others are refused before anything starts."""
    add_job(glue)
    assert browser.submit("/job/start", {"name": "load", "arguments": "day=1"}).status_code == 400
    browser.submit("/job/start", {"name": "load", "arguments": "--day=1"}, follow_redirects=False)
    browser.submit("/job/bookmark/reset", {"name": "load"}, follow_redirects=False)
    assert glue.calls == [
        ("start_job_run", {"JobName": "load", "Arguments": {"--day": "1"}}),
        ("reset_job_bookmark", {"JobName": "load"}),
    ]


def test_the_summary_of_a_crawl_is_text() -> None:
    """ListCrawls' summary is JSON with JSON within (docs/facts/crawlers.md); a summary of another form is left
    out."""
    summary = '{"TABLE": {"ADD": "{\\"Details\\": {}, \\"Count\\": 1}"}, "PARTITION": {"ADD": "{\\"Count\\": 3}"}}'
    assert summary_of({"Summary": summary}) == ["1 table added", "3 partitions added"]
    assert summary_of({"Summary": "nonsense"}) == []


def test_a_crawler_shows_its_crawls(browser: Any, glue: FakeGlue) -> None:
    """State, targets and crawls of a crawler are shown, and a crawl has a page."""
    glue.crawlers["files"] = {
        "Name": "files",
        "State": "READY",
        "DatabaseName": "sales",
        "Targets": {"S3Targets": [{"Path": "s3://landing/orders/"}]},
        "LastCrawl": {"Status": "FAILED", "StartTime": NOW},
    }
    glue.crawls["files"] = [{"CrawlId": "c1", "State": "FAILED", "StartTime": NOW, "ErrorMessage": HOSTILE}]
    assert '<span class="badge bad">FAILED</span>' in browser.get("/crawlers").text
    assert "s3://landing/orders/" in browser.get("/crawler?name=files").text
    crawl = browser.get("/crawl?crawler=files&id=c1")
    assert crawl.status_code == 200
    assert "<script>alert" not in crawl.text


def add_table(glue: FakeGlue, body: bytes = b"1,one\n2,two\n") -> None:
    """A table of CSV files with partitions."""
    glue.objects["lake"] = {"orders/month=1/a.csv": body}
    glue.databases["sales"] = {
        "orders": {
            "DatabaseName": "sales",
            "Name": "orders",
            "PartitionKeys": [{"Name": "month", "Type": "string"}],
            "Parameters": {"classification": "csv"},
            "StorageDescriptor": {
                "Location": "s3://lake/orders/",
                "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "name", "Type": "string"}],
                "SerdeInfo": {"Parameters": {"field.delim": ","}},
            },
        }
    }
    location = {"Location": "s3://lake/orders/month=1/"}
    glue.partitions = [{"Values": [str(number)], "StorageDescriptor": location} for number in range(20_000)]


def test_a_table_shows_rows_and_partitions(browser: Any, glue: FakeGlue) -> None:
    """The first rows come from the files; partitions have pages."""
    add_table(glue)
    text = browser.get("/table?database=sales&name=orders").text
    assert "<td>one</td>" in text
    assert "More partitions" in text
    assert "<td>150</td>" in browser.get("/table?database=sales&name=orders&after=100").text
    assert "/table?database=sales&amp;name=orders" in browser.get("/database?name=sales").text
    assert "sales" in browser.get("/tables").text


def test_hostile_cells_are_text(browser: Any, glue: FakeGlue) -> None:
    """What is in a file cannot become part of the page."""
    add_table(glue, f"1,{HOSTILE}\n".encode())
    text = browser.get("/table?database=sales&name=orders").text
    assert "<script>alert" not in text
    assert "\x1b" not in text


def test_a_table_that_cannot_be_read_states_why(browser: Any, glue: FakeGlue) -> None:
    """Without rows the page shows the reason and all the rest."""
    add_table(glue)
    glue.databases["sales"]["orders"]["Parameters"]["classification"] = "avro"
    answer = browser.get("/table?database=sales&name=orders")
    assert answer.status_code == 200
    assert "the rows of files of the format avro are not shown" in answer.text


def test_s3_is_browsed(browser: Any, glue: FakeGlue) -> None:
    """Buckets, folders and objects have pages; keys with any character are followed."""
    glue.objects["lake"] = {"a/b/c.txt": b"text", f"a/{HOSTILE}#?&.txt": b"x", "bin": b"\x00\x01"}
    assert "lake" in browser.get("/s3").text
    folder = browser.get("/s3?at=s3://lake/a/").text
    assert "<script>alert" not in folder
    assert "b/" in folder
    assert "text" in browser.get("/s3/object?at=s3://lake/a/b/c.txt").text
    assert browser.get("/s3/object", params={"at": f"s3://lake/a/{HOSTILE}#?&.txt"}).status_code == 200
    assert "It is not text." in browser.get("/s3/object?at=s3://lake/bin").text
    assert browser.get("/s3?at=s3://none/").status_code == 404
    assert browser.get("/s3?at=nonsense:").status_code == 400


def test_a_download_is_never_shown_by_the_browser(browser: Any, glue: FakeGlue) -> None:
    """An object is an attachment of no particular type, whatever its content type: HTML in it does not run."""
    glue.objects["lake"] = {'a"\r\nX: y.html': b"<script>alert(1)</script>"}
    answer = browser.get("/s3/download", params={"at": 's3://lake/a"\r\nX: y.html'})
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "x" not in answer.headers


def test_files_are_uploaded_into_the_folder(browser: Any, glue: FakeGlue) -> None:
    """A file lands in the folder under its own name, whatever path the browser sends."""
    glue.objects["lake"] = {}
    browser.submit("/s3/upload", {"at": "s3://lake/in/"}, files={"file": ("../../x.csv", b"1")})
    assert glue.objects["lake"] == {"in/x.csv": b"1"}
    assert browser.submit("/s3/upload", {"at": "s3://lake/in/"}).status_code == 400
    assert browser.submit("/s3/bucket", {"name": "No_Bucket"}).status_code == 400


def test_text_is_recognized() -> None:
    """A preview cut within a character is text; NUL is not."""
    assert text_of("äö".encode()[:-1]) == "ä"
    assert text_of(b"a\x00") is None
    assert text_of(b"\xff\xfe rest of it") is None
    assert text_of(b"") == ""


def test_a_query_is_run_and_its_rows_are_shown(open_console: Any, glue: FakeGlue) -> None:
    """A statement goes to Athena's API; rows, time and bytes are shown, NULL is empty, numbers are on the
    right."""
    session = FakeSession(glue)
    browser = open_console(session=session)
    assert "No query has run yet" in browser.get("/query").text
    assert browser.submit("/query/run", {"sql": " "}).status_code == 400
    form = {"sql": "SELECT country\r\nFROM orders", "database": "sales"}
    answer = browser.submit("/query/run", form, follow_redirects=False)
    assert answer.headers["location"] == "/query?id=q1"
    output = {"OutputLocation": "s3://aws-athena-query-results-123456789012-us-east-1/"}
    context = {"Database": "sales"}
    statement = "SELECT country\nFROM orders"
    request = {"QueryString": statement, "QueryExecutionContext": context, "ResultConfiguration": output}
    assert glue.calls == [("start_query_execution", request)]
    text = browser.get("/query?id=q1").text
    assert '<td>DE</td><td class="right">12</td>' in text
    assert "1.5 s, 2.0 kB read" in text
    assert "/s3/download?at=s3://results/q1.csv" in text
    assert browser.get("/query?id=none").status_code == 404


def test_a_failed_query_shows_athenas_reason(open_console: Any, glue: FakeGlue) -> None:
    """The reason of a failed query is shown as text; a running one can be stopped."""
    session = FakeSession(glue)
    browser = open_console(session=session)
    session.client("athena").status = {"State": "FAILED", "StateChangeReason": f"line 1:8: {HOSTILE}"}
    text = browser.get("/query?id=q1").text
    assert "line 1:8" in text
    assert "<script>alert" not in text
    session.client("athena").status = {"State": "RUNNING", "SubmissionDateTime": NOW}
    running = browser.get("/query?id=q1")
    assert "Stop" in running.text
    assert running.headers["etag"]
    browser.submit("/query/stop", {"id": "q1"}, follow_redirects=False)
    assert glue.calls == [("stop_query_execution", {"QueryExecutionId": "q1"})]
