"""An explained crawl on the screen: its tables with their reasons, or one of them in detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group
from rich.text import Text

from glueprint.cli.render.words import count, first_line, sentence, state_text
from glueprint.client.crawl_explanations import ExplainedCrawl, Partition
from glueprint.client.crawl_story import StoryEntry, TableStory

_CLASSIFIED = "classifier "
"""The start of lines that list the files of one schema: they are long, and repeated for each column."""


def crawl_overview(answer: ExplainedCrawl) -> Group:
    """Return a complete crawl: how it ended, what it found, and why each table is one."""
    crawl, story = answer.crawl, answer.story
    parts = [_headline(answer)]
    if crawl.error:
        parts.append(Text(f"  {first_line(crawl.error)}", "bold red"))
    found = [entry for entry in story.others if not entry.is_warning and not entry.text.startswith(_CLASSIFIED)]
    if found:
        parts += [Text(), Text("FOUND", "bold")]
        parts += [sentence(entry.text, 2) for entry in found]
    warnings = [entry for entry in story.others if entry.is_warning]
    if warnings:
        parts += [Text(), Text("WARNINGS", "bold"), *_entries(warnings, 2)]
    if story.tables:
        parts += [Text(), Text("TABLES", "bold")]
    for table in story.tables.values():
        parts.append(sentence(f"`{table.name}`", 2))
        parts += _entries(table.reasons, 4)
    if not story.tables and not story.others:
        parts.append(
            Text(f"  its log ({crawl.log_group}, stream {crawl.log_stream}) contains no line of this crawl")
        )
    return Group(*parts)


def table_closeup(answer: ExplainedCrawl) -> Group:
    """Return one table: its reasons, columns and partition keys; or only the part that the question names."""
    table = answer.table
    assert table is not None
    headline = sentence(f"table `{table.name}`, crawl {answer.crawl.crawl_id}")
    if answer.partition is not None:
        return Group(headline, *_partition(table, answer.partition))
    if answer.part is not None:
        return Group(headline, _part(answer.part, {**table.columns, **table.partition_keys}[answer.part]))
    parts = [headline, *_entries(table.reasons, 2)]
    for heading, members in (("COLUMNS", table.columns), ("PARTITION KEYS", table.partition_keys)):
        if members:
            parts += [Text(), Text(heading, "bold"), *(_part(name, reason) for name, reason in members.items())]
    return Group(*parts)


def _headline(answer: ExplainedCrawl) -> Text:
    crawl, tables = answer.crawl, count(len(answer.story.tables), "table")
    return Text.assemble(
        (crawl.crawler, "bold"), "  ", crawl.crawl_id, "  ", state_text(crawl.state), "  ", f"decided on {tables}"
    )


def _entries(entries: Iterable[StoryEntry], indent: int) -> Iterator[Text]:
    for entry in entries:
        line = sentence(entry.text, indent)
        if entry.is_warning:
            line.stylize("yellow")
        yield line


def _part(name: str, reason: str) -> Text:
    return sentence(f"`{name}`: {reason}", 2)


def _partition(table: TableStory, partition: Partition) -> Iterator[Text]:
    yield sentence(f"partition `{'/'.join(partition.values)}` is the folder {partition.location}", 2)
    counted = ((partition.files, "file"), (partition.records, "record"))
    counts = [count(int(number), noun) for number, noun in counted if number is not None]
    if counts:
        yield sentence(", ".join(counts), 4)
    for (key, reason), value in zip(table.partition_keys.items(), partition.values, strict=False):
        yield sentence(f"`{key}` is {value}: {reason}", 4)
