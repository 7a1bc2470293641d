"""Crawls: starts, stops and ends, stored within the caller's transaction."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glueprint.facts.long_text import description
from glueprint.facts.predicate import Node
from glueprint.facts.states import ACTIVE_CRAWL_STATES, CrawlerState, CrawlState, NodeKind
from glueprint.local.clock import Clock
from glueprint.local.engine.listener import EndOutsideWorkflow, RunListener
from glueprint.local.engine.pending_actions import ActionKind, add_action
from glueprint.local.engine.workflow_runs import WorkflowRuns
from glueprint.local.identifiers import crawl_id
from glueprint.local.protocol import ApiError
from glueprint.local.store.database import Connection, Row
from glueprint.local.store.literals import text_list
from glueprint.local.store.resources import Document, Resources
from glueprint.workflow.run import StartNode

logger = logging.getLogger(__name__)

LOG_GROUP = "/aws-glue/crawlers"
_HINT = "; the crawler's log has all of it"

_IS_ACTIVE = f"state IN {text_list(ACTIVE_CRAWL_STATES)}"
"""The condition of the index ``crawl_active``, so that a query reads it and not all crawls ever."""
CRAWL_OF_CRAWLER = f"SELECT * FROM crawl WHERE crawler = ? AND state = ? AND {_IS_ACTIVE}"
CRAWL_OF_NODE = f"SELECT * FROM crawl WHERE workflow_run_id = ? AND seq = ? AND state = ? AND {_IS_ACTIVE}"


@dataclass(frozen=True, slots=True)
class CrawlEnd:
    """How a crawl ended; ``summary`` is what ListCrawls shows."""

    state: CrawlState
    error: str | None = None
    summary: Mapping[str, Any] | None = None

    @property
    def message(self) -> str | None:
        """The error as ``ErrorMessage``, which is limited; the crawl's log contains it in full."""
        return None if self.error is None else description(self.error, hint=_HINT)


