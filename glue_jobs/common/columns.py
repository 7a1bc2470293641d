"""Columns of catalog tables: names with their Hive types."""

from typing import Dict, Iterable, List, Mapping, Tuple

Columns = Tuple[Tuple[str, str], ...]


def columns_from_api(entries: Iterable[Mapping[str, str]]) -> Columns:
    """Columns as GetTable describes them, their names in lower case."""
    return tuple((entry["Name"].lower(), entry.get("Type", "string")) for entry in entries)


def columns_to_api(columns: Columns) -> List[Dict[str, str]]:
    """Columns as CreateTable requires them."""
    return [{"Name": name, "Type": hive} for name, hive in columns]
