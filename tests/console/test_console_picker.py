"""The dialog that chooses a location in S3 for a field of a form; versions of zips; what has been deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from console_fake import NOW, FakeGlue
from console_sample import SPEC, blueprint_zip

pytest.importorskip("starlette")

from glueprint.blueprint.spec import ParameterSpec

PARAMETERS = ParameterSpec.parse(SPEC["parameterSpec"])


def chosen(text: str) -> list[str]:
    """What the buttons of the dialog write into the field."""
    return re.findall(r'data-choose="([^"]*)"', text)


def test_buckets_folders_and_objects_can_be_chosen(browser: Any, glue: FakeGlue) -> None:
    """The dialog lists buckets, then folders and objects; each has an address to open it and a value to choose."""
    glue.objects = {"lake": {"orders/month=1/a.csv": b"1", "orders/b.csv": b"22"}, "landing": {}}
    text = browser.get("/s3/choices?kind=locations").text
    assert chosen(text) == ["s3://lake/", "s3://landing/"]
    assert "<html" not in text
    inside = browser.get("/s3/choices?kind=locations&at=s3://lake/orders/").text
    assert chosen(inside) == ["s3://lake/orders/", "s3://lake/orders/month=1/", "s3://lake/orders/b.csv"]
    assert "/s3/choices?at=s3://lake/orders/month%3D1/&amp;kind=locations" in inside


def test_a_bucket_is_chosen_by_name(browser: Any, glue: FakeGlue) -> None:
    """A field for a bucket gets its name, not an address."""
    glue.objects = {"lake": {}}
    assert chosen(browser.get("/s3/choices?kind=buckets").text) == ["lake"]


def test_the_dialog_opens_where_the_field_is(browser: Any, glue: FakeGlue) -> None:
    """What is typed may be unfinished: the folder above it is listed."""
    glue.objects = {"lake": {"orders/a.csv": b"1"}}
    text = browser.get("/s3/choices?kind=locations&at=s3://lake/orders/unfini").text
    assert "s3://lake/orders/a.csv" in chosen(text)


@pytest.mark.parametrize("at", ["s3://none/", "s3://", "s3:///x", "nonsense:", "s3://UPPER/"])
def test_a_wrong_location_keeps_the_dialog(at: str, browser: Any, glue: FakeGlue) -> None:
    """A location that does not exist is stated in the dialog, next to the way back to the buckets."""
    answer = browser.get("/s3/choices", params={"kind": "locations", "at": at})
    assert answer.status_code == 200
    assert 'class="notice bad"' in answer.text
    assert ">Buckets</a>" in answer.text
    assert chosen(answer.text) == []


def test_each_field_for_a_location_has_the_dialog(browser: Any, registered: FakeGlue) -> None:
    """Fields for locations and buckets have a button with a label of their own; others have none."""
    text = browser.get("/blueprint/create?blueprint=csv_loader").text
    assert re.findall(r'data-kind="(\w+)" aria-label="Browse S3 for (\w+)"', text) == [
        ("buckets", "ScriptBucket"),
        ("locations", "Source"),
    ]
    for target in re.findall(r'data-pick="([^"]*)"', text):
        assert f'<input id="{target}"' in text


@pytest.fixture
def registered(glue: FakeGlue) -> FakeGlue:
    """The sample's blueprint, registered from the second of two zips."""
    old, new = "0" * 16, "1" * 16
    zips = {f"blueprints/{one}/csv_loader.zip": blueprint_zip() for one in (old, new)}
    glue.objects["scripts"] = {**zips, f"blueprints/{old}/other.zip": b""}
    glue.blueprints["csv_loader"] = {
        "Name": "csv_loader",
        "Status": "ACTIVE",
        "BlueprintLocation": f"s3://scripts/blueprints/{new}/csv_loader.zip",
        "ParameterSpec": PARAMETERS.to_wire(),
        "LastModifiedOn": NOW,
    }
    return glue


def test_an_earlier_version_is_registered_again(browser: Any, registered: FakeGlue) -> None:
    """The zips that were uploaded under the blueprint's name are its versions; each can be registered again, and
    no other object."""
    text = browser.get("/blueprint?name=csv_loader").text
    assert text.count("Register again") == 1
    assert '11111111</a> <span class="tag">registered</span>' in text
    form = {"name": "csv_loader", "digest": "0" * 16}
    browser.submit("/blueprint/version", form, follow_redirects=False)
    location = f"s3://scripts/blueprints/{'0' * 16}/csv_loader.zip"
    assert registered.calls == [("update_blueprint", {"Name": "csv_loader", "BlueprintLocation": location})]
    assert browser.submit("/blueprint/version", {**form, "digest": "2" * 16}).status_code == 404


def test_the_published_version_is_shown(browser: Any, registered: FakeGlue) -> None:
    """A blueprint that was registered from the repository shows its version, as its tags record it."""
    arn = "arn:aws:glue:us-east-1:123456789012:blueprint/csv_loader"
    registered.tags[arn] = {"glueprint:source": "csv_loader@1.2.0", "glueprint:sha256": "1" * 64}
    assert "version <b>1.2.0</b>" in browser.get("/blueprint?name=csv_loader").text
    registered.tags[arn]["glueprint:sha256"] = "3" * 64  # of another zip: it was replaced since
    assert "version <b>" not in browser.get("/blueprint?name=csv_loader").text


def test_what_has_been_deleted_is_no_link(browser: Any, registered: FakeGlue) -> None:
    """A workflow, blueprint or job that has been deleted is named, and does not lead to an error page."""
    run = {"RunId": "br_1", "State": "SUCCEEDED", "WorkflowName": "gone", "StartedOn": NOW, "CompletedOn": NOW}
    registered.blueprint_runs["csv_loader"] = [run, {**run, "RunId": "br_2", "WorkflowName": "nightly"}]
    details = {"BlueprintName": "removed", "RunId": "br_0"}
    registered.add_workflow("nightly", run={"states": {"look": "SUCCEEDED"}}, BlueprintDetails=details)
    text = browser.get("/blueprint?name=csv_loader").text
    assert 'gone <span class="tag">deleted</span>' in text
    assert "/workflow?name=gone" not in text
    assert "/workflow?name=nightly" in text
    answer = browser.get("/blueprint-run?blueprint=csv_loader&id=br_1").text
    assert "has been deleted since" in answer
    assert "/workflow?name=gone" not in answer
    for path in ("/workflows", "/workflow?name=nightly"):
        assert "removed (deleted)" in browser.get(path).text
    node = "/run/node?workflow=nightly&id=latest&kind=JOB&name=look"
    assert "This job has been deleted." in browser.get(node).text
    registered.jobs["look"] = {"Name": "look"}
    registered.blueprints["removed"] = {"Name": "removed", "Status": "ACTIVE"}
    browser.submit("/s3/bucket", {"name": "new-bucket"})  # a change: names are read again
    assert "This job has been deleted." not in browser.get(node).text
    assert "(deleted)" not in browser.get("/workflow?name=nightly").text
