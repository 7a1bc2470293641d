"""Blueprints: adding one, the form of its parameters, the preview, the blueprint run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from console_fake import NOW, FakeGlue, FakeS3, client_error
from console_sample import SPEC, blueprint_zip

pytest.importorskip("starlette")

from glueprint.blueprint.spec import ParameterErrors, ParameterSpec
from glueprint.client.errors import InvalidArgument
from glueprint.client.parameter_form import ParameterForm
from glueprint.console.blueprint_form import (
    errors_by_field,
    fields,
    fields_of_message,
    submitted_values,
)
from glueprint.console.blueprint_zips import folder_zip, shipped_names, shipped_zip, uploaded_zip
from glueprint.console.markdown import render

HOSTILE_NAME = "<script>alert(1)</script>"
PARAMETERS = ParameterSpec.parse(SPEC["parameterSpec"])
WIRE: dict[str, Any] = json.loads(PARAMETERS.to_wire())
GOOD = {
    "p.WorkflowName": "nightly",
    "p.Role": "arn:aws:iam::123456789012:role/glue",
    "p.ScriptBucket": "scripts",
    "p.Source": "s3://landing/orders/",
    "p.Formats": ["csv", "json"],
    "p.Batches": "20",
    "p.Tolerance": "0.5",
    "p.Report": "false",
    "p.Mode": "replace",
    "p.Columns": "a\r\nb\r\n\r\n",
    "p.ReaderRole": "",
}


@pytest.fixture
def registered(glue: FakeGlue) -> FakeGlue:
    """The sample's blueprint, registered."""
    glue.objects["scripts"] = {"blueprints/csv_loader.zip": blueprint_zip()}
    glue.blueprints["csv_loader"] = {
        "Name": "csv_loader",
        "Status": "ACTIVE",
        "BlueprintLocation": "s3://scripts/blueprints/csv_loader.zip",
        "ParameterSpec": PARAMETERS.to_wire(),
        "LastModifiedOn": NOW,
    }
    return glue


def texts(form: dict[str, Any]) -> Any:
    """The form's texts by name."""
    return lambda name: form.get(name, []) if isinstance(form.get(name, []), list) else [form[name]]


def test_the_form_converts_all_types() -> None:
    """Each of the eight types becomes the JSON value that StartBlueprintRun takes; empty fields have their
    default."""
    values = submitted_values(ParameterForm(WIRE, {}), texts(GOOD))
    assert values == {
        "WorkflowName": "nightly",
        "Role": "arn:aws:iam::123456789012:role/glue",
        "ScriptBucket": "scripts",
        "Source": "s3://landing/orders/",
        "Formats": ["csv", "json"],
        "Batches": 20,
        "Tolerance": 0.5,
        "Report": False,
        "Mode": "replace",
        "Columns": ["a", "b"],
    }
    assert PARAMETERS.resolve(values)["ReaderRole"] == "GlueReader"


def test_every_error_is_at_its_field() -> None:
    """All wrong and missing values are reported at once, each at its own field."""
    wrong = {**GOOD, "p.Batches": "many", "p.Role": "somerole", "p.Source": "", "p.Formats": ["xml"]}
    form = ParameterForm(WIRE, {})
    with pytest.raises(ParameterErrors) as raised:
        PARAMETERS.resolve(submitted_values(form, texts(wrong)))
    of_field, others = errors_by_field(raised.value.findings, form.names)
    assert set(of_field) == {"Batches", "Role", "Source", "Formats"}
    assert others == []
    shown = {one.name: one for one in fields(form, texts(wrong), of_field)}
    assert shown["Batches"].text == "many"
    assert "Integer" in shown["Batches"].errors[0]


def test_a_layouts_error_names_its_parameters() -> None:
    """A message of a layout belongs to the parameters that it names as words."""
    assert fields_of_message("Batches must not be greater", ["Batches", "Batch", "Source"]) == ["Batches"]


def test_the_form_shows_what_the_spec_declares(browser: Any, registered: FakeGlue) -> None:
    """Descriptions, defaults, allowed values and types are in the form."""
    text = browser.get("/blueprint/create?blueprint=csv_loader").text
    for expected in (
        "Number of batches, at most 100.",
        'value="10"',
        "<option selected>append</option>",
        "list of String",
    ):
        assert expected in text
    assert text.index("WorkflowName") < text.index("Batches")


def test_two_mistakes_are_shown_and_nothing_is_created(browser: Any, registered: FakeGlue) -> None:
    """A form with mistakes comes back with the values that were typed, and with each error at its field."""
    answer = browser.submit(
        "/blueprint/create", {"blueprint": "csv_loader", **GOOD, "p.Batches": "x", "p.Source": "?"}
    )
    assert answer.status_code == 422
    assert answer.text.count('class="field wrong"') == 2
    assert 'value="nightly"' in answer.text
    assert registered.calls == []


