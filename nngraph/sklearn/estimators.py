"""A classifier, a regressor and a transformer, each a spec and what scikit-learn expects of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from nngraph.api import Model
from nngraph.errors import UsageError, diagnostic
from nngraph.sklearn.specs import (
    CLASSIFIER,
    REGRESSOR,
    TRANSFORMER,
    Spec,
    fitting,
    input_shapes,
)
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import function_of
from nngraph.train.learner import Learner
from nngraph.train.ports import supervised

Array = NDArray[Any]

PATH = "spec__"
"""Parameters with this prefix are paths into the spec: `spec__train__epochs`."""


class _Network(BaseEstimator):
    """What the three share: parameters, first weights, rows, epochs.

    `spec` is a file, its text or a mapping, None for a usual network; `overrides` are like -s of
    the command line, and whatever is set as `spec__PATH` is added to them (`spec__train__epochs`,
    or `**{"spec__nodes.hidden.units": 30}`). `epochs`, `batch_size` and `learning_rate` stand above
    what the spec says. `random_state` decides first weights and order; None is the spec's own seed.
    With `warm_start` a second `fit` goes on where the first one stopped.

    Fitted: `model_` the network, `n_iter_` epochs so far, `loss_curve_` their losses.
    """

    _usual: Spec

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        overrides: Sequence[str] = (),
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
    ) -> None:
        self.spec = spec
        self.overrides = overrides
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.warm_start = warm_start

    def set_params(self, **params: Any) -> Self:
        """Set parameters, and values in the spec by `spec__PATH`, parts joined by `__` or `.`.

        Errors: ValueError for a parameter that is not there.
        """
        paths = {name: params.pop(name) for name in list(params) if name.startswith(PATH)}
        super().set_params(**params)
        if paths:
            added = [f"{_path(name)}={_text(value)}" for name, value in paths.items()]
            changed = {text.partition("=")[0] for text in added}
            kept = [text for text in self.overrides if text.partition("=")[0] not in changed]
            self.overrides = (*kept, *added)
        return self

    # ---- training

    def _start(self, features: int, outputs: int) -> None:
        spec = self._usual if self.spec is None else self.spec
        document = fitting(spec, tuple(self.overrides), features, outputs)
        self.model_ = Model(Learner.start(document, self._seed()))
        self.n_iter_ = 0
        self.loss_curve_: list[float] = []

    def _seed(self) -> int | None:
        if self.random_state is None:
            return None
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _train(
        self, X: Array, y: Array | None, sample_weight: Array | None, epochs: int | None
    ) -> None:
        history = self.model_.fit(
            self._rows(X),
            y,
            epochs=epochs,
            batch_size=self._batch_size(len(X)),
            learning_rate=self.learning_rate,
            sample_weight=None if sample_weight is None else _of_mean_one(sample_weight),
        )
        self.n_iter_ += len(history)
        self.loss_curve_ += [epoch.train["loss"] for epoch in history]

    def _batch_size(self, rows: int) -> int | None:
        train = self.model_.document.spec.train
        size = self.batch_size
        if size is None and train is not None and isinstance(train.batch_size, int):
            size = train.batch_size
        return None if size is None else min(size, rows)

    def _goes_on(self) -> bool:
        return self.warm_start and hasattr(self, "model_")

    def _rows(self, X: Array) -> dict[str, Array]:
        """Columns for each input in the order of the file, shaped as it is."""
        rows: dict[str, Array] = {}
        at = 0
        for name, shape in input_shapes(self.model_.document).items():
            many = int(np.prod(shape))
            rows[name] = X[:, at : at + many].reshape(len(X), *shape)
            at += many
        return rows

    def _outputs(self, X: Any) -> Array:
        """The values of the only output, [n, units]."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        found = self.model_.forward(self._rows(X))
        if len(found) != 1:
            raise UsageError(diagnostic("E002:one-output", outputs=", ".join(found)))
        (values,) = found.values()
        return values.reshape(len(values), -1)

    def _check(self, X: Any, y: Any, reset: bool, **more: Any) -> tuple[Array, Array]:
        checked: tuple[Array, Array] = validate_data(
            self, X, y, reset=reset, dtype=np.float64, **more
        )
        return checked


