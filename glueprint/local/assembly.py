"""Everything behind one data directory, assembled: store, engine, services, executors."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from glueprint.local.access import Access, AccessOptions
from glueprint.local.athena import ATHENA_SCHEMA, QueryPlace, athena_service
from glueprint.local.clock import Clock
from glueprint.local.datadir import DataDirectory
from glueprint.local.engine.activity import Activity, activity
from glueprint.local.engine.dispatcher import Slots
from glueprint.local.engine.engine import Engine
from glueprint.local.engine.listener import Listeners
from glueprint.local.engine.pending_actions import ActionKind
from glueprint.local.events import EVENTS_SCHEMA, Event, Events, S3Events, events_service
from glueprint.local.events.messages import Messages, send
from glueprint.local.events.run_events import RunEvents
from glueprint.local.executors.executors import Executors
from glueprint.local.executors.processes import STOP_GRACE_SECONDS
from glueprint.local.executors.server_settings import ServerSettings
from glueprint.local.executors.service_calls import Client
from glueprint.local.executors.warm_processes import NO_WARM_PROCESSES, WarmOptions
from glueprint.local.faults import FaultPoint, reached
from glueprint.local.glue.service import glue_service
from glueprint.local.job_api import job_api
from glueprint.local.logs import Logs, logs_service
from glueprint.local.protocol import Context
from glueprint.local.s3 import S3_SCHEMA, S3_SETTINGS_SCHEMA, S3App, S3Control, S3Store
from glueprint.local.state_machines import Executions, Tasks, states_service
from glueprint.local.store import Database
from glueprint.local.store.bookmark_schema import BOOKMARK_COMMITTED_COLUMN, BOOKMARK_SCHEMA
from glueprint.local.store.catalog_schema import CATALOG_SCHEMA
from glueprint.local.store.database import Connection
from glueprint.local.store.execution_schema import EXECUTION_SCHEMA
from glueprint.local.store.journal_schema import JOURNAL_SCHEMA
from glueprint.local.store.quality_schema import QUALITY_SCHEMA
from glueprint.local.store.schema import EVENT_TRIGGERS_CREATED, GLUE_SCHEMA

MIGRATIONS = (
    GLUE_SCHEMA,
    CATALOG_SCHEMA,
    S3_SCHEMA,
    BOOKMARK_SCHEMA,
    EVENTS_SCHEMA,
    BOOKMARK_COMMITTED_COLUMN,
    QUALITY_SCHEMA,
    JOURNAL_SCHEMA,
    S3_SETTINGS_SCHEMA,
    EVENT_TRIGGERS_CREATED,
    EXECUTION_SCHEMA,
    ATHENA_SCHEMA,
)
"""In the order in which they run; new ones are added at the end."""

_STOP_SECONDS = 3.0
"""How long processes have to end when the server ends."""
_RESET_SECONDS = 0.5
"""How long processes have to end when everything is forgotten."""


class LocalGlue:
    """A local Glue without its HTTP front.

    Attributes:
        glue, logs, events, states, s3, s3_control, job_api: the services, as ASGI applications.
        access: records and checks calls.
        athena: Athena, and the processes of its queries.
        s3_store: the objects.
        engine: the workflow engine.
        settings: what jobs and layouts get to know of this server.
    """

    def __init__(
        self,
        data: DataDirectory,
        clock: Clock,
        endpoint_url: str,
        *,
        account_id: str,
        region: str,
        slots: int,
        warm: WarmOptions = NO_WARM_PROCESSES,
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
        on_damage: Callable[[], None] = lambda: None,
        load_iam: Callable[[], object] | None = None,
    ) -> None:
        """Assemble it.

        Args:
            on_damage: called once if the state file is found to be damaged; then nothing works any more.
            load_iam: makes moto's IAM ready, whose policies are then enforced; None: nothing is enforced.
        """
        self._data = data
        self._resetting = threading.Lock()
        place = Context(account_id, region)
        self.settings = ServerSettings(
            endpoint_url,
            data.keys.access_key,
            data.keys.secret_key,
            region,
            account_id,
            data.s3,
            data.logs,
            warm.class_archive,
        )
        self.database = Database(
            data.state, MIGRATIONS, self._rolled_back, durable=not data.ephemeral, on_damage=on_damage
        )
        # Runs cause events, and events start runs: the bus finds the engine when it delivers.
        bus = Events(self._deliver, lambda *event: executions.deliver(*event), send)
        self.access = Access(
            self.database,
            AccessOptions(
                data.keys.access_key,
                data.keys.secret_key,
                data.root / "calls",
                account_id,
                region,
                enforces=load_iam is not None,
                load_iam=load_iam or (lambda: None),
            ),
        )
        executions = Executions(clock, bus, place)
        listener = Listeners(RunEvents(bus, clock, place), executions)
        self.engine = Engine(self.database, clock, Slots(slots), listener, executions.timer_due)
        s3_events = S3Events(self.database, self.engine, bus, place)
        self.s3_store = S3Store(
            self.database, data.s3, clock.now, on_change=s3_events.created, on_delete=s3_events.deleted
        )
        log_files = Logs(data.logs, clock.now)
        glue = glue_service(self.database, clock, self.engine, self.s3_store)
        self.glue = glue.json
        self.logs = logs_service(log_files)
        self.events = events_service(self.database, self.engine, bus, clock.now)
        self.states = states_service(self.database, clock, self.engine, executions, glue.json)
        client = Client(self.settings)
        self._tasks = Tasks(self.database, clock, self.engine, executions, glue.json, client, place)
        self._messages = {ActionKind.SEND_MESSAGE: Messages(client).deliver}
        self.s3 = S3App(self.s3_store, account_id, region, self.access)
        self.s3_control = S3Control(self.s3_store)
        self.job_api = job_api(self.database, self.access.record)
        place_of_queries = QueryPlace(data.root / "queries", data.s3, self.settings.query_environment())
        self.athena = athena_service(self.database, clock, glue.json, self.s3_store, place_of_queries)
        self._executors = Executors(
            self.database,
            clock,
            self.engine,
            self.settings,
            self.s3_store,
            log_files,
            bus,
            s3_events,
            glue,
            self.access,
            data.root,
            warm,
            stop_grace_seconds=stop_grace_seconds,
        )

    def start(self) -> None:
        """Adopt what an earlier server left, then start everything new."""
        self.s3_store.forget_vanished()
        reached(FaultPoint.RECOVERY_STARTED)
        self._executors.children.adopt()
        reached(FaultPoint.RECOVERY_ADOPTED)
        self._start_engine()
        self.athena.processes.recover()
        reached(FaultPoint.RECOVERY_DONE)
        self._executors.warm.start()
        if not self._data.ephemeral:
            self.database.start_backups()

    def close(self) -> None:
        """End in order: child processes are ended, and their ends are stored; pending actions stay pending.

        If the state file is damaged, no end can be stored: child processes go on.
        """
        self._executors.blueprints.close()
        self.engine.close()
        if self.database.damage is not None:
            self.abandon()
            return
        reached(FaultPoint.STOPPING)
        self._executors.children.end(grace_seconds=_STOP_SECONDS)
        reached(FaultPoint.CHILDREN_ENDED)
        self.abandon()

    @property
    def warm_workers(self) -> int:
        """The number of Spark workers that could take a job now."""
        return self._executors.warm.ready

    @property
    def activity(self) -> Activity:
        """What has not ended."""
        return self.database.read(activity)

    def leave(self) -> None:
        """End in order, but leave child processes running: a later server adopts them."""
        self._executors.blueprints.close()
        self.engine.close()
        self.abandon()

    def abandon(self) -> None:
        """Close everything as it is: child processes go on, and a later server adopts them; queries end."""
        self.athena.processes.close()
        self._executors.close()
        self._tasks.close()
        self.database.close()

    def reset(self) -> None:
        """Forget everything (``serve --ephemeral``): rows, objects, logs; processes are ended.

        The engine is stopped meanwhile, so that it launches nothing that is being forgotten.
        """
        with self._resetting:
            self._executors.blueprints.close()
            self.engine.close()
            self._executors.children.end(grace_seconds=_RESET_SECONDS)
            self.athena.processes.forget()
            self.database.write(self._empty)
            for folder in (self._data.s3, self._data.logs, self._data.runs, self._executors.crawl_memory):
                _clear(folder)
            self.access.record.clear()
            self.engine.slots.clear()
            self._executors.blueprints.open()
            self._start_engine()

    def _start_engine(self) -> None:
        handlers = {**self._executors.handlers(), **self._tasks.handlers(), **self._messages}
        self.engine.start(handlers, on_forgotten=self._forget)

    def _forget(self, subject: str) -> None:
        """Remove the files of a job run or crawl."""
        self._executors.children.forget(subject)
        self.access.record.forget(subject)

    def _rolled_back(self) -> None:
        self.engine.forget()

    def _deliver(self, tx: Connection, workflow: str, event: Event) -> bool:
        return self.engine.windows.arrived(tx, workflow, event.id)

    def _empty(self, tx: Connection) -> None:
        names = [row["name"] for row in tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tx.execute("PRAGMA defer_foreign_keys = ON")
        for name in names:
            if not name.startswith("sqlite_"):
                tx.execute(f"DELETE FROM {name}")
        self.engine.forget()


def _clear(folder: Path) -> None:
    """Remove what is in ``folder``; of hidden folders, which belong to a service, only the contents."""
    for entry in folder.iterdir():
        if entry.is_symlink() or not entry.is_dir():
            entry.unlink(missing_ok=True)
        elif entry.name.startswith("."):
            _clear(entry)
        else:
            shutil.rmtree(entry, ignore_errors=True)
