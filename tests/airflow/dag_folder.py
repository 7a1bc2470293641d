"""DAGs that run in one child process for all tests: its imports take longer than most DAG runs.

Airflow 3 reads the place of the DAG folder once, so that there is one, with a folder in it for each kind of DAGs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glueprint.airflow.dag_runs import DagResult, DagRunner


@dataclass(frozen=True)
class DagFolder:
    """A folder in the DAG folder, and the variables with which its DAGs run (connections)."""

    runner: DagRunner
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, dag_id: str, *, environment: Mapping[str, str] | None = None, **options: Any) -> DagResult:
        """Run a DAG of the folder once, and return how it ended; see DagRunner.run."""
        file = str(Path(self.name) / f"{dag_id}.py")
        return self.runner.run(
            dag_id, file=file, environment={**self.variables, **(environment or {})}, **options
        )
