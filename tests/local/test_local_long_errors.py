"""Error messages of any size and content: what the API returns is limited, what the log has is complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.in_process import GlueInProcess
from harness.local_server import ROLE, Server

from glueprint.facts.long_text import MAX_DESCRIPTION_LENGTH, MAX_ERROR_LENGTH
from glueprint.facts.states import CrawlState, JobState
from glueprint.local.engine.crawls import CrawlEnd
from glueprint.workflow.attempt_events import Event, Exited, Lost, Refused

LONG = f"first{'x' * 5_000_000}the cause"


def test_a_scripts_message_of_five_megabytes_is_cut_and_is_in_the_log(shared_server: Server) -> None:
    """ErrorMessage has the start and the end, and the log the complete text (docs/fidelity/runtime.md)."""
    shared_server.put_job("long-message", "raise ValueError('first' + 'x' * 5_000_000 + 'the cause')")
    run_id = shared_server.client("glue").start_job_run(JobName="long-message")["JobRunId"]
    message = shared_server.finished_job_run("long-message", run_id)["ErrorMessage"]
    assert len(message) <= MAX_ERROR_LENGTH
    assert message.startswith("ValueError: firstx")
    assert "; the error log has all of it)" in message
    assert message.endswith("the cause")
    logs = [path for path in shared_server.paths("logs") if run_id in path.name and path.is_file()]
    assert any(LONG.encode() in path.read_bytes() for path in logs)


@pytest.mark.parametrize(
    "event",
    [Exited(2e9, 0, 1, LONG), Lost(2e9, 0, LONG), Refused(2e9, 0, JobState.FAILED, LONG)],
    ids=["exited", "lost", "refused"],
)
def test_however_a_job_run_fails_its_message_is_limited(tmp_path: Path, event: Event) -> None:
    """Also if the program wrote its error past Glueprint, or if the text is Glueprint's own."""
    with GlueInProcess(tmp_path, 1e9) as glue:
        location = glue.put("a.py", b"", "scripts")
        glue.call("CreateJob", Name="a", Role=ROLE, Command={"Name": "pythonshell", "ScriptLocation": location})
        run = glue.call("StartJobRun", JobName="a")["JobRunId"]
        glue.local.engine.write(lambda tx: glue.local.engine.job_runs.event(tx, run, event))
        found = glue.call("GetJobRun", JobName="a", RunId=run)["JobRun"]
    assert found["JobRunState"] == "FAILED"
    assert len(found["ErrorMessage"]) <= MAX_ERROR_LENGTH
    assert found["ErrorMessage"].endswith("the cause")


def test_a_crawls_message_is_a_description_string(tmp_path: Path) -> None:
    """LastCrawl, ListCrawls: at most 2,048 characters, none of which moves a cursor (service model)."""
    with GlueInProcess(tmp_path, 1e9) as glue:
        glue.put("a.csv", b"")
        glue.call("CreateCrawler", Name="c", Role=ROLE, DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://data"}]})
        glue.call("StartCrawler", Name="c")
        crawl_id = glue.call("ListCrawls", CrawlerName="c")["Crawls"][0]["CrawlId"]
        end = CrawlEnd(CrawlState.FAILED, f"\x1b[31m{LONG}")
        glue.local.engine.write(lambda tx: glue.local.engine.crawls.end(tx, crawl_id, end))
        last = glue.call("GetCrawler", Name="c")["Crawler"]["LastCrawl"]["ErrorMessage"]
        listed = glue.call("ListCrawls", CrawlerName="c")["Crawls"][0]["ErrorMessage"]
    assert last == listed
    assert len(last) <= MAX_DESCRIPTION_LENGTH
    assert last.startswith("\\x1b[31mfirst")
    assert "; the crawler's log has all of it)" in last
    assert last.endswith("the cause")
