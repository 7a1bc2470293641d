"""The runtime of a job: by command, GlueVersion and library set."""

from __future__ import annotations

import pytest

from glueprint.environments.definitions import RUNTIMES
from glueprint.environments.selection import RETIRED, Selection, UnknownVersion, select
from glueprint.facts.glue_python import SHELL_PYTHON, SPARK_PYTHON


@pytest.mark.parametrize(("version", "runtime"), [("6.0", "6.0"), ("5.1", "5.1"), ("5.0", "5.1"), ("4.0", "4.0")])
def test_each_glue_version_has_its_runtime(version: str, runtime: str) -> None:
    """A GlueVersion runs on its own Python, without a note (DG:release-notes)."""
    assert select("glueetl", version, None) == Selection(runtime)
    assert RUNTIMES[runtime].python == SPARK_PYTHON[version]


def test_python_shell_has_analytics_unless_the_job_sets_none() -> None:
    """``analytics`` is the default of library-set (DG:add-job-python); GlueVersion has no effect."""
    assert select("pythonshell", "3.0", None).runtime == "pythonshell-analytics"
    assert select("pythonshell", None, "analytics").runtime == "pythonshell-analytics"
    assert select("pythonshell", None, "none").runtime == "pythonshell"
    assert RUNTIMES["pythonshell"].python == RUNTIMES["pythonshell-analytics"].python == SHELL_PYTHON


def test_glue_3_runs_on_the_nearest_runtime_that_is_installed() -> None:
    """Its Spark 3.1 needs a Python 3.7, which is not supported: 4.0 if it is there, else 5.1, and a note."""
    near, far = select("glueetl", "3.0", None, ["5.1", "4.0"]), select("glueetl", "3.0", None, ["5.1"])
    assert near == Selection("4.0", ("Glue 3.0 has Spark 3.1; here it runs on Spark 3.3 and Python 3.10.",))
    assert far == Selection("5.1", ("Glue 3.0 has Spark 3.1; here it runs on Spark 3.5 and Python 3.11.",))


@pytest.mark.parametrize("version", sorted(RETIRED))
def test_retired_versions_run_under_a_note(version: str) -> None:
    """AWS refuses them (DG:glue-version-support-policy); here they run, so that they can be migrated."""
    selection = select("glueetl", version, None)
    assert selection.runtime == "5.1"
    assert selection.notes == (
        f"AWS would refuse this: Glue {version} reached its end of life. "
        "Here it runs on Spark 3.5 and Python 3.11.",
    )


@pytest.mark.parametrize("version", ["auto", "7.0", "5", "5.1.0"])
def test_other_versions_are_refused_with_those_that_can_be_used(version: str) -> None:
    """What has no runtime is refused by name."""
    with pytest.raises(UnknownVersion, match=rf"GlueVersion {version} .*: use 6.0, 5.1, 5.0, 4.0, 3.0$"):
        select("glueetl", version, None)
