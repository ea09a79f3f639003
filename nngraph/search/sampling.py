"""The samplers: each way to search on Optuna's public interface, TPE as Optuna has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from optuna.samplers import BaseSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import TrialState

from nngraph import streams
from nngraph.search import proposals
from nngraph.search.axes import Space
from nngraph.search.proposals import Tried
from nngraph.words.searches import (
    GeneticSearch,
    GridSearch,
    RandomSearch,
    Search,
    SwarmSearch,
    TpeSearch,
)

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

AGAIN = "again_of"
"""Attribute of a trial that takes the place of one whose worker died: the number of that one."""

Propose = Callable[[int, Sequence[Tried]], Mapping[str, Any]]
"""From the place of a trial in the search, and what is known, to its point."""


def places(trials: Sequence[FrozenTrial]) -> dict[int, int]:
    """Number of each trial -> its place in the search; one that takes the place of another has
    that one's. So places have no gaps, whatever happened to the workers."""
    found: dict[int, int] = {}
    following = 0
    for trial in sorted(trials, key=lambda trial: trial.number):
        again = trial.user_attrs.get(AGAIN)
        found[trial.number] = following if again is None else found[again]
        following += again is None
    return found


class Proposer(BaseSampler):
    """One of our own ways to search. It keeps nothing: all follows from the study."""

    def __init__(self, space: Space, propose: Propose) -> None:
        self._distributions = {axis.name: axis.distribution() for axis in space.axes}
        self._propose = propose

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All axes at once."""
        return self._distributions

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The point of a trial."""
        trials = study.get_trials(deepcopy=False)
        place = places(trials)
        sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
        tried = [
            Tried(place[one.number], one.params, _loss(one, sign))
            for one in trials
            if one.number != trial.number and one.params and one.state in _KNOWN
        ]
        return dict(self._propose(place[trial.number], tried))

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Errors: KeyError, for all axes are drawn together."""
        raise KeyError(param_name)


_KNOWN = (TrialState.RUNNING, TrialState.COMPLETE, TrialState.PRUNED)


def _loss(trial: FrozenTrial, sign: float) -> float | None:
    """The smaller the better; a trial that was stopped counts with what it had come to."""
    return sign * trial.value if trial.value is not None else None


def sampler_for(by: Search, space: Space, seed: int, place: int) -> BaseSampler:
    """The sampler of a way to search, for the trial at this place."""
    if isinstance(by, TpeSearch):
        (word,) = streams.raw(streams.key(seed, str(place), "search tpe"), 1)
        return TPESampler(seed=int(word) % 2**32)
    return Proposer(space, _proposal(by, space, seed))


def _proposal(by: Search, space: Space, seed: int) -> Propose:
    if isinstance(by, GridSearch):
        return lambda place, tried: proposals.grid(space, place)
    if isinstance(by, RandomSearch):
        return lambda place, tried: proposals.at_random(space, seed, place)
    if isinstance(by, SwarmSearch):
        return lambda place, tried: proposals.swarm(space, seed, place, tried, by.particles)
    if by.wires:
        return lambda place, tried: {}  # a genome is no point: `trials` has it bred
    assert isinstance(by, GeneticSearch)
    return lambda place, tried: proposals.genetic(
        space, seed, place, tried, by.population, by.mutation
    )
