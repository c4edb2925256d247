"""Which things may stay where they are while the others move around them."""

from __future__ import annotations

from bisect import bisect_left


def standing(order: list[str], wanted: list[str]) -> set[str]:
    """Give the most ids that already stand in the wanted order: the longest increasing subsequence."""
    rank = {row_id: place for place, row_id in enumerate(wanted)}
    ends: list[int] = []
    tails: list[int] = []
    links: list[int] = []
    for index, row_id in enumerate(order):
        spot = bisect_left(ends, rank[row_id])
        links.append(tails[spot - 1] if spot else -1)
        ends[spot : spot + 1] = [rank[row_id]]
        tails[spot : spot + 1] = [index]
    found: set[str] = set()
    index = tails[-1] if tails else -1
    while index >= 0:
        found.add(order[index])
        index = links[index]
    return found
