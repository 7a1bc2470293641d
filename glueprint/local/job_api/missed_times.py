"""Commands read which times of schedules passed while no server ran: AWS is never down, and has no operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.local.job_api.route import Read
from glueprint.local.store import Database
from glueprint.local.store.database import Connection


class MissedTimes:
    """Reads the table ``missed_time``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def reads(self) -> dict[str, Read]:
        """By the end of their path."""
        return {"missed-times": self.missed_times}

    def missed_times(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the missed times of each trigger and crawler that exists: their number, first and latest (epoch
        seconds), and when the latest was noticed."""

        def read(tx: Connection) -> list[dict[str, Any]]:
            rows = tx.execute(
                "SELECT subject, count(*) AS number, min(at) AS first, max(at) AS latest, max(noticed) AS noticed"
                " FROM missed_time GROUP BY subject ORDER BY latest DESC, subject"
            )
            return [
                {
                    "Subject": row["subject"],
                    "Count": row["number"],
                    "First": row["first"],
                    "Latest": row["latest"],
                    "Noticed": row["noticed"],
                }
                for row in rows
            ]

        return {"MissedTimes": self._database.read(read)}
