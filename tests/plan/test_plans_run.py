"""What the plan and the source compute is what the interpreter computes."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from cases import by_tens, few_fast, for_each
from planned_programs import classifier, interpreted, leaf_arrays, planned, random_program

from nngraph.ir import views
from nngraph.plan import is_shardable, model

CLASSIFIERS = [(4, 3), (5, 7, 3), (70, 65, 66, 10), (2, 3, 1 + 1), (17, 64, 100)]


@pytest.mark.parametrize("widths", CLASSIFIERS, ids=str)
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_training_step_computes_what_its_definition_says(widths, rows):
    program = classifier(widths)
    arrays = leaf_arrays(program, np.random.default_rng(rows), rows)
    bound, _ = planned(program).bind(arrays, rows)
    for _ in range(2):  # the second run finds the buffers as the first one left them
        bound.run()
        for name, want in interpreted(program, arrays).items():
            np.testing.assert_allclose(bound.output(name), want, rtol=1e-11, atol=1e-13)


@for_each("seed", range(150), together=by_tens, marks=few_fast)
def test_random_programs_compute_what_their_definition_says(seed):
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    rows = int(rng.integers(1, 6))
    arrays = leaf_arrays(program, rng, rows)
    bound, _ = planned(program).bind(arrays, rows)
    for _ in range(2):
        bound.run()
        for name, want in interpreted(program, arrays).items():
            np.testing.assert_allclose(
                bound.output(name), want, rtol=1e-10, atol=1e-12, err_msg=name
            )


@for_each("seed", range(150), together=by_tens, marks=few_fast)
def test_random_programs_in_tiles_compute_what_their_definition_says(seed):
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    rows = int(rng.integers(1, 8))
    arrays = leaf_arrays(program, rng, rows)
    ready = planned(program, tile=1 + seed % 4)
    assert ready.plan.tiling.tiles
    bound, _ = ready.bind(arrays, rows)
    for _ in range(2):
        bound.run()
        for name, want in interpreted(program, arrays).items():
            np.testing.assert_allclose(
                bound.output(name), want, rtol=1e-10, atol=1e-12, err_msg=name
            )


@pytest.mark.parametrize("widths", CLASSIFIERS, ids=str)
def test_gradients_lie_in_the_flat_vector_beside_nothing_else(widths):
    program = classifier(widths)
    arrays = leaf_arrays(program, np.random.default_rng(0), 5)
    ready = planned(program)
    bound, gradients = ready.bind(arrays, 5)
    bound.run()
    covered = np.zeros(gradients.shape, bool)
    for id_, region in ready.arenas.parameters.regions.items():
        piece = slice(region.start, region.start + region.size)
        want = interpreted(program, arrays)[f"gradient:{id_}"]
        np.testing.assert_allclose(gradients[piece], want.ravel(), rtol=1e-11, atol=1e-13)
        assert not covered[piece].any()
        covered[piece] = True
    assert np.isnan(gradients[~covered]).all()


def test_weight_and_bias_gradient_are_rows_of_one_product():
    ready = planned(classifier((5, 7, 3)))
    assert [str(i.op) for i in ready.program.body].count("copy") == 0
    regions = ready.arenas.parameters.regions
    assert regions["b0"].start == regions["w0"].start + regions["w0"].size


def test_the_parts_of_a_batch_add_up_to_the_whole():
    program = classifier((70, 65, 10))
    arrays = leaf_arrays(program, np.random.default_rng(3), 9)
    ready = planned(program)
    assert is_shardable(ready.program)
    whole, flat = ready.bind(arrays, 9)
    whole.run()
    parts = []
    for rows in (slice(0, 5), slice(5, 9)):
        piece = {name: a[rows] if name in ("x", "target:y") else a for name, a in arrays.items()}
        bound, gradients = ready.bind(piece, rows.stop - rows.start)
        bound.run()
        parts.append(gradients)
    mask = ~np.isnan(flat)
    np.testing.assert_allclose((parts[0] + parts[1])[mask], flat[mask], rtol=1e-11, atol=1e-13)


def test_a_digest_knows_no_name_of_a_class_and_every_place(monkeypatch):
    before = planned(classifier((5, 7, 3)))
    for class_ in (*get_args(views.View), model.Place, model.Buffer, model.Shards, model.Tiling):
        monkeypatch.setattr(class_, "__repr__", lambda _: "Renamed(...)")
    after = planned(classifier((5, 7, 3)))
    assert after.plan.digest == before.plan.digest
    monkeypatch.setattr(model.Place, "__str__", lambda place: str(place.path))
    assert planned(classifier((5, 7, 3))).plan.digest != before.plan.digest
