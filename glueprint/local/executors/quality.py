"""Starts the processes of data quality runs on tables, and stores what they find."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glueprint.local.clock import Clock
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.quality_runs import LOG_GROUP, QualityKind, QualityStatus, launchable_run
from glueprint.local.executors.environments import archive_of, spark_environment
from glueprint.local.executors.processes import Alive, Ended, Lost, NotStarted, Processes, Status
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.quality.rulesets import Rulesets
from glueprint.local.identifiers import quality_result_id
from glueprint.local.logs import prepare_log
from glueprint.local.protocol import ApiError, Context
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database, Row
from glueprint.local.store.database import Connection
from glueprint.local.store.quality_results import QualityResult, add_result
from glueprint.runtime.launch.jobs import JobLaunch, UnsupportedJob, job_process

_PROGRAM = "from glueprint.runtime.quality.evaluation_run import main\n\nmain()\n"
_REQUEST, _RESULT = "request.json", "result.json"


class QualityExecutor:
    """Handles the pending actions of data quality runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        settings: ServerSettings,
        s3: S3Store,
        rulesets: Rulesets,
    ) -> None:
        """``rulesets`` stores those that recommendation runs create."""
        self._database = database
        self._clock = clock
        self._engine = engine
        self._settings = settings
        self._s3 = s3
        self._rulesets = rulesets
        self._context = Context(settings.account_id, settings.region)

    def launch(self, processes: Processes, run_id: str) -> None:
        """Start the run's process, unless the run is over or being stopped."""
        row = self._database.read(lambda tx: launchable_run(tx, run_id))
        if row is None or processes.resume(run_id):
            if row is None:
                self._release(run_id)
            return
        run_dir = processes.run_dir(run_id)
        work = run_dir / "work"
        work.mkdir(parents=True, exist_ok=True)
        request = {
            **json.loads(row["request"]),
            "Kind": row["kind"],
            "RunId": run_id,
            "CatalogId": self._settings.account_id,
            "ResultFile": str((work / _RESULT).absolute()),
        }
        (work / _REQUEST).write_text(json.dumps(request), encoding="utf-8")
        (run_dir / "program.py").write_text(_PROGRAM, encoding="utf-8")
        reached(FaultPoint.FILES_READY, "quality")
        try:
            spec = job_process(self._launch_of(run_dir, run_id, request))
        except UnsupportedJob as error:
            self._end(run_id, QualityStatus.FAILED, str(error))
            return
        processes.start(run_id, spec)

    def changed(self, processes: Processes, run_id: str, status: Status) -> None:
        """Store that the run's process has started or ended; after its end, what it found."""
        match status:
            case Alive():
                since = status.started_at
                self._engine.write(lambda tx: self._engine.quality_runs.running(tx, run_id, since))
            case Ended() if status.succeeded:
                self._finish(run_id, processes.run_dir(run_id) / "work" / _RESULT)
            case Ended():
                reason = status.failure or f"the run's process ended with status {status.exit_status}"
                self._end(run_id, QualityStatus.FAILED, reason)
            case Lost():
                self._end(run_id, QualityStatus.FAILED, status.reason)
            case NotStarted():
                pass
        if isinstance(status, (Ended, Lost)):
            processes.clean(run_id)
            self._release(run_id)

    def _finish(self, run_id: str, file: Path) -> None:
        reached(FaultPoint.END_SEEN, "quality")
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self._end(run_id, QualityStatus.FAILED, f"the run's result cannot be read: {error}")
            return

        def work(tx: Connection) -> None:
            row = launchable_run(tx, run_id)
            if row is None:  # it was being stopped, and ended first: its results do not count
                self._engine.quality_runs.end(tx, run_id, QualityStatus.STOPPED, None, {})
                return
            outcome = self._stored(tx, row, found)
            reached(FaultPoint.QUALITY_STORING)
            self._engine.quality_runs.end(tx, run_id, QualityStatus.SUCCEEDED, None, outcome)

        try:
            self._engine.write(work)
        except ApiError as error:  # the name of a recommended ruleset is taken meanwhile
            self._end(run_id, QualityStatus.FAILED, error.message)
            return
        reached(FaultPoint.END_STORED, "quality")

    def _stored(self, tx: Connection, row: Row, found: Mapping[str, Any]) -> dict[str, Any]:
        """Store results or a recommended ruleset; return what the run's operations show of them."""
        request = json.loads(row["request"])
        if row["kind"] == QualityKind.RECOMMENDATION:
            self._create_recommended(tx, row["id"], request, found["RecommendedRuleset"])
            return {"RecommendedRuleset": found["RecommendedRuleset"]}
        return {"ResultIds": [self._add(tx, row, request, one) for one in found["Results"]]}

    def _add(self, tx: Connection, row: Row, request: Mapping[str, Any], found: Mapping[str, Any]) -> str:
        id_, document = quality_result_id(), found["Result"]
        body = {
            **document,
            "ResultId": id_,
            "RulesetName": found["RulesetName"],
            "RulesetEvaluationRunId": row["id"],
            "EvaluationRunMode": "ON_DEMAND",
            "DataSource": request["DataSource"],
        }
        result = QualityResult(
            id_, found["RulesetName"], document["StartedOn"], body, run_id=row["id"], source=row["source"]
        )
        return add_result(tx, result)

    def _create_recommended(self, tx: Connection, run_id: str, request: Mapping[str, Any], ruleset: str) -> None:
        name = request.get("CreatedRulesetName")
        if name is None:
            return
        source = request["DataSource"].get("GlueTable") or request["DataSource"]["DataQualityGlueTable"]
        table = {member: source[member] for member in ("DatabaseName", "TableName")}
        members = {"Name": name, "Ruleset": ruleset, "TargetTable": table, "RecommendationRunId": run_id}
        self._rulesets.insert(tx, self._context, members, {})

    def _end(self, run_id: str, status: QualityStatus, error: str | None) -> None:
        self._engine.write(lambda tx: self._engine.quality_runs.end(tx, run_id, status, error, {}))
        self._release(run_id)

    def _release(self, run_id: str) -> None:
        self._engine.slots.release(run_id)
        self._engine.wake()

    def _launch_of(self, run_dir: Path, run_id: str, request: Mapping[str, Any]) -> JobLaunch:
        server = self._settings
        arguments = {"--request": str((run_dir / "work" / _REQUEST).absolute())}
        if request.get("NeedsCatalog"):
            arguments["--enable-glue-datacatalog"] = "true"
        found = spark_environment()
        return JobLaunch(
            host=server.host,
            environment=found,
            command="glueetl",
            job_name=f"data quality {request['Kind']}",
            job_run_id=run_id,
            script=run_dir / "program.py",
            arguments=arguments,
            python_version=None,
            worker_type="G.1X",
            number_of_workers=request.get("NumberOfWorkers", 5),
            buckets=tuple(self._s3.bucket_names()),
            work_dir=run_dir / "work",
            stdout=prepare_log(server.logs_root, f"{LOG_GROUP}/output", run_id),
            stderr=prepare_log(server.logs_root, f"{LOG_GROUP}/error", run_id),
            drivers=server.drivers(),
            class_archive=archive_of(found) if server.class_archives else None,
        )
