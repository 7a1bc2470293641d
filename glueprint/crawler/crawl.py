"""A whole crawl: listings and databases in, tables out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .classify import custom_classifier
from .configuration import Configuration
from .contract import CrawlResult, CrawlSpec, FoundTable
from .draft import CrawlLog, Draft
from .file_tables import file_drafts
from .jdbc.found import database_drafts
from .jdbc.metadata import DatabaseProblem
from .listing import IncludePath, selected
from .memory import fingerprint
from .naming import table_names
from .reading import Reader
from .reasons import counted


def crawl(spec: CrawlSpec) -> CrawlResult:
    """Infer tables and partitions.

    Args:
        spec: the crawler's settings and the listings of its targets.

    Returns:
        The tables, and a log that says which file decided what. A file that cannot be read is a warning. A setting
        that makes no sense, a database that cannot be asked, or more tables than ``TableThreshold``, is the
        result's ``error``, and then there are no tables.
    """
    log = CrawlLog()
    try:
        configuration = Configuration.from_json(spec.configuration)
        custom = [custom_classifier(wire) for wire in spec.classifiers]
        selections = [selected(target, IncludePath.parse(target.path)) for target in spec.targets]
        # Databases come first: what is wrong with them is known in a second, and files may take minutes.
        of_databases = [draft for target in spec.jdbc_targets for draft in database_drafts(spec, target, log)]
    except (ValueError, DatabaseProblem) as error:
        return _result(log, error=str(error))
    reader = Reader(
        custom,
        spec.memory,
        classifiers=fingerprint(spec.classifiers),
        new_folders_only=spec.new_folders_only,
    )
    drafts = [
        draft
        for target, selection in zip(spec.targets, selections, strict=True)
        for draft in file_drafts(spec, target, selection, configuration, reader, log)
    ] + of_databases
    reader.remember()
    _tell_of_reading(reader, log)
    threshold = configuration.table_threshold
    if threshold is not None and len(drafts) > threshold:
        # DG:crawler-maximum-number-of-tables: nothing is written then; the text is the documentation's.
        return _result(log, reader, error=f"Table Threshold value = {threshold}, Tables detected - {len(drafts)}")
    return _result(log, reader, _named(spec, drafts, log))


def _tell_of_reading(reader: Reader, log: CrawlLog) -> None:
    """How many files were read, and how many should perhaps have been (DG:add-classifier: "To reclassify data to
    correct an incorrect classifier, create a new crawler with the updated classifier").
    """
    read = reader.files_read
    log.messages.append(f"{counted(read, 'file')} {'was' if read == 1 else 'were'} read")
    if reader.kept:
        log.warnings.append(
            f"the classifiers have changed, and {counted(reader.kept, 'file')} of earlier crawls still count as "
            "they were classified then: a new crawler classifies all anew"
        )


def _named(spec: CrawlSpec, drafts: Sequence[Draft], log: CrawlLog) -> Iterable[FoundTable]:
    """The tables under their names, in the order of their locations; of one location the first target's counts."""
    unique = {draft.location.rstrip("/"): draft for draft in reversed(drafts)}
    ordered = sorted(unique.values(), key=lambda draft: draft.location)
    names = table_names([draft.location for draft in ordered], spec.table_prefix, dict(spec.existing_tables))
    for name, draft in zip(names, ordered, strict=True):
        table = draft.make(draft.name or name)
        log.messages.extend(draft.why(table))
        log.warnings.extend(draft.warn(table))
        yield table


def _result(
    log: CrawlLog, reader: Reader | None = None, tables: Iterable[FoundTable] = (), error: str | None = None
) -> CrawlResult:
    found = tuple(tables)  # first of all, since making tables writes the log
    files_read = reader.files_read if reader else 0
    return CrawlResult(found, tuple(log.messages), tuple(log.warnings), error, files_read)
