"""The tree in which partial sums of shards are added: pairwise over shard numbers.

It is a function of the number of shards alone, so the bits of a gradient do not depend on who
computes which shard. It is done like a binary counter: after shard 1 comes 0 + 1, after shard 3
2 + 3 and (0 + 1) + (2 + 3); what is left over at the end is added from the back. Whoever computes
shards in order so holds at most log2(shards) + 1 vectors, and a run of 2^k shards that begins at
a multiple of 2^k is a branch of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addition:
    """The sum that begins at item `into` takes up the one that begins at item `other`, once item
    `after` is done."""

    after: int
    into: int
    other: int


def additions(count: int) -> tuple[Addition, ...]:
    """All additions of so many items, in order; the total ends in item 0.

    >>> [(a.after, a.into, a.other) for a in additions(3)]
    [(1, 0, 1), (2, 0, 2)]
    """
    found: list[Addition] = []
    waiting: list[int] = []
    for item in range(count):
        waiting.append(item)
        complete = item  # as many sums are complete as the number ends in ones
        while len(waiting) > 1 and (complete & 1 or item == count - 1):
            other = waiting.pop()
            found.append(Addition(item, waiting[-1], other))
            complete >>= 1
    return tuple(found)


def waiting_before(item: int) -> int:
    """How many partial sums wait when an item begins: so its own is kept in the vector of this
    number, and stays there while it grows.

    >>> [waiting_before(item) for item in range(8)]
    [0, 1, 1, 2, 1, 2, 2, 3]
    """
    return item.bit_count()


def branches(count: int, workers: int) -> tuple[range, ...]:
    """Items for each of at most so many workers: branches of the tree, of equal height.

    >>> branches(5, 2), branches(2, 2), branches(3, 1)
    ((range(0, 4), range(4, 5)), (range(0, 1), range(1, 2)), (range(0, 3),))
    """
    size = 1
    while size * workers < count:
        size *= 2
    return tuple(range(start, min(start + size, count)) for start in range(0, count, size))


def vectors_held(count: int, workers: int) -> int:
    """How many vectors all workers together hold while they add up so many items.

    >>> vectors_held(1, 2), vectors_held(2, 2), vectors_held(2, 1), vectors_held(64, 2)
    (1, 2, 2, 12)
    """
    return sum(_vectors(len(branch)) for branch in branches(count, workers))


def _vectors(count: int) -> int:
    return 1 + max(map(waiting_before, range(count)))
