"""A network as Python holds it: trained, asked, tested, kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngraph.api.outline import in_one_line
from nngraph.api.shown import Shown
from nngraph.app.fit import fit, rows_of_data, settings_for
from nngraph.app.recording import save_network
from nngraph.errors import UsageError, diagnostic
from nngraph.run import FORWARD_ROWS
from nngraph.spec import Document
from nngraph.train.arrays import rows_of_arrays
from nngraph.train.data_files import HERE, DataPlace, load_data
from nngraph.train.held import Predictors
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.position import Epoch
from nngraph.train.run_folder import new_folder

if TYPE_CHECKING:
    from nngraph.app.test import Outcome
    from nngraph.app.write_back import WroteBack
    from nngraph.data import DataSet
    from nngraph.insight.describe import DataFacts
    from nngraph.network import Network
    from nngraph.render.colours import Theme

Array = NDArray[Any]
Arrays = ArrayLike | Mapping[str, ArrayLike]
"""An array [n, *shape] where there is one input (or target), else a mapping from names to them."""


class Model(Shown):
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
        self._history = list(history)
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
    def history(self) -> tuple[Epoch, ...]:
        """All epochs of training so far, with their figures; none of a run that was loaded."""
        return tuple(self._history)

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

    def fit(
        self,
        x: Arrays | None = None,
        y: Arrays | None = None,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation: tuple[Arrays, Arrays] | None = None,
        on_epoch: Callable[[Epoch], None] | None = None,
    ) -> tuple[Epoch, ...]:
        """Train on `x` and `y`, or without them on the data that the spec names.

        What is left out is as the spec's `train` section says. Calling it again trains on. Gives
        the epochs of this call with their figures. Ctrl-C ends after the running step, keeps the
        weights so far with the unfinished epoch in `history`, and raises KeyboardInterrupt. Early
        stopping watches the epochs of one call, and leaves the best weights where it is to
        restore them.

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
            if y is not None or validation is not None:
                raise UsageError(diagnostic("E002:y-without-x"))
            rows, checked = rows_of_data(self._learner, self.data)
        else:
            rows = rows_of_arrays(self._learner, x, y, fit=not self._history)
            checked = None if validation is None else rows_of_arrays(self._learner, *validation)
        first = self._history[-1].number + 1 if self._history else 1
        settings = settings_for(
            self._learner,
            rows.count,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            first_epoch=first,
        )
        before = len(self._history)
        hearers = [self._hear] if on_epoch is None else [self._hear, on_epoch]
        looked_at = on_epoch is not None
        fit(self._learner, settings, rows, checked, hearers, looked_at=looked_at)
        return tuple(self._history[before:])

    def _hear(self, epoch: Epoch) -> None:
        self._run, self._is_trained = None, True
        self._history.append(epoch)

    @property
    def data(self) -> DataSet:
        """The data that the spec names: encoded, split, scaled.

        Errors: UsageError where it names none; DataError, FileError.
        """
        return load_data(self._learner, self._place)

    def describe(self) -> DataFacts:
        """What the data of the spec hold: rows, ranges, classes with their counts, what is missing.

        Errors: as `data`.
        """
        from nngraph.insight.describe import describe_data

        return describe_data(self._learner, self.data)

    # ---- asking

    def predict(self, x: Arrays | Path) -> Array | dict[str, Array]:
        """Outputs [n, *shape] for raw inputs; by node id where there are several outputs.

        A `Path` names a .csv, .npz or .npy file, or a picture of the input's size.

        Errors: UsageError for a missing or unknown input; DataError for shapes and values;
        FileError.
        """
        if type(x) is np.ndarray and x.ndim and 0 < len(x) <= FORWARD_ROWS:
            return _only(self._predictors.held(self._learner, len(x))(x))
        return _only(self.forward(x))

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

    def evaluate(
        self, x: Arrays | None = None, y: Arrays | None = None, *, part: str = "test"
    ) -> dict[str, float]:
        """Loss and metrics by name: of `x` and `y`, or without them of a part of the spec's data.

        Errors: UsageError for a part without rows; DataError.
        """
        if x is not None:
            return self._learner.evaluate(rows_of_arrays(self._learner, x, y))
        return self._learner.evaluate(rows_of(part_of(self.data, part)))

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

    def test(self, *, initial: bool = False) -> tuple[Outcome, ...]:
        """Run the expectations that the spec carries under `expect`, in order; none is raised.

        Each outcome has a `status`, and where it failed the `span` in the spec, what was `expected`
        and what was `got`. Entries with `metric` or `trained: true` need training; those with
        values need weights that are given or trained, or `initial` for the random start. Others
        "need a run".

        Errors: DataError for given values that do not fit their input, and for the spec's data.

        >>> import nngraph
        >>> model = nngraph.compile('''
        ... nngraph: 1
        ... nodes: {x: input, y: {bias: 1}}
        ... edges: [x -> y: 2]
        ... expect:
        ...   - {given: {x: 3}, output: {y: 7}}
        ...   - {parameters: 3}
        ... ''')
        >>> [(one.status, one.expected, one.got) for one in model.test()]
        [('passed', '', ''), ('failed', '3 parameters', '2')]
        """
        from nngraph.app.test import run_expect

        return run_expect(
            self._learner,
            lambda: self.data,
            uses_weights=self._is_trained or initial or not self.drawn,
            is_trained=self._is_trained,
        )

    # ---- keeping and drawing

    def export(self, path: str | Path) -> tuple[Path, Path]:
        """Write the network as a readable module that needs NumPy alone, its weights beside it.

        It computes outputs, loss and gradients; `path` ends in .py. Gives both paths.

        Errors: UsageError for a name that cannot be imported; FileError.
        """
        from nngraph.app.export import export

        return export(self._learner, Path(path))

    def save(self, folder: str | Path) -> Path:
        """Write a run folder that `nngraph.load` and the command line read.

        Errors: FileError for a folder that holds anything already; NonFiniteError for weights
        that are not finite.
        """
        from nngraph.insight.drawings import draw_run

        path = new_folder(self.name, Path(folder), self._learner.document.source.text)
        save_network(path, self._learner, self._history, self._place)
        draw_run(path, self._learner, self._history)
        self._run = path
        return path

    def write_back(self, spec: str | Path | None = None) -> WroteBack:
        """Write the weights into the file of the spec: numbers of single neurons where they stand,
        arrays to a .npz file that the edges name; all else in the file stays as it is.

        `spec` is that file, by default the one that the model was compiled from.

        Errors: UsageError for a spec that is no file, and for weights that a spec cannot say;
        ModelFileError where the file says something else than it did; FileError.
        """
        from nngraph.app.write_back import file_of, write_back_learner, write_back_run

        path = file_of(self.document) if spec is None else Path(spec)
        if self._run is not None:
            return write_back_run(self._run, path, self.document.data_root)
        return write_back_learner(self._learner, path, self.document.source.text)

    def report(self, path: str | Path, *, theme: Theme = "auto") -> Path:
        """Write one HTML file that tells of the model: curves, figures, what is right and wrong.

        Of a model that a run holds it tells what the run recorded, else what is known here.

        Errors: UsageError for another ending than .html; FileError.
        """
        from nngraph.app.report import story_in_memory, write_report
        from nngraph.insight.report import story_of_run

        if self._run is not None:
            story = story_of_run(self._run, self._learner, self._place)
        else:
            story = story_in_memory(self._learner, self._place, self._history)
        write_report(story, Path(path), theme)
        return Path(path)


def _only(outputs: dict[str, Array]) -> Array | dict[str, Array]:
    """The only output, or all by name."""
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs
