"""Tasks of about equal size: how lists are cut, and bins put together (glue_jobs/common/even_parts, rewriting)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glue_jobs.common.even_parts import FILE_COST, count_tasks, even_parts
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.rewriting import Bin, group_bins

SIZES = st.lists(st.integers(0, 1000), max_size=60)


@given(SIZES, st.integers(1, 20))
def test_parts_keep_all_items_in_their_order_and_are_about_equal(sizes: list[int], count: int) -> None:
    """No item is lost or doubled, and a part exceeds the average by less than its largest item (even_parts)."""
    parts = even_parts(sizes, lambda size: size, count)
    assert [size for part in parts for size in part] == sizes
    assert len(parts) <= count
    assert all(parts)
    for part in parts:
        assert sum(part) <= sum(sizes) / count + max(part)


@given(st.integers(0, 10**12), st.integers(1, 10**9))
def test_tasks_are_worth_their_start_and_are_shared_evenly(cost: int, least: int) -> None:
    """There are 1, 2, 4, 8 or a multiple of 8 tasks, none with more than a task's cost (count_tasks)."""
    number = count_tasks(cost, least)
    assert number in (1, 2, 4) or number % 8 == 0
    assert cost <= number * least
    assert number == 1 or cost > (number - 8 if number > 8 else number // 2) * least


@given(st.lists(st.integers(0, 300 << 20), min_size=1, max_size=50))
def test_bins_become_tasks_of_about_equal_cost(sizes: list[int]) -> None:
    """Each bin is in one task, and two tasks differ by less than a bin (group_bins), whatever the bins' order."""
    bins = [
        Bin(number, "parquet", 0, "b", "p/", (), (("b", FrozenFile(f"{number}", size, "", "")),))
        for number, size in enumerate(sizes)
    ]
    tasks = group_bins(bins)
    assert sorted(one.number for task in tasks for one in task) == list(range(len(bins)))
    costs = [sum(one.cost for one in task) for task in tasks]
    assert max(costs) - min(costs) <= max(sizes) + FILE_COST
    assert costs == sorted(costs, reverse=True)
    assert {frozenset(one.number for one in task) for task in tasks} == {
        frozenset(one.number for one in task) for task in group_bins(bins[::-1])
    }