def test_the_form_starts_a_blueprint_run(browser: Any, registered: FakeGlue) -> None:
    """A right form becomes one StartBlueprintRun with JSON values."""
    answer = browser.submit("/blueprint/create", {"blueprint": "csv_loader", **GOOD}, follow_redirects=False)
    assert answer.headers["location"] == "/blueprint-run?blueprint=csv_loader&id=wr_new"
    ((operation, request),) = registered.calls
    assert operation == "start_blueprint_run"
    assert json.loads(request["Parameters"])["Batches"] == 20
    assert request["RoleArn"] == "arn:aws:iam::123456789012:role/GlueprintLocal"


def test_a_preview_creates_nothing(browser: Any, registered: FakeGlue) -> None:
    """The preview shows the graph that the layout makes, and calls nothing that creates something."""
    answer = browser.submit("/blueprint/preview", {"blueprint": "csv_loader", **GOOD, "p.Report": "true"})
    assert answer.status_code == 200, answer.text
    assert "Preview: workflow nightly" in answer.text
    assert "3 jobs" in answer.text
    assert ">a\nb\n\n</textarea>" in answer.text  # and not with the carriage returns of forms
    assert "s3://scripts/loader/nightly.py" in answer.text
    assert registered.calls == []
    assert list(registered.objects["scripts"]) == ["blueprints/csv_loader.zip"]


def test_what_would_fail_later_is_in_the_preview(browser: Any, registered: FakeGlue) -> None:
    """A workflow that exists, and a bucket for the scripts that does not, are found before a blueprint run fails
    because of them; each is shown at the field with that value."""
    registered.add_workflow("nightly")
    form = {"blueprint": "csv_loader", **GOOD, "p.ScriptBucket": "nowhere"}
    answer = browser.submit("/blueprint/preview", form)
    assert answer.status_code == 422
    assert "2 fields need another value" in answer.text
    assert "there is a workflow nightly already" in answer.text
    assert "there is no bucket nowhere" in answer.text
    assert registered.calls == []


def test_the_layouts_own_error_is_at_its_field(browser: Any, registered: FakeGlue) -> None:
    """What only the layout checks is shown at the field that its message names."""
    answer = browser.submit("/blueprint/preview", {"blueprint": "csv_loader", **GOOD, "p.Batches": "101"})
    assert answer.status_code == 422
    assert answer.text.count("Batches must not be greater than 100") == 2


def test_a_zip_is_registered(browser: Any, glue: FakeGlue) -> None:
    """An uploaded zip is stored under its content's hash and registered; what is no zip is refused with the
    reason."""
    glue.objects["glueprint-blueprints"] = {}
    browser.get("/")

    def registering(**request: Any) -> None:
        glue.blueprints[request["Name"]] = {**request, "Status": "FAILED", "ErrorMessage": "no layout"}

    glue.create_blueprint = registering
    answer = browser.submit("/blueprint/add", files={"zip": ("csv_loader.zip", blueprint_zip())})
    assert "Blueprint csv_loader is FAILED: no layout" in answer.text
    location = glue.blueprints["csv_loader"]["BlueprintLocation"]
    assert location.startswith("s3://glueprint-blueprints/blueprints/")
    refused = browser.submit("/blueprint/add", files={"zip": ("x.zip", b"no zip")})
    assert refused.status_code == 400
    assert "x.zip is not a blueprint" in refused.text


def test_a_folder_becomes_its_zip() -> None:
    """The files of a chosen folder are zipped with the folder's name on top; hidden files are left out."""
    spec = json.dumps({"layoutGenerator": "loader.layout.generate_layout", "parameterSpec": {}}).encode()
    made = folder_zip([("loader/blueprint.cfg", spec), ("loader/layout.py", b""), ("loader/.git/x", b"x")])
    assert made.stem == "loader"
    assert uploaded_zip("loader.zip", made.content) == made
    with pytest.raises(InvalidArgument, match="one folder"):
        folder_zip([("a/blueprint.cfg", spec), ("b/blueprint.cfg", spec)])


def test_shipped_blueprints_are_zips_that_glue_accepts() -> None:
    """Each blueprint that comes with Glueprint can be registered from the console."""
    assert "file_presence" in shipped_names()
    made = shipped_zip("file_presence")
    assert uploaded_zip("file_presence.zip", made.content).stem == "file_presence"
    with pytest.raises(InvalidArgument):
        shipped_zip("../../etc/passwd")


def test_a_failed_blueprint_shows_why(browser: Any, registered: FakeGlue) -> None:
    """The reason of a FAILED blueprint is on its page and in the list."""
    registered.blueprints["csv_loader"] |= {"Status": "FAILED", "ErrorMessage": "layout.py is missing"}
    assert "layout.py is missing" in browser.get("/blueprints").text
    assert "layout.py is missing" in browser.get("/blueprint?name=csv_loader").text


