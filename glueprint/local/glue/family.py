"""The base class of resource families, and how a method is declared as an operation."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from glueprint.local.clock import Clock
from glueprint.local.protocol import Context, Declare
from glueprint.local.store import Database
from glueprint.local.store.resources import Document

Request = dict[str, Any]
Answer = dict[str, Any]
Transaction = sqlite3.Connection

operation = Declare("glue")
"""Declares a method as an operation of Glue."""


class Family:
    """One resource family: operations over the store, at the clock's time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock


def without_none(members: Mapping[str, Any]) -> Document:
    """Return the members that are not null: AWS treats null as absent."""
    return {name: value for name, value in members.items() if value is not None}


__all__ = ["Answer", "Context", "Family", "Request", "Transaction", "operation", "without_none"]
