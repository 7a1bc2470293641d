"""A catalog table whose partitions are not registered but computed (partition projection of Athena)."""

from datetime import date
from typing import Any, Dict, List, Tuple

from glue_jobs.common.catalog_view import CatalogView, TableDefinition
from glue_jobs.common.partition_folders import DEFAULT_PARTITION, PartitionValues, escape_value
from glue_jobs.common.publishing import Destination, Publication

INTEGERS = ("tinyint", "smallint", "int", "bigint")
MAX_PARAMETER = 500_000
"""Characters of a table parameter's value (service model of Glue: 512,000)."""


class NotProjectable(Exception):
    """Partition values that projection cannot express."""


class ProjectedView(CatalogView):
    """See :class:`CatalogView`; all partitions switch to a new run at once, with the table's location template."""

    def __init__(self, glue: Any, destination: Destination, table: TableDefinition, is_time: bool) -> None:
        super().__init__(glue, destination, table)
        self._is_time = is_time

    def _table_input(self, publication: Publication) -> Dict[str, Any]:
        definition: Dict[str, Any] = super()._table_input(publication)
        values = [part.values for part in publication.parts]
        definition["Parameters"].update(
            projection_parameters(self._table.partition_keys, values, self._is_time),
        )
        keys = "".join("{0}=${{{0}}}/".format(name) for name, _ in self._table.partition_keys)
        location = self._destination.folder(publication.run)
        definition["Parameters"]["storage.location.template"] = location + keys
        return definition

    def _partition_inputs(self, publication: Publication) -> Dict[PartitionValues, Dict[str, Any]]:
        return {}


def projection_parameters(
    keys: Tuple[Tuple[str, str], ...], values: List[PartitionValues], is_time: bool
) -> Dict[str, str]:
    """The table parameters of partition projection (Athena user guide, "Supported types ...").

    Args:
        keys: names and Hive types of the partition keys.
        values: of all partitions.
        is_time: whether the keys are year, month, day and hour.

    Raises:
        NotProjectable: a value that cannot be projected.
    """
    parameters = {"projection.enabled": "true"}
    for index, (name, hive) in enumerate(keys):
        texts = sorted({one[index] for one in values})
        if DEFAULT_PARTITION in texts:
            raise NotProjectable(
                "Some rows have no value of {}: projected partitions cannot show them. Set PartitionProjection to "
                "false.".format(name)
            )
        prefix = "projection.{}.".format(name)
        if is_time or hive in INTEGERS:
            numbers = sorted(int(text) for text in texts) or [0]
            parameters[prefix + "type"] = "integer"
            parameters[prefix + "range"] = "{},{}".format(numbers[0], numbers[-1])
            if is_time:
                parameters[prefix + "digits"] = str(4 if name == "year" else 2)
        elif hive == "date":
            for text in texts:
                date.fromisoformat(text)
            parameters[prefix + "type"] = "date"
            parameters[prefix + "format"] = "yyyy-MM-dd"
            parameters[prefix + "range"] = "{},{}".format(texts[0], texts[-1]) if texts else "NOW,NOW"
            parameters[prefix + "interval"] = "1"
            parameters[prefix + "interval.unit"] = "DAYS"
        else:
            wrong = [
                text for text in texts if not text or "," in text or text != text.strip() or _is_escaped(text)
            ]
            if wrong:
                raise NotProjectable(
                    "{!r} of {} cannot be projected. Set PartitionProjection to false.".format(wrong[0], name)
                )
            parameters[prefix + "type"] = "enum"
            parameters[prefix + "values"] = ",".join(texts)
            if len(parameters[prefix + "values"]) > MAX_PARAMETER:
                raise NotProjectable(
                    "{} has {} values, too many for a projection. Set PartitionProjection to false.".format(
                        name, len(texts)
                    )
                )
    return parameters


def _is_escaped(text: str) -> bool:
    """Whether the folder's name is not the value: the template would not find it."""
    return escape_value(text) != text
