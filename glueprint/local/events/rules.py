"""Rules and their targets as rows, in transactions that the caller opens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

EVENTS_SCHEMA = """
CREATE TABLE event_rule (
    name TEXT PRIMARY KEY,
    pattern TEXT NOT NULL,             -- as in PutRule
    state TEXT NOT NULL,
    description TEXT,
    role_arn TEXT
) WITHOUT ROWID;

CREATE TABLE event_target (
    rule TEXT NOT NULL REFERENCES event_rule ON DELETE CASCADE,
    id TEXT NOT NULL,
    arn TEXT NOT NULL,
    workflow TEXT NOT NULL,            -- the workflow that the ARN names
    body TEXT NOT NULL,                -- JSON, members as on the wire
    PRIMARY KEY (rule, id)
) WITHOUT ROWID;
CREATE INDEX event_target_by_arn ON event_target (arn);
"""

Transaction = sqlite3.Connection

ENABLED = "ENABLED"
DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the default event bus; ``state`` is ENABLED or DISABLED."""

    name: str
    pattern: str
    state: str
    description: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A workflow or state machine that a rule notifies.

    ``workflow`` is its name, ``body`` the entry of PutTargets.
    """

    id: str
    arn: str
    workflow: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subscription:
    """The pattern of an enabled rule, and its target: a workflow or a state machine, by ARN."""

    rule: str
    pattern: str
    workflow: str
    arn: str
    body: str


def find_rule(tx: Transaction, name: str) -> Rule | None:
    """The rule of that name, or None."""
    row = tx.execute("SELECT * FROM event_rule WHERE name = ?", (name,)).fetchone()
    return Rule(**row) if row else None


def put_rule(tx: Transaction, rule: Rule) -> None:
    """Store a rule in place of what was there; its targets stay."""
    tx.execute(
        "INSERT INTO event_rule (name, pattern, state, description, role_arn) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET pattern = excluded.pattern, state = excluded.state,"
        " description = excluded.description, role_arn = excluded.role_arn",
        (rule.name, rule.pattern, rule.state, rule.description, rule.role_arn),
    )


def delete_rule(tx: Transaction, name: str) -> None:
    """Remove a rule."""
    tx.execute("DELETE FROM event_rule WHERE name = ?", (name,))


def count_rules(tx: Transaction) -> int:
    """How many rules there are."""
    found: int = tx.execute("SELECT count(*) FROM event_rule").fetchone()[0]
    return found


def list_rules(tx: Transaction, prefix: str) -> list[Rule]:
    """The rules whose name starts with ``prefix``, by name."""
    rows = tx.execute("SELECT * FROM event_rule WHERE substr(name, 1, ?) = ? ORDER BY name", (len(prefix), prefix))
    return [Rule(**row) for row in rows]


def list_targets(tx: Transaction, rule: str) -> list[Target]:
    """A rule's targets, by id."""
    rows = tx.execute("SELECT id, arn, workflow, body FROM event_target WHERE rule = ? ORDER BY id", (rule,))
    return [Target(row["id"], row["arn"], row["workflow"], json.loads(row["body"])) for row in rows]


def put_targets(tx: Transaction, rule: str, targets: Sequence[Target]) -> None:
    """Add targets, or replace those of the same id."""
    tx.executemany(
        "INSERT OR REPLACE INTO event_target (rule, id, arn, workflow, body) VALUES (?, ?, ?, ?, ?)",
        [(rule, one.id, one.arn, one.workflow, json.dumps(one.body)) for one in targets],
    )


def remove_target(tx: Transaction, rule: str, id_: str) -> bool:
    """Remove a target; whether it was there."""
    done = tx.execute("DELETE FROM event_target WHERE rule = ? AND id = ?", (rule, id_))
    return done.rowcount > 0


def rules_of_target(tx: Transaction, arn: str) -> list[str]:
    """The names of the rules that have this target, sorted."""
    rows = tx.execute("SELECT DISTINCT rule FROM event_target WHERE arn = ? ORDER BY rule", (arn,))
    return [row["rule"] for row in rows]


def has_subscriptions(tx: Transaction) -> bool:
    """Whether :func:`subscriptions` would find any."""
    query = (
        "SELECT 1 FROM event_rule AS rule JOIN event_target AS target ON target.rule = rule.name"
        " WHERE rule.state = ? LIMIT 1"
    )
    return tx.execute(query, (ENABLED,)).fetchone() is not None


def subscriptions(tx: Transaction) -> list[Subscription]:
    """Return the subscriptions of all enabled rules, in the order of delivery."""
    rows = tx.execute(
        "SELECT rule.name AS rule, rule.pattern AS pattern, target.workflow AS workflow, target.arn AS arn,"
        " target.body AS body"
        " FROM event_rule AS rule JOIN event_target AS target ON target.rule = rule.name"
        " WHERE rule.state = ? ORDER BY rule.name, target.id",
        (ENABLED,),
    )
    return [Subscription(**row) for row in rows]
