"""One crawl: listings and databases in, tables and statements out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .classify import custom_classifier
from .configuration import Configuration
from .draft import Draft
from .found_tables import FoundTable
from .jdbc.drafts import database_drafts
from .jdbc.metadata import DatabaseProblem
from .listing import IncludePath, selected
from .memory import fingerprint
from .naming import table_names
from .reading import Reader
from .result import CrawlResult
from .s3_drafts import file_drafts
from .specification import CrawlSpec
from .statements import CrawlLog, counted


def crawl(spec: CrawlSpec) -> CrawlResult:
    """Infer tables and partitions.

    Args:
        spec: the crawler's settings and the listings of its targets.

    Returns:
        The tables, with the reasons for each. A file that cannot be read is a warning. A setting that is not
        valid, a database that cannot be read, or more tables than ``TableThreshold`` is the result's ``error``,
        and then there are no tables.
    """
    log = CrawlLog()
    try:
        configuration = Configuration.from_json(spec.configuration)
        custom = [custom_classifier(wire) for wire in spec.classifiers]
        selections = [selected(target, IncludePath.parse(target.path)) for target in spec.targets]
        # Databases come first: their errors are known in a second, and files may take minutes.
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
    _log_reading(reader, log)
    threshold = configuration.table_threshold
    if threshold is not None and len(drafts) > threshold:
        # DG:crawler-maximum-number-of-tables: nothing is written then; the text is the documentation's.
        return _result(log, reader, error=f"Table Threshold value = {threshold}, Tables detected - {len(drafts)}")
    return _result(log, reader, _named(spec, drafts, log))


def _log_reading(reader: Reader, log: CrawlLog) -> None:
    """State how many files were read, and how many keep the result of an earlier crawl (DG:add-classifier: "To
    reclassify data to correct an incorrect classifier, create a new crawler with the updated classifier").
    """
    read = reader.files_read
    log.info(f"{counted(read, 'file')} {'was' if read == 1 else 'were'} read")
    if reader.kept:
        log.warn(
            f"the classifiers have changed, and {counted(reader.kept, 'file')} of earlier crawls keep the "
            "classification of then: a new crawler classifies all files again"
        )


def _named(spec: CrawlSpec, drafts: Sequence[Draft], log: CrawlLog) -> Iterable[FoundTable]:
    """Return the tables with their names, in the order of their locations. Of two targets with one location the
    first one counts."""
    unique = {draft.location.rstrip("/"): draft for draft in reversed(drafts)}
    ordered = sorted(unique.values(), key=lambda draft: draft.location)
    names = table_names([draft.location for draft in ordered], spec.table_prefix, dict(spec.existing_tables))
    for name, draft in zip(names, ordered, strict=True):
        table = draft.make(draft.name or name)
        log.statements.extend(draft.why(table))
        yield table


def _result(
    log: CrawlLog, reader: Reader | None = None, tables: Iterable[FoundTable] = (), error: str | None = None
) -> CrawlResult:
    found = tuple(tables)  # first, since making tables adds statements
    files_read = reader.files_read if reader else 0
    return CrawlResult(found, tuple(log.statements), error, files_read)
