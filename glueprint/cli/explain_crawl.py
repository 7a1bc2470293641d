"""``glueprint explain crawler/NAME``: why these tables, these columns, these partitions?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from glueprint.cli.crawl_story import Story, TableStory
from glueprint.cli.missing import crawler_named
from glueprint.cli.near import near, some
from glueprint.cli.output import print_json, show
from glueprint.cli.render.crawl import crawl_overview, table_closeup
from glueprint.cli.target import open_session
from glueprint.client.errors import error_code
from glueprint.client.session import Target

PREFIX = "crawler/"
EXIT_NOT_COMPLETED = 1


@dataclass(frozen=True, slots=True)
class CrawlQuestion:
    """What the arguments ask about."""

    crawler: str
    crawl_id: str | None
    """None: the latest."""
    table: str | None
    part: str | None
    """A column, a partition key, or a partition: its values, with slashes between them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A crawl, what its log says, and the partition asked for, if one was."""

    question: CrawlQuestion
    crawl: dict[str, Any]
    story: Story
    partition: dict[str, Any] | None

    @property
    def table(self) -> TableStory | None:
        """The table that was asked for."""
        return None if self.question.table is None else self.story.tables[self.question.table]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        tables = [self.table] if self.table is not None else list(self.story.tables.values())
        told = {
            "crawler": self.question.crawler,
            "crawl_id": self.crawl["CrawlId"],
            "state": self.crawl["State"],
            "error": self.crawl.get("ErrorMessage"),
            "tables": [table.to_json() for table in tables],
            "log": [{"level": said.level, "text": said.text} for said in self.story.others],
        }
        return told if self.partition is None else {**told, "partition": self.partition}


def asked_of_crawl(what: str, more: Sequence[str]) -> CrawlQuestion:
    """The question that the arguments put: ``crawler/NAME [CRAWL] [TABLE] [COLUMN|KEY|PARTITION]``.

    A crawl's id is known by its form, a UUID; "latest" will do.

    Raises:
        click.UsageError: there are too many arguments.
    """
    rest = list(more)
    crawl_id = None
    if rest and (rest[0] == "latest" or _is_crawl_id(rest[0])):
        crawl_id = rest.pop(0)
    if len(rest) > 2:
        raise click.UsageError(f"after crawler/NAME come a table and one part of it, not {', '.join(rest)}")
    table, part = (*rest, None, None)[:2]
    return CrawlQuestion(what.removeprefix(PREFIX), None if crawl_id == "latest" else crawl_id, table, part)


def explain_crawl(question: CrawlQuestion, *, as_json: bool, target: Target) -> None:
    """Answer on the screen, or as JSON.

    Raises:
        NoSuchName: there is no such crawler, or several begin so.
        click.ClickException: it has not crawled, or the table or part is none of the crawl's.
        click.exceptions.Exit: the crawl did not complete.
    """
    with open_session(target) as session:
        question = replace(question, crawler=crawler_named(session.glue, question.crawler))
        crawl = _crawl(session.glue, question)
        answer = _answer(session.glue, question, crawl, Story.of(_lines(session.client("logs"), crawl)))
    if as_json:
        print_json(answer.to_json())
    elif answer.table is None:
        show(crawl_overview(question.crawler, crawl, answer.story), fold=False)
    else:
        show(table_closeup(crawl, answer.table, question.part, answer.partition), fold=False)
    if crawl["State"] in ("FAILED", "STOPPED"):
        raise click.exceptions.Exit(EXIT_NOT_COMPLETED)


def _is_crawl_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _crawl(glue: Any, question: CrawlQuestion) -> dict[str, Any]:
    """The crawl from its crawler's history."""
    chosen = [{"FieldName": "CRAWL_ID", "FilterOperator": "EQ", "FieldValue": question.crawl_id}]
    filters = {"Filters": chosen} if question.crawl_id is not None else {}
    found = glue.list_crawls(CrawlerName=question.crawler, MaxResults=1, **filters)["Crawls"]
    if not found:
        which = f"no crawl {question.crawl_id}" if question.crawl_id else "not crawled yet"
        raise click.ClickException(f"crawler {question.crawler} has {which}")
    crawl: dict[str, Any] = found[0]
    return crawl


def _lines(logs: Any, crawl: dict[str, Any]) -> list[str]:
    """The crawl's own lines of the stream that all crawls of its crawler share."""
    group, stream = crawl.get("LogGroup"), crawl.get("LogStream")
    if not group or not stream:
        return []
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        logStreamNames=[stream],
        filterPattern=f'"{crawl.get("MessagePrefix") or crawl["CrawlId"]}"',
    )
    try:
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return []


def _answer(glue: Any, question: CrawlQuestion, crawl: dict[str, Any], story: Story) -> Answer:
    if question.table is None:
        return Answer(question, crawl, story, None)
    table = story.tables.get(question.table)
    if table is None:
        names = list(story.tables)
        meant = near(question.table, names)
        help_ = f"did you mean {' or '.join(meant)}?" if meant else f"there are: {some(names) or 'none'}"
        raise click.ClickException(f"the crawl decided nothing of a table {question.table!r}; {help_}")
    part = question.part
    if part is None or part in table.columns or part in table.partition_keys:
        return Answer(question, crawl, story, None)
    return Answer(question, crawl, story, _partition(glue, question, table, part))


def _partition(glue: Any, question: CrawlQuestion, table: TableStory, part: str) -> dict[str, Any]:
    """A partition by its values, written with slashes, with or without ``key=``."""
    values = [value.partition("=")[2] if "=" in value else value for value in part.strip("/").split("/")]
    if len(values) != len(table.partition_keys):
        keys = some(list(table.partition_keys)) or "none"
        raise click.ClickException(
            f"table {table.name} has no column {part!r}, and as a partition it would need a value for each "
            f"partition key ({keys}), with slashes between them"
        )
    crawler = glue.get_crawler(Name=question.crawler)["Crawler"]
    catalog = crawler.get("Targets", {}).get("CatalogTargets") or [{}]
    database = crawler.get("DatabaseName") or catalog[0].get("DatabaseName") or "default"
    try:
        answer = glue.get_partition(DatabaseName=database, TableName=table.name, PartitionValues=values)
    except glue.exceptions.ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        raise click.ClickException(f"table {table.name} has no partition {'/'.join(values)}") from error
    found = answer["Partition"]
    descriptor = found.get("StorageDescriptor", {})
    parameters = found.get("Parameters", {})
    return {
        "values": found["Values"],
        "location": descriptor.get("Location"),
        "files": parameters.get("objectCount"),
        "records": parameters.get("recordCount"),
        "created": found.get("CreationTime"),
        "columns": [column["Name"] for column in descriptor.get("Columns", ())],
    }
