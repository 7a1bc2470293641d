"""Objects that a job needs as files: names that no file can have are the run's error, not one of the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.in_process import GlueInProcess

from glueprint.local.executors.fetch import NotFetched, fetch
from glueprint.runtime.parameters.s3_files import FileToFetch


@pytest.mark.parametrize("name", ["..", "a\0b", "x" * 300, "a/.."])
def test_a_key_that_is_no_file_name_is_refused_by_the_parameters_name(tmp_path: Path, name: str) -> None:
    """Nothing is written beside the run's folder, and the launch is not tried again and again."""
    with GlueInProcess(tmp_path / "data", 1e9) as glue:
        location = glue.put(f"jobs/{name}", b"print(1)\n", "scripts")
        wanted = [(FileToFetch("ScriptLocation", location), tmp_path / "run" / "script")]
        with pytest.raises(NotFetched, match="ScriptLocation: s3://scripts/jobs/"):
            fetch(glue.local.s3_store, wanted)
    assert [path.name for path in (tmp_path / "run").rglob("*")] == ["script"]
