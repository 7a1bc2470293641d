"""The table that a crawler writes for a group of files: columns, partitions, parameters
(docs/facts/crawlers.md#what-a-crawl-writes)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from glueprint.facts.serdes import AVRO, GROK, JSON, LAZY_SIMPLE, OPEN_CSV, file_formats

from .draft import CrawlStamp
from .found_tables import FoundPartition, FoundTable, Pairs, Storage
from .grouping import TableGroup
from .inspection import Columns, CrawledFile, FileSchema
from .naming import distinct_partition_values, hive_level_flags, hive_parts, partition_keys, partition_values
from .similarity import merged_columns


def found_table(
    group: TableGroup, name: str, location: str, stamp: CrawlStamp, named_keys: tuple[str, ...] = ()
) -> FoundTable:
    """Return the table of a group of files.

    Args:
        group: its files.
        name: the table's name.
        location: ``s3://bucket/folder/``, or the file.
        stamp: the crawl's stamp.
        named_keys: existing names of the partition keys; used if there are as many levels of folders.
    """
    schemas = Counter(file.schema for file in group.files)
    leader = _leader(schemas)
    columns = merged_columns(schemas)
    storage = _storage(leader, columns, schemas)
    by_folder: dict[tuple[str, ...], list[CrawledFile]] = defaultdict(list)
    if group.levels:
        for file in group.files:
            by_folder[file.folders[len(group.folder) :]].append(file)
    if by_folder and len(named_keys) == group.levels:
        keys = named_keys
    else:
        keys = partition_keys(by_folder, (column for column, _ in columns)) if by_folder else ()
    values = distinct_partition_values(by_folder, hive_level_flags(by_folder)) if by_folder else {}
    indexed: Pairs = (("partition_filtering.enabled", "true"),) if keys and stamp.partition_index else ()
    return FoundTable(
        name=name,
        location=location,
        classification=leader.file_format.classification,
        columns=_written(columns),
        partition_keys=tuple((key, "string") for key in keys),
        parameters=_parameters(leader, group.files, stamp, indexed),
        storage=storage,
        partitions=tuple(
            _partition(folders, files, location, values[folders], stamp)
            for folders, files in sorted(by_folder.items())
        ),
    )


def renamed_keys(table: FoundTable, group: TableGroup) -> list[str]:
    """Return Hive keys of the folders that are not the table's partition keys, because a column has their name."""
    names = {key for key, _ in table.partition_keys}
    hive = {
        parts[0] for file in group.files for parts in map(hive_parts, file.folders[len(group.folder) :]) if parts
    }
    return sorted(key for key in hive if key not in names and key in dict(table.columns))


def folders_of_one_value(group: TableGroup) -> list[tuple[str, tuple[str, ...]]]:
    """Return folders whose names mean the values of another partition, each with the values that it gets."""
    folders = {file.folders[len(group.folder) :] for file in group.files} if group.levels else set()
    if not folders:
        return []
    levels = hive_level_flags(folders)
    found = distinct_partition_values(folders, levels)
    return [
        ("/".join(names), values) for names, values in found.items() if values != partition_values(names, levels)
    ]


def _leader(schemas: Counter[FileSchema]) -> FileSchema:
    return max(schemas.items(), key=lambda entry: entry[1])[0]


def _written(columns: Columns) -> Pairs:
    return tuple((name, str(kind)) for name, kind in columns)


def _storage(leader: FileSchema, columns: Columns, schemas: Iterable[FileSchema]) -> Storage:
    serde = leader.file_format.serde
    formats = file_formats(serde)
    options = dict(leader.file_format.options)
    details = dict(leader.details)
    parameters: dict[str, str] = {}
    if serde == LAZY_SIMPLE:
        parameters = {"field.delim": options["delimiter"]}
    elif serde == OPEN_CSV:
        parameters = {
            "separatorChar": options["delimiter"],
            "quoteChar": options["quote"],
            "escapeChar": "\\",
        }
    elif serde == JSON:
        parameters = {"paths": ",".join(sorted({path for schema in schemas for path in schema.paths}))}
    elif serde == GROK:
        parameters = {"input.format": options["grokPattern"]}
        if "grokCustomPatterns" in options:
            parameters["input.grokCustomPatterns"] = options["grokCustomPatterns"]
    else:
        parameters = {"serialization.format": "1"}
        if serde == AVRO:
            parameters["avro.schema.literal"] = details["avro.schema.literal"]
    return Storage(formats.input_format, formats.output_format, serde, tuple(sorted(parameters.items())))


def _parameters(leader: FileSchema, files: Sequence[CrawledFile], stamp: CrawlStamp, extra: Pairs) -> Pairs:
    """Return the parameters of a table or partition; all are strings, in alphabetical order."""
    records = sum(file.inspection.records for file in files)
    data = sum(file.inspection.data_size for file in files)
    parameters = stamp.parameters() | {
        "averageRecordSize": str(data // records if records else 0),
        "classification": leader.file_format.classification,
        "compressionType": leader.file_format.compression,
        "objectCount": str(len(files)),
        "recordCount": str(records),
        "sizeKey": str(sum(file.entry.size for file in files)),
        "typeOfData": "file",
        **dict(leader.details),
        **dict(extra),
    }
    options = dict(leader.file_format.options)
    if "delimiter" in options:
        parameters |= {
            "areColumnsQuoted": "true" if leader.file_format.serde == OPEN_CSV else "false",
            "columnsOrdered": "true",
            "delimiter": options["delimiter"],
        }
    parameters |= {name: value for name, value in options.items() if name not in ("delimiter", "quote")}
    return tuple(sorted(parameters.items()))


def _partition(
    folders: tuple[str, ...],
    files: Sequence[CrawledFile],
    table_location: str,
    values: tuple[str, ...],
    stamp: CrawlStamp,
) -> FoundPartition:
    schemas = Counter(file.schema for file in files)
    return FoundPartition(
        values=values,
        location=f"{table_location}{'/'.join(folders)}/",
        columns=_written(merged_columns(schemas)),
        object_count=len(files),
        size=sum(file.entry.size for file in files),
        record_count=sum(file.inspection.records for file in files),
        parameters=_parameters(_leader(schemas), files, stamp, ()),
    )
