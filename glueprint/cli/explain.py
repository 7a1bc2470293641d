"""``glueprint explain``: why did this not run?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from glueprint.cli import lookup
from glueprint.cli.errors import no_answer_on_error
from glueprint.cli.explain_crawl import PREFIX, asked_of_crawl, explain_crawl
from glueprint.cli.last_lines import LastLines, of_failures
from glueprint.cli.names import find
from glueprint.cli.output import print_json, show
from glueprint.cli.render.explain import Logs, closeup, overview, root_line
from glueprint.cli.runs import RunView, run_view
from glueprint.cli.target import open_session, with_target
from glueprint.client.session import Target
from glueprint.workflow.explain import explain as explain_run
from glueprint.workflow.explanation import Explanation, Reason, Subject
from glueprint.workflow.root_causes import behind, roots, silences_json
from glueprint.workflow.unstarted import why_not_started
from glueprint.workflow.wire import graph_from_wire

EXIT_SILENT = 1


@dataclass(frozen=True, slots=True)
class Question:
    """What the arguments ask about."""

    workflow: str | None
    """None: that of ``run_id``."""
    run_id: str | None
    """None: the latest."""
    node: str | None


@click.command()
@click.argument("what", metavar="WORKFLOW|RUN|crawler/NAME")
@click.argument("more", nargs=-1, metavar="[RUN] [NODE]")
@click.option("--lines", default=5, show_default=True, type=click.IntRange(0, 100), help="Log lines per failure.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@with_target
def explain(what: str, more: tuple[str, ...], lines: int, as_json: bool, target: Target) -> None:
    """Say why jobs and crawlers of a workflow run did not run, and why triggers did not fire; or why a crawl made
    its tables.

    The run is named by WORKFLOW and RUN (wr_..., or "latest", which may be left out) or by RUN alone. With NODE, a
    job, crawler or trigger (job/NAME where the name alone has two meanings), only that one and all behind it.

    Of a workflow that has not run yet it says what its starting trigger waits for.

    The reasons are read from the run's graph; the last log lines of what failed come from CloudWatch Logs.

    crawler/NAME [CRAWL] [TABLE] [COLUMN|KEY|PARTITION] explains a crawl from its own log: why a table is one, why
    a column has its type, why a folder is a partition (given by its values, such as 2024/01). It is the latest
    crawl, unless one is named by its id.

    Names and ids of runs may be cut short where only one begins so.

    \b
    Examples:
      glueprint explain orders
      glueprint explain orders latest orders_load
      glueprint explain wr_57b8 --lines 20
      glueprint explain crawler/sales sales price

    Exit codes: 0 everything ran (well or not: see `glueprint status`), the crawl completed or is running; 1 a job
    or crawler did not run, NODE did not run or fire, or the crawl failed or was stopped; 2 the question could not
    be answered.
    """
    if what.startswith(PREFIX):
        with no_answer_on_error():
            explain_crawl(asked_of_crawl(what, more), as_json=as_json, target=target)
        return
    with no_answer_on_error():
        question = asked(what, more)
        with open_session(target) as session:
            if question.run_id is None and question.workflow is not None:
                workflow = lookup.workflow(session.glue, question.workflow)
                if "LastRun" not in workflow:
                    _explain_unstarted(workflow, as_json=as_json)
                    raise click.exceptions.Exit(EXIT_SILENT)
                question = replace(question, workflow=workflow["Name"])
            shape = _fetch(session.glue, question)
            run, graph, explanation = run_view(shape), graph_from_wire(shape["Graph"]), explain_run(shape)
            subjects = find(question.node, graph) if question.node is not None else None
            failed = _relevant_failures(explanation, subjects)
            logs: Logs = of_failures(session.client("logs"), run, failed, lines) if failed and lines else {}
    if as_json:
        print_json(_plain(run, explanation, subjects, logs))
    elif subjects is None:
        show(overview(run, graph, explanation, logs), fold=False)
    else:
        show(closeup(run, subjects, explanation, logs), fold=False)
    concerned = subjects if subjects is not None else [Subject.of(view.node) for view in run.nodes]
    if any(subject in explanation.silences for subject in concerned):
        raise click.exceptions.Exit(EXIT_SILENT)


def _explain_unstarted(workflow: Mapping[str, Any], *, as_json: bool) -> None:
    """Of a workflow without runs: what its starting trigger waits for."""
    name, graph = workflow["Name"], graph_from_wire(workflow.get("Graph") or {})
    reason = why_not_started(name, graph, datetime.now(UTC))
    if not as_json:
        show(Group(Text(f"workflow {name} has not run yet."), root_line(reason.text, 2)), fold=False)
        return
    silent = Explanation("", {reason.about: (reason,)}, ())
    silences = silences_json(silent, silent.silences)
    print_json({"workflow": name, "run_id": None, "status": None, "failures": [], "silences": silences})


def asked(what: str, more: Sequence[str]) -> Question:
    """The question that the arguments put; a run id begins with ``wr_``.

    Raises:
        click.UsageError: there are too many, or a run id was expected.
    """
    rest = list(more)
    workflow: str | None = what
    run_id: str | None = None
    if what.startswith("wr_"):
        workflow, run_id = None, what
    elif rest and (rest[0].startswith("wr_") or rest[0] == "latest"):
        run_id = rest.pop(0)
    elif len(rest) > 1:
        raise click.UsageError(f'{rest[0]!r} is neither a run id (wr_...) nor "latest"')
    if len(rest) > 1:
        raise click.UsageError(f"one NODE at a time, not {', '.join(rest)}")
    return Question(workflow, None if run_id == "latest" else run_id, rest[0] if rest else None)


def _fetch(glue: Any, question: Question) -> dict[str, Any]:
    workflow, run_id = question.workflow, question.run_id
    if workflow is None:
        assert run_id is not None
        workflow, run_id = lookup.workflow_of_run(glue, run_id)
    shape = lookup.workflow_run(glue, workflow, run_id)
    if not (shape.get("Graph") or {}).get("Nodes"):
        raise click.ClickException(f"run {shape['WorkflowRunId']} has an empty graph: there was nothing to run")
    return shape


def _relevant_failures(explanation: Explanation, subjects: Sequence[Subject] | None) -> list[Subject]:
    """Of everything that failed, what the question is about or comes down to."""
    failed = [failure.about for failure in explanation.failures]
    if subjects is None:
        return failed
    causes = roots(explanation)
    relevant = {root.about for subject in subjects for root in causes.get(subject, ())}.union(subjects)
    return [subject for subject in failed if subject in relevant]


def _plain(
    run: RunView, explanation: Explanation, subjects: Sequence[Subject] | None, logs: Logs
) -> dict[str, Any]:
    failed = set(_relevant_failures(explanation, subjects))
    told = list(explanation.silences) if subjects is None else behind(explanation, subjects)
    return {
        "workflow": run.workflow,
        "run_id": run.run_id,
        "status": run.status,
        "files_missing": run.absence,
        "failures": [
            _failure(failure, logs.get(failure.about))
            for failure in explanation.failures
            if failure.about in failed
        ],
        "silences": silences_json(explanation, told),
    }


def _failure(failure: Reason, log: LastLines | None) -> dict[str, Any]:
    plain = failure.to_json()
    return plain if log is None else {**plain, "log": log.to_json()}
