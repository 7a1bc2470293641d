"""The layout of ``crawl_locations``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from layout_modules import import_layout

layouts = import_layout("crawl_locations")
SPEC = json.loads((Path(__file__).parents[2] / "blueprints/crawl_locations/blueprint.cfg").read_text())[
    "parameterSpec"
]
PARAMETERS = {name: entry["defaultValue"] for name, entry in SPEC.items() if "defaultValue" in entry} | {
    "WorkflowName": "Daily Crawl é",
    "IAMRole": "arn:aws:iam::123456789012:role/glue",
    "ScriptBucket": "scripts",
    "Locations": ["s3://landing/a b/Orders-2024", "returns=S3://other/x=y/é%+", ""],
    "DestinationDatabase": "Sales",
}


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout without its calls of AWS."""
    monkeypatch.setattr(
        layouts,
        "prepare",
        lambda common, system, blueprint, scripts, database: {
            one: f"s3://{common.script_bucket}/{one}" for one in scripts
        },
    )


def workflow(**changes: Any) -> Any:
    """The workflow."""
    return layouts.generate_layout({**PARAMETERS, **changes}, {"region": "eu-west-1", "accountId": "1"})


def arguments(job: Any) -> dict[str, str]:
    """A job's arguments without dashes."""
    return {name.removeprefix("--"): value for name, value in job.DefaultArguments.items()}


def test_each_location_has_its_crawler() -> None:
    """Crawlers each: they run at the same time, and the last job waits for all of them (README)."""
    made = workflow(Exclusions=["**.tmp"], Tags=["team=a"], TablePrefix="raw_")
    look, publish = made.Entities.Jobs
    first, second = made.Entities.Crawlers
    assert first.Targets == {"S3Targets": [{"Path": "s3://landing/a b/Orders-2024/", "Exclusions": ["**.tmp"]}]}
    assert json.loads(first.Configuration)["Grouping"]["TableLevelConfiguration"] == 3
    assert second.Targets["S3Targets"][0]["Path"] == "s3://other/x=y/é%+/"
    assert first.DependsOn == second.DependsOn == {look: "SUCCEEDED"}
    assert publish.DependsOn == {first: "SUCCEEDED", second: "SUCCEEDED"}
    assert publish.WaitForDependencies == "AND"
    assert first.Tags == publish.Tags == made.Tags == {"team": "a"}
    assert [one.Name for one in (first, second)] == [
        "Daily Crawl é_crawl_raw_orders_2024",
        "Daily Crawl é_crawl_raw_returns",
    ]
    given = arguments(publish)
    assert json.loads(given["tables"]) == [
        ["raw_orders_2024", "s3://landing/a b/Orders-2024/"],
        ["raw_returns", "s3://other/x=y/é%+/"],
    ]
    assert first.TablePrefix != second.TablePrefix
    assert first.TablePrefix.startswith(given["crawled_prefix"])
    assert given["database"] == "sales"
    assert json.loads(arguments(look)["exclusions"]) == ["**.tmp"]
    assert arguments(look)["lock_folder"] == given["lock_folder"]


def test_one_crawler_for_all() -> None:
    """Crawlers one: all folders are its targets; the other parameters reach the jobs."""
    made = workflow(
        Crawlers="one",
        RequiredLocations="any",
        MinimumFiles=3,
        SchemaChanges="add",
        RemovedPartitions="keep",
        OnMissing="continue",
        Schedule="cron(0 5 * * ? *)",
        TimeoutMinutes=9,
    )
    (crawler,) = made.Entities.Crawlers
    assert len(crawler.Targets["S3Targets"]) == 2
    look, publish = made.Entities.Jobs
    assert (look.Timeout, publish.Timeout, made.OnSchedule) == (9, 9, "cron(0 5 * * ? *)")
    given = arguments(look) | arguments(publish)
    assert (given["required_locations"], given["minimum_files"], given["on_missing"]) == ("any", "3", "continue")
    assert (given["schema_changes"], given["removed_partitions"]) == ("add", "keep")


def test_the_crawlers_prefix_is_the_workflows_own() -> None:
    """At most 64 characters (DG:define-crawler); names that differ only in other letters have other prefixes."""
    prefixes = {
        layouts.read_settings({**PARAMETERS, "WorkflowName": name}).crawled_prefix
        for name in ("a b", "a_b", "A_b", "x" * 200, "x" * 201)
    }
    assert len(prefixes) == 5
    assert all(len(prefix) <= 64 - len("12345678_") and prefix.startswith("source_") for prefix in prefixes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Locations": [""]}, "Locations must be 1 to 50 folders"),
        ({"Locations": [f"s3://b/{n}/" for n in range(51)]}, "Locations must be 1 to 50 folders"),
        ({"Locations": ["landing/x"]}, "Locations must be S3 folders"),
        ({"Locations": ["my name=s3://b/x"]}, "Locations must be S3 folders"),
        ({"Locations": ["s3://a/x", "s3://b/X"]}, "Locations must have different table names; x is the name"),
        ({"Locations": ["s3://a/x", "s3://a/x/y"]}, "Locations must not lie in one another"),
        ({"Locations": ["s3://a/x", "s3://a/y/z"], "Crawlers": "one"}, "Locations must have equally many folders"),
        ({"Locations": ["s3://a/" + "x" * 129]}, "Locations must have table names of at most 128"),
        ({"Exclusions": ["[a"]}, "Exclusions: Exclude pattern '[a' has an opening bracket"),
        ({"MinimumFiles": 0}, "MinimumFiles must be 1 or more"),
        ({"DestinationDatabase": "no spaces!"}, "DestinationDatabase must consist of"),
        ({"TablePrefix": "x-"}, "TablePrefix must consist of"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], problem: str) -> None:
    """Each problem names its parameter; all of them are in one message (layouts/common/parameters.py)."""
    layouts.read_settings(PARAMETERS)
    with pytest.raises(ValueError, match="do not fit together") as caught:
        layouts.read_settings({**PARAMETERS, **changes})
    assert problem in str(caught.value)
