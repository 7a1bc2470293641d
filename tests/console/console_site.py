"""A real server, a real console and a real browser, for the browser's tests and for screenshots."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from console_sample import Sample, blueprint_zip
from harness.local_server import Server

from glueprint.deploy.repository.directory_store import DirectoryStore
from glueprint.deploy.repository.publishing import Draft, publish
from glueprint.deploy.repository.versions import Version

SECONDS = 60_000
"""How long a page may take to show something, in milliseconds: the machine is shared."""


@dataclass
class Site:
    """What the tests of one module share."""

    server: Server
    links: Any
    base: str
    browser: Any

    def next_link(self) -> str:
        """The sign-in link that was printed last; each works once."""
        line = self.links.readline()
        return str(line.split()[-1])

    @contextlib.contextmanager
    def page(self, **options: Any) -> Iterator[Any]:
        """A signed-in page in a browser profile of its own; a script error fails the test."""
        context = self.browser.new_context(**options)
        context.set_default_timeout(SECONDS)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(self.next_link())
        page.wait_for_url(self.base + "/")
        try:
            yield page
        finally:
            context.close()
        assert errors == []

    def client(self, service: str) -> Any:
        """A boto3 client of the server."""
        return self.server.client(service)

    def sample(self) -> Sample:
        """Makes the sample's account."""
        return Sample(self.client)


@contextlib.contextmanager
def open_site(data_dir: Path, *options: str) -> Iterator[Site]:
    """Start a server, a console and a browser; all end on exit."""
    from playwright.sync_api import sync_playwright

    with Server(data_dir) as server:
        command = [sys.executable, "-m", "glueprint.cli", "console", "--port", "0", "--data-dir", str(data_dir)]
        environment = {**os.environ, "GLUEPRINT_REPOSITORY": str(_repository(data_dir.parent / "central"))}
        console = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, env=environment)
        assert console.stdout is not None
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
                site = Site(server, console.stdout, "", browser)
                with contextlib.ExitStack() as stack:
                    stack.callback(browser.close)
                    first = site.next_link()
                    split = urlsplit(first)
                    site.base = f"{split.scheme}://{split.netloc}"
                    context = browser.new_context()
                    context.new_page().goto(first)  # used: the next link is printed
                    context.close()
                    yield site
        finally:
            console.terminate()
            console.wait()
            console.stdout.close()


def _repository(folder: Path) -> Path:
    """Make a repository with two versions of a blueprint."""
    folder.mkdir(parents=True)
    for version in ("1.0.0", "1.1.0"):
        draft = Draft("csv_loader", blueprint_zip(), Version.parse(version), "etl-team", "Loads faster.")
        publish(DirectoryStore(folder), draft)
    return folder


def _chromium() -> str | None:
    """Debian's Chromium, or None for Playwright's own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pages_of_sample(client: Any) -> dict[str, str]:
    """Every page of the sample's account after a run of ``orders``, by a short name."""
    glue = client("glue")
    run = glue.get_workflow(Name="orders")["Workflow"]["LastRun"]["WorkflowRunId"]
    job_run = glue.get_job_runs(JobName="orders_check")["JobRuns"][0]["Id"]
    pages = {
        "overview": "/",
        "search": "/search?q=orders",
        "workflows": "/workflows",
        "workflow": "/workflow?name=orders",
        "workflow-deletion": "/workflow/delete?name=orders",
        "simulation": "/workflow/simulate?name=orders&fail=JOB/orders_load",
        "run": f"/run?workflow=orders&id={run}",
        "run-node": f"/run/node?workflow=orders&id={run}&kind=JOB&name=orders_report",
        "run-node-failed": f"/run/node?workflow=orders&id={run}&kind=JOB&name=orders_check",
        "run-timeline": f"/run/timeline?workflow=orders&id={run}",
        "blueprints": "/blueprints",
        "blueprint": "/blueprint?name=csv_loader",
        "blueprint-file": "/blueprint/file?name=csv_loader&file=csv_loader/layout.py",
        "repository": "/blueprints/repository",
        "creation": "/blueprint/create?blueprint=csv_loader",
        "jobs": "/jobs",
        "job": "/job?name=orders_check",
        "job-run": f"/job-run?job=orders_check&id={job_run}",
        "crawlers": "/crawlers",
        "crawler": "/crawler?name=orders_crawler",
        "crawl": "/crawl?crawler=orders_crawler",
        "databases": "/tables",
        "database": "/database?name=sales",
        "table": "/table?database=sales&name=orders",
        "query": '/query?database=sales&sql=SELECT * FROM "orders"',
        "buckets": "/s3",
        "folder": "/s3?at=s3://landing/orders/",
        "object": "/s3/object?at=s3://landing/notes/readme.txt",
        "error": "/workflow?name=none",
    }
    if ids := client("athena").list_query_executions().get("QueryExecutionIds"):
        pages["query-result"] = f"/query?id={ids[0]}"
    runs = glue.get_blueprint_runs(BlueprintName="csv_loader")["BlueprintRuns"]
    if runs:
        pages["blueprint-run"] = f"/blueprint-run?blueprint=csv_loader&id={runs[0]['RunId']}"
    return pages
