"""An explanation on the screen: what did not run, the chain of reasons, and the root causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group
from rich.text import Text

from glueprint.cli.causes import Roots, roots
from glueprint.cli.last_lines import LastLines
from glueprint.cli.render.words import count, sentence, state_text
from glueprint.cli.runs import RunView, order
from glueprint.workflow.explanation import Cause, Explanation, Reason, Step, Subject
from glueprint.workflow.model import Graph

Logs = Mapping[Subject, LastLines]

_MOST_ROOTS = 5
"""Root causes that are written out below each silence; the chain, or --json, has all."""


def overview(run: RunView, graph: Graph, explanation: Explanation, logs: Logs) -> Group:
    """A whole run: what failed, and everything that stayed silent."""
    parts = [_headline(run, explanation)]
    if explanation.failures:
        parts += [Text(), Text("DID NOT SUCCEED", "bold")]
        for failure in explanation.failures:
            parts += _failure(failure, logs)
    parts += silences(graph, explanation)
    return Group(*parts)


def silences(graph: Graph, explanation: Explanation) -> list[Text]:
    """The jobs and crawlers that did not run, in the order in which a run meets them, and the triggers that did
    not fire and are not told with those."""
    causes = roots(explanation)
    told: set[Subject] = set()
    nodes = [subject for subject in map(Subject.of, order(graph)) if subject in explanation.silences]
    lines: list[Text] = []
    if nodes:
        lines += [Text(), Text("DID NOT RUN", "bold")]
        for subject in nodes:
            lines += _silence(subject, explanation, causes, told)
    triggers = [Subject("TRIGGER", name) for name in graph.by_name]
    triggers = [subject for subject in triggers if subject in explanation.silences and subject not in told]
    if triggers:
        lines += [Text(), Text("DID NOT FIRE", "bold")]
        for subject in triggers:
            lines += _silence(subject, explanation, causes, told)
    return lines


def closeup(run: RunView, asked: Iterable[Subject], explanation: Explanation, logs: Logs) -> Group:
    """The jobs, crawlers or triggers that were asked for, each with its whole chain."""
    causes = roots(explanation)
    lines: list[Text] = []
    for subject in asked:
        if subject in explanation.silences:
            lines += _silence(subject, explanation, causes, set())
            failures = [root for root in causes[subject] if root.about in logs]
        else:
            lines.append(_activity(run, subject))
            failures = [failure for failure in explanation.failures if failure.about == subject]
        for failure in failures:
            lines += _last_lines(logs.get(failure.about), 2)
    return Group(*lines)


def _headline(run: RunView, explanation: Explanation) -> Text:
    silent = sum(Subject.of(view.node) in explanation.silences for view in run.nodes)
    nodes = count(len(run.nodes), "node")
    told = f"{silent} of {nodes} did not run" if silent else f"all of {nodes} ran"
    return Text.assemble((run.workflow, "bold"), "  ", run.run_id, "  ", state_text(run.status), "  ", told)


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


def _silence(subject: Subject, explanation: Explanation, causes: Roots, told: set[Subject]) -> Iterator[Text]:
    verb = "did not fire" if subject.kind == "TRIGGER" else "did not run"
    yield sentence(f"{subject.kind.lower()} `{subject.name}` {verb}", 2)
    for step, is_above in _chain(explanation, subject, told):
        text = step.reason.text
        yield sentence(f"{text.rstrip('.')} (see above)." if is_above else text, 4 + 2 * step.depth)
    found = list(dict.fromkeys(root_cause(root) for root in causes[subject]))
    for text in found[:_MOST_ROOTS]:
        yield Text.assemble("    ", ("root cause: ", "bold red"), sentence(text))
    if len(found) > _MOST_ROOTS:
        yield Text(f"    and {count(len(found) - _MOST_ROOTS, 'more root cause')}")


def root_cause(root: Reason) -> str:
    """A root cause in one line, without who waited for it: that differs from silence to silence."""
    if root.cause is not Cause.ENDED_OTHERWISE:
        return root.text
    by = f" (run {root.run_id})" if root.run_id else ""
    error = f": {root.error}" if root.error else ""
    return f"{root.about.kind.lower()} `{root.about.name}` ended {root.state}{by}{error}"


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
            error = f": {view.error}" if view.error else "."
            return sentence(f"{subject.kind.lower()} `{subject.name}` ran: {view.state}{by}{error}")
    return sentence(f"trigger `{subject.name}` fired.")
