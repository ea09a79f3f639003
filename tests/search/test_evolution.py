"""Networks are bred: ids tell what splits what, no child is broken, and XOR is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import nngraph
from nngraph.search.evolution import Bred, Genome, Ground, child, split_id
from nngraph.search.plan import make_plan
from nngraph.search.trainer import Trainer
from nngraph.spec import open_spec, parse_spec
from nngraph.words.searches import EvolutionSearch

SPEC = Path(__file__).parents[2] / "specs" / "evolved-xor.yaml"
LIVELY = EvolutionSearch(population=6, add_edge=0.6, add_neuron=0.5, cut_edge=0.3)


def generations(seed: int, count: int) -> tuple[Ground, list[Bred]]:
    document = open_spec(SPEC)
    ground = Ground.of(document)
    known: list[Bred] = []
    for number in range(count):
        genome = child(ground, ground.first(document), LIVELY, seed, number, known)
        known.append(Bred(number, genome, loss=float((number * 7919) % 101)))
    return ground, known


@pytest.mark.parametrize("seed", range(3))
def test_every_child_is_a_network_that_compiles(seed):
    ground, known = generations(seed, 40)
    plan = make_plan(open_spec(SPEC))
    sizes = set()
    for one in known:
        network = nngraph.compile(SPEC, [f"{k}={v}" for k, v in ground.texts(one.genome).items()])
        assert set(network.document.nodes) == {"a", "b", "y", *one.genome.neurons}
        sizes.add((len(one.genome.neurons), len(one.genome.edges)))
    assert len(sizes) > 5
    assert plan.ground is not None


def test_the_same_split_has_the_same_id_and_the_neuron_hands_the_edge_on():
    always = EvolutionSearch(add_neuron=1, add_edge=0, cut_edge=0, activations=("relu",))
    document = parse_spec(
        "nngraph: 1\nnodes: {a: input, y: {}}\nedges: [a -> y: 0.7]\nloss: mean_squared_error"
    )
    ground = Ground.of(document)
    first = ground.first(document)
    for seed in range(3):
        bred = child(ground, first, always, seed, 1, [Bred(0, first, 1.0)])
        assert bred.neurons == {"a_y": "relu"}
        assert bred.edges == {("a", "a_y"): 1.0, ("a_y", "y"): 0.7}
    assert split_id(("a", "a_y")) == "a_a_y"
    assert len(split_id(("x" * 30, "y" * 30))) < 64


def test_a_child_follows_from_seed_number_and_what_is_known():
    assert generations(1, 30)[1] == generations(1, 30)[1]
    assert generations(1, 30)[1] != generations(2, 30)[1]


def test_weights_that_were_learnt_are_inherited():
    document = open_spec(SPEC)
    ground = Ground.of(document)
    plain = EvolutionSearch(population=2, add_neuron=0, add_edge=0, cut_edge=0)
    first = ground.first(document)
    learnt = first.trained({"a->y": 2.5, "b->y": -1.5, "y.bias": 0.25})
    bred = child(ground, first, plain, 0, 5, [Bred(0, learnt, 0.1)])
    assert bred == learnt
    model = nngraph.compile(SPEC, [f"{k}={v}" for k, v in ground.texts(bred).items()])
    assert {id: float(w.item()) for id, w in model.weights.items()} == {
        "a->y": 2.5,
        "b->y": -1.5,
        "y.bias": 0.25,
    }


def test_a_genome_is_read_as_it_was_written():
    genome = Genome({"a_y": "tanh"}, {("a", "a_y"): 1.0, ("a_y", "y"): None}, {"y": None})
    assert Genome.read(genome.as_json()) == genome


def test_a_study_breeds_and_writes_a_spec_that_a_person_can_read(tmp_path):
    study = nngraph.tune(SPEC, ["search.by.population=4"], trials=12, study=tmp_path / "study")
    assert study.best is not None
    text = study.spec.read_text()
    assert text.startswith("# XOR by evolution")
    assert "a, b: input" in text
    edges = int(study.best.shown["edges"])
    block = text[text.index("edges:\n") :].split("\n\n")[0].splitlines()[1:]
    assert len(block) == edges
    assert all(line.startswith("  - ") for line in block)
    assert study.best.figure == pytest.approx(study.best.figures[0] + 0.001 * edges)
    assert "neurons,edges" in (study.folder / "trials.csv").read_text()
    again = nngraph.tune(SPEC, ["search.by.population=4"], trials=12, study=tmp_path / "again")
    assert [t.texts for t in again.trials] == [t.texts for t in study.trials]


def test_layers_and_functions_that_learn_nothing_are_refused_at_their_places():
    text = SPEC.read_text()
    for old, new, marked in (
        ("[tanh, relu]", "[tanh, step]", "step"),
        ("[tanh, relu]", "[rellu]", "rellu"),
        ("y: {activation: sigmoid}", "y: {activation: sigmoid}\n  h: {units: 2}", "h"),
    ):
        broken = text.replace(old, new)
        if "units" in new:
            broken = broken.replace("- a, b -> y", "- a, b -> h -> y")
        (error,) = nngraph.check(broken).errors
        assert error.code == "E264"
        assert error.span is not None
        assert broken[error.span.start : error.span.end] == marked


def trials_to_solve(seed: int, most: int = 600) -> int:
    """How many trials until a network has learnt all four rows; `most` + 1 for none."""
    plan = make_plan(open_spec(SPEC), (f"search.seed={seed}",))
    assert plan.ground is not None
    assert isinstance(plan.search.by, EvolutionSearch)
    first, known, trainer = plan.ground.first(plan.document), [], Trainer(plan)
    for number in range(most):
        genome = child(plan.ground, first, plan.search.by, seed, number, known)
        (figure,) = trainer.figures(plan.ground.texts(genome))
        if figure < 0.05:
            return number + 1
        bred = genome.trained(trainer.learnt)
        known.append(Bred(number, bred, plan.median([figure], bred)))
    return most + 1


@pytest.mark.slow
def test_xor_is_solved_within_600_trials_in_nine_of_ten_seeds():
    found = [trials_to_solve(seed) for seed in range(10)]
    assert sum(count <= 600 for count in found) >= 9, found
