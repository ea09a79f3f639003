"""A network as Python holds it: trained, asked, tested, kept."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngraph.api.history import History
from nngraph.api.kept import Kept
from nngraph.api.outline import in_one_line
from nngraph.api.shown import Shown
from nngraph.app.fit import fit, rows_of_data, settings_for
from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.run import FORWARD_ROWS
from nngraph.spec import Document
from nngraph.train.arrays import rows_of_arrays
from nngraph.train.data_files import HERE, DataPlace, load_data
from nngraph.train.feed import Rows
from nngraph.train.held import Predictors
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.position import Epoch, Epochs

if TYPE_CHECKING:
    from nngraph.data import DataSet
    from nngraph.network import Network

Array = NDArray[Any]
Arrays = ArrayLike | Mapping[str, ArrayLike]
"""An array [n, *shape] where there is one input (or target), else a mapping from names to them."""


P = ParamSpec("P")
R = TypeVar("R")


def answered(function: Callable[P, R]) -> Callable[P, R]:
    """A function that answers unknown arguments by name, those of other libraries with ours.

    Errors: UsageError for such an argument.
    """
    known = inspect.signature(function).parameters.keys()

    @wraps(function)
    def called(*args: P.args, **named: P.kwargs) -> R:
        if named and not named.keys() <= known:
            from nngraph.api.elsewhere import unknown_argument

            raise unknown_argument(function.__name__, min(named.keys() - known), known)
        return function(*args, **named)

    return called


class Model(Kept, Shown):
    """A network: compiled, with weights. Made by `nngraph.compile` and `nngraph.load`.

    Inputs and targets are raw: scaling that the spec asks for is fitted by `fit` on its data, kept,
    and applied to whatever comes later. An array stands for the only input (or target), a
    mapping names them; axis 0 counts samples. A class may be given as its index, its name or
    a one-hot row.

    >>> import nngraph
    >>> model = nngraph.compile('''
    ... nngraph: 1
    ... nodes: {x: {kind: input, shape: 2}, h: {units: 4, activation: tanh}, y: {}}
    ... edges: [x -> h -> y]
    ... loss: mean_squared_error
    ... ''')
    >>> model
    <nngraph.Model: x[2] -> h[4] -> y[1], 17 parameters, untrained>
    """

    def __init__(
        self,
        learner: Learner,
        *,
        place: DataPlace = HERE,
        run: Path | None = None,
        history: Sequence[Epoch] = (),
    ) -> None:
        self._learner = learner
        self._place = place
        self._run = run
        self._history = Epochs(history)
        self._is_trained = run is not None
        self._predictors = Predictors()

    # ---- what it is

    @property
    def learner(self) -> Learner:
        """The network with its weights and what the data taught it, for code that looks deeper."""
        return self._learner

    @property
    def network(self) -> Network:
        """All stages of the compiler: graph, programs, plans, source."""
        return self._learner.network

    @property
    def document(self) -> Document:
        """The spec that was read, with its places."""
        return self._learner.document

    @property
    def name(self) -> str:
        """The spec's name, or that of its file."""
        return self.document.name

    @property
    def parameters(self) -> int:
        """How many numbers all weights and biases have, trained or fixed; shared ones once."""
        return self.network.parameters

    @property
    def is_trained(self) -> bool:
        """Whether training has begun, here or in the run that was loaded."""
        return self._is_trained

    @property
    def run(self) -> Path | None:
        """The run folder that holds the model as it is now, None where none does."""
        return self._run

    @property
    def drawn(self) -> tuple[str, ...]:
        """Ids of the weights that the spec does not give: they start at random."""
        return self._learner.drawn

    @property
    def history(self) -> History:
        """All epochs of training so far, with their figures; none of a run that was loaded."""
        return History(self._history)

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Output node -> names of its units, where the spec or the data name them."""
        found = {node: self._learner.labels_of(node) for node in self._learner.output_names}
        return {node: labels for node, labels in found.items() if labels is not None}

    @property
    def weights(self) -> dict[str, Array]:
        """Copies of all weights by id: "x->h" is W [in, out], "h.bias" is b [units].

        May be assigned: `model.weights = {**model.weights, "h.bias": b}`.

        Errors: on assignment ModelFileError for one missing, unknown or misshapen.
        """
        return self._learner.executable.weights()

    @weights.setter
    def weights(self, weights: Mapping[str, ArrayLike]) -> None:
        self._learner.executable.set_weights({id_: np.asarray(w) for id_, w in weights.items()})
        self._run = None

    def __repr__(self) -> str:
        start = "untrained" if self.drawn else "all weights given"
        return in_one_line(self.network, "trained" if self._is_trained else start)

    # ---- training

    @answered
    def fit(
        self,
        x: Arrays | None = None,
        y: Arrays | None = None,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation: tuple[Arrays, Arrays] | None = None,
        sample_weight: ArrayLike | None = None,
        on_epoch: Callable[[Epoch], None] | None = None,
        progress: bool = False,
    ) -> History:
        """Train on `x` and `y`, or without them on the data that the spec names.

        What is left out is as the spec's `train` section says. Calling it again trains on. Gives
        the epochs of this call with their figures. `sample_weight` says how much each row of `x`
        counts in the loss, 1 by default. `on_epoch` is called with each epoch; with
        `progress` some lines on standard output tell of them. Ctrl-C ends after the running step,
        keeps the weights so far with the unfinished epoch in `history`, and raises
        KeyboardInterrupt. Early stopping watches the epochs of one call, and leaves the best
        weights where it is to restore them.

        Errors: UsageError without loss or data; DataError for arrays that do not fit;
        NonFiniteError when the loss is no longer a number.

        >>> import nngraph
        >>> model = nngraph.compile("nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y]\\n"
        ...     "loss: mean_squared_error\\n"
        ...     "train: {epochs: 50, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}")
        >>> epochs = model.fit([0, 1, 2, 3], [1, 3, 5, 7])
        >>> len(epochs), epochs[-1].train["loss"] < epochs[0].train["loss"]
        (50, True)
        """
        self._learner = self._learner.with_training()
        if x is None:
            if y is not None or validation is not None or sample_weight is not None:
                raise UsageError(diagnostic("E002:y-without-x"))
            rows, checked = rows_of_data(self._learner, self.data)
        else:
            if sample_weight is not None:
                self._learner = self._learner.with_sample_weights()
            rows = rows_of_arrays(self._learner, x, y, fit=not self._history, weights=sample_weight)
            checked = None if validation is None else rows_of_arrays(self._learner, *validation)
        self._learner = self._learner.weighing(rows.targets, self._learner.labels)
        first = self._history[-1].number + 1 if self._history else 1
        settings = settings_for(
            self._learner,
            rows.count,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            first_epoch=first,
        )
        told, hearers = Epochs(), [] if on_epoch is None else [on_epoch]
        if progress:
            from nngraph.api.progress import Progress

            hearers.insert(0, Progress(first, settings.epochs))

        def hear(epochs: Sequence[Epoch]) -> None:
            self._run, self._is_trained = None, True
            self._history.extend(epochs)
            told.extend(epochs)
            for listen in hearers:
                for epoch in epochs:
                    listen(epoch)

        fit(self._learner, settings, rows, checked, hear, looked_at=bool(hearers))
        return History(told)

    @property
    def data(self) -> DataSet:
        """The data that the spec names: encoded, split, scaled.

        Errors: UsageError where it names none; DataError, FileError.
        """
        return load_data(self._learner, self._place)

    # ---- asking

    @answered
    def predict(self, x: Arrays | Path, *, labels: bool = False) -> Array | dict[str, Array]:
        """Outputs [n, *shape] for raw inputs; by node id where there are several outputs.

        A data frame, or a mapping from columns, is matched by the names that the network learnt,
        whatever their order; names of categories are encoded as they were then. A `Path` names a
        .csv, .npz or .npy file, or a picture of the input's size. With `labels` the names of the
        classes that the outputs say, [n], where the spec or the data name them.

        Errors: UsageError for a missing or unknown input, and for labels that nobody named;
        DataError for shapes and values; FileError.
        """
        if labels:
            return _only(self._labelled(self.forward(x)))
        if type(x) is np.ndarray and x.ndim and 0 < len(x) <= FORWARD_ROWS:
            return _only(self._predictors.held(self._learner, len(x))(x))
        return _only(self.forward(x))

    def _labelled(self, outputs: dict[str, Array]) -> dict[str, Array]:
        from nngraph.app.predict import classes_of

        found = classes_of(self._learner, outputs)
        if nameless := [f"'{node}'" for node in outputs if node not in found]:
            raise UsageError(diagnostic("E002:labels", nodes=join_words(nameless)))
        return {node: np.array(names) for node, names in found.items()}

    def predictor(self, batch: int = 1) -> Callable[[Arrays], Array | dict[str, Array]]:
        """A function that predicts as `predict` does, the shortest way for arrays of `batch`
        samples. It follows the model when that is trained on, and takes other sizes too.

        Errors: UsageError for a batch below 1.
        """
        if batch < 1:
            raise UsageError(diagnostic("E002:predictor", batch=batch))
        ways = Predictors()
        return lambda x: _only(ways.held(self._learner, batch)(x))

    def forward(self, x: Arrays | Path, nodes: Sequence[str] | None = None) -> dict[str, Array]:
        """Values of any nodes, [n, *shape] by id, for raw inputs; by default of the outputs.

        Targets that were scaled for training are scaled back on the nodes that learnt them.

        Errors: as `predict`; UsageError for an unknown node.
        """
        if isinstance(x, Path):
            from nngraph.app.predict import read_file

            return self._predictors.now(self._learner).values(read_file(self._learner, x), nodes)
        return self._predictors.now(self._learner).predict(x, nodes)

    def loss(self, x: Arrays, y: Arrays | None = None) -> float:
        """The loss as the network predicts: a mean over the samples, in nats for entropies.

        Errors: UsageError without a loss; DataError for arrays that do not fit.
        """
        return self._learner.evaluate(rows_of_arrays(self._learner, x, y))["loss"]

    @answered
    def evaluate(
        self, x: Arrays | None = None, y: Arrays | None = None, *, part: str = "test"
    ) -> dict[str, float]:
        """Loss and metrics by name: of `x` and `y`, or without them of a part of the spec's data.

        Errors: UsageError for a part without rows; DataError.
        """
        return self._learner.evaluate(self._rows(x, y, part))

    @answered
    def score(
        self, x: Arrays | None = None, y: Arrays | None = None, *, part: str = "test"
    ) -> float:
        """How good the answers are: the share of right classes, or R^2 of numbers; 1 is perfect.

        Of `x` and `y`, or without them of a part of the spec's data; of several targets the mean.

        Errors: UsageError without a loss, or for a part without rows; DataError.
        """
        if not self.document.spec.loss:
            raise UsageError(diagnostic("E002:score"))
        return self._learner.score(self._rows(x, y, part))

    def _rows(self, x: Arrays | None, y: Arrays | None, part: str) -> Rows:
        if x is not None:
            return rows_of_arrays(self._learner, x, y)
        return rows_of(part_of(self.data, part))

    def gradients(self, x: Arrays, y: Arrays | None = None) -> dict[str, Array]:
        """dL/dW_ij = delta_j z_i and dL/db_j = delta_j for these samples, by weight id.

        Shaped like `weights`; for the loss as it is trained, averaged over the samples as the spec
        says. Fixed weights have none.

        Errors: UsageError without a loss; DataError for arrays that do not fit.

        >>> import nngraph
        >>> model = nngraph.compile("nngraph: 1\\nnodes: {x: input, y: {bias: 0}}\\n"
        ...     "edges: [x -> y: 3]\\nloss: mean_squared_error")
        >>> float(model.gradients([2.0], [5.0])["x->y"].item())  # 2 (3 * 2 - 5) * 2
        4.0
        """
        return self._learner.gradients(rows_of_arrays(self._learner, x, y))

    # ---- what a copy needs

    def __getstate__(self) -> dict[str, Any]:
        """For `pickle` and `copy`: all but the ways to predictions, which are found again."""
        return {name: value for name, value in vars(self).items() if name != "_predictors"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _predictors=Predictors())

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from nngraph.diagnostics.foreign_python import without_name
            from nngraph.diagnostics.notebook import NoSuchAttribute

            raise NoSuchAttribute(without_name("Model", name))


def _only(outputs: dict[str, Array]) -> Array | dict[str, Array]:
    """The only output, or all by name."""
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs
