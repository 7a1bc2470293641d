"""The crawler's ``Configuration``: options as JSON text (DG:crawler-configuration, DG:crawler-grouping-policy)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class BadConfigurationError(ValueError):
    """The text is not a configuration; the message names every fault."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The options, with Glue's defaults.

    Attributes:
        combine_compatible: ``Grouping.TableGroupingPolicy`` is ``CombineCompatibleSchemas``.
        table_level: ``Grouping.TableLevelConfiguration``: the level of tables, the bucket being 1.
        table_threshold: ``CrawlerOutput.Tables.TableThreshold``: a crawl that finds more tables fails.
        merge_new_columns: ``CrawlerOutput.Tables.AddOrUpdateBehavior`` is ``MergeNewColumns``.
        inherit_from_table: ``CrawlerOutput.Partitions.AddOrUpdateBehavior`` is ``InheritFromTable``.
        partition_index: ``CreatePartitionIndex``, on by default.
    """

    combine_compatible: bool = False
    table_level: int | None = None
    table_threshold: int | None = None
    merge_new_columns: bool = False
    inherit_from_table: bool = False
    partition_index: bool = True

    @classmethod
    def from_json(cls, text: str | None) -> Configuration:
        """Read a crawler's ``Configuration`` member.

        Args:
            text: the JSON text; None or empty for the defaults. Unknown members are ignored, since Glue has more
                than it documents.

        Raises:
            BadConfigurationError: a member is not valid; the message names each.
        """
        if not text:
            return cls()
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BadConfigurationError(f"Crawler Configuration is not JSON: {error}") from error
        reader = _Reader(data)
        found = cls(
            combine_compatible=reader.choice("Grouping.TableGroupingPolicy", "CombineCompatibleSchemas"),
            table_level=reader.positive("Grouping.TableLevelConfiguration"),
            table_threshold=reader.positive("CrawlerOutput.Tables.TableThreshold"),
            merge_new_columns=reader.choice("CrawlerOutput.Tables.AddOrUpdateBehavior", "MergeNewColumns"),
            inherit_from_table=reader.choice("CrawlerOutput.Partitions.AddOrUpdateBehavior", "InheritFromTable"),
            partition_index=reader.flag("CreatePartitionIndex", default=True),
        )
        if reader.faults:
            raise BadConfigurationError("Crawler Configuration is not valid: " + "; ".join(reader.faults))
        return found


class _Reader:
    """Looks members up by dotted path and collects every fault."""

    def __init__(self, data: object) -> None:
        self._data = data
        self.faults: list[str] = []
        if not isinstance(data, Mapping):
            self.faults.append("it must be a JSON object")
        elif _number(data.get("Version", 1.0)) != 1.0:
            self.faults.append(f"Version must be 1.0, not {data['Version']!r}")

    def _member(self, path: str) -> Any:
        value: Any = self._data
        for part in path.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value

    def choice(self, path: str, only: str) -> bool:
        value = self._member(path)
        if value not in (None, only):
            self.faults.append(f"{path} must be {only!r}, not {value!r}")
        return bool(value == only)

    def positive(self, path: str) -> int | None:
        value = _number(self._member(path))
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.faults.append(f"{path} must be a whole number above 0, not {value!r}")
            return None
        return value

    def flag(self, path: str, *, default: bool) -> bool:
        value = self._member(path)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if value is not None:
            self.faults.append(f"{path} must be true or false, not {value!r}")
        return default


def _number(value: object) -> Any:
    """Return the number that a text contains (``"1.0"``), as templates write it; anything else as it is."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)