class Crawls:
    """Starts, stops and ends crawls."""

    _crawlers = Resources("crawler")

    def __init__(
        self, clock: Clock, workflow_runs: WorkflowRuns, on_end: EndOutsideWorkflow, listener: RunListener
    ) -> None:
        """``on_end`` is called for crawls outside workflow runs, ``listener`` is notified of all crawls."""
        self._clock = clock
        self._workflow_runs = workflow_runs
        self._on_end = on_end
        self._listener = listener

    def start(self, tx: Connection, name: str) -> str:
        """Start a crawler (StartCrawler); return the crawl's id.

        Raises:
            ApiError: CrawlerRunningException, EntityNotFoundException.
        """
        crawler = self._crawlers.get(tx, name)
        if crawler is None:
            raise ApiError("EntityNotFoundException", f"Crawler with name {name} does not exist")
        if crawler["State"] != CrawlerState.READY:
            raise ApiError("CrawlerRunningException", f"Crawler with name {name} has already started")
        return self._insert(tx, crawler)

    def start_scheduled(self, tx: Connection, name: str) -> None:
        """Start a crawler whose schedule is due; if it still runs, this time is skipped, as in Glue."""
        try:
            self.start(tx, name)
        except ApiError as error:
            logger.warning("scheduled start of crawler %s: %s", name, error.message)
            self._listener.crawl_not_started(tx, name, error.message)

    def stop(self, tx: Connection, name: str) -> None:
        """Stop a crawler (StopCrawler).

        Raises:
            ApiError: CrawlerNotRunningException, CrawlerStoppingException, EntityNotFoundException.
        """
        crawler = self._crawlers.get(tx, name)
        if crawler is None:
            raise ApiError("EntityNotFoundException", f"Crawler with name {name} does not exist")
        if crawler["State"] == CrawlerState.READY:
            raise ApiError("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
        if crawler["State"] == CrawlerState.STOPPING:
            raise ApiError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
        row = tx.execute(CRAWL_OF_CRAWLER, (name, CrawlState.RUNNING)).fetchone()
        self._cancel(tx, row)

    def start_node(self, tx: Connection, run_id: str, workflow: str, owed: StartNode) -> None:
        """Start a crawler for a trigger of a workflow run; a refusal is recorded as its crawl."""
        name = owed.action.node.name
        crawler, end = self._startable(tx, name)
        if crawler is not None:
            self._insert(tx, crawler, workflow_run_id=run_id, seq=owed.seq)
            return
        self._insert_ended(tx, name, end, workflow_run_id=run_id, seq=owed.seq)
        self._workflow_runs.node_changed(tx, run_id, owed.seq, end.state)

    def start_by_trigger(self, tx: Connection, name: str, trigger: str) -> None:
        """Start a crawler for a trigger outside workflows; a refusal is recorded as its crawl."""
        crawler, end = self._startable(tx, name)
        if crawler is not None:
            self._insert(tx, crawler, trigger_name=trigger)
        else:
            self._insert_ended(tx, name, end, trigger_name=trigger)

    def stop_node(self, tx: Connection, run_id: str, seq: int) -> None:
        """Stop the crawl of an invocation: its workflow run is being stopped."""
        row = tx.execute(CRAWL_OF_NODE, (run_id, seq, CrawlState.RUNNING)).fetchone()
        if row is not None:
            self._cancel(tx, row)

    def end(self, tx: Connection, id_: str, end: CrawlEnd) -> None:
        """Store the end of a crawl whose result is in the catalog; repeating it changes nothing."""
        row = tx.execute("SELECT * FROM crawl WHERE id = ?", (id_,)).fetchone()
        if row is None or row["completed"] is not None:
            return
        now = self._clock.now()
        state = CrawlState.CANCELLED if row["state"] == CrawlState.CANCELLING else end.state
        tx.execute(
            "UPDATE crawl SET state = ?, completed = ?, error = ?, summary = ? WHERE id = ?",
            (state, now, end.message, json.dumps(end.summary) if end.summary else None, id_),
        )
        crawler = self._crawlers.get(tx, row["crawler"])
        if crawler is not None:
            crawler["State"] = CrawlerState.READY
            crawler["LastCrawl"] = _last_crawl(row, state, end.message)
            self._crawlers.put(tx, crawler["Name"], crawler)
        self._listener.crawl_ended(tx, row["crawler"], state, row["started"], end.message, end.summary or {})
        if row["workflow_run_id"] is not None:
            self._workflow_runs.node_changed(tx, row["workflow_run_id"], row["seq"], state)
        else:
            node = Node(NodeKind.CRAWLER, row["crawler"])
            self._on_end(tx, node, state, id_, row["trigger_name"] is not None)

    def _startable(self, tx: Connection, name: str) -> tuple[Document | None, CrawlEnd]:
        """Return the crawler if it can start now, otherwise how its crawl ends at once."""
        crawler = self._crawlers.get(tx, name)
        if crawler is None:
            return None, CrawlEnd(CrawlState.ERROR, f"Crawler with name {name} does not exist")
        if crawler["State"] != CrawlerState.READY:
            return None, CrawlEnd(CrawlState.ERROR, f"Crawler with name {name} has already started")
        return crawler, CrawlEnd(CrawlState.SUCCEEDED)

    def _insert(self, tx: Connection, crawler: Document, **origin: str | int) -> str:
        """Store a new crawl; ``origin`` is what started it (columns of the table)."""
        id_ = crawl_id()
        _insert_row(
            tx,
            {
                "id": id_,
                "crawler": crawler["Name"],
                "state": CrawlState.RUNNING,
                "started": self._clock.now(),
                **origin,
            },
        )
        self._crawlers.put(tx, crawler["Name"], crawler | {"State": CrawlerState.RUNNING})
        add_action(tx, ActionKind.LAUNCH_CRAWL, id_)
        self._listener.crawl_started(tx, crawler["Name"])
        return id_

    def _insert_ended(self, tx: Connection, crawler: str, end: CrawlEnd, **origin: str | int) -> None:
        """Store a crawl that could not start."""
        now = self._clock.now()
        _insert_row(
            tx,
            {
                "id": crawl_id(),
                "crawler": crawler,
                "state": end.state,
                "started": now,
                "completed": now,
                "error": end.message,
                **origin,
            },
        )

    def _cancel(self, tx: Connection, row: Row) -> None:
        tx.execute("UPDATE crawl SET state = ? WHERE id = ?", (CrawlState.CANCELLING, row["id"]))
        crawler = self._crawlers.get(tx, row["crawler"])
        if crawler is not None:
            self._crawlers.put(tx, crawler["Name"], crawler | {"State": CrawlerState.STOPPING})
        add_action(tx, ActionKind.STOP_CRAWL, row["id"])
        if row["workflow_run_id"] is not None:
            self._workflow_runs.node_changed(tx, row["workflow_run_id"], row["seq"], CrawlState.CANCELLING)


def _insert_row(tx: Connection, columns: Mapping[str, Any]) -> None:
    marks = ", ".join("?" * len(columns))
    tx.execute(f"INSERT INTO crawl ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))


def _last_crawl(row: Row, state: CrawlState, error: str | None) -> Document:
    """Return ``LastCrawlInfo``, whose Status is only SUCCEEDED, CANCELLED or FAILED."""
    status = state if state in (CrawlState.SUCCEEDED, CrawlState.CANCELLED) else CrawlState.FAILED
    info: Document = {
        "Status": status,
        "LogGroup": LOG_GROUP,
        "LogStream": row["crawler"],
        "MessagePrefix": row["id"],
        "StartTime": row["started"],
    }
    return info | ({"ErrorMessage": error} if error else {})
