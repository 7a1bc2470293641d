"""Hostile input on every page: names, logs, READMEs, keys, values of parameters, cells; short ones and 10 MB."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from console_fake import NOW, FakeGlue, FakeSession

pytest.importorskip("starlette")

import glueprint.console
from glueprint.console.pages import FAMILIES

TEMPLATES = Path(glueprint.console.__file__).parent / "templates"

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202egnp.exe\x1b[2J\x00"
"""A script, the ends of an attribute, a mark that reverses what follows, a terminal's command, NUL."""
LONG = 10_000_000
MAX_PAGE = 2_000_000
MAX_FILE = 900_000
"""A larger README is refused with its zip."""
CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f]")
TAGS = {"h1", "em", "strong", "pre", "code"}
for _template in TEMPLATES.glob("*.html"):
    TAGS |= set(re.findall(r"<([a-z]+\d?)", _template.read_text("utf-8").lower()))
"""What templates and READMEs consist of."""
RUN, JOB_RUN = "wr_" + "0" * 64, "jr_1"
PAGES: dict[str, dict[str, str]] = {
    "/": {},
    "/search": {"q": "script"},
    "/workflows": {"q": "script"},
    "/workflow": {"name": HOSTILE},
    "/workflow/delete": {"name": HOSTILE},
    "/workflow/simulate": {"name": HOSTILE, "fail": "JOB/look"},
    "/run": {"workflow": HOSTILE, "id": RUN},
    "/run/node": {"workflow": HOSTILE, "id": RUN, "kind": "JOB", "name": "look"},
    "/run/timeline": {"workflow": HOSTILE, "id": RUN},
    "/blueprints": {"q": HOSTILE[:20]},
    "/blueprint": {"name": HOSTILE},
    "/blueprint/file": {"name": HOSTILE, "file": "loader/README.md"},
    "/blueprints/repository": {},
    "/blueprint/create": {"blueprint": HOSTILE, "from": "br_1"},
    "/blueprint-run": {"blueprint": HOSTILE, "id": "br_1"},
    "/jobs": {},
    "/job": {"name": HOSTILE},
    "/job-run": {"job": HOSTILE, "id": JOB_RUN},
    "/job-run/log": {"job": HOSTILE, "id": JOB_RUN},
    "/crawlers": {},
    "/crawler": {"name": HOSTILE},
    "/crawl": {"crawler": HOSTILE, "id": "c1"},
    "/tables": {},
    "/database": {"name": HOSTILE},
    "/table": {"database": HOSTILE, "name": HOSTILE},
    "/s3": {"at": "s3://lake/"},
    "/s3/choices": {"at": "s3://lake/"},
    "/s3/object": {"at": f"s3://lake/{HOSTILE}.csv"},
    "/s3/download": {"at": f"s3://lake/{HOSTILE}.csv"},
    "/query": {"id": "q1", "sql": HOSTILE},
}
"""An address of each page, for things that are all called like the attack."""


