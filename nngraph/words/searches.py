"""How the values of a search are chosen: the words of `by` in the section `search`."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Union

from pydantic import Field

from nngraph.words.base import ChosenBy, SpecModel, by_name

Several = Annotated[int, Field(ge=2)]
Share = Annotated[float, Field(gt=0, le=1)]


class Search(SpecModel):
    """What every row is.

    `is_exhaustive` is true where all values are tried, so that their number says how many trials
    there are.
    """

    is_exhaustive: ClassVar[bool] = False

    if TYPE_CHECKING:
        kind: str  # each row has its own word

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


class GridSearch(Search):
    """Every combination of the values, once each; the last path changes first."""

    kind: Literal["grid"] = "grid"
    is_exhaustive = True


class RandomSearch(Search):
    """Each value drawn for itself (Bergstra and Bengio, 2012)."""

    kind: Literal["random"] = "random"


class SwarmSearch(Search):
    """A swarm of particles, each drawn to its own best place and to the best of all (Kennedy and
    Eberhart, 1995)."""

    kind: Literal["swarm"] = "swarm"
    particles: Several = 8
    """How many there are: so many trials are a step of all."""


class GeneticSearch(Search):
    """Parents by tournament, uniform crossover, mutation; the best survive (Holland, 1975)."""

    kind: Literal["genetic"] = "genetic"
    population: Several = 8
    """How many survive; so many trials are drawn at random first."""
    mutation: Share = 0.1
    """How far a mutation moves a value, as a share of the range."""


class TpeSearch(Search):
    """Optuna's tree-structured Parzen estimator (Bergstra et al., 2011)."""

    kind: Literal["tpe"] = "tpe"


SEARCHES: tuple[type[Search], ...] = (
    GridSearch,
    RandomSearch,
    SwarmSearch,
    GeneticSearch,
    TpeSearch,
)
"""A way to search is added by a row here, and by its sampler in `search/sampling.py`."""

if TYPE_CHECKING:
    AnySearch = Search
else:
    AnySearch = Annotated[
        Union[SEARCHES],  # noqa: UP007 (of a tuple)
        ChosenBy("kind"),
        by_name(*(row.word() for row in SEARCHES)),
    ]
"""A name, or a mapping with `kind` and options."""
