"""``glueprint explain crawler/NAME``: why a crawl created its tables, columns and partitions."""

from __future__ import annotations

from collections.abc import Sequence

import click

from glueprint.cli.output import print_json, show
from glueprint.cli.render.crawl import crawl_overview, table_closeup
from glueprint.cli.target import open_session
from glueprint.client.crawl_explanations import CrawlQuestion, explain_crawl
from glueprint.client.lookup import LATEST
from glueprint.client.session import Target

PREFIX = "crawler/"
EXIT_NOT_COMPLETED = 1


def crawl_question(what: str, more: Sequence[str]) -> CrawlQuestion:
    """Return what the arguments name: ``crawler/NAME [CRAWL] [TABLE] [COLUMN|KEY|PARTITION]``.

    A crawl's id is recognized by its form, a UUID; "latest" is accepted.

    Raises:
        click.UsageError: there are too many arguments.
    """
    rest = list(more)
    crawl_id = None
    if rest and (rest[0] == LATEST or _is_crawl_id(rest[0])):
        crawl_id = rest.pop(0)
    if len(rest) > 2:
        raise click.UsageError(f"crawler/NAME takes a table and one part of it, not {', '.join(rest)}")
    table, part = (*rest, None, None)[:2]
    return CrawlQuestion(what.removeprefix(PREFIX), None if crawl_id == LATEST else crawl_id, table, part)


def show_crawl_explanation(question: CrawlQuestion, *, as_json: bool, target: Target) -> None:
    """Explain a crawl on the screen, or as JSON.

    Raises:
        GlueprintError: there is no such crawler, crawl, table or part.
        click.exceptions.Exit: the crawl did not complete.
    """
    with open_session(target, existing=True) as session:
        answer = explain_crawl(session, question)
    if as_json:
        print_json(answer.to_json())
    elif answer.table is None:
        show(crawl_overview(answer), fold=False)
    else:
        show(table_closeup(answer), fold=False)
    if answer.crawl.state in ("FAILED", "STOPPED"):
        raise click.exceptions.Exit(EXIT_NOT_COMPLETED)


def _is_crawl_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
