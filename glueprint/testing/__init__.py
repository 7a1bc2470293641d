"""Tests of Glue jobs and blueprints with pytest: a local Glue per session, a clean state per test.

Installed as a pytest plugin (``pip install 'glueprint[testing]'``): the fixtures ``local_glue``, ``run_job`` and
``run_blueprint`` are there without an import. What a test imports itself are the matchers for frames::

    from glueprint.testing import assert_rows, assert_schema

See docs/testing.md.
"""

from glueprint.testing.blueprints import BlueprintResult, WorkflowResult
from glueprint.testing.frames import assert_rows, assert_schema, rows
from glueprint.testing.glue import LocalGlue
from glueprint.testing.jobs import JobResult

__all__ = [
    "BlueprintResult",
    "JobResult",
    "LocalGlue",
    "WorkflowResult",
    "assert_rows",
    "assert_schema",
    "rows",
]
