"""Formats that Glue classifies and this crawler does not support: the warning names them."""

from __future__ import annotations

from ..inspection import Inspection, UnsupportedFormat
from .source import Source


class IonClassifier:
    """Amazon Ion, binary (``E0 01 00 EA``) or text that starts with its version marker."""

    name = "ion"

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        if source.head.startswith((b"\xe0\x01\x00\xea", b"$ion_1_0")):
            raise UnsupportedFormat("it is Amazon Ion, which the local crawler does not read (AWS Glue does)")
        return None


class BsonClassifier:
    """Binary JSON: a document that starts with the length of the complete file, and ends with a zero."""

    name = "bson"

    def inspect(self, source: Source) -> Inspection | None:
        """See :class:`~glueprint.crawler.formats.source.Classifier`."""
        length = int.from_bytes(source.head[:4], "little")
        # The fifth byte is the first element's type: 1 to 19, or 0 for an empty document.
        if (
            len(source.head) > 4
            and 5 <= length <= source.size < 1 << 31
            and length == source.size
            and source.head[4] < 20
        ):
            raise UnsupportedFormat("it is BSON, which the local crawler does not read (AWS Glue does)")
        return None
