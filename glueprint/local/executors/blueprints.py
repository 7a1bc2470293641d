"""Carries out blueprint runs: the layout in a child process, then the creation of all that it describes."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

from glueprint.blueprint.archive import Archive
from glueprint.blueprint.config import parse_config
from glueprint.blueprint.layout_host import run_layout
from glueprint.blueprint.layout_result import LayoutError, LayoutResult
from glueprint.facts.log_groups import LAYOUT_OUTPUT_GROUP, LAYOUT_WARNINGS_GROUP
from glueprint.local.access import Access, AccessDenied
from glueprint.local.access.access import LAYOUT_SESSION
from glueprint.local.engine.dispatcher import NotNow
from glueprint.local.engine.engine import Engine
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.orchestration.blueprint_runs import BlueprintRuns
from glueprint.local.identifiers import layout_suffix
from glueprint.local.logs import prepare_log
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
        access: Access,
    ) -> None:
        """``scratch`` is the folder in which zips are extracted; files that a killed server left are removed."""
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        self._scratch = scratch
        self._database = database
        self._engine = engine
        self._settings = settings
        self._runs = runs
        self._access = access
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
            body = json.loads(row["body"])
            result = self._layout(run_id, archive, body)
            reached(FaultPoint.LAYOUT_RETURNED)
            self._log(run_id, result.output, map(str, result.warnings))
            self._check_role(body["RoleArn"], result)
            self._engine.write(lambda tx: self._runs.create(tx, row, result))
            reached(FaultPoint.BLUEPRINT_CREATED)
        except (LayoutError, ApiError, AccessDenied) as error:
            if self._closing.is_set():
                raise NotNow from error
            if isinstance(error, LayoutError):
                self._log(run_id, error.output)
            reason = f"{error.code}: {error.message}" if isinstance(error, ApiError) else str(error)
            self._database.write(lambda tx: self._runs.fail(tx, row, reason))

    def close(self) -> None:
        """End the layouts that run; their runs stay pending, and start again with the next server."""
        self._closing.set()

    def open(self) -> None:
        """Run layouts again, after :meth:`close`."""
        self._closing.clear()

    def _log(self, run_id: str, output: str, warnings: Iterable[str] = ()) -> None:
        """Write what the layout printed, and what was dropped of it, to CloudWatch Logs before its run ends.

        AWS shows neither (docs/fidelity/blueprint.md). A run that is carried out again replaces the text.
        """
        texts = {LAYOUT_OUTPUT_GROUP: output, LAYOUT_WARNINGS_GROUP: "".join(f"{one}\n" for one in warnings)}
        for group, text in texts.items():
            if text:
                end = "" if text.endswith("\n") else "\n"
                prepare_log(self._settings.logs_root, group, run_id).write_text(text + end, "utf-8")

    def _check_role(self, role: str, result: LayoutResult) -> None:
        """Refuse what the run's role may not create: Glue creates it in the role's name.

        Raises:
            AccessDenied: the role may not create something of it, or not pass a role of a job or crawler.
        """
        made = result.requests
        created = {
            "CreateWorkflow": [made.workflow],
            "CreateCrawler": made.crawlers,
            "CreateJob": made.jobs,
            "CreateTrigger": made.triggers,
        }
        needed = [
            one
            for operation, requests in created.items()
            for request in requests
            for one in self._access.requests_of(operation, request)
        ]
        self._access.check_role(role, LAYOUT_SESSION, needed)

    def _layout(self, run_id: str, archive: Archive, body: Document) -> LayoutResult:
        return run_layout(
            archive,
            parse_config(archive.config),
            body["Values"],
            {"region": body["Region"], "accountId": body["AccountId"]},
            environment=self._settings.layout_environment(run_id),
            suffix=layout_suffix(),
            scratch=self._scratch,
            stop=self._closing.is_set,
        )
