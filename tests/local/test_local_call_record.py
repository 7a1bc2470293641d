"""Which calls of runs are recorded, and with what keys runs sign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glueprint.iam.evaluation import Request
from glueprint.local.access import Access, AccessOptions, RunKeys
from glueprint.local.access.call_record import MAX_CALLS, MAX_NAMED_OBJECTS, CallRecord
from glueprint.local.access.run_keys import Run, RunKind, run_of


def read(key: str, prefix: str | None = None) -> list[Request]:
    """What a call requires."""
    context = {} if prefix is None else {"s3:prefix": (prefix,)}
    return [Request("s3:GetObject", f"arn:aws:s3:::lake/{key}", context)]


def test_a_repeated_call_is_one_line_and_survives_a_restart(tmp_path: Path) -> None:
    """A run that polls costs one line; a later server goes on with the file."""
    record = CallRecord(tmp_path / "calls")
    for _ in range(3):
        record.add("jr_1", "s3", "GetObject", read("a"))
    later = CallRecord(tmp_path / "calls")
    later.add("jr_1", "s3", "GetObject", read("a"))
    later.add("jr_1", "s3", "GetObject", read("b", "in/"))
    assert [one["Needs"] for one in later.calls("jr_1")] == [
        [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/a"}],
        [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/b", "Prefix": "in/"}],
    ]
    later.forget("jr_1")
    assert later.calls("jr_1") == []


def test_of_a_folder_with_many_objects_the_folder_is_written(tmp_path: Path) -> None:
    """A run that reads a million objects costs a few lines."""
    record = CallRecord(tmp_path)
    for number in range(10 * MAX_NAMED_OBJECTS):
        record.add("jr_1", "s3", "GetObject", read(f"in/{number}.csv"))
    resources = [need["Resource"] for one in record.calls("jr_1") for need in one["Needs"]]
    assert len(resources) == MAX_NAMED_OBJECTS + 1
    assert resources[-1] == "arn:aws:s3:::lake/in/*"


def test_the_record_has_an_end_and_states_it(tmp_path: Path) -> None:
    """A run cannot fill the disk through its calls."""
    record = CallRecord(tmp_path)
    for number in range(MAX_CALLS + 10):
        record.add("jr_1", "glue", "GetJob", [Request("glue:GetJob", f"arn:aws:glue:::job/{number}")])
    calls = record.calls("jr_1")
    assert len(calls) == MAX_CALLS + 1
    assert calls[-1] == {"Incomplete": True}


@pytest.mark.parametrize("run_id", ["../x", "a/b", "", "x" * 300])
def test_only_ids_of_runs_become_files(tmp_path: Path, run_id: str) -> None:
    """The id comes from an access key, which a client chooses."""
    record = CallRecord(tmp_path)
    record.add(run_id, "s3", "GetObject", read("a"))
    assert record.calls(run_id) == []
    assert list(tmp_path.iterdir()) == []


def test_keys_of_runs_are_derived_and_name_their_run() -> None:
    """Nothing is stored; another data directory's keys are others."""
    keys = RunKeys("secret")
    access_key, secret = keys.keys_of(RunKind.JOB, "jr_1")
    assert run_of(access_key) == Run(RunKind.JOB, "jr_1")
    assert keys.secret_of(access_key) == secret != RunKeys("other").secret_of(access_key)
    assert keys.secret_of(keys.keys_of(RunKind.LAYOUT, "br_1")[0]) != secret
    assert keys.secret_of("GLPRSOMEONE") is None
    assert run_of("GLPRJOB.") is None


def observed(access: Access, *calls: tuple[str, str, dict[str, Any]]) -> list[str]:
    """Resources of the recorded calls."""
    access_key = access.keys.keys_of(RunKind.JOB, "jr_1")[0]
    for service, operation, parameters in calls:
        access.observe(access_key, service, operation, parameters, "us-east-1")
    return [need["Resource"] for one in access.record.calls("jr_1") for need in one["Needs"]]


def test_calls_of_other_keys_are_not_recorded(tmp_path: Path) -> None:
    """Only what runs call is of use for their policies."""
    options = AccessOptions("GLPRROOT", "secret", tmp_path / "calls", "123456789012", "us-east-1")
    access = Access(None, options)  # type: ignore[arg-type]  # no role is looked up
    access.observe("GLPRROOT", "s3", "GetObject", {"Bucket": "b", "Key": "k"}, "us-east-1")
    access.observe(None, "s3", "GetObject", {"Bucket": "b", "Key": "k"}, "us-east-1")
    assert not (tmp_path / "calls").exists()
    deletion = {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}]}}
    other = {"Bucket": "b", "Delete": {"Objects": [{"Key": "y"}]}}
    assert observed(access, ("s3", "DeleteObjects", deletion), ("s3", "DeleteObjects", other)) == [
        "arn:aws:s3:::b/x",
        "arn:aws:s3:::b/y",
    ]
    access_key = access.keys.keys_of(RunKind.JOB, "jr_1")[0]
    access.observe_json(access_key, "glue", "GetJob", b'{"JobName": "j"}', "eu-west-1")
    access.observe_json(access_key, "glue", "GetJob", b"not JSON", "eu-west-1")
    assert observed(access)[2:] == [f"arn:aws:glue:eu-west-1:123456789012:job/{name}" for name in ("j", "*")]
