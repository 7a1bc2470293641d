"""Cutting a list into parts of about equal size, and how many of them are worth a Spark task.

Nothing here depends on the number of cores: a run that is started again on others does the same.
"""

from typing import Callable, List, Sequence, TypeVar

FILE_COST = 64 << 10
"""Opening a small file takes as long as reading about this many bytes."""
EVEN_TASKS = 8

Item = TypeVar("Item")


def count_tasks(cost: int, least: int) -> int:
    """The number of tasks for work: 1, 2, 4, 8, or a multiple of 8, which cores share evenly.

    An empty task costs Spark's Python worker 0.15 s (it collects garbage after each, and looks for changed modules
    before), so that work of a second is slower in eight tasks than in two.

    Args:
        cost: of all the work, in bytes.
        least: the cost of a task that is worth its start.
    """
    wanted = max(1, -(-cost // least))
    if wanted > EVEN_TASKS:
        return -(-wanted // EVEN_TASKS) * EVEN_TASKS
    return 1 << (wanted - 1).bit_length()


def even_parts(items: Sequence[Item], cost: Callable[[Item], float], count: int) -> List[List[Item]]:
    """Cut items into at most ``count`` parts, in their order; the parts' costs differ by less than an item's."""
    goal = sum(cost(one) for one in items) / max(1, count)
    parts: List[List[Item]] = []
    done = 0.0
    for one in items:
        size = cost(one)
        # An item goes where its middle is.
        if not parts or done + size / 2 > goal * len(parts):
            parts.append([])
        parts[-1].append(one)
        done += size
    return parts
