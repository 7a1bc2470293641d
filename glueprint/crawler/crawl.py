"""A whole crawl: listings in, tables out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .classify import custom_classifier
from .configuration import Configuration
from .contract import CrawlResult, CrawlSpec, FoundTable, ObjectEntry, S3Target
from .grouping import Grouping, TableGroup, grouped
from .listing import IncludePath, Selection, sampled, selected
from .naming import table_names
from .reading import Reader
from .shapes import CrawledFile, FileProblem, FileShape, Inspection
from .tables import CrawlStamp, found_table, renamed_keys

_MOST_NAMED_FILES = 20
"""Files that the log names for one target and shape; the rest are counted."""


def crawl(spec: CrawlSpec) -> CrawlResult:
    """Infer tables and partitions.

    Args:
        spec: the crawler's settings and the listings of its targets.

    Returns:
        The tables, and a log that says which file decided what. A file that cannot be read is a warning. A setting
        that makes no sense, or more tables than ``TableThreshold``, is the result's ``error``, and then there are
        no tables.
    """
    log = _Log()
    try:
        configuration = Configuration.from_json(spec.configuration)
        custom = [custom_classifier(wire) for wire in spec.classifiers]
        selections = [selected(target, IncludePath.parse(target.path)) for target in spec.targets]
    except ValueError as error:
        return log.result(error=str(error))
    reader = Reader(custom, spec.memory)
    found = [
        (target, group, location)
        for target, selection in zip(spec.targets, selections, strict=True)
        for group, location in _target_groups(target, selection, configuration, reader, log)
    ]
    reader.remember()
    log.messages.append(f"{reader.files_read} files were read")
    threshold = configuration.table_threshold
    if threshold is not None and len(found) > threshold:
        # DG:crawler-maximum-number-of-tables: nothing is written then; the text is the documentation's.
        return log.result(reader, error=f"Table Threshold value = {threshold}, Tables detected - {len(found)}")
    return log.result(reader, _tables(spec, configuration, found, log))


@dataclass(slots=True)
class _Log:
    messages: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def result(
        self, reader: Reader | None = None, tables: tuple[FoundTable, ...] = (), error: str | None = None
    ) -> CrawlResult:
        files_read = reader.files_read if reader else 0
        return CrawlResult(tables, tuple(self.messages), tuple(self.warnings), error, files_read)


def _target_groups(
    target: S3Target, selection: Selection, configuration: Configuration, reader: Reader, log: _Log
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
    log.messages.append(
        f"{target.path}: {len(selection.data)} data files"
        + (f"; skipped: {', '.join(skipped)}" if skipped else "")
    )
    if not selection.data:
        log.messages.append(f"{target.path}: no data, so no table")
        return []
    files = _crawled_files(selection, include, target.sample_size, reader, log)
    how = Grouping(include.level, configuration.combine_compatible, configuration.table_level)
    if target.catalog_table is not None:
        # DG:define-crawler: with catalog tables as the source, compatible schemas are always combined.
        how = Grouping(include.level, table_level=include.level)
    groups: list[tuple[TableGroup, str]] = []
    for group in grouped([file for file in files if file.relative], how):
        location = include.location(group.folder, is_file=group.is_file)
        groups.append((group, location))
        log.messages.append(f"{location}: a table of {len(group.files)} files: {group.reason}")
    for file in files:
        if not file.relative:
            groups.append(
                (TableGroup((), True, 0, (file,), "the include path is this file"), target.path.rstrip("/"))
            )
            log.messages.append(f"{target.path}: a table of 1 file: the include path is this file")
    return groups


def _crawled_files(
    selection: Selection, include: IncludePath, sample_size: int | None, reader: Reader, log: _Log
) -> list[CrawledFile]:
    to_read, stand_ins = sampled(selection, sample_size)
    answers = reader.answers(include.bucket, [selection.data[number][1] for number in to_read])
    by_number: dict[int, Inspection] = {}
    same: dict[FileShape, FileShape] = {}
    readers: dict[tuple[FileShape, str], list[str]] = {}
    for number, answer in zip(to_read, answers, strict=True):
        key = f"s3://{include.bucket}/{selection.data[number][1].key}"
        if isinstance(answer, FileProblem):
            log.warnings.append(f"{key} is left out: {answer}")
        elif answer is None:
            log.warnings.append(f"{key} is left out: no classifier recognises it (UNKNOWN)")
        else:
            shape = same.setdefault(answer.shape, answer.shape)
            by_number[number] = answer if answer.shape is shape else replace(answer, shape=shape)
            readers.setdefault((shape, answer.classifier), []).append(key)
            log.warnings.extend(f"{key}: {note}" for note in answer.notes)
    log.messages.extend(_shape_lines(readers))
    files = [CrawledFile(selection.data[n][1], selection.data[n][0], answer) for n, answer in by_number.items()]
    for number, stand_in in stand_ins.items():
        if stand_in in by_number:
            relative, entry = selection.data[number]
            scaled = _scaled(by_number[stand_in], entry, selection.data[stand_in][1])
            files.append(CrawledFile(entry, relative, scaled))
    return sorted(files, key=lambda file: file.relative)


def _shape_lines(readers: dict[tuple[FileShape, str], list[str]]) -> list[str]:
    lines: list[str] = []
    for (shape, classifier), keys in readers.items():
        columns = ", ".join(f"{name}:{kind}" for name, kind in shape.columns)
        named = ", ".join(keys[:_MOST_NAMED_FILES])
        more = f" and {len(keys) - _MOST_NAMED_FILES} more" if len(keys) > _MOST_NAMED_FILES else ""
        lines.append(f"classifier {classifier} read {columns} from {named}{more}")
    return lines


def _scaled(inspection: Inspection, entry: ObjectEntry, read: ObjectEntry) -> Inspection:
    """A file that was not read, taken to be like one that was, in proportion to its size."""
    share = entry.size / read.size
    return replace(
        inspection, records=round(inspection.records * share), data_size=round(inspection.data_size * share)
    )


def _tables(
    spec: CrawlSpec,
    configuration: Configuration,
    found: Sequence[tuple[S3Target, TableGroup, str]],
    log: _Log,
) -> tuple[FoundTable, ...]:
    unique = {location.rstrip("/"): (target, group, location) for target, group, location in reversed(found)}
    ordered = sorted(unique.values(), key=lambda entry: entry[2])
    names = table_names([location for _, _, location in ordered], spec.table_prefix, dict(spec.existing_tables))
    tables: list[FoundTable] = []
    for name, (target, group, location) in zip(names, ordered, strict=True):
        stamp = CrawlStamp(spec.crawler, spec.crawl_id, target.exclusions, configuration.partition_index)
        if target.catalog_table is not None and not group.folder:
            name = target.catalog_table
        table = found_table(group, name, location, stamp)
        tables.append(table)
        keys = ", ".join(key for key, _ in table.partition_keys) or "none"
        log.messages.append(
            f"table {table.name} at {location}: {table.classification}, {len(table.columns)} columns, "
            f"partition keys: {keys}, {len(table.partitions)} partitions"
        )
        log.warnings.extend(
            f"table {table.name}: folders {key}=... are named partition_N, because a column is named {key!r} too"
            for key in renamed_keys(table, group)
        )
    return tuple(tables)
