"""The table of operations in the docs agrees with the code."""

from __future__ import annotations

from pathlib import Path

import botocore
import botocore.session
import pytest

from glueprint.local.glue.refusals import NOT_BUILT
from glueprint.local.glue.served_by_moto import SERVED_BY_MOTO
from glueprint.local.reference import BY_MOTO, IMPLEMENTED, REFUSED, operations_table, statuses

PAGE = Path(__file__).parents[2] / "docs" / "reference-operations.md"
NAMES = set(botocore.session.get_session().get_service_model("glue").operation_names)


@pytest.fixture(scope="module")
def generated() -> str:
    """The page that the code generates."""
    return operations_table()


def test_the_page_is_not_stale(generated: str) -> None:
    """`python -m glueprint.local.reference` would write the page in docs.

    With another botocore than the page's, operations may have come and gone; the others must be the same.
    """
    page = PAGE.read_text(encoding="utf-8")
    if f"botocore {botocore.__version__}'s" in page:
        assert page == generated
    before, now = statuses(page), statuses(generated)
    assert {name: before[name] for name in before.keys() & NAMES} == {
        name: now[name] for name in before.keys() & NAMES
    }
    assert {now[name][0] for name in NAMES - before.keys()} <= {REFUSED}


def test_every_operation_is_in_the_table_once(generated: str) -> None:
    """For each operation of the installed model: implemented, served by moto, or refused."""
    table = statuses(generated)
    assert set(table) == NAMES
    assert generated.count("| `") == len(NAMES)
    assert {name for name, (where, _) in table.items() if where == BY_MOTO} == set(SERVED_BY_MOTO)
    assert {"CreateBlueprint", "StartWorkflowRun", "StartJobRun", "StartCrawler", "GetPartitions"} <= {
        name for name, (where, _) in table.items() if where == IMPLEMENTED
    }


def test_every_refusal_has_a_reason() -> None:
    """Errors are part of the interface: each refused operation in the page has a reason."""
    for name, (where, meaning) in statuses(PAGE.read_text(encoding="utf-8")).items():
        assert where != REFUSED or meaning not in ("", NOT_BUILT), name