class NNGraphClassifier(ClassifierMixin, _Network):
    """A network that tells classes: softmax over all of them, or one output that says yes.

    Fitted besides: `classes_`.
    """

    _usual = CLASSIFIER
    classes_: Array

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on rows X [n, features] and the class of each."""
        goes_on = self._goes_on()
        X, y = self._labelled(X, y, reset=True)
        classes = np.unique(y)
        if not goes_on or not np.array_equal(classes, self.classes_):
            self.classes_ = classes
            self._start(X.shape[1], max(2, len(classes)))
        return self._fitted(X, y, sample_weight, self.epochs)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One epoch on these rows; the first call is told all `classes`.

        Errors: ValueError without them, and for a class that is none of them.
        """
        is_first = not hasattr(self, "model_")
        X, y = self._labelled(X, y, reset=is_first)
        if is_first:
            if classes is None:
                raise ValueError("the first call of partial_fit names all classes: classes=[...]")
            self.classes_ = np.unique(classes)
            self._start(X.shape[1], max(2, len(self.classes_)))
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes={classes} are not those of before, {self.classes_}")
        return self._fitted(X, y, sample_weight, 1)

    def _labelled(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:
        X, y = self._check(X, y, reset)
        check_classification_targets(y)
        return X, column_or_1d(y, warn=True)

    def _fitted(self, X: Array, y: Array, sample_weight: Any, epochs: int | None) -> Self:
        if unknown := set(np.unique(y).tolist()) - set(self.classes_.tolist()):
            raise ValueError(f"y holds {sorted(unknown)}, which are none of {self.classes_}")
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        self._train(X, np.searchsorted(self.classes_, y), weights, epochs)
        return self

    def predict(self, X: Any) -> Array:
        """The class of each row."""
        values = self._outputs(X)
        if values.shape[1] == 1:
            return self.classes_[(values[:, 0] > self._middle()).astype(int)]
        return self.classes_[values[:, : len(self.classes_)].argmax(axis=1)]

    def _middle(self) -> float:
        """Where a single output begins to say yes."""
        (pair, *_) = supervised(self.model_.network)
        return pair[1].middle or 0.0

    @available_if(lambda self: self._gives_probabilities())
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, [n, classes]; where the output is one."""
        values = self._outputs(X).astype(np.float64)
        if ACTIVATION_ROWS[self._activation()].gives == "ln p":
            values = np.exp(values)
        if values.shape[1] == 1:
            values = np.concatenate([1.0 - values, values], axis=1)
        values = values[:, : len(self.classes_)]
        return values / values.sum(axis=1, keepdims=True)

    @available_if(lambda self: self._gives_probabilities())
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _gives_probabilities(self) -> bool:
        if not hasattr(self, "model_"):
            return self.spec is None
        name = self._activation()
        return name == "sigmoid" or ACTIVATION_ROWS[name].gives is not None

    def _activation(self) -> str:
        (node, *_) = self.model_.learner.output_nodes
        function = function_of(self.model_.document.nodes[node].node)
        return "identity" if function is None else function.kind


class NNGraphRegressor(RegressorMixin, _Network):
    """A network whose output is the answer: one number a row, or several."""

    _usual = REGRESSOR

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on rows X [n, features] and the numbers y, [n] or [n, outputs]."""
        goes_on = self._goes_on()
        X, y = self._numbers(X, y, reset=True)
        if not goes_on:
            self._start(X.shape[1], 1 if y.ndim == 1 else y.shape[1])
        return self._fitted(X, y, sample_weight, self.epochs)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch on these rows."""
        is_first = not hasattr(self, "model_")
        X, y = self._numbers(X, y, reset=is_first)
        if is_first:
            self._start(X.shape[1], 1 if y.ndim == 1 else y.shape[1])
        return self._fitted(X, y, sample_weight, 1)

    def _numbers(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:
        X, y = self._check(X, y, reset, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._is_flat = y.ndim == 1
        return X, y.astype(np.float64)

    def _fitted(self, X: Array, y: Array, sample_weight: Any, epochs: int | None) -> Self:
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        self._train(X, y, weights, epochs)
        return self

    def predict(self, X: Any) -> Array:
        """The numbers of each row, shaped as y was."""
        values = self._outputs(X).astype(np.float64)
        return values[:, 0] if self._is_flat else values


class NNGraphTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, _Network):
    """The values of a node of a network: features that were learned.

    `node` is the node, by default the first that is no input. Without a spec it is an autoencoder
    with a code of two numbers.
    """

    _usual = TRANSFORMER

    def __init__(
        self,
        spec: Spec | None = None,
        *,
        node: str | None = None,
        overrides: Sequence[str] = (),
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
    ) -> None:
        super().__init__(
            spec,
            overrides=overrides,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            random_state=random_state,
            warm_start=warm_start,
        )
        self.node = node

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train on rows X [n, features], and on y where the network learns a target."""
        goes_on = self._goes_on()
        X = validate_data(self, X, dtype=np.float64)
        if not goes_on:
            self._start(X.shape[1], X.shape[1])
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        own = any(target.leaf is not None for _, target in supervised(self.model_.network))
        self._train(X, np.asarray(y) if own else None, weights, self.epochs)
        self._n_features_out = self._values(X).shape[1]
        return self

    def transform(self, X: Any) -> Array:
        """The values of the node, [n, units]."""
        check_is_fitted(self)
        return self._values(validate_data(self, X, reset=False, dtype=np.float64))

    def _values(self, X: Array) -> Array:
        order = self.model_.network.graph.order
        inputs = input_shapes(self.model_.document)
        node = next(n for n in order if n not in inputs) if self.node is None else self.node
        (values,) = self.model_.forward(self._rows(X), [node]).values()
        return values.reshape(len(values), -1).astype(X.dtype)


def _of_mean_one(weights: Array) -> Array:
    """Weights whose mean is 1: a row of weight 2 counts as two rows of weight 1 do."""
    total = weights.sum()
    return weights * (len(weights) / total) if total else weights


def _path(name: str) -> str:
    return name.removeprefix(PATH).replace("__", ".")


def _text(value: object) -> str:
    """A value as -s would have it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value.item() if isinstance(value, np.generic) else value)
