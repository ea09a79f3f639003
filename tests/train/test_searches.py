"""L-BFGS: its directions, its line searches, what it reaches, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import nngraph
from nngraph.errors import NNGraphError, UsageError
from nngraph.run.descent import Descent
from nngraph.words.optimizers import Lbfgs

# ---- the NIST sets Lanczos1 to Lanczos3: three exponentials at 24 places, difficulty "higher"

LANCZOS = """nngraph: 1
dtype: float64
nodes:
  t: input
  e1, e2, e3: {{activation: exp, bias: false}}
  y: {{bias: false}}
edges:
  - t -> e1: {0}
  - t -> e2: {1}
  - t -> e3: {2}
  - e1 -> y: {3}
  - e2 -> y: {4}
  - e3 -> y: {5}
loss: mean_squared_error
train: {{epochs: 700, batch_size: full, optimizer: lbfgs}}
"""
PLACES = 0.05 * np.arange(24)
EXACT = 0.0951 * np.exp(-PLACES) + 0.8607 * np.exp(-3 * PLACES) + 1.5576 * np.exp(-5 * PLACES)
STARTS = {1: (-0.3, -5.5, -7.6, 1.2, 5.6, 6.5), 2: (-0.7, -4.2, -6.3, 0.5, 3.6, 4.0)}


def six_digits(values: np.ndarray) -> np.ndarray:
    return np.array([float(f"{value:.5e}") for value in values])


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("observed", "certified", "rates"),
    [  # residual sums of squares and rates as NIST certifies them
        (EXACT, 1.43e-25, (1.0, 3.0, 5.0)),
        (six_digits(EXACT), 2.2299428125e-11, (1.0057332849, 3.0078283915, 5.0028798100)),
        (np.round(EXACT, 4), 1.6117193594e-08, (0.95498101505, 2.9515951832, 4.9863565084)),
    ],
    ids=["Lanczos1", "Lanczos2", "Lanczos3"],
)
def test_the_lanczos_sets_are_fitted_as_certified(start, observed, certified, rates) -> None:
    model = nngraph.compile(LANCZOS.format(*STARTS[start]))
    model.fit(PLACES, observed[:, None])
    residual = 24 * model.loss(PLACES, observed[:, None])
    assert residual <= certified * (1 + 1e-9)
    found = sorted(-float(model.weights[f"t->e{k}"].item()) for k in (1, 2, 3))
    np.testing.assert_allclose(found, rates, rtol=1e-4)


# ---- a convex problem with one minimum

X = np.array([[0.5, -1.2], [1.5, 0.3], [-0.7, 0.8], [-1.1, -0.4],
              [0.2, 1.9], [2.1, -0.6], [-0.3, -1.5], [0.9, 1.1]])  # fmt: skip
T = np.array([1.0, 1, 0, 0, 1, 0, 0, 1])[:, None]
LOGISTIC = """nngraph: 1
dtype: %s
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [{from: x, to: y, weight: [[0.3], [-0.2]]}]
loss: binary_cross_entropy
train: {epochs: 40, batch_size: full, optimizer: %s, weight_decay: 0.1}
"""


@pytest.mark.parametrize("search", ["strong_wolfe", "backtracking"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weight_decay_is_part_of_what_becomes_small(search, dtype) -> None:
    """SciPy 1.17: minimize(method="Newton-CG") of the mean entropy and 0.05 |w|^2; the bias is not
    decayed."""
    model = nngraph.compile(LOGISTIC % (dtype, f"{{kind: lbfgs, line_search: {search}}}"))
    model.fit(X, T)
    tolerance = 1e-8 if dtype == "float64" else 2e-4
    w, b = model.weights["x->y"], model.weights["y.bias"]
    np.testing.assert_allclose(w[:, 0], [0.5604587212312706, 0.6271192502874214], rtol=tolerance)
    np.testing.assert_allclose(b, [-0.2643929512718057], rtol=tolerance)


def test_an_epoch_tells_the_loss_before_its_step_as_others_do() -> None:
    model = nngraph.compile(LOGISTIC % ("float64", "lbfgs"))
    before = model.loss(X, T)
    history = model.fit(X, T, epochs=2)
    assert history[0].train["loss"] == pytest.approx(before, rel=1e-15)
    assert history[1].train["loss"] < before


# ---- one step after the other, against formulas


def rosenbrock(w: np.ndarray) -> tuple[float, np.ndarray]:
    x, y = w
    rest = y - x * x
    return 100 * rest**2 + (1 - x) ** 2, np.array([-400 * x * rest - 2 * (1 - x), 200 * rest])


class Walk:
    """Steps of a search over a function of two numbers, with what was tried."""

    def __init__(self, function: Callable[[np.ndarray], tuple[float, np.ndarray]], spec: Lbfgs):
        self.function, self.w, self.g = function, np.array([-1.2, 1.0]), np.zeros(2)
        self.descent = Descent(spec, 0.0, self.w, self.g)
        self.tried = 0

    def loss(self) -> float:
        self.tried += 1
        value, self.g[:] = self.function(self.w)
        return value

    def step(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Where it was, its gradient and loss there."""
        value = self.loss()
        before = self.w.copy(), self.g.copy(), value
        self.descent.run(1.0, value, self.loss)
        self.loss()
        return before


