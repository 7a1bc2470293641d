"""Carries out blueprint runs: the layout in a child process, then the creation of all that it describes."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

from glueprint.blueprint.archive import Archive
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import run_layout
from glueprint.blueprint.layout_result import LayoutError, LayoutResult
from glueprint.local.engine.dispatcher import NotNow
from glueprint.local.engine.engine import Engine
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.orchestration.blueprint_runs import BlueprintRuns
from glueprint.local.identifiers import layout_suffix
from glueprint.local.protocol import ApiError
from glueprint.local.store import Database
from glueprint.local.store.resources import Document


class BlueprintExecutor:
    """Carries out blueprint runs."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        settings: ServerSettings,
        runs: BlueprintRuns,
        scratch: Path,
    ) -> None:
        """``scratch`` is the folder in which zips are extracted; files that a killed server left are removed."""
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        self._scratch = scratch
        self._database = database
        self._engine = engine
        self._settings = settings
        self._runs = runs
        self._closing = threading.Event()

    def run(self, run_id: str) -> None:
        """Carry out a run that has not ended. After a crash it is carried out again: nothing was created before.

        Raises:
            NotNow: :meth:`close` ended the layout.
        """
        found = self._database.read(lambda tx: self._runs.unfinished(tx, run_id))
        if found is None:
            return
        row, archive = found
        try:
            result = self._layout(archive, json.loads(row["body"]))
            reached(FaultPoint.LAYOUT_RETURNED)
            self._engine.write(lambda tx: self._runs.create(tx, row, result))
            reached(FaultPoint.BLUEPRINT_CREATED)
        except (LayoutError, ApiError) as error:
            if self._closing.is_set():
                raise NotNow from error
            reason = str(error) if isinstance(error, LayoutError) else f"{error.code}: {error.message}"
            self._database.write(lambda tx: self._runs.fail(tx, row, reason))

    def close(self) -> None:
        """End the layouts that run; their runs stay pending, and start again with the next server."""
        self._closing.set()

    def open(self) -> None:
        """Run layouts again, after :meth:`close`."""
        self._closing.clear()

    def _layout(self, archive: Archive, body: Document) -> LayoutResult:
        return run_layout(
            archive,
            parse_config(archive.config),
            body["Values"],
            {"region": body["Region"], "accountId": body["AccountId"]},
            environment=self._settings.environment(),
            suffix=layout_suffix(),
            scratch=self._scratch,
            stop=self._closing.is_set,
        )
