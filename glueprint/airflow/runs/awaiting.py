"""What a sensor waits for: the end of a run, or a run property."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.airflow.runs.verdict import failure_text, judge
from glueprint.client.errors import GlueprintError
from glueprint.client.runs import RunView


class EndedOtherwise(GlueprintError):
    """The run ended without what was waited for."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is waited for.

    Attributes:
        property_name: a run property; None waits for the end of the run.
        property_value: its value; None: any.
        presence_key: see :func:`~glueprint.airflow.runs.verdict.judge`.
    """

    property_name: str | None = None
    property_value: str | None = None
    presence_key: str | None = None

    def is_there(self, run: RunView) -> bool:
        """Return whether the run has the property, or has ended."""
        if self.property_name is None:
            return run.is_final
        value = run.properties.get(self.property_name)
        return value is not None and self.property_value in (None, value)

    def is_over(self, run: RunView) -> bool:
        """Return whether waiting makes no sense any more."""
        return run.is_final or self.is_there(run)

    def result(self, run: RunView) -> str:
        """Return the property's value, or the run's status.

        Raises:
            EndedOtherwise: the run failed, or ended without the property.
        """
        if self.property_name is not None and self.is_there(run):
            return run.properties[self.property_name]
        verdict = judge(run, self.presence_key)
        if self.property_name is None and verdict.is_success:
            return run.status
        if self.property_name is None:
            raise EndedOtherwise(verdict.text)
        found = run.properties.get(self.property_name)
        wanted = "" if self.property_value is None else f" {self.property_value!r}"
        state = "without it" if found is None else f"with {found!r}"
        text = f"run property {self.property_name}{wanted} was awaited, and the run ended {state}"
        raise EndedOtherwise(text if verdict.is_success else f"{text}\n{failure_text(run, self.presence_key)}")
