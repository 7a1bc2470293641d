"""An explanation on the screen: what did not run, the chain of reasons, and the root causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group
from rich.text import Text

from glueprint.cli.last_lines import LastLines
from glueprint.cli.render.words import count, sentence, state_text
from glueprint.cli.runs import RunView, order
from glueprint.workflow.explain import error_line
from glueprint.workflow.explanation import Cause, Explanation, Reason, Step, Subject
from glueprint.workflow.model import Graph
from glueprint.workflow.root_causes import Roots, roots

Logs = Mapping[Subject, LastLines]

_MOST_ROOTS = 5
"""Root causes that are written out below each silence; the chain, or --json, has all."""


def overview(run: RunView, graph: Graph, explanation: Explanation, logs: Logs) -> Group:
    """A whole run: what failed, and everything that stayed silent."""
    parts = [_headline(run, explanation), *_absence(run)]
    if explanation.failures:
        parts += [Text(), Text("DID NOT SUCCEED", "bold")]
        for failure in explanation.failures:
            parts += _failure(failure, logs)
    parts += silences(graph, explanation)
    return Group(*parts)


def silences(graph: Graph, explanation: Explanation, verb: str = "DID NOT") -> list[Text]:
    """The jobs and crawlers that did not run, in the order in which a run meets them, and the triggers that did
    not fire and are not told with those.

    Args:
        verb: of the headings; "WOULD NOT" where nothing has happened yet.
    """
    causes = roots(explanation)
    told: set[Subject] = set()
    nodes = [subject for subject in map(Subject.of, order(graph)) if subject in explanation.silences]
    lines: list[Text] = []
    if nodes:
        lines += [Text(), Text(f"{verb} RUN", "bold")]
        for subject in nodes:
            lines.append(sentence(_named(subject), 2))
            lines += _reasons(subject, explanation, causes, told)
    triggers = [Subject("TRIGGER", name) for name in graph.by_name]
    triggers = [subject for subject in triggers if subject in explanation.silences and subject not in told]
    if triggers:
        lines += [Text(), Text(f"{verb} FIRE", "bold")]
        for subject in triggers:
            lines.append(sentence(_named(subject), 2))
            lines += _reasons(subject, explanation, causes, told)
    return lines


def closeup(run: RunView, asked: Iterable[Subject], explanation: Explanation, logs: Logs) -> Group:
    """The jobs, crawlers or triggers that were asked for, each with its whole chain."""
    causes = roots(explanation)
    lines: list[Text] = []
    for subject in asked:
        if subject in explanation.silences:
            verb = "fire" if subject.kind == "TRIGGER" else "run"
            lines.append(sentence(f"{_named(subject)} did not {verb}."))
            lines += _reasons(subject, explanation, causes, set())
            blamed = list(dict.fromkeys(root.about for root in causes[subject]))
        else:
            lines.append(_activity(run, subject))
            blamed = [subject]
        for one in blamed:
            lines += _last_lines(logs.get(one), 2)
    return Group(*lines, *_absence(run))


def _headline(run: RunView, explanation: Explanation) -> Text:
    silent = sum(Subject.of(view.node) in explanation.silences for view in run.nodes)
    nodes = count(len(run.nodes), "node")
    told = f"{silent} of {nodes} did not run" if silent else f"all of {nodes} ran"
    return Text.assemble((run.workflow, "bold"), "  ", run.run_id, "  ", state_text(run.status), "  ", told)


def _absence(run: RunView) -> Iterator[Text]:
    """What the run itself says of files that were missing: then a stop is no accident."""
    if run.absence is not None:
        yield sentence(f"The run's files were not there: {run.absence} (run property file_presence.reason)")


def _failure(failure: Reason, logs: Logs) -> Iterator[Text]:
    yield sentence(f"{failure.about.kind.lower()} {failure.text}", 2)
    yield from _last_lines(logs.get(failure.about), 4)


def _last_lines(found: LastLines | None, indent: int) -> Iterator[Text]:
    if found is None:
        return
    where = f"{found.group} {found.stream} (CloudWatch Logs)"
    if found.problem is not None:
        yield Text(f"{' ' * indent}no lines of {where}: {found.problem}", "dim")
    elif found.lines:
        yield Text(f"{' ' * indent}last lines of {where}:", "dim")
        for line in found.lines:
            yield Text(f"{' ' * indent}| {line}", "dim")


def _named(subject: Subject) -> str:
    return f"{subject.kind.lower()} `{subject.name}`"


def _reasons(subject: Subject, explanation: Explanation, causes: Roots, told: set[Subject]) -> Iterator[Text]:
    """The chain down to its root causes; those behind what was told above are repeated in short."""
    shown: set[str] = set()
    for step, is_above in _chain(explanation, subject, told):
        reason, indent = step.reason, 4 + 2 * step.depth
        if reason.refers_to is None:
            shown.add(root_cause(reason))
            yield root_line(reason.text, indent)
        else:
            yield sentence(f"{reason.text.rstrip('.')} (see above)." if is_above else reason.text, indent)
    rest = [text for text in dict.fromkeys(map(root_cause, causes[subject])) if text not in shown]
    for text in rest[:_MOST_ROOTS]:
        yield root_line(text, 4)
    if len(rest) > _MOST_ROOTS:
        yield Text(f"    and {count(len(rest) - _MOST_ROOTS, 'more root cause')}")


def root_line(text: str, indent: int) -> Text:
    """A root cause, marked as one."""
    return Text.assemble(" " * indent, ("root cause: ", "bold red"), sentence(text))


def root_cause(root: Reason) -> str:
    """A root cause in one line, without who waited for it: that differs from silence to silence."""
    if root.cause is not Cause.ENDED_OTHERWISE:
        return root.text
    by = f" (run {root.run_id})" if root.run_id else ""
    error = f": {root.error}" if root.error else ""
    return f"{_named(root.about)} ended {root.state}{by}{error}"


def _chain(explanation: Explanation, start: Subject, told: set[Subject]) -> Iterator[tuple[Step, bool]]:
    """The chain of a silence, each silence behind it once in the whole report; whether it was told above."""
    told.add(start)
    todo = _steps(explanation.silences[start], 0)
    while todo:
        step = todo.pop()
        silence = step.reason.refers_to
        is_above = silence in told
        yield step, is_above
        if silence is not None and not is_above:
            told.add(silence)
            todo += _steps(explanation.silences[silence], step.depth + 1)


def _steps(reasons: Sequence[Reason], depth: int) -> list[Step]:
    return [Step(depth, reason) for reason in reversed(reasons)]


def _activity(run: RunView, subject: Subject) -> Text:
    """What became of something that did run, or fire."""
    for view in run.nodes:
        if Subject.of(view.node) == subject:
            by = f" (run {view.run_id})" if view.run_id else ""
            line = error_line(view.error)
            error = f": {line}" if line else "."
            return sentence(f"{_named(subject)} ran: {view.state}{by}{error}")
    return sentence(f"{_named(subject)} fired.")
