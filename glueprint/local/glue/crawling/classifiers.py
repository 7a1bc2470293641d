"""Custom classifiers of crawlers (docs/facts/crawlers.md#classifiers)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glueprint.crawler.classify import custom_classifier
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of_resources
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store.resources import Document, Resources

CLASSIFIERS = Resources("classifier")
"""Stored as ``{"Name": ..., "Classifier": {KIND: definition}}``; names are unique among all kinds."""


class Classifiers(Family):
    """Operations on classifiers."""

    @operation("CreateClassifier", runs=Runs.ON_WRITER)
    def create_classifier(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateClassifier``: of the kind whose member is given; it must work."""
        kind, definition = _only(request)
        name, now = definition["Name"], self.clock.now()
        made = definition | {"CreationTime": now, "LastUpdated": now, "Version": 1}

        def work(tx: Transaction) -> None:
            if CLASSIFIERS.exists(tx, name):
                raise already_exists(f"Classifier with name {name} already exists")
            _put(tx, kind, made)

        self.database.write(work)
        return {}

    @operation("UpdateClassifier", runs=Runs.ON_WRITER)
    def update_classifier(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateClassifier``: the members of the request replace the previous ones."""
        kind, changes = _only(request)

        def work(tx: Transaction) -> None:
            name = changes["Name"]
            before = _require(tx, name)
            if kind not in before:
                raise invalid_input(f"Classifier {name} is a {next(iter(before))}, not a {kind}")
            raised = {"LastUpdated": self.clock.now(), "Version": before[kind]["Version"] + 1}
            _put(tx, kind, before[kind] | changes | raised)

        self.database.write(work)
        return {}

    @operation("DeleteClassifier", runs=Runs.ON_WRITER)
    def delete_classifier(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteClassifier``."""

        def work(tx: Transaction) -> None:
            _require(tx, request["Name"])
            CLASSIFIERS.delete(tx, request["Name"])

        self.database.write(work)
        return {}

    @operation("GetClassifier", runs=Runs.INLINE)
    def get_classifier(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetClassifier``."""
        return {"Classifier": self.database.read(lambda tx: _require(tx, request["Name"]))}

    @operation("GetClassifiers", runs=Runs.IN_THREAD)
    def get_classifiers(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetClassifiers``: by name."""
        found, token = self.database.read(lambda tx: page_of_resources(CLASSIFIERS, tx, request, 100))
        return {"Classifiers": [document["Classifier"] for document in found], "NextToken": token}


def classifiers_named(tx: Transaction, names: Iterable[str]) -> tuple[Document, ...]:
    """Return classifiers as GetClassifier does, in the order of ``names``.

    Raises:
        ApiError: one does not exist.
    """
    return tuple(_require(tx, name) for name in names)


def missing_classifiers(tx: Transaction, names: Iterable[str]) -> list[str]:
    """Return those names that have no classifier."""
    return sorted(name for name in set(names) if not CLASSIFIERS.exists(tx, name))


def _only(request: Mapping[str, Any]) -> tuple[str, Document]:
    """Return the kind and the members of the classifier in a request.

    Raises:
        ApiError: the request has none, or several.
    """
    given = without_none(request)
    if len(given) != 1:
        kinds = "GrokClassifier, XMLClassifier, JsonClassifier, CsvClassifier"
        raise invalid_input(f"Exactly one of {kinds} must be given, not {len(given)}")
    ((kind, definition),) = given.items()
    return kind, without_none(definition)


def _put(tx: Transaction, kind: str, definition: Document) -> None:
    """Store a classifier after the crawler has accepted it.

    Raises:
        ApiError: the crawler cannot use it.
    """
    try:
        custom_classifier({kind: definition})
    except ValueError as error:
        raise invalid_input(str(error)) from error
    name = definition["Name"]
    CLASSIFIERS.put(tx, name, {"Name": name, "Classifier": {kind: definition}})


def _require(tx: Transaction, name: str) -> Document:
    found = CLASSIFIERS.get(tx, name)
    if found is None:
        raise not_found(f"Classifier with name {name} does not exist")
    classifier: Document = found["Classifier"]
    return classifier
