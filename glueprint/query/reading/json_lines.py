"""JSON as the openx and the Hive (HCatalog) SerDes read it: one object on each line, names in any case.

Source: Athena user guide, "JSON SerDe libraries". A line that is not an object is an error, and a row of
nulls with ``ignore.malformed.json``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from glueprint.query.errors import QueryError
from glueprint.query.types import Type


class JsonLines:
    """The rows of JSON lines.

    Args:
        properties: the SerDe's parameters.
        columns: the columns that are wanted.
        is_openx: whether it is the openx SerDe, which converts more values.
    """

    def __init__(
        self, properties: Mapping[str, str], columns: Iterable[tuple[str, Type]], *, is_openx: bool
    ) -> None:
        self._ignores_malformed = properties.get("ignore.malformed.json", "").lower() == "true"
        self._mapped = {
            name[len("mapping.") :].lower(): value
            for name, value in properties.items()
            if name.lower().startswith("mapping.")
        }
        self._dots = properties.get("dots.in.keys", "").lower() == "true"
        self._columns = [(name, self._mapped.get(name, name).lower(), kind) for name, kind in columns]
        self._is_openx = is_openx
        has_decimals = any("decimal" in str(kind) for _, _, kind in self._columns)
        self._numbers: Any = Decimal if has_decimals else float

    def rows(self, lines: Iterable[str], name: str) -> Iterator[list[Any]]:
        """Yield the values of the columns of each line.

        Raises:
            QueryError: HIVE_BAD_DATA: a line is not an object, or a value not of its column's type.
        """
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = self._parsed(line)
            except ValueError as error:
                if self._ignores_malformed:
                    yield [None] * len(self._columns)
                    continue
                message = (
                    "Error Parsing a column in the table: JSONException: Row is not a valid JSON Object"
                    f" ({name}, line {number}: {error})"
                )
                raise QueryError("HIVE_CURSOR_ERROR", message) from error
            yield self._row(record)

    def trail_rows(self, content: Iterable[str], name: str) -> Iterator[list[Any]]:
        """Yield a row for each of the ``Records`` of a CloudTrail log file, which is one object.

        Raises:
            QueryError: HIVE_BAD_DATA: the file is another one, or a value not of its column's type.
        """
        try:
            records = self._parsed("\n".join(content))["Records"]
        except (ValueError, KeyError) as error:
            message = f"{name} is not a log file of CloudTrail, an object with Records: {error}"
            raise QueryError("HIVE_BAD_DATA", message) from error
        yield from map(self._row, records)

    def _parsed(self, text: str) -> dict[str, Any]:
        found = json.loads(text, parse_float=self._numbers)
        if not isinstance(found, dict):
            raise ValueError("not an object")
        return found

    def _row(self, record: Mapping[str, Any]) -> list[Any]:
        lower = {
            (key.replace(".", "_") if self._dots else key).lower(): value for key, value in record.items()
        }
        return [converted(lower.get(key), kind, column) for column, key, kind in self._columns]


_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)


def converted(value: Any, kind: Type, column: str) -> Any:
    """Return a JSON value as a value of a column's type.

    Raises:
        QueryError: HIVE_BAD_DATA.
    """
    if value is None:
        return None
    try:
        return _converted(value, kind, column)
    except (ValueError, TypeError, InvalidOperation, AttributeError) as error:
        shown = json.dumps(value, default=str)[:100]
        raise QueryError(
            "HIVE_BAD_DATA", f"Error parsing field value '{shown}' for field {column}: it is not {kind}"
        ) from error


def _converted(value: Any, kind: Type, column: str) -> Any:
    match kind.name:
        case "varchar" | "char":
            text = value if isinstance(value, str) else _text(value)
            return text[: kind.args[0]] if kind.args else text
        case "boolean":
            if isinstance(value, str):
                return (
                    {"true": True, "false": False}[value.lower()]
                    if value.lower() in ("true", "false")
                    else _fail()
                )
            return value if isinstance(value, bool) else _fail()
        case "tinyint" | "smallint" | "integer" | "bigint":
            return _fail() if isinstance(value, bool) else int(value)
        case "real" | "double":
            return _fail() if isinstance(value, bool) else float(value)
        case "decimal":
            scale = kind.args[1]
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-scale))
        case "date":
            return date.fromisoformat(str(value)[:10])
        case "timestamp":
            return _moment(value)
        case "varbinary":
            return base64.b64decode(value)
        case "array":
            return (
                [converted(one, kind.args[0], column) for one in value]
                if isinstance(value, list)
                else _fail()
            )
        case "map":
            return [
                (_converted(key, kind.args[0], column), converted(one, kind.args[1], column))
                for key, one in value.items()
            ]
        case "row":
            lower = {key.lower(): one for key, one in value.items()}
            return {name: converted(lower.get(str(name).lower()), one, column) for name, one in kind.args}
    return _fail()


def _fail() -> Any:
    raise ValueError("another type")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        json.dumps(value, default=str, separators=(",", ":"), ensure_ascii=False)
        if isinstance(value, (dict, list))
        else str(value)
    )


def _moment(value: Any) -> datetime:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        found = datetime.fromtimestamp(float(value) / 1000 if value > 1e11 else float(value), UTC).replace(
            tzinfo=None
        )
    else:
        text = str(value)
        if not _TIMESTAMP.fullmatch(text):
            raise ValueError(text)
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)
