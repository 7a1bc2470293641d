"""The results of earlier crawls for each object, so that a crawl of unchanged data reads no file bodies.

An object is unchanged if key, size and modification time are. Its result counts even after a classifier has
changed: "any data that was previously crawled using the classifier is not reclassified" (DG:add-classifier).
Files that no classifier recognised are then read again (docs/decisions/crawler-memory.md).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from glueprint.facts.hive_types import BadTypeError, parse

from .inspection import FileFormat, FileProblem, FileSchema, Inspection
from .specification import ObjectEntry

_VERSION = 3
"""Of the file's form and of the classifiers' results: another version is ignored."""

Answer: TypeAlias = Inspection | FileProblem
"""The result for a file: its schema, or why it is in no table."""

_Row: TypeAlias = list[Any]


def fingerprint(classifiers: Sequence[Mapping[str, Any]]) -> str:
    """Return a hash of a crawler's own classifiers: their definitions, in their order."""
    return hashlib.sha256(json.dumps(classifiers, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class Memory:
    """Results of earlier crawls, by bucket and key.

    Attributes:
        classifiers: the :func:`fingerprint` of the latest crawl's classifiers.
    """

    classifiers: str = ""
    _schemas: list[FileSchema] = field(default_factory=list)
    _rows: dict[str, _Row] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | None) -> Memory:
        """Read a memory. A file that is missing or has another form is an empty memory: the crawl reads
        everything.
        """
        if path is None:
            return cls()
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                return cls()
            return cls(data["classifiers"], [_schema(entry) for entry in data["shapes"]], dict(data["files"]))
        except (OSError, ValueError, KeyError, TypeError, BadTypeError):
            return cls()

    def recall(self, bucket: str, entry: ObjectEntry) -> Answer | None:
        """Return the result for an object; None if there is none or the object has changed."""
        row = self._rows.get(f"{bucket}/{entry.key}")
        if row is None or row[:2] != [entry.size, entry.modified]:
            return None
        return self._answer(row)

    def folders(self) -> frozenset[str]:
        """Return the folders of the objects, as ``bucket/folder``."""
        return frozenset(place.rpartition("/")[0] for place in self._rows)

    def answers(self) -> Iterator[tuple[str, ObjectEntry, Answer]]:
        """Return all results in the form of :func:`save`; the path of the local file is not known."""
        for place, row in self._rows.items():
            bucket, _, key = place.partition("/")
            yield bucket, ObjectEntry(key, row[0], row[1], ""), self._answer(row)

    def _answer(self, row: _Row) -> Answer:
        _, _, number, *rest = row
        if number is None:
            return FileProblem(rest[0])
        records, data_size, classifier, notes = rest
        return Inspection(self._schemas[number], records, data_size, classifier, tuple(notes))


def save(path: str, classifiers: str, answers: Iterable[tuple[str, ObjectEntry, Answer]]) -> None:
    """Write a memory of this crawl's objects that replaces the one before.

    Args:
        path: the file; it is replaced by a rename.
        classifiers: their :func:`fingerprint`.
        answers: bucket, object and result; objects that no longer exist are not in it.
    """
    numbers: dict[FileSchema, int] = {}
    files: dict[str, _Row] = {}
    for bucket, entry, answer in answers:
        row: _Row = [entry.size, entry.modified]
        match answer:
            case FileProblem():
                row += [None, str(answer)]
            case Inspection():
                number = numbers.setdefault(answer.schema, len(numbers))
                row += [number, answer.records, answer.data_size, answer.classifier, answer.notes]
        files[f"{bucket}/{entry.key}"] = row
    schemas = [
        {
            "layout": (
                schema.file_format.classification,
                schema.file_format.compression,
                schema.file_format.serde,
            ),
            "options": schema.file_format.options,
            "columns": [(name, str(kind)) for name, kind in schema.columns],
            "details": schema.details,
            "paths": schema.paths,
        }
        for schema in numbers
    ]
    content = {"version": _VERSION, "classifiers": classifiers, "shapes": schemas, "files": files}
    partial = Path(f"{path}.{os.getpid()}.part")
    partial.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    partial.replace(path)


def _schema(data: Mapping[str, Any]) -> FileSchema:
    classification, compression, serde = data["layout"]
    return FileSchema(
        FileFormat(classification, compression, serde, tuple((name, value) for name, value in data["options"])),
        tuple((name, parse(kind)) for name, kind in data["columns"]),
        tuple((name, value) for name, value in data["details"]),
        tuple(data["paths"]),
    )
