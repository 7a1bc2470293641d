"""Hints for tables that are not found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glueprint.runtime.sparksql import table_hints

# The first line of Spark 3.5's own errors (error-classes.json); those of Spark 3.3 have no class.
TABLE = "[TABLE_OR_VIEW_NOT_FOUND] The table or view {} cannot be found. Verify the spelling and correctness of"
SCHEMA = "[SCHEMA_NOT_FOUND] The schema {} cannot be found. Verify the spelling and correctness of the schema"


class FakeNames:
    """A Data Catalog with two databases."""

    def __init__(self) -> None:
        self.all = {"sales": ["orders", "customers", *(f"t{number:02}" for number in range(20))], "empty": []}

    def database_names(self) -> Sequence[str]:
        """See :class:`table_hints.CatalogNames`."""
        return list(self.all)

    def table_names(self, database: str) -> Sequence[str]:
        """See :class:`table_hints.CatalogNames`."""
        return self.all[database]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            TABLE.format("`sales`.`order`"),
            "Database sales of the Data Catalog has no table order; it has orders, customers, t00, t01, t02, t03, "
            "t04, t05, t06, t07 and 12 more.",
        ),
        (TABLE.format("`x`"), "Database empty of the Data Catalog has no table x; it has none."),
        (
            TABLE.format("`spark_catalog`.`sale`.`orders`"),
            "The Data Catalog has no database sale; it has sales, empty.",
        ),
        (SCHEMA.format("`sale`"), "The Data Catalog has no database sale; it has sales, empty."),
        (
            "Table or view not found: sale.orders; line 1 pos 14;",
            "The Data Catalog has no database sale; it has sales, empty.",
        ),
        (
            "Table or view not found: `x-y`; line 1 pos 14;",
            "Database empty of the Data Catalog has no table x-y; it has none.",
        ),
        ("Database 'sale' not found", "The Data Catalog has no database sale; it has sales, empty."),
        ("[DIVIDE_BY_ZERO] Division by zero.", None),
    ],
)
def test_the_hint_lists_similar_names_first(error: str, expected: str | None) -> None:
    """The hint contains database and table and the names that exist, similar names first
    (docs/fidelity/sparksql.md).
    """
    assert table_hints.hint(error, FakeNames(), "empty") == expected


def test_the_hint_of_a_job_without_the_argument() -> None:
    """Without --enable-glue-datacatalog the hint names the argument (docs/fidelity/sparksql.md)."""
    hint = table_hints.hint(TABLE.format("`sales`.`orders`"), None, "default")
    assert hint is not None
    assert hint.endswith("add the job argument --enable-glue-datacatalog true.")
