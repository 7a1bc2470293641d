"""Paging tokens: opaque to clients, stateless, valid after a restart."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from glueprint.local.protocol import ApiError

_POSITION = re.compile(r"([fb])/(\d{1,56})/s")


@dataclass(frozen=True, slots=True)
class Position:
    """A position in one stream, and the direction to read."""

    forward: bool
    offset: int

    def __str__(self) -> str:
        return f"{'f' if self.forward else 'b'}/{self.offset:056d}/s"

    @classmethod
    def parse(cls, token: str) -> Position:
        """Return the position in a token of GetLogEvents.

        Raises:
            ApiError: the token is not valid.
        """
        found = _POSITION.fullmatch(token)
        if found is None:
            raise _invalid()
        return cls(found[1] == "f", int(found[2]))


def pack(offsets: Mapping[str, int]) -> str:
    """Return a token with the position in each stream (FilterLogEvents) or in a listing."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(dict(offsets)).encode("utf-8"))).decode("ascii")


def unpack(token: str) -> dict[str, int]:
    """Return the positions in a token of :func:`pack`.

    Raises:
        ApiError: the token is not valid.
    """
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(base64.urlsafe_b64decode(token), 64 * 1024 * 1024)
        found = json.loads(text)
        return {str(name): int(offset) for name, offset in found.items()}
    except (ValueError, zlib.error, AttributeError, TypeError, OverflowError, RecursionError) as error:
        raise _invalid() from error


def _invalid() -> ApiError:
    return ApiError("InvalidParameterException", "The specified nextToken is invalid.")
