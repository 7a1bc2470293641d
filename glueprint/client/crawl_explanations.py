"""Why a crawl created its tables, columns and partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glueprint.client.crawl_story import CrawlStory, TableStory
from glueprint.client.crawls import CrawlView, find_crawl, read_story
from glueprint.client.errors import NotFound, is_not_found
from glueprint.client.lookup import Lookup
from glueprint.client.names import did_you_mean, listed
from glueprint.client.session import Session


@dataclass(frozen=True, slots=True)
class CrawlQuestion:
    """What is to be explained.

    Attributes:
        crawler: a crawler's name or a prefix of it.
        crawl_id: None is the latest crawl.
        table: None explains every table.
        part: a column, a partition key, or a partition: its values, with slashes between them.
    """

    crawler: str
    crawl_id: str | None = None
    table: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition in the Data Catalog. ``files`` and ``records`` are counts as text, or None if unknown."""

    values: tuple[str, ...]
    location: str | None
    files: str | None
    records: str | None
    created: datetime | None
    columns: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the partition as plain data (docs/json-output.md)."""
        return {
            "values": list(self.values),
            "location": self.location,
            "files": self.files,
            "records": self.records,
            "created": self.created,
            "columns": list(self.columns),
        }


@dataclass(frozen=True, slots=True)
class ExplainedCrawl:
    """A crawl with the decisions in its log.

    Attributes:
        table: the table that the question names, or None.
        part: the column or partition key that it names, or None.
        partition: the partition that it names, or None.
    """

    crawl: CrawlView
    story: CrawlStory
    table: TableStory | None = None
    part: str | None = None
    partition: Partition | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as plain data (docs/json-output.md)."""
        tables = [self.table] if self.table is not None else list(self.story.tables.values())
        data = {
            "crawler": self.crawl.crawler,
            "crawl_id": self.crawl.crawl_id,
            "state": self.crawl.state,
            "error": self.crawl.error,
            "tables": [table.to_json() for table in tables],
            "log": [{"level": entry.level, "text": entry.text} for entry in self.story.others],
        }
        return data if self.partition is None else {**data, "partition": self.partition.to_json()}


def explain_crawl(session: Session, question: CrawlQuestion) -> ExplainedCrawl:
    """Explain a crawl from its log.

    Raises:
        NotFound: there is no such crawler, crawl, table, part or partition.
        Ambiguous: several crawlers start with the name.
    """
    crawler = Lookup(session).crawler(question.crawler)
    crawl = find_crawl(session.glue, crawler, question.crawl_id)
    story = read_story(session.client("logs"), crawl)
    if question.table is None:
        return ExplainedCrawl(crawl, story)
    table = story.tables.get(question.table)
    if table is None:
        names = list(story.tables)
        advice = did_you_mean(question.table, names) or f"there are: {listed(names) or 'none'}"
        raise NotFound(f"the crawl decided nothing about a table {question.table!r}", advice)
    if question.part is None or table.has_part(question.part):
        return ExplainedCrawl(crawl, story, table, question.part)
    return ExplainedCrawl(crawl, story, table, None, _partition(session.glue, crawler, table, question.part))


def _partition(glue: Any, crawler: str, table: TableStory, part: str) -> Partition:
    """Return a partition by its values, written with slashes, with or without ``key=``."""
    values = [value.partition("=")[2] if "=" in value else value for value in part.strip("/").split("/")]
    if len(values) != len(table.partition_keys):
        keys = listed(list(table.partition_keys)) or "none"
        raise NotFound(
            f"table {table.name} has no column {part!r}",
            f"a partition needs a value for each partition key ({keys}), with slashes between them",
        )
    try:
        answer = glue.get_partition(
            DatabaseName=_database(glue, crawler), TableName=table.name, PartitionValues=values
        )
    except glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        raise NotFound(f"table {table.name} has no partition {'/'.join(values)}") from error
    found = answer["Partition"]
    descriptor: dict[str, Any] = found.get("StorageDescriptor", {})
    parameters: dict[str, str] = found.get("Parameters", {})
    columns: Sequence[dict[str, Any]] = descriptor.get("Columns", ())
    return Partition(
        values=tuple(found["Values"]),
        location=descriptor.get("Location"),
        files=parameters.get("objectCount"),
        records=parameters.get("recordCount"),
        created=found.get("CreationTime"),
        columns=tuple(column["Name"] for column in columns),
    )


def _database(glue: Any, crawler: str) -> str:
    """Return the database that a crawler writes to."""
    found = glue.get_crawler(Name=crawler)["Crawler"]
    targets = found.get("Targets", {}).get("CatalogTargets") or [{}]
    return str(found.get("DatabaseName") or targets[0].get("DatabaseName") or "default")
