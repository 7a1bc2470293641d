"""Options of Spark's own readers and writers, which Glue passes on for Parquet and ORC.

The guide of both formats: "any options that are accepted by the underlying SparkSQL code can be passed to it by
way of the connection_options map parameter" (DG:aws-glue-programming-etl-format). It states nothing of the kind
for other formats, which have Glue's own readers: there the options have no effect, which the log reports.

The names are those of Spark's pages "Generic File Source Options", "Parquet Files" and "ORC Files".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from glueprint.compat import UTC
from glueprint.facts.globs import BadGlobError, glob_expression
from glueprint.runtime.s3objects import S3Object
from glueprint.runtime.storage.errors import BadOption, StorageError, print_note
from glueprint.runtime.storage.options import Options

_FORMATS = frozenset({"parquet", "glueparquet", "orc"})
_CHOOSING = frozenset({"pathGlobFilter", "recursiveFileLookup", "modifiedBefore", "modifiedAfter", "basePath"})
"""They decide which files are read, and which folders are partitions."""
_READING = frozenset(
    {"mergeSchema", "ignoreCorruptFiles", "ignoreMissingFiles", "datetimeRebaseMode", "int96RebaseMode"}
)
_WRITING = frozenset({"maxRecordsPerFile"})
NAMES = _CHOOSING | _READING | _WRITING
PREFIXES = ("parquet.", "orc.")
"""Prefixes of the properties of the formats' libraries, such as ``parquet.enable.dictionary``."""


@dataclass(frozen=True)
class SparkReading:
    """The options of Spark's reader that a source of files has.

    Attributes:
        passed: what Spark gets.
        name_pattern: ``pathGlobFilter``, for the names of files.
        modified_after, modified_before: bounds of the files' time of modification, epoch seconds, not included.
        is_recursive: ``recursiveFileLookup``: all folders are read, and none is a partition.
        base_path: where partition folders start; empty: at each path.
    """

    passed: Mapping[str, str] = field(default_factory=dict)
    name_pattern: re.Pattern[str] | None = None
    modified_after: float | None = None
    modified_before: float | None = None
    is_recursive: bool = False
    base_path: str = ""

    @staticmethod
    def of(options: Options, format_name: str) -> SparkReading:
        """Read the options for a format; without effect for one that Spark does not read, which is reported.

        Raises:
            BadOption, StorageError: an option has a wrong value.
        """
        names = _given(options, format_name, _CHOOSING | _READING)
        if not names:
            return SparkReading()
        return SparkReading(
            {name: _text(options, name) for name in names - _CHOOSING},
            _name_pattern(options.text("pathGlobFilter")),
            _moment(options, "modifiedAfter"),
            _moment(options, "modifiedBefore"),
            options.flag("recursiveFileLookup"),
            options.text("basePath").rstrip("/"),
        )

    def is_chosen(self, one: S3Object) -> bool:
        """Whether Spark would read a file."""
        if self.name_pattern is not None and not self.name_pattern.fullmatch(one.key.rpartition("/")[2]):
            return False
        if self.modified_after is not None and one.modified <= self.modified_after:
            return False
        return self.modified_before is None or one.modified < self.modified_before


def writer_options(options: Options, format_name: str) -> dict[str, str]:
    """Return what Spark's writer gets of a sink's options; those of other formats are reported."""
    return {name: _text(options, name) for name in sorted(_given(options, format_name, _WRITING))}


def _given(options: Options, format_name: str, names: frozenset[str]) -> set[str]:
    by_folded = {name.lower(): name for name in names}
    given = {by_folded[name.lower()] for name in options if name.lower() in by_folded}
    given |= {name for name in options if name.startswith(PREFIXES)}
    if given and format_name.lower() not in _FORMATS:
        print_note(
            f"the options {', '.join(sorted(given))} are Spark's: Glue passes them on for parquet and orc only; "
            f"they have no effect for {format_name}"
        )
        return set()
    return given


def _text(options: Options, name: str) -> str:
    value = options.get(name)
    return str(value).lower() if isinstance(value, bool) else options.text(name)


def _name_pattern(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        return re.compile(glob_expression(pattern), re.DOTALL)
    except BadGlobError as error:
        raise StorageError(f"option 'pathGlobFilter' {error.problem}") from error


def _moment(options: Options, name: str) -> float | None:
    """Return a time such as 2024-01-31T12:00:00, in UTC as Glue's sessions are."""
    text = options.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadOption(name, text, "a time such as 2024-01-31T12:00:00") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
