"""The console in a real browser, against a real server with real jobs; ``make console`` runs it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from console_sample import CHECK, blueprint_zip
from console_site import Site, open_site, pages_of_sample
from make_screenshots import fill

pytestmark = pytest.mark.console
TALK = "import time\nfor n in range(90):\n    print('talk', n, flush=True)\n    time.sleep(0.1)\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the sample's account, a console and a browser."""
    pytest.importorskip("playwright")
    with open_site(tmp_path_factory.mktemp("console") / "data") as opened:
        sample = opened.sample()
        sample.make()
        sample.register()
        sample.run("orders")
        yield opened


def test_the_whole_path_of_an_admin_and_an_analyst(site: Site, tmp_path: Path) -> None:
    """Add a blueprint, create by form with two mistakes first, look at the preview, run, watch it turn green; then
    the marker, the rows, a query over them."""
    (tmp_path / "evening_loader.zip").write_bytes(blueprint_zip("evening_loader"))
    with site.page() as page:
        page.get_by_role("link", name="Blueprints").click()
        page.locator("#zip").set_input_files(tmp_path / "evening_loader.zip")
        page.get_by_role("button", name="Upload and register").click()
        page.get_by_text("Registered blueprint evening_loader").wait_for()
        page.get_by_role("link", name="Create workflow").click()
        page.locator("[name='p.WorkflowName']").fill("evening")
        page.locator("[name='p.ScriptBucket']").fill("scripts")
        page.locator("[name='p.Source']").fill("landing/orders")
        page.locator("[name='p.Batches']").fill("many")
        page.locator("[name='p.Role']").fill("arn:aws:iam::123456789012:role/glue")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("2 fields need another value").wait_for()
        assert page.locator(".field.wrong").count() == 2
        assert page.evaluate("document.activeElement.id") == "problems"  # read by screen readers at once
        assert page.locator("[name='p.WorkflowName']").input_value() == "evening"
        page.locator("[name='p.Source']").fill("s3://landing/orders/")
        page.locator("[name='p.Batches']").fill("500")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Batches must not be greater than 100").first.wait_for()
        page.locator("[name='p.Batches']").fill("5")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Preview: workflow evening").wait_for()
        assert page.locator(".graph .job").count() == 3
        assert "evening" not in site.client("glue").list_workflows()["Workflows"]
        page.get_by_role("button", name="Create evening").click()
        page.get_by_role("link", name="Open the workflow").click()
        page.get_by_role("heading", name="evening").wait_for()
        page.get_by_role("button", name="Start run").first.click()
        page.locator("#run-head .badge.good", has_text="COMPLETED").wait_for()  # live, without another request
        page.locator(".graph .job.good").nth(2).wait_for()
        assert page.locator(".graph .job.good").count() == 3
        page.get_by_text("Files are present").wait_for()
        page.get_by_text("3 files are there").wait_for()
        page.get_by_role("link", name="Data Catalog").click()
        page.get_by_role("link", name="sales", exact=True).click()
        page.get_by_role("link", name="evening", exact=True).click()
        page.get_by_role("cell", name="customer 7", exact=True).first.wait_for()
        page.get_by_role("main").get_by_role("link", name="Query").click()
        page.get_by_label("SQL").fill("SELECT country, count(*) AS n FROM evening GROUP BY 1 ORDER BY 1")
        page.get_by_label("SQL").press("Control+Enter")
        page.get_by_role("cell", name="AT", exact=True).wait_for()
        assert page.locator("#result tbody tr").count() == 4


def test_the_whole_path_of_an_operator(site: Site, tmp_path: Path) -> None:
    """A run fails: the marker, why, the log; the script is repaired through S3, the run is resumed, rows are
    there."""
    with site.page() as page:
        page.goto(f"{site.base}/workflow?name=orders")
        page.get_by_role("button", name="Start run").first.click()
        page.locator("#run-head .badge.bad", has_text="1 failed").wait_for()
        page.get_by_text("Files are present").wait_for()
        page.get_by_text("3 files match *.csv").wait_for()
        assert page.locator(".graph .job.bad").count() == 1
        page.locator("#nodes").get_by_role("link", name="orders_report").click()
        page.get_by_role("heading", name="Why did this not run?").wait_for()
        page.locator("li.root", has_text="could not convert string to float").wait_for()
        page.go_back()
        page.locator("#nodes").get_by_role("link", name="orders_check").click()
        page.get_by_role("link", name="Logs").click()
        page.locator("#log li.err", has_text="ValueError").first.wait_for()
        page.get_by_label("Search the log").fill("checking totals")
        assert page.locator("#log li:visible").count() == 1
        repaired = tmp_path / "orders_check.py"
        repaired.write_text(CHECK.replace("12,50", "12.50"))
        page.goto(f"{site.base}/s3?at=s3://scripts/jobs/")
        page.locator("#file").set_input_files(repaired)
        page.get_by_role("button", name="Upload here").click()
        page.get_by_text("Uploaded orders_check.py").wait_for()
        page.goto(f"{site.base}/run?workflow=orders")
        assert page.get_by_label("orders_check", exact=True).is_checked()
        page.get_by_role("button", name="Resume").click()
        page.locator("#run-head .badge", has_text="COMPLETED").wait_for()
        page.locator(".graph .job.good", has_text="orders_report").wait_for()
        page.goto(f"{site.base}/table?database=sales&name=orders")
        page.get_by_role("cell", name="customer 7", exact=True).first.wait_for()
        page.get_by_role("main").get_by_role("link", name="Query").click()
        page.get_by_label("SQL").fill("SELECT country, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1")
        page.get_by_role("button", name="Run").click()
        page.get_by_role("cell", name="AT", exact=True).wait_for()
        assert page.locator("#result tbody tr").count() == 4


