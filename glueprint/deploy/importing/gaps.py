"""What Amazon's layout classes cannot say of a workflow.

Members are tried with the layout library itself (``glueprint.blueprint.layout_library``, which drops and refuses
what Amazon's library drops and refuses), so this module has no list of its own that could become wrong.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glueprint.blueprint.layout_library.base_resource import LayoutDrop
from glueprint.blueprint.layout_library.crawler import Crawler
from glueprint.blueprint.layout_library.job import Job
from glueprint.blueprint.layout_library.workflow import Entities, Workflow
from glueprint.deploy.definitions.model import Definition, Key, Kind

KEYWORDS = {(Kind.JOB, "Description"): "description"}
"""Keywords of the layout classes that differ from the member's name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of a workflow that its layout cannot say.

    Attributes:
        key: the resource.
        member: of the resource; empty for the resource itself.
        reason: a sentence that starts with the member.
        is_lost: whether the workflow would behave in another way; otherwise only its form changes.
    """

    key: Key
    member: str
    reason: str
    is_lost: bool

    def __str__(self) -> str:
        return f"{self.key}: {self.member + ' ' if self.member else ''}{self.reason}"


def lost(key: Key, member: str, reason: str) -> Gap:
    """Return a gap that changes what the workflow does."""
    return Gap(key, member, reason, is_lost=True)


def other_form(key: Key, member: str, reason: str) -> Gap:
    """Return a gap that changes the form of the workflow, and not what it does."""
    return Gap(key, member, reason, is_lost=False)


def member_gaps(one: Definition) -> Iterator[Gap]:
    """Yield the members of a workflow, job or crawler that the layout classes drop or refuse."""
    for name, value in one.members.items():
        if not value:  # the same as not given, for the library and for Glue (docs/facts/blueprints.md)
            continue
        if one.kind is Kind.JOB and name == "JobMode" and value == "SCRIPT":
            continue  # what Glue fills in
        reason = _refusal(one, name, value)
        if reason is not None:
            yield lost(one.key, name, reason)


def _refusal(one: Definition, name: str, value: Any) -> str | None:
    keyword = KEYWORDS.get((one.kind, name), name)
    with warnings.catch_warnings(record=True) as dropped:
        warnings.simplefilter("always", LayoutDrop)
        try:
            _make(one.kind, {keyword: value})
        except TypeError as error:
            return f"is refused by the layout library: {error}"
    found = [drop.message for drop in dropped if isinstance(drop.message, LayoutDrop)]
    return f"= {value!r} {found[0].message}" if found else None


def _make(kind: Kind, members: dict[str, Any]) -> None:
    """Call the layout class with a resource's members; those that only the layout has are left out."""
    if kind is Kind.WORKFLOW:
        Workflow(Name="w", Entities=Entities(Jobs=[], Crawlers=[]), **members)
    elif kind is Kind.JOB:
        Job(Name="j", **members)
    else:
        Crawler(Name="c", **members)
