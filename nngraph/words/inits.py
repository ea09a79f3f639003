"""How first weights are drawn: the words of `init`."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, Union

from nngraph.records import dataclass
from nngraph.words.base import ChosenBy, Positive, SpecModel, by_name


class InitOptions(SpecModel):
    """What a file says of a way to draw: its name, and its options where it has any."""

    if TYPE_CHECKING:
        kind: str  # each row has its own word


class UniformInit(InitOptions):
    """Uniform between `low` and `high`."""

    kind: Literal["uniform"] = "uniform"
    low: float
    """Smallest value."""
    high: float
    """Largest value."""


class NormalInit(InitOptions):
    """Normal around `mean` with standard deviation `stddev`."""

    kind: Literal["normal"] = "normal"
    mean: float = 0.0
    """Centre."""
    stddev: Positive
    """Standard deviation."""


class TruncatedNormalInit(InitOptions):
    """Normal around `mean`, but nothing farther away than two `stddev` (as Keras has it)."""

    kind: Literal["truncated_normal"] = "truncated_normal"
    mean: float = 0.0
    """Centre."""
    stddev: Positive
    """Standard deviation of the whole bell; what is drawn spreads 0.8796 of it."""


class OrthogonalInit(InitOptions):
    """A matrix with orthogonal rows or columns, times `gain`."""

    kind: Literal["orthogonal"] = "orthogonal"
    gain: Positive = 1.0
    """Factor on the orthogonal matrix."""


@dataclass(frozen=True, slots=True, eq=False)
class Init:
    """One way to draw first weights: what they are, and options where it has any."""

    name: str
    meaning: str
    options: type[InitOptions] | None = None
    source: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the name alone says all."""
        fields = () if self.options is None else self.options.model_fields.values()
        return not any(field.is_required() for field in fields)


GLOROT = "Glorot and Bengio, Understanding the difficulty of training deep networks, 2010, eq. 16."
HE = "He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, eq. 10."

INITS: tuple[Init, ...] = (
    Init("zeros", "0 everywhere"),
    Init("ones", "1 everywhere"),
    Init("glorot_uniform", "uniform, variance 2 / (fan_in + fan_out)", source=GLOROT),
    Init("glorot_normal", "normal, variance 2 / (fan_in + fan_out)", source=GLOROT),
    Init("he_uniform", "uniform, variance 2 / fan_in", source=HE),
    Init("he_normal", "normal, variance 2 / fan_in", source=HE),
    Init(
        "lecun_normal",
        "normal, variance 1 / fan_in",
        source="LeCun, Bottou, Orr and Mueller, Efficient BackProp, 1998, eq. 16.",
    ),
    Init("uniform", "uniform between two numbers", UniformInit),
    Init("normal", "normal around a mean", NormalInit),
    Init(
        "truncated_normal",
        "normal around a mean, nothing farther away than two standard deviations",
        TruncatedNormalInit,
    ),
    Init(
        "orthogonal",
        "orthonormal rows or columns, whichever are fewer, times the gain",
        OrthogonalInit,
        source="Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of "
        "learning in deep linear neural networks, ICLR 2014.",
    ),
)
"""A way to draw is added by a row here, and by what it draws in `lower/initialise.py`."""

if TYPE_CHECKING:
    PlainInitName: TypeAlias = str
else:
    PlainInitName = Literal[tuple(row.name for row in INITS if row.options is None)]


class PlainInit(InitOptions):
    """A way to draw weights whose spread follows from the number of connections."""

    kind: PlainInitName = "glorot_uniform"


if TYPE_CHECKING:
    AnyInit: TypeAlias = InitOptions
else:
    AnyInit = Annotated[
        Union[PlainInit, *(row.options for row in INITS if row.options is not None)],
        ChosenBy("kind"),
        by_name(*(row.name for row in INITS if row.is_plain)),
    ]
"""A name, or a mapping with `kind` and its options."""
