"""The checker of parameters that all layouts share, and the common parameters."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from layouts.common.common_parameters import COMMON_CHECKS, common_settings
from layouts.common.input_formats import matches_loadable_files, other_format
from layouts.common.parameters import are_apart, check_parameters, is_folder, is_number, is_text, matches

ROOT = Path(__file__).parents[2]
COMMON = {"WorkflowName": "daily", "IAMRole": "arn:aws:iam::1:role/r", "ScriptBucket": "scripts"}
TYPES = {
    "WorkflowName": "String",
    "IAMRole": "IAMRoleArn",
    "ScriptBucket": "S3Bucket",
    "Schedule": "String",
    "GlueVersion": "String",
    "WorkerType": "String",
    "NumberOfWorkers": "Integer",
    "MaxRetries": "Integer",
    "TimeoutMinutes": "Integer",
    "Tags": "String",
}


@pytest.mark.parametrize(
    "config", sorted(ROOT.glob("blueprints/*/blueprint.cfg")), ids=lambda path: path.parent.name
)
def test_common_parameters_have_one_type_in_all_blueprints(config: Path) -> None:
    """Every blueprint has the first three; the others mean the same wherever they are (common_parameters)."""
    spec = json.loads(config.read_text("utf-8"))["parameterSpec"]
    assert set(COMMON) <= set(spec)
    for name in TYPES.keys() & spec.keys():
        assert spec[name]["type"] == TYPES[name]
        assert spec[name]["collection"] is (name == "Tags")
        assert name in COMMON or "defaultValue" in spec[name]


def test_undeclared_parameters_have_neutral_values() -> None:
    """A blueprint without Spark declares no workers, one without a schedule none (common_parameters)."""
    check_parameters(COMMON, COMMON_CHECKS)
    settings = common_settings(COMMON)
    assert (settings.workflow, settings.schedule, settings.timeout_minutes) == ("daily", None, None)
    assert settings.tags == {}


def test_common_parameters_are_read_in_their_normal_form() -> None:
    """Spaces around values do not count; 0 minutes are each job's own timeout (common_parameters)."""
    params = {
        **COMMON,
        "Schedule": " cron(0 6 * * ? *) ",
        "TimeoutMinutes": 30,
        "Tags": ["team = data", "", "cost=a=b"],
    }
    check_parameters(params, COMMON_CHECKS)
    settings = common_settings(params)
    assert (settings.schedule, settings.timeout_minutes) == ("cron(0 6 * * ? *)", 30)
    assert settings.tags == {"team": "data", "cost": "a=b"}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("WorkflowName", " ", "WorkflowName must not be empty"),
        ("WorkflowName", "-x", "WorkflowName must not start with a dash"),
        ("Schedule", "cron(0 6 * * ?)", "Schedule must be empty or six fields"),
        ("NumberOfWorkers", 1, "NumberOfWorkers must be 2 or more: one of them is Spark's driver."),
        ("MaxRetries", 11, "MaxRetries must be from 0 to 10."),
        ("TimeoutMinutes", -1, "TimeoutMinutes must be from 0 to 10080."),
        ("Tags", ["team"], "Tags must be a list of key=value."),
        ("Tags", ["team=a", "team=b"], "Tags must not name a key twice."),
        ("Tags", [f"t{n}=x" for n in range(51)], "Tags must not be more than 50."),
    ],
)
def test_each_common_parameter_is_checked(name: str, value: Any, problem: str) -> None:
    """The sentence names the parameter and what it must be; limits are the service model's (CreateJob, Tags)."""
    with pytest.raises(ValueError) as caught:
        check_parameters({**COMMON, name: value}, COMMON_CHECKS)
    heading, sentence = str(caught.value).splitlines()
    assert heading == "The parameters do not fit together:"
    assert sentence.startswith(problem)


def test_checks_of_a_blueprint_report_all_problems_in_their_order() -> None:
    """A blueprint's list of checks is all there is to write (layouts/common/parameters.py)."""
    checks = (
        is_folder("From"),
        are_apart("To", "Below", "files would be read twice"),
        is_text("Pattern"),
        is_number("Size", 1, 5),
        matches("Table", "[a-z]+", "consist of letters"),
    )
    params = {"From": "b/x", "To": "s3://b/x", "Below": "s3://b/x/y", "Pattern": "", "Size": 6, "Table": "t1"}
    with pytest.raises(ValueError) as caught:
        check_parameters(params, checks)
    assert str(caught.value).splitlines()[1:] == [
        "From must be an S3 folder such as s3://bucket/folder/.",
        "To and Below must not lie in one another: files would be read twice.",
        "Pattern must not be empty.",
        "Size must be from 1 to 5.",
        "Table must consist of letters.",
    ]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("*.json", "FilePattern must not match JSON files"),
        ("2024/*/sales-*.jsonl.gz", "FilePattern must not match JSON files"),
        ("*.{csv,orc}", "FilePattern must not match ORC files"),
        ("*.{csv", "FilePattern has an opening brace"),
        ("*", None),
        ("json/*.csv.gz", None),
        ("*.part-[0-9]", None),
    ],
)
def test_a_pattern_must_match_files_that_can_be_loaded(pattern: str, problem: str | None) -> None:
    """The jobs load CSV and Parquet, compressed or not (glue_jobs/common/tabular.py)."""
    found = list(matches_loadable_files("FilePattern")({"FilePattern": pattern}))
    assert [one[: len(problem or "")] for one in found] == ([] if problem is None else [problem])


@pytest.mark.parametrize(
    ("head", "other"),
    [
        (b'\xef\xbb\xbf {"id": 1}', "JSON"),
        (gzip.compress(b'[{"id": 1}]', mtime=0), "JSON"),
        (b"Obj\x01\x04", "Avro"),
        (b"ORC\x08", "ORC"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"PK\x03\x04", "zip or Excel"),
        (b"id,{note}\n1,2\n", None),
        (b"[id],x\n1,2\n", None),
        (b"PAR1\x15", None),
        (b"\x1f\x8bbroken", None),
    ],
)
def test_a_format_is_recognised_by_the_first_bytes_of_a_file(head: bytes, other: str | None) -> None:
    """Only a format that is certain is one; a name such as day.json may be that of a CSV file."""
    assert other_format(head) == other