def fill(glue: FakeGlue, session: FakeSession, text: str) -> None:
    """Put a text wherever the API can return one; names stay short, as Glue limits them."""
    glue.add_workflow(HOSTILE, Description=text, DefaultRunProperties={HOSTILE: text}, BlueprintDetails=None)
    glue.workflows[HOSTILE].pop("BlueprintDetails")
    glue.add_run(
        HOSTILE,
        states={"look": ("FAILED", text)},
        Statistics={"FailedActions": 1},
        WorkflowRunProperties={"file_presence": "true", f"file_presence.{HOSTILE}": text, "reason": text},
        ErrorMessage=text,
    )
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://lake/{HOSTILE}.csv"}
    glue.jobs[HOSTILE] = {"Name": HOSTILE, "Description": text, "Command": command}
    glue.jobs[HOSTILE]["DefaultArguments"] = {"--x": text}
    shape = {"Id": JOB_RUN, "JobName": HOSTILE, "JobRunState": "FAILED", "StartedOn": NOW, "CompletedOn": NOW}
    glue.job_runs[HOSTILE] = [{**shape, "Arguments": {HOSTILE: text}, "ErrorMessage": text, "TriggerName": None}]
    for group in ("output", "error"):
        glue.logs[f"/aws-glue/jobs/{group}", JOB_RUN] = [{"timestamp": 1, "message": f"glueprint: {text}\n"}]
    targets = {"S3Targets": [{"Path": f"s3://lake/{HOSTILE}"}], "JdbcTargets": [{"Path": text}]}
    glue.crawlers[HOSTILE] = {"Name": HOSTILE, "State": "READY", "Description": text, "Targets": targets}
    glue.crawlers[HOSTILE]["LastCrawl"] = {"Status": "FAILED", "StartTime": NOW, "ErrorMessage": text}
    summary = json.dumps({text: {text: json.dumps({"Count": 1})}})
    crawl = {"CrawlId": "c1", "State": "FAILED", "StartTime": NOW, "ErrorMessage": text, "Summary": summary}
    glue.crawls[HOSTILE] = [crawl]
    fill_blueprint(glue, text)
    columns = [{"Name": HOSTILE, "Type": "string", "Comment": text}]
    glue.databases[HOSTILE] = {
        HOSTILE: {
            "DatabaseName": HOSTILE,
            "Name": HOSTILE,
            "Description": text,
            "PartitionKeys": [{"Name": "day", "Type": "string", "Comment": text}],
            "Parameters": {"classification": "csv", HOSTILE: text},
            "StorageDescriptor": {
                "Location": "s3://lake/",
                "Columns": columns,
                "SerdeInfo": {"Parameters": {"field.delim": ","}},
            },
        }
    }
    glue.partitions = [{"Values": [HOSTILE], "StorageDescriptor": {"Location": f"s3://lake/{HOSTILE}/"}}]
    glue.objects["lake"] = {
        f"{HOSTILE}.csv": text.encode(),
        f"{HOSTILE}/a.csv": text.encode(),
        "loader.zip": blueprint_zip(text),
    }
    glue.calls.append(("made", {}))  # the fake lists its query after the first call
    athena = session.client("athena")
    athena.rows = [[HOSTILE, "n"], [text, text]]


def fill_blueprint(glue: FakeGlue, text: str) -> None:
    """A blueprint whose parameters have hostile names and values."""
    parameter = {"type": "String", "description": text, "defaultValue": text, "allowedValues": [text, "b"]}
    spec = {"Name": parameter, "Required": {"type": "String", "description": text}}
    glue.blueprints[HOSTILE] = {
        "Name": HOSTILE,
        "Status": "FAILED",
        "Description": text,
        "ErrorMessage": text,
        "BlueprintLocation": "s3://lake/loader.zip",
        "ParameterSpec": json.dumps(spec),
        "LastModifiedOn": NOW,
    }
    run = {"RunId": "br_1", "State": "FAILED", "StartedOn": NOW, "CompletedOn": NOW, "ErrorMessage": text}
    values = json.dumps({"Name": text, "Required": text})
    glue.blueprint_runs[HOSTILE] = [{**run, "RoleArn": text, "WorkflowName": HOSTILE, "Parameters": values}]


def blueprint_zip(text: str) -> bytes:
    """A zip whose README, file names and layout are hostile."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("loader/blueprint.cfg", '{"layoutGenerator": "loader.layout.f", "parameterSpec": {}}')
        archive.writestr("loader/layout.py", "")
        archive.writestr("loader/README.md", f"# {text}\n\n[{text}]({text})\n\n![{text}]({text})\n"[:MAX_FILE])
        archive.writestr('loader/<img src=x onerror=alert(1)>".txt', text[:100])
    return buffer.getvalue()


class Problems(HTMLParser):
    """Collects what a browser would obey in a page: scripts, handlers, addresses, characters."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    @classmethod
    def of(cls, page: str) -> set[str]:
        """The problems of a page."""
        parser = cls()
        parser.feed(page)
        if CONTROLS.search(page):
            parser.found.add("a control character")
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag of the console's own templates has none of these."""
        values = dict(attrs)
        source = values.get("src") or ""
        if tag not in TAGS or (tag in ("script", "img") and not source.startswith("/static/")):
            self.found.add(f"<{tag} src={source}>")
        self.found |= {f"{name} of <{tag}>" for name in values if name.startswith("on") or name == "style"}
        for name in ("href", "src", "action", "formaction"):
            if not (values.get(name) or "/").startswith(("/", "#")):
                self.found.add(f"{name}={values[name]}")


