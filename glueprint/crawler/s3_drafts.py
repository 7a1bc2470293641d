"""The tables of one S3 target: the files of its listing are inspected and grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .configuration import Configuration
from .draft import CrawlStamp, Draft
from .file_statements import FileStatements
from .file_tables import folders_of_one_value, found_table, renamed_keys
from .found_tables import FoundTable
from .grouping import Grouping, TableGroup, grouped
from .inspection import CrawledFile, FileProblem, FileSchema, Inspection
from .lakes import lake_tables, lake_warning
from .listing import IncludePath, Selection, sampled
from .reading import Reader
from .reasons import why_files_are_a_table
from .specification import CrawlSpec, ObjectEntry, S3Target
from .statements import CrawlLog, Statement, counted


def file_drafts(
    spec: CrawlSpec,
    target: S3Target,
    selection: Selection,
    configuration: Configuration,
    reader: Reader,
    log: CrawlLog,
) -> list[Draft]:
    """Return the tables of a target.

    Args:
        spec: the crawl.
        target: one of its targets.
        selection: that target's data.
        configuration: the crawler's options.
        reader: inspects files.
        log: receives statements about files.
    """
    below = IncludePath.parse(target.path).location((), is_file=False)
    # Written with the include path, as crawled tables show it
    # (docs/facts/crawlers.md#exclusions: dumps in public repositories).
    exclusions = tuple(below + pattern.strip() for pattern in target.exclusions)
    stamp = CrawlStamp.of(spec, exclusions, partition_index=configuration.partition_index)
    return [
        _draft(target, group, location, stamp)
        for group, location in _groups(target, selection, configuration, reader, log)
    ]


def _draft(target: S3Target, group: TableGroup, location: str, stamp: CrawlStamp) -> Draft:
    def why(table: FoundTable) -> Iterator[Statement]:
        yield from why_files_are_a_table(table, group)
        for key in renamed_keys(table, group):
            text = f"folders {key}=... are named partition_N, because a column is named {key!r} too"
            yield Statement(text, "WARN", table=table.name)
        for folder, values in folders_of_one_value(group):
            text = (
                f"{location}{folder}/ has the partition value of another folder; its partition gets the value "
                f"{', '.join(values)!r} instead: rename the folder to have both rows under one value"
            )
            yield Statement(text, "WARN", table=table.name)

    return Draft(
        location,
        make=lambda name: found_table(group, name, location, stamp, () if group.folder else target.catalog_keys),
        why=why,
        name=None if group.folder else target.catalog_table,
    )


def _groups(
    target: S3Target, selection: Selection, configuration: Configuration, reader: Reader, log: CrawlLog
) -> list[tuple[TableGroup, str]]:
    include = IncludePath.parse(target.path)
    skipped = [
        f"{count} {what}"
        for count, what in (
            (selection.hidden, "hidden"),
            (selection.empty, "empty"),
            (selection.excluded, "excluded"),
        )
        if count
    ]
    log.info(
        f"{target.path}: {counted(len(selection.data), 'data file')}"
        + (f"; skipped: {', '.join(skipped)}" if skipped else "")
    )
    for folder, name in lake_tables(target.objects).items():
        if any(entry.key.startswith(folder) for _, entry in selection.data):
            log.warn(lake_warning(include.bucket, folder, name))
    data = tuple(pair for pair in selection.data if not reader.is_left_out(include.bucket, pair[1]))
    if len(data) < len(selection.data):
        late = counted(len(selection.data) - len(data), "new or changed file")
        log.info(f"{target.path}: {late} left out, in folders that were crawled before")
        selection = replace(selection, data=data)
    if not selection.data:
        log.info(f"{target.path}: no data, so no table")
        return []
    files = _crawled_files(selection, include, target.sample_size, reader, log)
    how = Grouping(include.level, configuration.combine_compatible, configuration.table_level)
    if target.catalog_table is not None:
        # DG:define-crawler: with catalog tables as the source, compatible schemas are always combined.
        how = Grouping(include.level, table_level=include.level)
    groups = [
        (group, include.location(group.folder, is_file=group.is_file))
        for group in grouped([file for file in files if file.relative], how)
    ]
    alone = "the include path is this file"
    groups += [
        (TableGroup((), True, 0, (file,), alone), include.location((), is_file=True))
        for file in files
        if not file.relative
    ]
    return groups


def _crawled_files(
    selection: Selection, include: IncludePath, sample_size: int | None, reader: Reader, log: CrawlLog
) -> list[CrawledFile]:
    """Return the data files that could be read, and those beyond the sample with the schema of one of them."""
    to_read, stand_ins = sampled(selection, sample_size)
    seen = _inspected(selection, to_read, include.bucket, reader, log)
    files = [CrawledFile(selection.data[n][1], selection.data[n][0], answer) for n, answer in seen.items()]
    alone: Counter[str] = Counter()
    for number, read in stand_ins.items():
        relative, entry = selection.data[number]
        stand_in = next((one for one in read if one in seen), None)
        if stand_in is None:
            alone[relative.rpartition("/")[0]] += 1
        else:
            scaled = _scaled(seen[stand_in], entry, selection.data[stand_in][1])
            files.append(CrawledFile(entry, relative, scaled))
    for folder, count in alone.items():
        log.warn(
            f"{include.location((folder,), is_file=False)}: {counted(count, 'file')} beyond the sample are left "
            "out, because no sampled file of the folder could be read"
        )
    return sorted(files, key=lambda file: file.relative)


def _inspected(
    selection: Selection, numbers: Sequence[int], bucket: str, reader: Reader, log: CrawlLog
) -> dict[int, Inspection]:
    """Return the inspection of each file that can be read, by number. Equal schemas are one object."""
    answers = reader.answers(bucket, [selection.data[number][1] for number in numbers])
    file_statements = FileStatements()
    seen: dict[int, Inspection] = {}
    same: dict[FileSchema, FileSchema] = {}
    for number, answer in zip(numbers, answers, strict=True):
        file_statements.add(f"s3://{bucket}/{selection.data[number][1].key}", answer)
        if not isinstance(answer, FileProblem):
            schema = same.setdefault(answer.schema, answer.schema)
            seen[number] = answer if answer.schema is schema else replace(answer, schema=schema)
    file_statements.write(log)
    return seen


def _scaled(inspection: Inspection, entry: ObjectEntry, read: ObjectEntry) -> Inspection:
    """Return the inspection of a file that was not read: that of a file that was, in proportion to its size."""
    share = entry.size / read.size
    return replace(
        inspection, records=round(inspection.records * share), data_size=round(inspection.data_size * share)
    )
