"""Tasks of Spark jobs: what is in a built script must travel to Spark's executors."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from pyspark import cloudpickle

from glueprint.blueprint.archive import read_archive, write_archive
from glueprint.blueprint.bundler import bundle

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("blueprint", "script", "tasks"),
    [
        ("compaction", "compact.py", [("rewrite_bins", "make_rewriter", None)]),
        ("partitioning", "partition.py", [("split_group", None), ("merge_files", None)]),
    ],
)
def test_tasks_are_pickled_with_all_that_they_use(
    blueprint: str, script: str, tasks: list[tuple[str | None, ...]]
) -> None:
    """A job's script is ``__main__``: Spark pickles its functions and their globals by value."""
    files = read_archive(write_archive(bundle(ROOT, blueprint)), blueprint).files
    module = ModuleType("job_script")
    sys.modules[module.__name__] = module
    try:
        exec(compile(files[f"{blueprint}/scripts/{script}"], script, "exec"), module.__dict__)
        cloudpickle.register_pickle_by_value(module)
        for name, *arguments in tasks:
            given = [getattr(module, one) if one else None for one in arguments]
            pickled = cloudpickle.dumps(partial(getattr(module, str(name)), *given))
            assert cloudpickle.loads(pickled).func.__name__ == name
    finally:
        cloudpickle.unregister_pickle_by_value(module)
        del sys.modules[module.__name__]
