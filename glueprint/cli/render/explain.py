"""An explanation on the screen: what did not run, the chains of reasons, and the root causes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from glueprint.cli.render.words import count, run_status, sentence
from glueprint.client.explanations import ExplainedRun, Logs
from glueprint.client.last_lines import LastLines
from glueprint.client.node_order import in_run_order
from glueprint.client.runs import RunView
from glueprint.workflow.explain import error_line
from glueprint.workflow.explanation import Cause, Explanation, Reason, Step, Subject
from glueprint.workflow.model import Graph
from glueprint.workflow.root_causes import Roots, roots

MAX_ROOT_CAUSES = 5
"""How many root causes are shown below each silence; the chain, or --json, has all."""


def overview(answer: ExplainedRun) -> Group:
    """Return a complete run: what failed, and everything that did not run or fire."""
    run, explanation = answer.run, answer.explanation
    parts = [_headline(run, explanation), *_missing_input(run)]
    if explanation.failures:
        parts += [Text(), Text("DID NOT SUCCEED", "bold")]
        for failure in explanation.failures:
            parts += _failure(failure, answer.logs)
    parts += silences(run.graph, explanation)
    return Group(*parts)


def silences(graph: Graph, explanation: Explanation, verb: str = "DID NOT") -> list[Text]:
    """Return the jobs and crawlers that did not run, in run order, and the triggers that did not fire and are not
    shown with those.

    Args:
        graph: the run's graph.
        explanation: of the run.
        verb: for the headings; "WOULD NOT" for a simulated run.
    """
    causes = roots(explanation)
    shown: set[Subject] = set()
    nodes = [subject for subject in map(Subject.of, in_run_order(graph)) if subject in explanation.silences]
    lines: list[Text] = []
    if nodes:
        lines += [Text(), Text(f"{verb} RUN", "bold")]
        for subject in nodes:
            lines.append(sentence(_named(subject), 2))
            lines += _reasons(subject, explanation, causes, shown)
    triggers = [Subject("TRIGGER", name) for name in graph.by_name]
    triggers = [subject for subject in triggers if subject in explanation.silences and subject not in shown]
    if triggers:
        lines += [Text(), Text(f"{verb} FIRE", "bold")]
        for subject in triggers:
            lines.append(sentence(_named(subject), 2))
            lines += _reasons(subject, explanation, causes, shown)
    return lines


def closeup(answer: ExplainedRun) -> Group:
    """Return the jobs, crawlers or triggers that the question names, each with its complete chain of reasons."""
    run, explanation = answer.run, answer.explanation
    causes = roots(explanation)
    lines: list[Text] = []
    for subject in answer.subjects or ():
        if subject in explanation.silences:
            verb = "fire" if subject.kind == "TRIGGER" else "run"
            lines.append(sentence(f"{_named(subject)} did not {verb}."))
            lines += _reasons(subject, explanation, causes, set())
            blamed = list(dict.fromkeys(root.about for root in causes[subject]))
        else:
            lines.append(_activity(run, subject))
            blamed = [subject]
        for one in blamed:
            lines += last_lines_texts(answer.logs.get(one), 2)
    return Group(*lines, *_missing_input(run))


def _headline(run: RunView, explanation: Explanation) -> Text:
    silent = sum(Subject.of(view.node) in explanation.silences for view in run.nodes)
    nodes = count(len(run.nodes), "node")
    summary = f"{silent} of {nodes} did not run" if silent else f"all of {nodes} ran"
    status = run_status(run.status, run.statistics)
    return Text.assemble((run.workflow, "bold"), "  ", run.run_id, "  ", status, "  ", summary)


def _missing_input(run: RunView) -> Iterator[Text]:
    """Yield what the run reported about missing input: then it was stopped on purpose."""
    marker = run.missing_input
    if marker is not None:
        reason = marker.reason or "no reason is given"
        yield sentence(f"The input of the run was missing: {reason} (run property {marker.name}.reason)")


def _failure(failure: Reason, logs: Logs) -> Iterator[Text]:
    yield sentence(f"{failure.about.kind.lower()} {failure.text}", 2)
    yield from last_lines_texts(logs.get(failure.about), 4)


def last_lines_texts(found: LastLines | None, indent: int) -> Iterator[Text]:
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


def _reasons(subject: Subject, explanation: Explanation, causes: Roots, shown: set[Subject]) -> Iterator[Text]:
    """Yield the chain of reasons; root causes of what is shown above are repeated in short."""
    root_causes: set[str] = set()
    for step, is_above in _chain(explanation, subject, shown):
        reason, indent = step.reason, 4 + 2 * step.depth
        if reason.refers_to is None:
            root_causes.add(root_cause(reason))
            yield root_line(reason.text, indent)
        else:
            yield sentence(f"{reason.text.rstrip('.')} (see above)." if is_above else reason.text, indent)
    rest = [text for text in dict.fromkeys(map(root_cause, causes[subject])) if text not in root_causes]
    for text in rest[:MAX_ROOT_CAUSES]:
        yield root_line(text, 4)
    if len(rest) > MAX_ROOT_CAUSES:
        yield Text(f"    and {count(len(rest) - MAX_ROOT_CAUSES, 'more root cause')}")


def root_line(text: str, indent: int) -> Text:
    """Return a line that marks its text as a root cause."""
    return Text.assemble(" " * indent, ("root cause: ", "bold red"), sentence(text))


def root_cause(root: Reason) -> str:
    """Return a root cause in one line, without what waited for it, which differs from silence to silence."""
    if root.cause is not Cause.ENDED_OTHERWISE:
        return root.text
    by = f" (run {root.run_id})" if root.run_id else ""
    error = f": {root.error}" if root.error else ""
    return f"{_named(root.about)} ended {root.state}{by}{error}"


def _chain(explanation: Explanation, start: Subject, shown: set[Subject]) -> Iterator[tuple[Step, bool]]:
    """Yield the chain of a silence with whether each step is shown above: the report shows each silence once."""
    shown.add(start)
    todo = _steps(explanation.silences[start], 0)
    while todo:
        step = todo.pop()
        silence = step.reason.refers_to
        is_above = silence in shown
        yield step, is_above
        if silence is not None and not is_above:
            shown.add(silence)
            todo += _steps(explanation.silences[silence], step.depth + 1)


def _steps(reasons: Sequence[Reason], depth: int) -> list[Step]:
    return [Step(depth, reason) for reason in reversed(reasons)]


def _activity(run: RunView, subject: Subject) -> Text:
    """Return how something ended that ran, or that it fired."""
    for view in run.nodes:
        if Subject.of(view.node) == subject:
            by = f" (run {view.run_id})" if view.run_id else ""
            line = error_line(view.error)
            error = f": {line}" if line else "."
            return sentence(f"{_named(subject)} ran: {view.state}{by}{error}")
    return sentence(f"{_named(subject)} fired.")
