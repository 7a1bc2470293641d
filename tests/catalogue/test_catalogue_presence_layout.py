"""How the parameters of ``file_presence`` reach its jobs and its crawler, and which it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_catalogue_layout import FakeAws, endpoint, jobs, layout

from glueprint.blueprint.layout_host import LayoutError
from layouts.common.input_formats import check_files

__all__ = ["endpoint"]


def test_every_parameter_reaches_its_job(endpoint: str) -> None:
    """All at once, as the jobs read them."""
    result = layout(
        endpoint,
        MoreLocations=["s3://landing/in/returns", "s3://other/a b/é=%2B+/"],
        RequiredLocations="any",
        FilePattern="{date:%Y-%m-%d}*.csv",
        ExpectedFiles=["orders-{date:%Y%m%d}.csv", "x/*.csv"],
        SuccessFile="_SUCCESS-{date:%j}",
        FileList="lists/{date-1:%Y}.txt",
        QuietSeconds=30,
        SidecarFiles="require",
        WaitMinutes=90,
        PollSeconds=120,
        LoadMode="append",
        MinimumRows=5,
        MaximumRejects=3,
        QuarantineLocation="s3://lake/bad",
    )
    assert result.warnings == ()
    look, load, report = (jobs(result)[name] for name in ("look", "load", "report"))
    assert look["Timeout"] == 60 + 90
    given = look["DefaultArguments"]
    folders = ["s3://landing/in/flights/", "s3://landing/in/returns/", "s3://other/a b/é=%2B+/"]
    assert json.loads(given.pop("--locations")) == folders
    assert json.loads(given.pop("--expected_files")) == ["orders-{date:%Y%m%d}.csv", "x/*.csv"]
    assert given == given | {
        "--required_locations": "any",
        "--success_file": "_SUCCESS-{date:%j}",
        "--file_list": "lists/{date-1:%Y}.txt",
        "--quiet_seconds": "30",
        "--sidecar_files": "require",
        "--wait_minutes": "90",
        "--poll_seconds": "120",
        "--load_mode": "append",
        "--destination": "s3://lake/flights/",
        "--database": "travel",
        "--table": "flights",
    }
    assert load["DefaultArguments"] == load["DefaultArguments"] | {
        "--load_mode": "append",
        "--minimum_rows": "5",
        "--maximum_rejects": "3",
        "--quarantine": "s3://lake/bad/",
    }
    assert report["DefaultArguments"]["--destination"] == "s3://lake/flights/"
    (crawler,) = result.requests.crawlers
    targets = crawler["Targets"]["S3Targets"]
    assert [target["Path"] for target in targets] == folders
    assert targets[0]["Exclusions"] == ["_SUCCESS-*", "lists/*.txt", "**.md5", "**.sha256", "**.rows"]


def test_the_defaults_change_nothing(endpoint: str) -> None:
    """Without the new parameters the crawler sees every file, and optional arguments are not there."""
    result = layout(endpoint)
    assert result.requests.crawlers[0]["Targets"]["S3Targets"] == [{"Path": "s3://landing/in/flights/"}]
    given = jobs(result)["look"]["DefaultArguments"]
    assert not {"--success_file", "--file_list", "--expected_files", "--logical_date"} & set(given)
    assert jobs(result)["look"]["Timeout"] == 60


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    (
        {
            "MoreLocations": ["landing/x"],
            "FilePattern": "{date:%H}",
            "ExpectedFiles": ["ok.csv", "[a"],
            "SuccessFile": "/x",
            "FileList": "-x",
            "QuietSeconds": -1,
            "PollSeconds": 1,
            "WaitMinutes": 2881,
            "MinimumRows": -1,
            "MaximumRejects": 1,
        },
        [
            "MoreLocations must be S3 folders such as",
            "FilePattern has the date {date:%H}, whose format",
            "ExpectedFiles: [a has an opening bracket",
            "SuccessFile must not start with a dash or a slash",
            "FileList must not start with a dash or a slash",
            "QuietSeconds must be from 0 to 86400",
            "PollSeconds must be from 5 to 3600",
            "WaitMinutes must be from 0 to 2880",
            "MinimumRows must be 0 or more",
            "QuarantineLocation must be given if MaximumRejects is not 0",
        ],
    ),
    (
        {
            "MoreLocations": ["s3://landing/in/flights", "s3://lake/flights/x", "s3://landing/"],
            "FilePattern": "{date:%Y}.json",
            "ExpectedFiles": ["{date}"],
            "WaitMinutes": 60,
            "TimeoutMinutes": 60,
            "QuarantineLocation": "s3://lake/flights/bad",
        },
        [
            "MoreLocations must not name a folder twice",
            "MoreLocations must have as many folders in their names",
            "MoreLocations and DestinationLocation must not lie in one another",
            "FilePattern must not match JSON files",
            "ExpectedFiles has a date that is not written as",
            "WaitMinutes must be less than TimeoutMinutes",
            "QuarantineLocation must not lie in a location",
        ],
    ),
    ({"QuarantineLocation": "bad"}, ["QuarantineLocation must be an S3 folder"]),
]


@pytest.mark.parametrize(("changes", "problems"), WRONG)
def test_what_does_not_fit_is_refused(endpoint: str, changes: dict[str, Any], problems: list[str]) -> None:
    """All problems at once, each names its parameter, at creation instead of in the first run."""
    with pytest.raises(LayoutError) as caught:
        layout(endpoint, **changes)
    message = str(caught.value)
    assert [one for one in problems if one not in message] == [], message


def test_files_that_describe_the_input_are_not_looked_at_as_input(endpoint: str) -> None:
    """A FileList of JSON is not a file to be loaded (layouts/common/input_formats.check_files)."""
    FakeAws.landed["in/flights/list-2024.json"] = b'{"entries": []}'
    try:
        layout(endpoint, FileList="list-{date:%Y}.json")
    finally:
        FakeAws.landed.clear()


def test_any_day_of_a_dated_pattern_is_checked(s3: Any) -> None:
    """Files of other days that are there already show what the files will be."""
    s3.put_object(Bucket="landing", Key="in/2020-01-01.data", Body=b'{"a": 1}\n')
    with pytest.raises(ValueError, match=r"2020-01-01.data is JSON"):
        check_files(s3, "Location", "s3://landing/in/", "*.data")
