"""An explained crawl on the screen: its tables with their reasons, or one of them closely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from glueprint.cli.crawl_story import Said, Story, TableStory
from glueprint.cli.render.words import count, first_line, sentence, state_text

_CLASSIFIED = "classifier "
"""Lines that list the files of one schema: long, and told again with each column."""


def crawl_overview(crawler: str, crawl: Mapping[str, Any], story: Story) -> Group:
    """A whole crawl: how it ended, what it saw, and why each table is one."""
    parts = [_headline(crawler, crawl, story)]
    if crawl.get("ErrorMessage"):
        parts.append(Text(f"  {first_line(crawl['ErrorMessage'])}", "bold red"))
    seen = [said for said in story.others if not said.is_bad and not said.text.startswith(_CLASSIFIED)]
    if seen:
        parts += [Text(), Text("WHAT IT SAW", "bold")]
        parts += [sentence(said.text, 2) for said in seen]
    warnings = [said for said in story.others if said.is_bad]
    if warnings:
        parts += [Text(), Text("WARNINGS", "bold"), *_reasons(warnings, 2)]
    if story.tables:
        parts += [Text(), Text("TABLES", "bold")]
    for table in story.tables.values():
        parts.append(sentence(f"`{table.name}`", 2))
        parts += _reasons(table.reasons, 4)
    if not story.tables and not story.others:
        where = f"{crawl.get('LogGroup')}, stream {crawl.get('LogStream')}"
        parts.append(Text(f"  its log ({where}) has no line of this crawl"))
    return Group(*parts)


def table_closeup(
    crawl: Mapping[str, Any], table: TableStory, part: str | None, partition: Mapping[str, Any] | None
) -> Group:
    """One table: its reasons, columns and partition keys; or only the part that was asked for."""
    named = sentence(f"table `{table.name}`, crawl {crawl['CrawlId']}")
    if partition is not None:
        return Group(named, *_partition(table, partition))
    if part is not None:
        chosen = {**table.columns, **table.partition_keys}[part]
        return Group(named, _part(part, chosen))
    parts = [named, *_reasons(table.reasons, 2)]
    for heading, members in (("COLUMNS", table.columns), ("PARTITION KEYS", table.partition_keys)):
        if members:
            parts += [Text(), Text(heading, "bold"), *(_part(name, said) for name, said in members.items())]
    return Group(*parts)


def _headline(crawler: str, crawl: Mapping[str, Any], story: Story) -> Text:
    tables = count(len(story.tables), "table")
    return Text.assemble(
        (crawler, "bold"), "  ", crawl["CrawlId"], "  ", state_text(crawl["State"]), "  ", f"{tables} decided upon"
    )


def _reasons(reasons: Iterable[Said], indent: int) -> Iterator[Text]:
    for said in reasons:
        line = sentence(said.text, indent)
        if said.is_bad:
            line.stylize("yellow")
        yield line


def _part(name: str, said: str) -> Text:
    return sentence(f"`{name}`: {said}", 2)


def _partition(table: TableStory, partition: Mapping[str, Any]) -> Iterator[Text]:
    values = "/".join(partition["values"])
    yield sentence(f"partition `{values}` is the folder {partition['location']}", 2)
    counted = (("files", "file"), ("records", "record"))
    counts = [count(int(partition[key]), noun) for key, noun in counted if partition[key] is not None]
    if counts:
        yield sentence(", ".join(counts), 4)
    for (key, said), value in zip(table.partition_keys.items(), partition["values"], strict=False):
        yield sentence(f"`{key}` is {value}: {said}", 4)
