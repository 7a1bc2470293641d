"""The results that the local Glue keeps of a job run, over the run's private route."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glueprint.runtime.shared.run_route import RunRoute


@dataclass(frozen=True)
class KeptResults(RunRoute):
    """A :class:`~glueprint.runtime.quality.publishing.ResultStore` over the private route."""

    def publish(self, document: Mapping[str, Any]) -> str:
        """See :class:`ResultStore`; the token lets the server recognise a repeated call."""
        members = {**document, "Token": uuid.uuid4().hex}
        response = self.call("quality/publish", members, "the data quality result")
        return str(response["ResultId"])

    def history(self, context: str, name: str, count: int) -> Sequence[float]:
        """See :class:`ResultStore`."""
        members = {"Context": context, "Statistic": name, "Count": count}
        response = self.call("quality/history", members, "a request for earlier data quality results")
        return [float(value) for value in response["Values"]]
