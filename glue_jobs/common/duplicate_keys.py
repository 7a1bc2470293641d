"""Keys that occur several times, found by their digests."""

from typing import List, Sequence, Tuple

import numpy as np


def replaced_positions(digests: Sequence[bytes]) -> List[Tuple[int, ...]]:
    """The positions of items that a later one with the same key replaces.

    Args:
        digests: of each group, the digests of its items, eight bytes each.

    Returns:
        Of each group, the positions among its items.
    """
    lengths = [len(group) // 8 for group in digests]
    keys = np.frombuffer(b"".join(digests), np.uint64)
    # Of equal keys the last one stays: the first one in the reverse order.
    _, last = np.unique(keys[::-1], return_index=True)
    is_replaced = np.ones(len(keys), bool)
    is_replaced[len(keys) - 1 - last] = False
    found = []
    start = 0
    for length in lengths:
        found.append(tuple(int(position) for position in np.flatnonzero(is_replaced[start : start + length])))
        start += length
    return found