def test_pages_can_be_read_without_scripts(site: Site) -> None:
    """Without JavaScript every page has its content: the graph, times in UTC, logs."""
    with site.page(java_script_enabled=False) as page:
        page.goto(f"{site.base}/run?workflow=orders")
        assert page.locator(".graph .job").count() >= 5
        assert "UTC" in page.locator("#run-head time").first.inner_text()
        page.goto(f"{site.base}/workflows")
        assert page.get_by_role("link", name="orders", exact=True).count() == 1


def test_times_are_in_the_readers_zone(site: Site) -> None:
    """The script shows times in the zone of the browser, and keeps UTC in the title."""
    with site.page(timezone_id="Asia/Tokyo", locale="en-GB") as page:
        page.goto(f"{site.base}/workflow?name=orders")
        following = page.locator(".facts time").first
        assert "11:30:00" in following.inner_text()  # cron(30 2 ...) is 02:30 UTC
        assert "02:30:00 UTC" in (following.get_attribute("title") or "")


def test_the_keyboard_is_enough(site: Site) -> None:
    """Search by "/", pages by "g" and a letter, a list of the keys by "?"; the first Tab skips to the content."""
    with site.page() as page:
        page.keyboard.press("/")
        page.keyboard.type("orders_alarm")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="orders_alarm").wait_for()
        page.keyboard.press("g")
        page.keyboard.press("w")
        page.get_by_role("heading", name="Workflows").wait_for()
        page.keyboard.press("?")
        page.get_by_role("heading", name="Keys").wait_for()
        page.keyboard.press("Escape")
        page.goto(site.base)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"


def test_the_focus_stays_while_a_page_changes(site: Site) -> None:
    """A part of a page that is replaced while a run goes on does not take the focus away (WCAG 2.2, 3.2.5)."""
    run_id = site.client("glue").start_workflow_run(Name="daily_report")["RunId"]
    with site.page() as page:
        page.goto(f"{site.base}/run?workflow=daily_report&id={run_id}")
        page.locator(".graph a", has_text="orders_report").focus()
        page.locator("#run-head .badge.good", has_text="COMPLETED").wait_for()
        page.locator(".graph .job.good").nth(1).wait_for()
        assert "job orders_report: succeeded" in page.evaluate("document.activeElement.ariaLabel")


def test_the_theme_is_kept(site: Site) -> None:
    """The chosen theme stays from page to page."""
    with site.page(color_scheme="light") as page:
        page.get_by_role("button", name="Use the dark theme").click()
        page.goto(f"{site.base}/jobs")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site: Site, scheme: Any) -> None:
    """No page breaks a rule of axe-core: names, roles, order of headings, and contrast in both themes."""
    colours = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    more: dict[str, Any] = {"options": {"runOnly": colours}} if scheme == "dark" else {}
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = {}
    with site.page(color_scheme=scheme) as page:

        def check(name: str) -> None:
            for one in axe.run(page, **more).response["violations"]:
                found[name, one["id"]] = [node["html"][:160] for node in one["nodes"]][:3]

        for name, path in pages_of_sample(site.client).items():
            page.goto(site.base + path)
            check(name)
        page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
        page.get_by_role("button", name="Preview").click()
        check("creation with mistakes")
        fill(page, "another")
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Preview: workflow another").wait_for()
        check("preview")
        page.get_by_role("button", name="Browse S3 for Source").click()
        page.get_by_role("link", name="month=9/").wait_for()
        check("the dialog for a location")
        page.keyboard.press("Escape")
        page.goto(site.base)
        page.keyboard.press("?")
        check("the list of keys")
    assert found == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_do_not_scroll_sideways(site: Site, width: int) -> None:
    """On a phone and on a desk the page fits; wide content scrolls within its box."""
    wide = []
    with site.page(viewport={"width": width, "height": 800}) as page:
        for name, path in pages_of_sample(site.client).items():
            page.goto(site.base + path)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(name)
    assert wide == []


