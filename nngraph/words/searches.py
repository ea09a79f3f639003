"""How the values of a search are chosen: the words of `by` in the section `search`."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Union

from pydantic import Field

from nngraph.words.base import ChosenBy, SpecModel, by_name

Several = Annotated[int, Field(ge=2)]
Share = Annotated[float, Field(gt=0, le=1)]
Chance = Annotated[float, Field(ge=0, le=1)]


class Search(SpecModel):
    """What every row is.

    `is_exhaustive` is true where all values are tried, so that their number says how many trials
    there are.
    """

    is_exhaustive: ClassVar[bool] = False
    wires: ClassVar[bool] = False

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


class EvolutionSearch(Search):
    """Networks bred from each other: edges and neurons come and go, weights are trained by gradient
    between (Stanley and Miikkulainen, 2002, without their mutation of weights)."""

    kind: Literal["evolution"] = "evolution"
    wires = True
    population: Several = 30
    """How many live at a time; so many trials begin with the spec's own wiring."""
    species: Annotated[int, Field(ge=1)] = 3
    """Groups of like wiring that breed among themselves, so that a new one has time."""
    add_edge: Chance = 0.3
    """How likely a child gets one more edge."""
    add_neuron: Chance = 0.15
    """How likely a neuron splits one of its edges."""
    cut_edge: Chance = 0.05
    """How likely it loses an edge."""
    activations: Annotated[tuple[str, ...], Field(min_length=1)] = ("tanh", "relu")
    """What a new neuron may compute."""


SEARCHES: tuple[type[Search], ...] = (
    GridSearch,
    RandomSearch,
    SwarmSearch,
    GeneticSearch,
    TpeSearch,
    EvolutionSearch,
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
