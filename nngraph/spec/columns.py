"""Many plain edges as integer columns: the rows of a side file, long runs of `- x -> h: 0.5`.

An edge takes 21 bytes here. As an `EdgeEntry` it is made when a single one is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.records import Made, dataclass
from nngraph.spec.arrows import EndNumbers
from nngraph.spec.document import EdgeEntry, EdgeWriting, Indices
from nngraph.spec.edges import DefaultEdge


@dataclass(frozen=True, slots=True, eq=False)
class EdgeColumns(Made[EdgeEntry]):
    """Edge k leads from end number `sources[k]` to end number `targets[k]`.

    It is written on the line that begins at character `starts[k]`. `weights[k]` is NaN where it
    gives none, `fixed[k]` true where it is not trained.
    """

    ends: EndNumbers
    writing: EdgeWriting
    sources: Indices
    targets: Indices
    starts: Indices
    weights: NDArray[np.float64]
    fixed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[EdgeEntry]:
        return map(self.make, range(len(self)))

    def make(self, at: int) -> EdgeEntry:
        """One edge."""
        known = self.ends.known
        source, target = known[self.sources[at]], known[self.targets[at]]
        written = float(self.weights[at])
        weight = None if written != written else written  # NaN
        given = DefaultEdge(weight=weight, trainable=False) if self.fixed[at] else None
        place = self.writing.place(int(self.starts[at]))
        return EdgeEntry(f"{source}->{target}", False, source, target, weight, given, place)

    @property
    def inner(self) -> EdgeColumns:
        """All edges but the first and the last."""
        columns = (self.sources, self.targets, self.starts)
        sources, targets, starts = (column[1:-1] for column in columns)
        return EdgeColumns(
            self.ends,
            self.writing,
            sources,
            targets,
            starts,
            self.weights[1:-1],
            self.fixed[1:-1],
        )


Run: TypeAlias = tuple[EdgeEntry, ...] | EdgeColumns


def merged(runs: Iterable[Run]) -> list[Run]:
    """The same edges in fewer runs: neighbours become one that are written in one way."""
    return [_joined(list(group)) for _, group in groupby(filter(len, runs), _way)]


def _way(run: Run) -> int:
    """What tells ways of writing apart; 0 for edges that were read one by one."""
    return 0 if isinstance(run, tuple) else id(run.writing)


def _joined(runs: Sequence[Run]) -> Run:
    columns = [run for run in runs if isinstance(run, EdgeColumns)]
    if not columns:
        return tuple(chain.from_iterable(runs))
    return EdgeColumns(
        columns[0].ends,
        columns[0].writing,
        np.concatenate([run.sources for run in columns]),
        np.concatenate([run.targets for run in columns]),
        np.concatenate([run.starts for run in columns]),
        np.concatenate([run.weights for run in columns]),
        np.concatenate([run.fixed for run in columns]),
    )
