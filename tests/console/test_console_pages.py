"""Every page, over a hand-written Glue: empty, ordinary, large, hostile."""

from __future__ import annotations

import re
from typing import Any

import pytest
from console_fake import FakeGlue

pytest.importorskip("starlette")

from glueprint.console.pages import FAMILIES

LISTS = ["/", "/workflows", "/blueprints", "/jobs", "/crawlers", "/tables", "/query", "/s3", "/search?q=x"]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202egnp.exe\x1b[2J"


def known(path: str) -> bool:
    """Whether the console has this page."""
    return path.partition("?")[0] in {one for family in FAMILIES for one, _ in family.pages}


def assert_is_text(answer: Any) -> None:
    """What was hostile is shown as text."""
    assert answer.status_code == 200, answer.text[:2000]
    assert not re.search(r"<script(?! src=\"/static/)", answer.text)
    assert "<img src=x" not in answer.text
    assert "\u202e" not in answer.text
    assert "\x1b" not in answer.text


@pytest.mark.parametrize("path", [path for path in LISTS if known(path)])
def test_an_empty_account_has_all_pages(path: str, browser: Any) -> None:
    """Each page of an empty account states what to do next."""
    answer = browser.get(path)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.text


@pytest.mark.parametrize(
    "path", ["/workflow?name=none", "/run?workflow=none&id=wr_1", "/job?name=none", "/blueprint?name=none"]
)
def test_what_does_not_exist_is_named(path: str, browser: Any) -> None:
    """An address of something that does not exist answers 404, and names it."""
    if known(path):
        answer = browser.get(path)
        assert answer.status_code == 404
        assert "none" in answer.text


def test_a_failed_run_is_red_although_glue_reports_completed(browser: Any, glue: FakeGlue) -> None:
    """Glue's status is COMPLETED also if actions failed (DG:workflows_overview); the list shows a failure."""
    glue.add_workflow("nightly", run={"Statistics": {"FailedActions": 1}, "states": {"look": ("FAILED", "boom")}})
    assert '<span class="badge bad">COMPLETED, 1 failed</span>' in browser.get("/workflows").text
    overview = browser.get("/").text
    assert '<span class="badge bad">COMPLETED, 1 failed</span>' in overview
    assert "look: boom" in overview
    run = browser.get("/run?workflow=nightly&id=latest").text
    assert '<span class="badge bad">COMPLETED, 1 failed</span>' in run
    assert "boom" in run


def test_a_schedule_shows_its_next_time(browser: Any, glue: FakeGlue) -> None:
    """A workflow with a schedule shows the schedule and when it is due next, in UTC for the script."""
    glue.add_workflow("nightly")
    starting = glue.workflows["nightly"]["Graph"]["Nodes"][0]["TriggerDetails"]["Trigger"]
    starting |= {"Type": "SCHEDULED", "Schedule": "cron(30 2 * * ? *)", "State": "ACTIVATED"}
    assert re.search(r'<time datetime="20\d\d-\d\d-\d\dT02:30:00Z">', browser.get("/workflows").text)
    starting["State"] = "CREATED"
    assert "not active" in browser.get("/workflows").text


def test_the_presence_marker_is_on_top(browser: Any, glue: FakeGlue) -> None:
    """The marker is the first thing of a run, before its graph; other properties are listed."""
    properties = {"file_presence": "false", "file_presence.reason": "no file matches", "day": "monday"}
    glue.add_workflow("nightly", run={"WorkflowRunProperties": properties})
    text = browser.get("/run?workflow=nightly").text
    assert text.index("Files are missing") < text.index("<h2>Graph</h2>") < text.index("monday")
    assert "no file matches" in text


def test_a_run_that_stopped_itself_shows_why(browser: Any, glue: FakeGlue) -> None:
    """The overview has the reason of the marker, and its locations lead to S3."""
    place = {"file_presence.location": "s3://landing/in/", "file_presence.manifest": ""}
    properties = {"file_presence": "false", "file_presence.reason": "no file is there", **place}
    glue.add_workflow("nightly", run={"status": "STOPPED", "WorkflowRunProperties": properties})
    assert "no file is there" in browser.get("/").text
    text = browser.get("/run?workflow=nightly").text
    assert '<a href="/s3?at=s3://landing/in/">' in text
    assert "<dt>manifest</dt>" not in text


def test_what_waits_for_what_is_shown(browser: Any, glue: FakeGlue) -> None:
    """A job that has not run shows the trigger and the state that it waits for."""
    glue.add_workflow("nightly", run={"status": "RUNNING", "states": {"look": "RUNNING"}})
    text = browser.get("/run?workflow=nightly").text
    assert "waits for <b>look</b> SUCCEEDED" in text
    assert "<b>look</b> is still RUNNING" in text
    node = browser.get("/run/node?workflow=nightly&id=latest&kind=JOB&name=load").text
    assert "Why did this not run?" in node


def test_an_unchanged_live_page_costs_nothing(browser: Any, glue: FakeGlue) -> None:
    """A page that has not changed since its ETag is answered with 304 and no content (RFC 9110, 13.1.2)."""
    glue.add_workflow("nightly", run={"status": "RUNNING", "states": {"look": "RUNNING"}})
    first = browser.get("/run?workflow=nightly")
    again = {"X-Refresh": "1", "If-None-Match": first.headers["etag"]}
    answer = browser.get("/run?workflow=nightly", headers=again)
    assert (answer.status_code, answer.content) == (304, b"")
    glue.runs["nightly"][0]["WorkflowRunProperties"]["day"] = "tuesday"
    assert browser.get("/run?workflow=nightly", headers=again).status_code == 200


def test_a_run_is_started_with_properties(browser: Any, glue: FakeGlue) -> None:
    """Lines NAME=VALUE become run properties; a wrong line is named and nothing is started."""
    glue.add_workflow("nightly")
    wrong = browser.submit("/workflow/start", {"name": "nightly", "properties": "day=1\nnonsense"})
    assert wrong.status_code == 400
    assert "line 2" in wrong.text
    assert glue.calls == []
    browser.submit(
        "/workflow/start", {"name": "nightly", "properties": "day=1\n\nurl=a=b"}, follow_redirects=False
    )
    assert glue.calls == [("start_workflow_run", {"Name": "nightly", "RunProperties": {"day": "1", "url": "a=b"}})]


def test_a_run_is_stopped_and_resumed(browser: Any, glue: FakeGlue) -> None:
    """Resume sends the node ids of the graph (API reference, ResumeWorkflowRun)."""
    glue.add_workflow("nightly", run={"states": {"look": "FAILED"}})
    run_id = glue.runs["nightly"][0]["WorkflowRunId"]
    assert browser.submit("/run/resume", {"workflow": "nightly", "id": run_id}).status_code == 400
    form = {"workflow": "nightly", "id": run_id, "node": "JOB/look"}
    browser.submit("/run/resume", form, follow_redirects=False)
    browser.submit("/run/stop", {"workflow": "nightly", "id": run_id}, follow_redirects=False)
    assert glue.calls == [
        ("resume_workflow_run", {"Name": "nightly", "RunId": run_id, "NodeIds": ["n-look"]}),
        ("stop_workflow_run", {"Name": "nightly", "RunId": run_id}),
    ]


def test_a_simulated_failure_shows_what_would_not_run(browser: Any, glue: FakeGlue) -> None:
    """A job that is clicked fails, and what waits for its success would not run."""
    glue.add_workflow("nightly")
    text = browser.get("/workflow/simulate?name=nightly&fail=JOB/look").text
    assert "<b>look</b> ended FAILED" in text
    assert "Everything would run." in browser.get("/workflow/simulate?name=nightly").text


def test_hostile_names_and_messages_are_text(browser: Any, glue: FakeGlue) -> None:
    """Script tags, attributes, control characters and reordering marks are shown, not obeyed."""
    glue.add_workflow(HOSTILE, Description=HOSTILE, DefaultRunProperties={HOSTILE: HOSTILE})
    glue.add_run(
        HOSTILE,
        states={"look": ("FAILED", HOSTILE)},
        Statistics={"FailedActions": 1},
        WorkflowRunProperties={"file_presence": "true", f"file_presence.{HOSTILE}": HOSTILE, "reason": HOSTILE},
        ErrorMessage=HOSTILE,
    )
    glue.logs["/aws-glue/jobs/error", "jr_look"] = [{"timestamp": 1, "message": HOSTILE + "\n"}]
    for path in ("/", "/workflows", "/search"):
        assert_is_text(browser.get(path, params={"q": "script"}))
    assert_is_text(browser.get("/workflow", params={"name": HOSTILE}))
    assert_is_text(browser.get("/workflow/simulate", params={"name": HOSTILE}))
    for path in ("/run", "/run/timeline"):
        assert_is_text(browser.get(path, params={"workflow": HOSTILE, "id": "latest"}))
    node = {"workflow": HOSTILE, "id": "latest", "kind": "JOB", "name": "look"}
    assert_is_text(browser.get("/run/node", params=node))


def test_long_messages_are_shortened(browser: Any, glue: FakeGlue) -> None:
    """A page stays small, whatever a job printed: 10 MB of error message are a few kilobytes of page."""
    glue.add_workflow("nightly", run={"states": {"look": ("FAILED", "x" * 10_000_000)}})
    answer = browser.get("/run?workflow=nightly")
    assert answer.status_code == 200
    assert len(answer.text) < 200_000


def test_a_thousand_workflows_are_paged(browser: Any, glue: FakeGlue) -> None:
    """A long list has pages; a filter finds names on all of them."""
    for number in range(1000):
        glue.add_workflow(f"flow-{number:04d}")
    first = browser.get("/workflows").text
    assert "Page 1 of 40" in first
    assert "flow-0024" in first
    assert "flow-0025" not in first
    assert "flow-0777" in browser.get("/workflows?q=0777").text
    assert browser.get("/workflows?page=999999999999").status_code == 200


def test_a_run_of_a_thousand_jobs_is_folded(browser: Any, glue: FakeGlue) -> None:
    """A picture of 1,000 nodes shows groups, which unfold."""
    from harness.shapes import graph, trigger

    names = [f"job-{number:04d}" for number in range(1000)]
    glue.add_workflow("wide")
    triggers = [trigger("start", ["look"]), trigger("then", names, ("look", "SUCCEEDED"))]
    glue.workflows["wide"]["Graph"] = graph(triggers)
    text = browser.get("/workflow?name=wide").text
    assert "1000 jobs" in text
    assert text.count('<rect class="box"') < 20
    assert browser.get("/workflow?name=wide&open=job.3").text.count('<rect class="box"') > 900


def test_search_goes_to_the_only_match(browser: Any, glue: FakeGlue) -> None:
    """A name that matches one thing leads there; several are listed."""
    glue.add_workflow("orders")
    glue.add_workflow("orders_daily")
    assert (
        browser.get("/search?q=daily", follow_redirects=False).headers["location"] == "/workflow?name=orders_daily"
    )
    assert browser.get("/search?q=orders", follow_redirects=False).headers["location"] == "/workflow?name=orders"
    assert "orders_daily" in browser.get("/search?q=order", follow_redirects=False).text


def test_an_unexpected_failure_is_a_page(browser: Any, glue: FakeGlue, monkeypatch: Any) -> None:
    """A page that fails answers 500 without a traceback."""

    def fail(**_: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(glue, "get_workflow", fail)
    answer = browser.get("/workflow?name=x")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


def test_pages_need_no_request_elsewhere(browser: Any, glue: FakeGlue) -> None:
    """Everything comes from the console itself: no address of another server is in a page."""
    glue.add_workflow("nightly", run={})
    for path in ("/", "/workflows", "/workflow?name=nightly", "/run?workflow=nightly"):
        sources: list[str] = re.findall(r'(?:src|href|action)="([^"]*)"', browser.get(path).text)
        assert all(one.startswith(("/", "#")) for one in sources), sources
