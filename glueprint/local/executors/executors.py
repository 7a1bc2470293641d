"""All that carries out pending actions, assembled: warm processes, children, layouts."""

from __future__ import annotations

from pathlib import Path

from glueprint.local.access import Access
from glueprint.local.clock import Clock
from glueprint.local.engine.dispatcher import Handler
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.pending_actions import ActionKind
from glueprint.local.events import Events, S3Events
from glueprint.local.executors.blueprints import BlueprintExecutor
from glueprint.local.executors.children import Children
from glueprint.local.executors.crawls import CrawlExecutor
from glueprint.local.executors.jobs import JobExecutor
from glueprint.local.executors.quality import QualityExecutor
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.executors.warm_processes import WarmOptions, WarmProcesses
from glueprint.local.glue.service import GlueService
from glueprint.local.logs import Logs
from glueprint.local.s3 import S3Store
from glueprint.local.store import Database


class Executors:
    """Carries out pending actions.

    Attributes:
        warm: processes that are ready before a job needs them.
        children: the processes of job runs and crawls.
        blueprints: runs layouts.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        settings: ServerSettings,
        s3: S3Store,
        logs: Logs,
        events: Events,
        s3_events: S3Events,
        glue: GlueService,
        access: Access,
        root: Path,
        warm: WarmOptions,
        *,
        stop_grace_seconds: float,
    ) -> None:
        """``root`` is the folder of the server's state, with run directories in ``runs``."""
        self._register_blueprint = glue.blueprints.register
        self.crawl_memory = root / "crawl-memory"
        self.warm = WarmProcesses(warm, database, settings, root)
        self.children = Children(
            database,
            engine,
            JobExecutor(database, clock, engine, settings, s3, logs, events, s3_events, self.warm.prepare, access),
            CrawlExecutor(
                database, clock, engine, settings, s3, glue.tables, glue.partitions, self.crawl_memory, access
            ),
            QualityExecutor(database, clock, engine, settings, s3, glue.rulesets),
            root / "runs",
            (self.warm,),
            stop_grace_seconds=stop_grace_seconds,
        )
        scratch = root / "scratch"
        self.blueprints = BlueprintExecutor(database, engine, settings, glue.blueprint_runs, scratch, access)

    def handlers(self) -> dict[ActionKind, Handler]:
        """Return what carries out each kind of action."""
        return {
            **self.children.handlers(),
            ActionKind.REGISTER_BLUEPRINT: self._register_blueprint,
            ActionKind.RUN_BLUEPRINT: self.blueprints.run,
        }

    def close(self) -> None:
        """Stop watching; the processes of job runs and crawls go on."""
        self.warm.close()
        self.children.close()
