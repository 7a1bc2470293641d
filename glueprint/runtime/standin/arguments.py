"""The arguments that Amazon's package passes through py4j: small classes of Glue's JVM, conversions to Python."""

from __future__ import annotations

import json
from typing import Any

from glueprint.runtime.frames import paths
from glueprint.runtime.frames.apply_mapping import Mapping
from glueprint.runtime.frames.error_records import CallSite
from glueprint.runtime.frames.resolve_choice import Spec, action


def items(sequence: Any) -> list[Any]:
    """The elements of what ``PythonUtils.toSeq`` made: a list of ours, or a Scala ``Seq``."""
    if isinstance(sequence, list):
        return sequence
    return [sequence.apply(at) for at in range(sequence.size())]


def parts(product: Any) -> list[Any]:
    """The elements of a Scala tuple."""
    return [product.productElement(at) for at in range(product.productArity())]


def options(text: str) -> dict[str, Any]:
    """The options that ``JsonOptions`` was made of."""
    found: dict[str, Any] = json.loads(text or "{}")
    return found


class MappingSpec:
    """``MappingSpec.apply(tuple)``: (source, target), (source, type, target) or (source, type, target, type)."""

    @staticmethod
    def apply(product: Any) -> Mapping:
        """The mapping that a Scala tuple describes."""
        match parts(product):
            case [source, target]:
                return Mapping.of(source, target)
            case [source, type_name, target]:
                return Mapping.of(source, target, type_name)
            case [source, _, target, type_name]:
                return Mapping.of(source, target, type_name)
            case other:
                raise TypeError(f"a mapping has two, three or four parts; this has {len(other)}: {other}")


class ResolveSpec:
    """``ResolveSpec.apply(path, action)``."""

    @staticmethod
    def apply(path: str, text: str) -> Spec:
        """What to do about one field."""
        return Spec(paths.parse(path), action(text))


class RecordUtils:
    """``RecordUtils.quoteName(name)``, with which ``DropNullFields`` builds paths."""

    @staticmethod
    def quoteName(name: str) -> str:  # noqa: N802 - Java's name
        """``name`` as one step of a path."""
        return paths.quote(name)


class GluePythonUtils:
    """Conversions that Amazon's package asks Java for; what they convert never leaves Python here."""

    @staticmethod
    def seqAsJava(sequence: list[Any]) -> list[Any]:  # noqa: N802 - Java's name
        """The frames that a stand-in gave as a list."""
        return sequence

    @staticmethod
    def constructOption(value: Any) -> Any:  # noqa: N802 - Java's name
        """A Scala option: the value, or None."""
        return value

    @staticmethod
    def constructChoiceOption(text: str) -> str:  # noqa: N802 - Java's name
        """How all choices of a frame are resolved; empty when the specifications say it."""
        return text


class PythonUtils:
    """Spark's own ``PythonUtils``, which must not be sent what only exists here."""

    _OURS = (Mapping, Spec)

    def __init__(self, java: Any) -> None:
        self._java = java

    def toSeq(self, values: list[Any]) -> Any:  # noqa: N802 - Java's name
        """A Scala ``Seq``, or the list itself when there are stand-ins in it."""
        if any(isinstance(one, self._OURS) for one in values):
            return values
        return self._java.toSeq(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._java, name)


def call_site(site: str, info: str) -> CallSite:
    """Stands for ``CallSite(site, info)``: where a script called, and its own word for it."""
    return CallSite(site or "", info or "")
