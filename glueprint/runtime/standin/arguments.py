"""The arguments that Amazon's package passes through py4j: small classes of Glue's JVM, conversions to Python."""

from __future__ import annotations

import json
from typing import Any

from glueprint.runtime.frames import paths
from glueprint.runtime.frames.apply_mapping import Mapping
from glueprint.runtime.frames.error_records import CallSite
from glueprint.runtime.frames.resolve_choice import Spec, action


def items(sequence: Any) -> list[Any]:
    """Return the elements of the result of ``PythonUtils.toSeq``: a list, or a Scala ``Seq``."""
    if isinstance(sequence, list):
        return sequence
    return [sequence.apply(at) for at in range(sequence.size())]


def parts(product: Any) -> list[Any]:
    """Return the elements of a Scala tuple."""
    return [product.productElement(at) for at in range(product.productArity())]


def options(text: str) -> dict[str, Any]:
    """Parse the options that ``JsonOptions`` was made of."""
    found: dict[str, Any] = json.loads(text or "{}")
    return found


class MappingSpec:
    """``MappingSpec.apply(tuple)``: (source, target), (source, type, target) or (source, type, target, type)."""

    @staticmethod
    def apply(product: Any) -> Mapping:
        """The mapping that a Scala tuple describes."""
        found = parts(product)
        if len(found) == 2:
            return Mapping.of(found[0], found[1])
        if len(found) == 3:
            return Mapping.of(found[0], found[2], found[1])
        if len(found) == 4:
            return Mapping.of(found[0], found[2], found[3])
        raise TypeError(f"a mapping has two, three or four parts; this has {len(found)}: {found}")


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
        """Return ``name`` as one step of a path."""
        return paths.quote(name)


class GluePythonUtils:
    """Conversions for which Amazon's package calls Java; the values stay in Python here."""

    @staticmethod
    def seqAsJava(sequence: list[Any]) -> list[Any]:  # noqa: N802 - Java's name
        """Return the frames that a stand-in returned as a list."""
        return sequence

    @staticmethod
    def constructOption(value: Any) -> Any:  # noqa: N802 - Java's name
        """A Scala option: the value, or None."""
        return value

    @staticmethod
    def constructChoiceOption(text: str) -> str:  # noqa: N802 - Java's name
        """The action for all choices of a frame; empty if the specifications contain the actions."""
        return text


class PythonUtils:
    """Spark's own ``PythonUtils``, except that Python objects of the stand-ins are not sent to the JVM."""

    _STAND_INS = (Mapping, Spec)

    def __init__(self, java: Any) -> None:
        self._java = java

    def toSeq(self, values: list[Any]) -> Any:  # noqa: N802 - Java's name
        """Return a Scala ``Seq``, or the list itself if it contains stand-ins."""
        if any(isinstance(one, self._STAND_INS) for one in values):
            return values
        return self._java.toSeq(values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._java, name)


def call_site(site: str, info: str) -> CallSite:
    """``CallSite(site, info)``: the place of a call in the script, and the script's text for it."""
    return CallSite(site or "", info or "")