def test_every_page_is_in_this_list() -> None:
    """A new page is attacked, too."""
    assert set(PAGES) == {path for family in FAMILIES for path, _ in family.pages}


@pytest.fixture
def opened(glue: FakeGlue, open_console: Any, monkeypatch: Any, tmp_path: Any) -> Any:
    """Returns a console of a Glue that is filled with a text, and an empty repository."""
    (tmp_path / "central").mkdir()
    monkeypatch.setenv("GLUEPRINT_REPOSITORY", str(tmp_path / "central"))

    def open_with(text: str) -> Any:
        session = FakeSession(glue)
        fill(glue, session, text)
        return open_console(session=session)

    return open_with


def test_hostile_text_is_shown_as_text_on_every_page(opened: Any) -> None:
    """Script tags, ends of attributes, control characters and reordering marks are shown, not obeyed (OWASP, Cross
    Site Scripting Prevention; Unicode TR 36, bidirectional text spoofing)."""
    browser, wrong = opened(HOSTILE), {}
    for path, values in PAGES.items():
        answer = browser.get(path, params=values)
        kind = answer.headers["content-type"]
        if not kind.startswith("text/html"):
            assert kind in ("application/json", "application/octet-stream")
            assert answer.headers["x-content-type-options"] == "nosniff"
            continue
        problems = Problems.of(answer.text)
        if answer.status_code != 200 or problems:
            wrong[path] = (answer.status_code, problems)
    assert wrong == {}


def test_ten_megabytes_in_a_line_stay_small(opened: Any) -> None:
    """Whatever a log, a README, a message, a value or a cell contains, no page is larger than 2 MB."""
    browser, wrong = opened("<b>" * (LONG // 3)), {}
    for path, values in PAGES.items():
        if path == "/s3/download":
            continue  # the object itself
        answer = browser.get(path, params=values)
        is_text = "<b><b>" not in answer.text or "json" in answer.headers["content-type"]
        if answer.status_code != 200 or len(answer.content) > MAX_PAGE or not is_text:
            wrong[path] = (answer.status_code, len(answer.content))
    assert wrong == {}


def test_another_origin_gets_no_page(opened: Any) -> None:
    """A script, image, frame or style of another origin gets no page, although the browser sends the session's
    cookie from another port of the same machine (W3C, Fetch Metadata Request Headers)."""
    browser = opened("secret")
    for site, mode in (("cross-site", "no-cors"), ("same-site", "cors")):
        for path, values in PAGES.items():
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
            answer = browser.get(path, params=values, headers=headers)
            assert answer.status_code == 403, path
            assert "secret" not in answer.text


def test_an_address_changes_nothing(opened: Any, glue: FakeGlue) -> None:
    """What only has an address changes nothing: a link on any other page can lead there (RFC 9110, 9.2.1)."""
    browser = opened("x")
    glue.calls.clear()
    for path, values in PAGES.items():
        browser.get(path, params=values)
        browser.head(path, params=values)
    assert glue.calls == []


@pytest.mark.parametrize("cookie", ["", "x", "glueprint", "\u00e9" * 3])
def test_a_stolen_address_shows_nothing(opened: Any, cookie: str) -> None:
    """An address, also with a made-up session or a used sign-in link, shows how to sign in and nothing else."""
    browser = opened("secret")
    token = browser.token
    browser.cookies.clear()
    headers = {"Cookie": f"glueprint_console_4578={cookie}".encode()} if cookie else {}
    for path, values in PAGES.items():
        answer = browser.get(path, params=values, headers=headers)
        assert answer.status_code == 401, path
        assert "secret" not in answer.text
        assert "set-cookie" not in answer.headers
    used = browser.get(f"/sign-in?token={token}")
    assert used.status_code == 401
    assert "set-cookie" not in used.headers
