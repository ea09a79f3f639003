"""How the learning rate changes while training: the words of `schedule`. Lengths are in epochs."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, Union

from pydantic import Field, model_validator

from nngraph.words.base import ChosenBy, Positive, Size, SpecModel, by_name, value_error

Length = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Schedule(SpecModel):
    """What every row is, and may carry.

    `changes` is false where the rate stays as it is; `by_factors` where it falls by equal factors,
    so that its curve is read on a scale of decades.
    """

    changes: ClassVar[bool] = True
    by_factors: ClassVar[bool] = False

    if TYPE_CHECKING:
        kind: str  # each row has its own word

    warmup: Length = 0.0
    """Epochs over which the rate rises in a straight line before the schedule begins."""

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


class FigureSchedule(Schedule):
    """What a row is that follows a figure of the training, epoch by epoch."""

    if TYPE_CHECKING:
        monitor: str | None


class ConstantRate(Schedule):
    """The learning rate as it is."""

    kind: Literal["constant"] = "constant"
    changes = False


class StepDecay(Schedule):
    """Times `factor` every `every` epochs, or `at` given epochs: one of the two is needed."""

    kind: Literal["step"] = "step"
    by_factors = True
    factor: Fraction = 0.1
    """What the rate is multiplied by at each step."""
    every: Positive | None = None
    """Epochs between two steps."""
    at: Annotated[tuple[Positive, ...], Field(min_length=1)] | None = None
    """The epochs after which the rate falls, e.g. `[30, 60, 80]`, in place of `every`."""

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if self.every is not None and self.at is not None:
            raise value_error("E107:every-and-at", at=("at",))
        if self.every is None and self.at is None:
            raise value_error("E107:no-rhythm")
        if self.at is not None and list(self.at) != sorted(set(self.at)):
            raise value_error("E107:epochs", at=("at",))
        return self


class Exponential(Schedule):
    """Times `factor` in the course of an epoch, a little at each step.

    (PyTorch's ExponentialLR keeps the rate throughout an epoch, and drops it once at its end.)
    """

    kind: Literal["exponential"] = "exponential"
    by_factors = True
    factor: Fraction = 0.95
    """What the rate is multiplied by over one epoch."""


class Cosine(Schedule):
    """Half a cosine from the learning rate down to `end` of it (Loshchilov and Hutter, 2017)."""

    kind: Literal["cosine"] = "cosine"
    epochs: Positive | None = None
    """How long it takes; by default until the end of the training."""
    end: Share = 0.0
    """The last rate, as a share of the learning rate."""


class Polynomial(Schedule):
    """(1 - progress)^power from the learning rate down to `end` of it; power 1 is a line."""

    kind: Literal["polynomial"] = "polynomial"
    power: Positive = 1.0
    """1 is a straight line, 2 falls faster at first."""
    epochs: Positive | None = None
    """How long it takes; by default until the end of the training."""
    end: Share = 0.0
    """The last rate, as a share of the learning rate."""


class Plateau(FigureSchedule):
    """Times `factor` when a figure has not become better for `patience` epochs."""

    kind: Literal["plateau"] = "plateau"
    monitor: str | None = None
    """The figure, e.g. `validation.accuracy`; by default validation.loss, or train.loss where
    there is no validation part."""
    factor: Fraction = 0.1
    """What the rate is multiplied by."""
    patience: Size = 5
    """Epochs without progress after which the rate falls."""
    min_delta: Annotated[float, Field(ge=0)] = 0.0
    """What counts as progress: better by more than this."""
    end: Share = 0.0
    """The lowest rate, as a share of the learning rate."""


class OneCycle(Schedule):
    """Up to the learning rate and down again, each half a cosine (Smith and Topin, 2019)."""

    kind: Literal["one_cycle"] = "one_cycle"
    rise: Share = 0.3
    """The share of the training that leads up."""
    start: Share = 0.04
    """The first rate, as a share of the learning rate."""
    end: Share = 4e-6
    """The last rate, as a share of the learning rate."""

    @model_validator(mode="after")
    def _warms_up_by_itself(self) -> Self:
        if self.warmup:
            raise value_error("E107:warmup", at=("warmup",))
        return self


SCHEDULES: tuple[type[Schedule], ...] = (
    ConstantRate,
    StepDecay,
    Exponential,
    Cosine,
    Polynomial,
    Plateau,
    OneCycle,
)
"""A schedule is added by a row here, and by its factor in `train/schedules.py`."""

if TYPE_CHECKING:
    AnySchedule = Schedule
else:
    AnySchedule = Annotated[
        Union[SCHEDULES],  # noqa: UP007 (of a tuple)
        ChosenBy("kind"),
        by_name(*(row.word() for row in SCHEDULES if row is not StepDecay)),
    ]
"""A name, or a mapping with `kind` and options."""
