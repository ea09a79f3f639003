"""Intervals give what a look at each of them would give."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nngraph.plan.intervals import Intervals

BOUNDS = st.tuples(st.integers(-20, 20), st.integers(0, 12)).map(lambda b: (b[0], b[0] + b[1]))
STEPS = st.lists(st.tuples(st.integers(0, 6), st.none() | BOUNDS), max_size=30)


@given(STEPS, BOUNDS)
def test_overlapping_names_are_found(steps, asked):
    lying, known = Intervals[int](), {}
    for name, bounds in steps:
        if bounds is None:
            assert lying.remove(name) == (known.pop(name, None) is not None)
        else:
            lying.add(name, *bounds)
            known[name] = bounds
        assert all((n in lying) == (n in known) for n in range(7))
    start, stop = asked
    found = list(lying.overlapping(start, stop))
    assert sorted(found) == sorted(n for n, (a, b) in known.items() if a < stop and start < b)
