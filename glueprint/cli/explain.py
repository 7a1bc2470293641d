"""``glueprint explain``: why something did not run, or why a crawl created its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import click
from rich.console import Group
from rich.text import Text

from glueprint.cli.explain_crawl import PREFIX, crawl_question, show_crawl_explanation
from glueprint.cli.explain_job import KINDS, explain_resource
from glueprint.cli.output import print_json, show
from glueprint.cli.render.explain import closeup, overview, root_line
from glueprint.cli.render.missed import missed_of, of_workflow
from glueprint.cli.render.words import sentence
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import NotFound
from glueprint.client.explanations import ExplainedRun, UnstartedWorkflow, explain_run, explain_unstarted
from glueprint.client.lookup import LATEST, Lookup
from glueprint.client.missed_times import missed_times
from glueprint.client.resources import find_resource
from glueprint.client.runs import RunView
from glueprint.client.session import Session, Target
from glueprint.client.workflows import WorkflowView
from glueprint.compat import UTC

EXIT_INCOMPLETE = 1
"""Something did not run, or did not fire."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the arguments name.

    Attributes:
        workflow: None is the workflow of ``run_id``.
        run_id: None is the latest run.
        node: None is the complete run.
    """

    workflow: str | None
    run_id: str | None
    node: str | None


@click.command()
@click.argument("what", metavar="WORKFLOW|RUN|KIND/NAME")
@click.argument("more", nargs=-1, metavar="[RUN] [NODE]")
@click.option("--lines", default=5, show_default=True, type=click.IntRange(0, 100), help="Log lines per failure.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@with_target
def explain(what: str, more: tuple[str, ...], lines: int, as_json: bool, target: Target) -> None:
    """Show why jobs and crawlers of a workflow run did not run, and why triggers did not fire; or why a crawl
    created its tables.

    The run is WORKFLOW and RUN (wr_..., or "latest", which is the default) or RUN alone. With NODE, a job,
    crawler or trigger (job/NAME if a job and a trigger have the same name), only that one is explained, with
    everything that caused it.

    For a workflow that has not run yet, it shows what the starting trigger waits for. Times of its schedule that
    passed while no local Glue was running are shown.

    The reasons are read from the run's graph; the last log lines of failures come from CloudWatch Logs.

    crawler/NAME [CRAWL] [TABLE] [COLUMN|KEY|PARTITION] explains a crawl from its own log: why a table is one, why
    a column has its type, why a folder is a partition (given by its values, such as 2024/01). The default is the
    latest crawl.

    jr_..., job/NAME (its latest run) and trigger/NAME are explained outside workflows, too.

    Any unambiguous prefix of a name or run id works.

    \b
    Examples:
      glueprint explain orders
      glueprint explain orders latest orders_load
      glueprint explain wr_57b8 --lines 20
      glueprint explain crawler/sales sales price
      glueprint explain jr_4e6b

    Exit codes: 0 everything ran (successfully or not: see `glueprint status`), the crawl completed or is running;
    1 a job or crawler did not run, NODE did not run or fire, the crawl failed or was stopped, or (with an error
    message and no answer) there is nothing of that name; 2 a mistake in the arguments.
    """
    if what.startswith(PREFIX):
        show_crawl_explanation(crawl_question(what, more), as_json=as_json, target=target)
        return
    if what.startswith(KINDS) and not more:
        with open_session(target, existing=True) as session:
            lookup = Lookup(session)
            found = find_resource(lookup, what, session.notify)
            explain_resource(session, lookup, found, lines, as_json=as_json)
        return
    question = question_of(what, more)
    with open_session(target, existing=True) as session:
        answer, workflow = _answer(session, question, lines)
        missed = None if workflow is None else missed_of(missed_times(session), workflow)
    if as_json:
        print_json({**answer.to_json(), "missed_times": [] if missed is None else [missed.to_json()]})
    else:
        _show(answer)
        if missed is not None and workflow is not None:
            show(sentence(of_workflow(missed, workflow)), fold=False)
    if isinstance(answer, UnstartedWorkflow) or not answer.is_complete:
        raise click.exceptions.Exit(EXIT_INCOMPLETE)


def question_of(what: str, more: Sequence[str]) -> Question:
    """Return what the arguments name. A run id starts with ``wr_``.

    Raises:
        click.UsageError: there are too many arguments, or one should be a run id.
    """
    rest = list(more)
    workflow: str | None = what
    run_id: str | None = None
    if what.startswith("wr_"):
        workflow, run_id = None, what
    elif rest and (rest[0].startswith("wr_") or rest[0] == LATEST):
        run_id = rest.pop(0)
    elif len(rest) > 1:
        raise click.UsageError(f'{rest[0]!r} is neither a run id (wr_...) nor "{LATEST}"')
    if len(rest) > 1:
        raise click.UsageError(f"one NODE at a time, not {', '.join(rest)}")
    return Question(workflow, None if run_id == LATEST else run_id, rest[0] if rest else None)


def _answer(
    session: Session, question: Question, lines: int
) -> tuple[ExplainedRun | UnstartedWorkflow, WorkflowView | None]:
    """Return the explanation, and the workflow if the question is not about an earlier run."""
    lookup, workflow = Lookup(session), None
    if question.run_id is None and question.workflow is not None:
        workflow = lookup.workflow(question.workflow)
        if workflow.last_run_id is None:
            return explain_unstarted(session, workflow, datetime.now(UTC)), workflow
        question = replace(question, workflow=workflow.name)
    return explain_run(session, _run(lookup, question), question.node, lines), workflow


def _run(lookup: Lookup, question: Question) -> RunView:
    workflow, run_id = question.workflow, question.run_id
    if workflow is None:
        assert run_id is not None
        workflow, run_id = lookup.workflow_of_run(run_id)
    run = lookup.workflow_run(workflow, run_id)
    if not (run.wire.get("Graph") or {}).get("Nodes"):
        raise NotFound(f"run {run.run_id} has an empty graph", "there was nothing to run")
    return run


def _show(answer: ExplainedRun | UnstartedWorkflow) -> None:
    if isinstance(answer, UnstartedWorkflow):
        headline = Text(f"workflow {answer.workflow} has not run yet.")
        show(Group(headline, root_line(answer.reason.text, 2)), fold=False)
    else:
        show(overview(answer) if answer.subjects is None else closeup(answer), fold=False)