def test_directions_are_those_of_the_dense_formula() -> None:
    """Nocedal and Wright, eq. 7.16: H <- (1 - rho s y') H (1 - rho y s') + rho s s', from
    s'y / y'y of the newest pair."""
    walk, pairs = Walk(rosenbrock, Lbfgs(history=3)), []
    for _ in range(20):
        w, g, _ = walk.step()
        if pairs:
            kept = pairs[-3:]
            s, y = kept[-1]
            H = np.eye(2) * (s @ y) / (y @ y)
            for s, y in kept:
                rho = 1 / (s @ y)
                left = np.eye(2) - rho * np.outer(s, y)
                H = left @ H @ left.T + rho * np.outer(s, s)
            way, moved = -H @ g, walk.w - w
            cosine = way @ moved / np.linalg.norm(way) / np.linalg.norm(moved)
            assert cosine == pytest.approx(1.0, abs=1e-9)
        pairs.append((walk.w - w, walk.g - g))


def test_strong_wolfe_steps_meet_both_conditions() -> None:
    walk = Walk(rosenbrock, Lbfgs())
    for _ in range(45):
        w, g, value = walk.step()
        moved = walk.w - w
        assert rosenbrock(walk.w)[0] <= value + 1e-4 * (g @ moved) * (1 - 1e-9)
        assert abs(walk.g @ moved) <= 0.9 * abs(g @ moved) * (1 + 1e-9)
    np.testing.assert_allclose(walk.w, [1.0, 1.0], rtol=1e-6)


def test_backtracking_steps_fall_and_reach_the_minimum() -> None:
    walk = Walk(rosenbrock, Lbfgs(line_search="backtracking"))
    for _ in range(80):
        w, g, value = walk.step()
        assert rosenbrock(walk.w)[0] <= value + 1e-4 * (g @ (walk.w - w)) * (1 - 1e-9)
    np.testing.assert_allclose(walk.w, [1.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("search", ["strong_wolfe", "backtracking"])
def test_where_no_step_is_better_the_weights_stay_and_nothing_is_tried_again(search) -> None:
    def ends(w: np.ndarray) -> tuple[float, np.ndarray]:  # a gradient that promises what is not so
        return 1.0, np.array([1.0, -1.0])

    walk = Walk(ends, Lbfgs(line_search=search, evaluations=7))
    for _ in range(3):
        walk.step()
        np.testing.assert_array_equal(walk.w, [-1.2, 1.0])
    assert walk.tried <= 7 + 3 * 2


@pytest.mark.parametrize("search", ["strong_wolfe", "backtracking"])
def test_a_try_that_overflows_is_too_far_and_no_more(search) -> None:
    def wall(w: np.ndarray) -> tuple[float, np.ndarray]:
        if w[0] > 0:
            return np.inf, np.array([np.nan, np.nan])
        return (w[0] + 0.1) ** 2 + w[1] ** 2, np.array([2 * (w[0] + 0.1), 2 * w[1]])

    walk = Walk(wall, Lbfgs(line_search=search, learning_rate=100.0))
    for _ in range(25):
        walk.step()
    np.testing.assert_allclose(walk.w, [-0.1, 0.0], atol=1e-6)


# ---- what cannot be

REFUSED = """nngraph: 1
nodes: {x: {kind: input, shape: 2}, %s, y: {}}
edges: [x -> d, d -> y%s]
loss: mean_squared_error
%strain: {optimizer: lbfgs%s}
"""


@pytest.mark.parametrize(
    ("node", "edge", "data", "train", "code", "place", "message"),
    [
        ("d: {}", "", "", "", "E107", (5, 20), "each step takes all rows"),
        ("d: {}", "", "", ", batch_size: 8", "E107", (5, 39), "each step takes all rows"),
        ("d: {}", "", "", ", batch_size: full, l1: 0.1", "E107", (5, 49), "slopes everywhere"),
        ("d: {}", "", "", ", batch_size: full, clip: {norm: 1}", "E107", (5, 51),
         "length of its steps"),
        ("d: {}", "", "", ", batch_size: full, schedule: cosine", "E107", (5, 55), "lbfgs"),
        ("d: {kind: dropout, rate: 0.5}", "", "", ", batch_size: full", "E248", (2, 37), "dropout"),
        ("d: {kind: noise, stddev: 0.5}", "", "", ", batch_size: full", "E248", (2, 37), "noise"),
        ("d: {learning_rate_scale: 2}", "", "", ", batch_size: full", "E248", (2, 62), "'d' have"),
        ("d: {}", "", "data: {source: circles, augment: [noise]}\n", ", batch_size: full", "E248",
         (5, 34), "varied anew"),
    ],
)  # fmt: skip
def test_what_would_mislead_a_search_is_told_at_its_place(
    node, edge, data, train, code, place, message
) -> None:
    with pytest.raises(NNGraphError) as found:
        nngraph.compile(REFUSED % (node, edge, data, train))
    told = found.value.diagnostics[0]
    assert (told.code, message in told.message) == (code, True), told
    assert told.span is not None
    assert (told.span.line, told.span.column) == place
    assert told.help


def test_batches_are_refused_from_python_too() -> None:
    model = nngraph.compile(LOGISTIC % ("float64", "lbfgs"))
    with pytest.raises(UsageError, match="takes all 8 rows, not 4"):
        model.fit(X, T, batch_size=4)


def test_nodes_that_never_draw_are_no_chance() -> None:
    text = REFUSED % ("d: {kind: dropout, rate: 0}", "", "", ", batch_size: full")
    assert nngraph.compile(text).network.document.spec.train is not None
