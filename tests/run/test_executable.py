"""The executor: weights in and out, steps of any batch size, shards, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.errors import CapacityError, ModelFileError, UsageError
from nngraph.ir import Row, TargetRow, interpret
from nngraph.lower import initial_weights
from nngraph.network import compile_document
from nngraph.plan import shards, vectors_held
from nngraph.run import Executable, vectors
from nngraph.run.vectors import flush_denormals
from nngraph.spec import parse_spec

SPEC = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 6}
  h: {units: 9, activation: tanh}
  y: {units: 4, activation: softmax}
edges:
  - x -> h -> y
loss: cross_entropy
train: {epochs: 1, batch_size: 5, optimizer: {kind: sgd, learning_rate: 0.1, momentum: 0.9}}
"""

WIDE = """
nngraph: 1
nodes:
  x: {kind: input, shape: 784}
  h1: {units: 512, activation: relu}
  h2: {units: 512, activation: relu}
  y: {units: 10, activation: softmax}
edges:
  - x -> h1 -> h2 -> y
loss: cross_entropy
train: {epochs: 1, batch_size: 128, optimizer: adam}
"""

IMAGES = """
nngraph: 1
nodes:
  x: {kind: input, shape: [28, 28, 1]}
  c: {units: 24, activation: relu}
  y: {units: 10, activation: softmax}
edges:
  - x -> c: {conv: 5, padding: same}
  - c -> y
loss: cross_entropy
train: {epochs: 1, batch_size: 128, optimizer: adam}
"""


def make(text: str = SPEC, **more) -> Executable:
    compiled = compile_document(parse_spec(text))
    return Executable(compiled, initial_weights(compiled.lowered, seed=0), **more)


def feed(step, rng: np.random.Generator) -> None:
    for role, slot in step.slots.items():
        width = slot.leaf.type.shape[-1]
        rows = rng.normal(size=slot.leaf.type.sizes({"N": step.batch}))
        if isinstance(role, TargetRow):
            rows = np.eye(width)[rng.integers(0, width, step.batch)]
        slot.load(slot.prepare(rows), np.arange(step.batch))


def test_weights_come_out_as_they_went_in():
    executor = make()
    weights = {
        k: np.random.default_rng(1).normal(size=w.shape) for k, w in executor.weights().items()
    }
    executor.set_weights(weights)
    for name, w in executor.weights().items():
        np.testing.assert_array_equal(w, weights[name])