def test_readme_and_files_of_the_zip_are_shown(browser: Any, registered: FakeGlue) -> None:
    """The README is rendered, HTML in it is text, and each file of the zip can be read."""
    text = browser.get("/blueprint?name=csv_loader").text
    assert "<h1>CSV loader</h1>" in text
    assert "<script>alert" not in text
    assert "def generate_layout" in browser.get("/blueprint/file?name=csv_loader&file=csv_loader/layout.py").text
    assert browser.get("/blueprint/file?name=csv_loader&file=../x").status_code == 404


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ({}, "there is no object s3://scripts/blueprints/csv_loader.zip"),
        ({"blueprints/csv_loader.zip": b"not a zip"}, "s3://scripts/blueprints/csv_loader.zip is not a blueprint"),
        (None, "GetObject: not for you (AccessDenied)"),
    ],
)
def test_a_zip_that_cannot_be_read_says_why(
    browser: Any, registered: FakeGlue, monkeypatch: Any, objects: dict[str, bytes] | None, reason: str
) -> None:
    """Gone, replaced by something else, or not for this user: the page shows why (S3's words)."""
    if objects is None:

        def denied(*_: Any, **__: Any) -> Any:
            raise client_error("AccessDenied", "not for you", "GetObject")

        monkeypatch.setattr(FakeS3, "get_object", denied)
    else:
        registered.objects["scripts"] = objects
    page = browser.get("/blueprint?name=csv_loader")
    assert page.status_code == 200
    assert reason in page.text
    assert reason in browser.get("/blueprint/file?name=csv_loader&file=csv_loader/layout.py").text


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,<script>)",
        "![a](http://evil.example/x.png)",
        '[a](http://x.example/"onmouseover=alert(1))',
        "<http://evil.example/<script>>",
        "`<img src=x onerror=alert(1)>`",
        "| <b>a</b> |\n|---|\n| <svg onload=x> |",
    ],
)
def test_readmes_cannot_bring_html(text: str) -> None:
    """No tag, script address or image of a README reaches the page (CommonMark with HTML off)."""
    html = str(render(text)).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert "javascript:" not in html.partition("href")[2].partition(">")[0]
    assert 'href="data:' not in html
    assert '"onmouseover' not in html


def test_a_failed_blueprint_run_gives_advice(browser: Any, registered: FakeGlue) -> None:
    """A failed run shows Glue's message, what to do, and the way back to the filled form."""
    registered.blueprint_runs["csv_loader"] = [
        {
            "RunId": "br_1",
            "State": "FAILED",
            "StartedOn": NOW,
            "CompletedOn": NOW,
            "RoleArn": "arn:aws:iam::123456789012:role/x",
            "ErrorMessage": "NoSuchBucket: The specified bucket does not exist",
            "Parameters": json.dumps({"ScriptBucket": "none", "WorkflowName": "mine"}),
        }
    ]
    text = browser.get("/blueprint-run?blueprint=csv_loader&id=br_1").text
    assert "create the bucket of ScriptBucket first" in text
    assert 'value="mine"' in browser.get("/blueprint/create?blueprint=csv_loader&from=br_1").text


def test_the_fake_stores_objects(glue: FakeGlue) -> None:
    """The test's S3 answers ranges as S3 does (API reference, GetObject)."""
    glue.objects["b"] = {"k": b"0123456789"}
    assert FakeS3(glue).get_object("b", "k", "bytes=2-4")["Body"].read() == b"234"


def test_a_published_version_is_registered(browser: Any, glue: FakeGlue, monkeypatch: Any, tmp_path: Any) -> None:
    """A version of the organisation's repository is registered from its page, under the digest that was
    published."""
    from glueprint.deploy.repository.directory_store import DirectoryStore
    from glueprint.deploy.repository.publishing import Draft, publish
    from glueprint.deploy.repository.versions import Version

    (tmp_path / "central").mkdir()
    store = DirectoryStore(tmp_path / "central")
    draft = Draft("csv_loader", blueprint_zip(), Version.parse("1.2.0"), HOSTILE_NAME, "faster <b>loads</b>")
    entry = publish(store, draft).entry
    monkeypatch.setenv("GLUEPRINT_REPOSITORY", str(tmp_path / "central"))
    assert "/blueprints/repository" in browser.get("/blueprints").text
    page = browser.get("/blueprints/repository").text
    assert "1.2.0" in page
    assert "faster &lt;b&gt;" in page
    assert "<script>alert" not in page
    glue.create_blueprint = lambda **request: glue.blueprints.update(
        {request["Name"]: {**request, "Status": "ACTIVE"}}
    )
    answer = browser.submit("/blueprint/register", {"reference": "csv_loader@1.2.0"})
    assert "Registered blueprint csv_loader" in answer.text
    assert entry.sha256[:16] in glue.blueprints["csv_loader"]["BlueprintLocation"]
    assert browser.submit("/blueprint/register", {"reference": "csv_loader@9"}).status_code == 404


def test_without_a_repository_the_page_states_how_to_name_one(
    browser: Any, monkeypatch: Any, tmp_path: Any
) -> None:
    """An address that was shared leads to the setting that is missing."""
    monkeypatch.delenv("GLUEPRINT_REPOSITORY", raising=False)
    monkeypatch.chdir(tmp_path)
    answer = browser.get("/blueprints/repository")
    assert answer.status_code == 400
    assert "GLUEPRINT_REPOSITORY" in answer.text
