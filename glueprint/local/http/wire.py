"""A request as it was received: the bytes that a signature covers."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import unquote_to_bytes

_KEPT = "glueprint.wire_request"
_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")


@dataclass(frozen=True)
class WireRequest:
    """The head of one HTTP request, nothing decoded.

    Attributes:
        method: in capitals.
        raw_path: the path as sent; decoding it would break keys that contain ``%2F``.
        query: the query string as sent.
        headers: names in small letters, in the order sent.
    """

    method: str
    raw_path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def from_scope(cls, scope: Any) -> Self:
        """Return the request of an ASGI HTTP scope; the scope keeps it for the next layer."""
        kept: Self | None = scope.get(_KEPT)
        if kept is None:
            raw_path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8")
            kept = cls(scope["method"].upper(), raw_path, scope["query_string"], tuple(scope["headers"]))
            scope[_KEPT] = kept
        return kept

    def values(self, name: str) -> list[bytes]:
        """Every value of a header."""
        return self._by_name.get(name, [])

    def header(self, name: str) -> str | None:
        """The first value of a header as text, or None."""
        found = self.values(name)
        return found[0].decode("latin-1") if found else None

    @cached_property
    def _by_name(self) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for name, value in self.headers:
            found.setdefault(name.decode("latin-1"), []).append(value)
        return found

    @property
    def header_names(self) -> Set[str]:
        """The names of the headers that were sent, in small letters."""
        return self._by_name.keys()

    @cached_property
    def credential(self) -> str | None:
        """The credential in the Authorization header (Signature Version 4) or else in the query, unchecked."""
        authorization = self.header("authorization")
        if authorization is None:
            return self.parameter("X-Amz-Credential")
        found = _CREDENTIAL.search(authorization)
        return found[1] if found is not None and authorization.startswith("AWS4-") else None

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, decoded, or None."""
        wanted = name.encode("ascii")
        for key, value in self.query_pairs():
            if unquote_to_bytes(key) == wanted:
                return unquote_to_bytes(value).decode("utf-8", "replace")
        return None

    def query_pairs(self) -> list[tuple[bytes, bytes]]:
        """The query's keys and values, as sent."""
        if not self.query:
            return []
        split = (pair.partition(b"=") for pair in self.query.split(b"&"))
        return [(key, value) for key, _, value in split]
