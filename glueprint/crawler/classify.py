"""Which classifier recognises a file: the custom ones in the crawler's order, then Glue's own in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .formats.avro import AvroClassifier
from .formats.columnar import OrcClassifier, ParquetClassifier
from .formats.delimited import CsvClassifier, CsvRules
from .formats.grok import GrokClassifier
from .formats.json_path import JsonPath
from .formats.json_records import JsonClassifier
from .formats.logs import LOGS
from .formats.source import Classifier, Source
from .formats.unsupported import BsonClassifier, IonClassifier
from .formats.xml_rows import XmlClassifier
from .inspection import FileProblem, Inspection

BUILT_IN: tuple[Classifier, ...] = (
    AvroClassifier(),
    OrcClassifier(),
    ParquetClassifier(),
    JsonClassifier(),
    BsonClassifier(),
    XmlClassifier(),
    IonClassifier(),
    *LOGS,
    CsvClassifier(),
)
"""In the order of DG:add-classifier."""


def custom_classifier(wire: Mapping[str, Any]) -> Classifier:
    """Return a custom classifier of the crawler.

    Args:
        wire: as GetClassifier answers: one member, named by the classifier's kind.

    Raises:
        ValueError: an unknown kind, or a definition that is not valid; the message names it.
    """
    match wire:
        case {"CsvClassifier": definition}:
            return CsvClassifier(CsvRules.from_wire(definition))
        case {"JsonClassifier": definition}:
            return JsonClassifier(definition["Name"], JsonPath.parse(definition["JsonPath"]))
        case {"GrokClassifier": definition}:
            return GrokClassifier(definition)
        case {"XMLClassifier": definition}:
            return XmlClassifier.from_wire(definition)
        case _:
            raise ValueError(f"A classifier of an unknown kind: {', '.join(wire) or 'empty'}")


def inspected(source: Source, custom: Sequence[Classifier]) -> Inspection | None:
    """Return the schema of a file.

    Args:
        source: the file.
        custom: the crawler's own classifiers, in order.

    Returns:
        The first answer that is certain, otherwise the most certain one (DG:add-classifier), with the file's
        compression written into it; None when no classifier recognises the file, which Glue calls ``UNKNOWN``.

    Raises:
        FileProblem: a classifier recognised the file and could not read it.
    """
    answer = _best_answer(source, (*custom, *BUILT_IN))
    return None if answer is None else answer.compressed_with(source.compression)


def _best_answer(source: Source, classifiers: Iterable[Classifier]) -> Inspection | None:
    best: Inspection | None = None
    for classifier in classifiers:
        try:
            answer = classifier.inspect(source)
        except RecursionError as error:
            raise FileProblem(f"its data is nested too deeply for the {classifier.name} classifier") from error
        if answer is not None and answer.certainty >= 1.0:
            return answer
        if answer is not None and (best is None or answer.certainty > best.certainty):
            best = answer
    return best