def test_weights_handed_out_are_copies():
    executor = make()
    executor.weights()["x->h"][...] = 0
    assert executor.weights()["x->h"].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: {k: v for k, v in w.items() if k != "h.bias"}, "no weights for 'h.bias'"),
        (lambda w: w | {"q->r": np.zeros(1)}, "weights for 'q->r', which the network does not"),
        (
            lambda w: w | {"x->h": np.zeros((9, 6))},
            r"'x->h' has shape \[6, 9\] in the network, \[9",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(change, message):
    executor = make()
    with pytest.raises(ModelFileError, match=message):
        executor.set_weights(change(executor.weights()))


def test_gradients_are_those_of_the_program_s_definition():
    executor = make()
    step = executor.training(5)
    feed(step, np.random.default_rng(2))
    step.run()
    program = executor.network.trained()
    by_id = {leaf.id: step.bounds[0].array(leaf) for leaf in step.bounds[0].program.leaves}
    want = interpret(program, {leaf: by_id[leaf.id] for leaf in program.leaves}).outputs
    for name, gradient in executor.gradients().items():
        np.testing.assert_allclose(gradient, want[f"gradient:{name}"], rtol=1e-12, atol=1e-15)
    assert step.loss == pytest.approx(float(want["loss"]), rel=1e-12)


def test_a_short_last_batch_is_one_more_binding_of_the_same_weights():
    executor = make()
    long, short = executor.training(5), executor.training(2)
    assert long is executor.training(5)
    feed(short, np.random.default_rng(0))
    short.run()
    before = executor.weights()
    executor.update(0.1)
    after = executor.weights()
    assert all((before[k] != after[k]).any() for k in before)
    assert executor.step == 1


def test_no_state_becomes_denormal_when_its_weight_has_no_gradient_any_more():
    executor = make(SPEC.replace("float64", "float32"))
    step = executor.training(5)
    feed(step, np.random.default_rng(0))
    step.run()
    executor.update(0.1)
    executor._vectors.gradient()[...] = 0
    unflushed = executor.state()["velocity"]
    for _ in range(1023):
        executor.update(0.1)
        assert not is_denormal(executor.state()["velocity"]).any()
        unflushed *= np.float32(0.9)
    np.testing.assert_array_equal(executor.state()["velocity"], 0)
    assert is_denormal(unflushed).mean() > 0.9  # rounding keeps 0.9 m from ever reaching 0


def is_denormal(array):
    return (array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny)


def test_flushing_keeps_all_that_is_not_small():
    kept = np.array([1.0, -1e-32, np.inf, -np.inf, np.nan, 0.0], np.float32)
    array = kept.copy()
    flush_denormals(array)
    np.testing.assert_array_equal(array, kept)
    small = np.array([1e-33, -1e-40], np.float32)
    flush_denormals(small)
    np.testing.assert_array_equal(small, 0)


def test_momentum_goes_on_from_a_restored_state():
    one, two = make(), make()
    rng = np.random.default_rng(4)
    for executor in (one,):
        step = executor.training(5)
        for _ in range(3):
            feed(step, rng)
            step.run()
            executor.update(0.1)
    two.set_weights(one.weights())
    two.set_state(one.state())
    two.step = one.step
    for executor in (one, two):
        step = executor.training(5)
        feed(step, np.random.default_rng(9))
        step.run()
        executor.update(0.1)
    for name, w in one.weights().items():
        assert w.tobytes() == two.weights()[name].tobytes()


def test_a_large_step_on_images_is_cut_in_two():
    stage = make(IMAGES).network.gradient_stage
    assert stage is not None
    assert stage.plan.shards.rows(128) == (64, 64)
    assert stage.plan.shards.rows(8) == (8,)
    assert not stage.plan.halved  # the workers have their shards


def test_large_products_of_dense_layers_are_halved_instead():
    stage = make(WIDE).network.gradient_stage
    assert stage is not None
    assert stage.plan.shards.rows(128) == (128,)
    shapes = {value.type.shape for value in stage.plan.halved}
    assert shapes == {("N", 512), (785, 512), (513, 512)}  # and the 512 -> 10 of the last layer not


@pytest.mark.parametrize("text", [WIDE, IMAGES])
def test_the_workers_do_not_change_a_bit(text):
    gradients = []
    for workers in (1, 2):
        executor = make(text, workers=workers)
        with executor.threads():
            step = executor.training(128)
            for _ in range(3):
                feed(step, np.random.default_rng(7))
                step.run()
            gradients.append(executor.gradients())
    for name, g in gradients[0].items():
        assert g.tobytes() == gradients[1][name].tobytes()


@pytest.mark.parametrize("text", [WIDE, IMAGES])
def test_parts_make_the_whole(text):
    executor = make(text)
    step = executor.training(128)
    feed(step, np.random.default_rng(7))
    step.run()
    program = executor.network.trained()
    weights = executor.weights()
    data = {
        str(role): np.concatenate([b.array(slot.leaf) for b in step.bounds]).astype(float)
        for role, slot in step.slots.items()
    }
    leaves = {
        leaf: data.get(leaf.id, weights.get(leaf.id, np.asarray(1 / 128)))
        for leaf in program.leaves
    }
    want = interpret(program, leaves).outputs
    assert step.loss == pytest.approx(float(want["loss"]), rel=1e-5)
    for name, gradient in executor.gradients().items():
        reference = want[f"gradient:{name}"]
        error = np.abs(gradient - reference).max() / np.abs(reference).max()
        assert error < 1e-5


def test_any_node_can_be_asked_for():
    executor = make()
    x = np.random.default_rng(0).normal(size=(600, 6))
    values = executor.forward({"x": x}, ["h", "y"])
    w = executor.weights()
    h = np.tanh(x @ w["x->h"] + w["h.bias"])
    np.testing.assert_allclose(values["h"], h, rtol=1e-12)
    np.testing.assert_allclose(values["y"].sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(executor.forward({"x": x}, ["x"])["x"], x)


@pytest.mark.parametrize(
    ("inputs", "nodes", "message"),
    [
        ({"x": np.zeros((2, 6))}, ["ghost"], "no node 'ghost'"),
        ({}, None, "no values for input 'x'"),
        ({"x": np.zeros((2, 5))}, None, r"rows of shape \[6\], got \[5\]"),
    ],
)
def test_what_cannot_be_fed_is_refused(inputs, nodes, message):
    with pytest.raises(UsageError, match=message):
        make().forward(inputs, nodes)


def test_a_network_that_would_not_fit_is_refused_with_its_largest_nodes():
    text = SPEC.replace("units: 9", "units: 900000000").replace("shape: 6", "shape: 60000")
    with pytest.raises(CapacityError) as caught:
        compile_document(parse_spec(text))
    assert caught.value.exit_code == 6
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is not None
    assert diagnostic.span.line == 6
    assert "'h' with its weights" in diagnostic.help


def test_the_total_does_not_depend_on_who_adds_which_shards(monkeypatch):
    monkeypatch.setattr(shards, "SHARD_FLOPS", 0.0)
    monkeypatch.setattr(shards, "MOST_SHARDS", 7)
    monkeypatch.setattr(shards, "SHARD_ROWS", 3)
    found = []
    for workers in (1, 2, 3, 8):
        executor = make(IMAGES, workers=workers)
        step = executor.training(23)
        assert step.rows == (4, 4, 3, 3, 3, 3, 3)
        feed(step, np.random.default_rng(7))
        step.run()
        held = {id(vector) for branch in step.gradients for vector in branch}
        assert len(held) == vectors_held(7, workers)
        found.append((step.loss, {k: g.tobytes() for k, g in executor.gradients().items()}))
    assert all(each == found[0] for each in found)
    monkeypatch.undo()
    alone = make(IMAGES)
    step = alone.training(23)
    assert len(step.rows) == 1
    feed(step, np.random.default_rng(7))
    step.run()
    for name, gradient in alone.gradients().items():
        summed = np.frombuffer(found[0][1][name], gradient.dtype).reshape(gradient.shape)
        np.testing.assert_allclose(summed, gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("text", [SPEC, IMAGES])
def test_rows_that_lie_in_place_are_not_loaded_again(text):
    executor = make(text)
    step = executor.training(5)
    slot = step.slots[Row("x")]
    data = np.random.default_rng(0).normal(size=(20, *slot.leaf.type.sizes({"N": 1})[1:]))
    rows, some, others = slot.prepare(data), np.arange(5), np.arange(5, 10)
    slot.load(rows, some)
    rows.rows[...] = 0  # what is loaded from now on is seen
    slot.load(rows, some)
    np.testing.assert_allclose(step.bounds[0].array(slot.leaf), data[:5], rtol=1e-6)
    slot.load(rows, others)
    assert not step.bounds[0].array(slot.leaf).any()
    slot.put(data[:5])
    slot.load(rows, others)
    assert not step.bounds[0].array(slot.leaf).any()


@pytest.mark.parametrize("text", [SPEC, WIDE, IMAGES])
def test_a_step_does_not_write_what_it_is_fed(text):
    executor = make(text)
    step = executor.training(5)
    feed(step, np.random.default_rng(3))
    seen = []
    for _ in range(2):
        step.run()
        seen.append((step.loss, {k: g.tobytes() for k, g in executor.gradients().items()}))
    assert seen[0] == seen[1]


def test_a_prediction_has_no_gradient():
    executor = make(WIDE)
    executor.forward({"x": np.zeros((3, 784))})
    executor.evaluation(5)
    assert executor.gradients() == {}


OPTIMIZERS = (
    "sgd",
    "{kind: sgd, momentum: 0.9, nesterov: true}",
    "adagrad",
    "adadelta",
    "{kind: rmsprop, momentum: 0.5, centered: true}",
    "adam",
    "adamw",
    "rprop",
)


@pytest.mark.parametrize("kernels", [False, True])
@pytest.mark.parametrize("more", ["", ", weight_decay: 0.01", ", clip: {norm: 0.01}"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_workers_take_the_steps_of_one(optimizer, more, kernels, monkeypatch):
    monkeypatch.setattr(vectors, "HALF_SIZE", 50)
    text = SPEC.replace("{kind: sgd, learning_rate: 0.1, momentum: 0.9}", optimizer + more)
    network = compile_document(parse_spec(text), kernels=kernels)
    ends = []
    for workers in (1, 2):
        executor = Executable.start(network, 0)
        executor._workers.count = workers
        step = executor.training(5)
        for k in range(3):
            feed(step, np.random.default_rng(k))
            step.run()
            executor.update(0.1)
        whole = {**executor.weights(), **executor.state()}
        ends.append({name: array.tobytes() for name, array in whole.items()})
        is_cut = len(executor._update._rates) == 2
        assert is_cut == (workers == 2 and "norm" not in more)  # which is one of the whole vector
    assert ends[0] == ends[1]


def test_a_watcher_looks_between_steps_and_may_set_weights():
    seen = []

    def watch(executor: Executable) -> None:
        seen.append((executor.step, executor.forward({"x": np.zeros((1, 6))})))
        executor.set_weights({k: np.zeros_like(w) for k, w in executor.weights().items()})

    executor = make()
    executor.watcher = watch
    step = executor.training(5)
    for _ in range(3):
        feed(step, np.random.default_rng(1))
        step.run()
        executor.update(0.1)
    assert [number for number, _ in seen] == [1, 2, 3]
    assert all((w == 0).all() for w in executor.weights().values())


def test_memory_is_an_exact_count():
    compiled = compile_document(parse_spec(SPEC))
    memory = compiled.memory(5)
    flat = compiled.arenas.parameters.size * 8
    assert (memory.parameters, memory.gradients, memory.states) == (flat, flat, flat)
    assert compiled.parameters == 6 * 9 + 9 + 9 * 4 + 4
    executor = Executable(compiled, initial_weights(compiled.lowered, seed=0))
    (bound,) = executor.training(5).bounds
    own = sum(
        stored.nbytes
        for stored, buffer in zip(bound.stored, bound.plan.buffers, strict=True)
        if buffer.role in ("scratch", "input")
    )
    assert own <= memory.scratch <= own + 5 * 9 * 8 * 4