def test_nothing_is_loaded_from_elsewhere(site: Site) -> None:
    """Every request of every page goes to the console itself."""
    hosts = set()
    with site.page() as page:
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        for path in pages_of_sample(site.client).values():
            page.goto(site.base + path)
    assert hosts == {site.base.removeprefix("http://")}


def test_a_live_page_costs_one_small_request_a_second(site: Site) -> None:
    """While nothing changes, each second brings one request, and an answer without content."""
    with site.page() as page:
        page.goto(f"{site.base}/workflow?name=daily_report")
        page.wait_for_timeout(1500)
        answers: list[Any] = []
        page.on("response", lambda one: answers.append(one))
        page.wait_for_timeout(4000)
        assert 2 <= len(answers) <= 5
        assert {one.status for one in answers} <= {200, 304}
        assert answers[-1].status == 304


def test_a_running_job_costs_one_small_request_a_second(site: Site) -> None:
    """While a job prints, each second brings one request with the new lines only, and its end is shown."""
    site.sample().job("talker", TALK)
    run_id = site.client("glue").start_job_run(JobName="talker")["JobRunId"]
    with site.page() as page:
        page.goto(f"{site.base}/job-run?job=talker&id={run_id}")
        page.locator("#log li", has_text="talk 3").first.wait_for()
        answers: list[Any] = []
        page.on("response", lambda one: answers.append(one))
        page.wait_for_timeout(4000)
        assert 2 <= len(answers) <= 5
        assert max(len(one.body()) for one in answers) < 5_000
        page.locator("#job-run-head .badge.good", has_text="SUCCEEDED").wait_for()
        page.locator("#log li", has_text="talk 89").wait_for()
        assert page.locator("#log li").count() >= 90


def test_locations_are_chosen_with_the_keyboard(site: Site) -> None:
    """The dialog of a field opens with Enter, is walked with Tab and Enter, writes into the field, and gives the
    focus back."""
    with site.page() as page:
        page.goto(f"{site.base}/blueprint/create?blueprint=csv_loader")
        page.get_by_role("button", name="Browse S3 for Source").press("Enter")
        page.get_by_role("link", name="landing", exact=True).press("Enter")
        page.get_by_role("link", name="orders/", exact=True).press("Enter")
        page.get_by_role("link", name="month=9/").wait_for()
        page.get_by_role("button", name="Use this folder").press("Enter")
        assert page.locator("[name='p.Source']").input_value() == "s3://landing/orders/"
        assert page.evaluate("document.activeElement.name") == "p.Source"
        page.get_by_role("button", name="Browse S3 for ScriptBucket").click()
        page.get_by_role("button", name="Choose bucket scripts").click()
        assert page.locator("[name='p.ScriptBucket']").input_value() == "scripts"
        page.get_by_role("button", name="Browse S3 for Source").click()
        page.get_by_role("link", name="month=9/").wait_for()  # it opens where the field is
        page.keyboard.press("Escape")
        assert page.locator("#picker").is_hidden()


class _Attack(http.server.BaseHTTPRequestHandler):
    target = ""

    def do_GET(self) -> None:
        body = f"""<!doctype html><form id=f method=post action="{self.target}/workflow/start">
<input name=name value=orders><input name=csrf value=x></form>
<iframe src="{self.target}/workflows"></iframe><img src="{self.target}/s3/download?at=s3://landing/notes/readme.txt">
<script>fetch("{self.target}/workflows", {{credentials: "include"}}).then(r => r.text())
.then(t => document.title = "read " + t.length).catch(() => document.title = "refused")
.then(() => document.getElementById("f").submit())</script>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def test_another_origin_can_do_nothing(site: Site) -> None:
    """A page on another port of the same machine, whose cookies are shared, can neither read nor start
    anything."""
    runs = len(site.client("glue").get_workflow_runs(Name="orders")["Runs"])
    handler = type("Attack", (_Attack,), {"target": site.base})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as other, site.page() as page:
        thread = threading.Thread(target=other.serve_forever, daemon=True)
        thread.start()
        try:
            page.goto(f"http://127.0.0.1:{other.server_address[1]}/")
            page.wait_for_url(f"{site.base}/workflow/start")
            assert "refused" in page.inner_text("body")
        finally:
            other.shutdown()
            thread.join()
    assert len(site.client("glue").get_workflow_runs(Name="orders")["Runs"]) == runs


def test_hostile_names_do_not_run_in_a_browser(site: Site) -> None:
    """A script in a name, a key or a log never runs."""
    name = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    site.client("glue").create_workflow(Name=name, Description=name, DefaultRunProperties={name: name})
    site.client("s3").put_object(Bucket="landing", Key=f"hostile/{name}", Body=name.encode())
    with site.page() as page:
        dialogs: list[Any] = []
        page.on("dialog", lambda one: (dialogs.append(one.message), one.dismiss()))
        page.goto(f"{site.base}/workflows?q=img")
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name).wait_for()
        page.goto(f"{site.base}/s3?at=s3://landing/hostile/")
        page.wait_for_timeout(300)
        assert dialogs == []
