"""Where in a layout something of its result was written: the line of a job, of a member, of an argument."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from glueprint.blueprint.dialect import every_node
from glueprint.blueprint.layout_result import LayoutResult
from glueprint.check.subject import Subject
from glueprint.facts.findings import Place


class LayoutPlaces:
    """Finds the lines of what a layout has made.

    Args:
        subject: the blueprint.
        result: what its layout returned.
    """

    def __init__(self, subject: Subject, result: LayoutResult) -> None:
        self._subject = subject
        self._made = result.places

    def of(self, kind: str, name: str, member: str = "", key: str = "") -> Place:
        """Return the place of a resource, or of a member of it, or of a key in the member's dictionary.

        The line is that of the call that made the resource, unless the call's text shows the member.

        Args:
            kind: ``Job``, ``Crawler`` or ``Workflow``.
            name: as in the request.
        """
        made = self._made.get((kind, name))
        if made is None:
            return Place(subject=f"{kind} {name!r}", member=member)
        file, line = made
        found = next(self._lines(file, line, member, key), line) if member else line
        place = self._subject.place(file, found)
        return Place(place.path, place.line, f"{kind} {self._plain(name)!r}", member)

    def trigger(self, name: str, actions: list[dict[str, str]]) -> Place:
        """Return the place of a trigger: what it starts is where the layout shows it."""
        for action in actions:
            for kind, member in (("Job", "JobName"), ("Crawler", "CrawlerName")):
                if (kind, action.get(member, "")) in self._made:
                    place = self.of(kind, action[member], "DependsOn")
                    return Place(place.path, place.line, f"Trigger {name!r}", "")
        return Place(subject=f"Trigger {name!r}")

    @staticmethod
    def _plain(name: str) -> str:
        """Return a name as the layout has it, without the suffix of this run."""
        return name.removesuffix("_check")

    def _lines(self, file: str, line: int, member: str, key: str) -> Iterator[int]:
        for call in self._calls(file):
            if not (call.lineno <= line <= (call.end_lineno or call.lineno)):
                continue
            for keyword in call.keywords:
                if keyword.arg != member:
                    continue
                if key and isinstance(keyword.value, ast.Dict):
                    for one in keyword.value.keys:
                        if isinstance(one, ast.Constant) and one.value == key:
                            yield one.lineno
                yield keyword.lineno

    @functools.cache  # noqa: B019 - the object lives for one check
    def _calls(self, file: str) -> tuple[ast.Call, ...]:
        assert self._subject.archive is not None
        tree = ast.parse(self._subject.archive.files[file])
        return tuple(node for node in every_node(tree) if isinstance(node, ast.Call))
