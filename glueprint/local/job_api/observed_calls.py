"""Commands read which calls a run made: CloudTrail would have them on AWS, this Glue has no operation for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.local.access.call_record import CallRecord
from glueprint.local.job_api.requests import text
from glueprint.local.job_api.route import Read


class ObservedCalls:
    """Reads the record of calls."""

    def __init__(self, record: CallRecord) -> None:
        self._record = record

    @property
    def reads(self) -> dict[str, Read]:
        """By the end of their path."""
        return {"observed-calls": self.observed_calls}

    def observed_calls(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the calls of a job run or blueprint run, by the member ``RunId``."""
        return {"Calls": self._record.calls(text(members, "RunId"))}
