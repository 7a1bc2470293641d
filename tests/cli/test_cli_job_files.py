"""Local files in the arguments of ``glueprint job run``."""

from __future__ import annotations

from typing import Any

import pytest

from glueprint.cli.job.definition import arguments_of
from glueprint.client.errors import InvalidArgument

NOTHING: Any = None


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("extra-py-files", "nofile.py", "nofile.py"),
        ("--extra-jars", "s3://b/a.jar,lib/no.jar", "lib/no.jar"),
        ("additional-python-modules", "openpyxl,dist/no.whl", "dist/no.whl"),
    ],
)
def test_a_local_file_that_does_not_exist_is_named(name: str, value: str, missing: str) -> None:
    """Before anything is sent; the parameter is named, and what it takes."""
    with pytest.raises(
        InvalidArgument, match=rf"--{name.strip('-')}: there is no such local file {missing}; give"
    ):
        arguments_of(NOTHING, {name: value})


def test_paths_in_s3_and_modules_of_an_index_pass() -> None:
    """Only what is meant as a file must be one."""
    given = {
        "--additional-python-modules": "openpyxl==3.1,s3fs",
        "--extra-files": "s3://b/k",
        "--extra-py-files": "",
    }
    assert arguments_of(NOTHING, given) == given
