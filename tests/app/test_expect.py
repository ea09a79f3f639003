"""Expectations: what passes, what fails, what needs a run, and what a failure says."""

from __future__ import annotations

import pytest

from nngraph.app.test import Outcome, counts, run_expect
from nngraph.data import DataSet
from nngraph.errors import DataError
from nngraph.spec import parse_spec
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner

SPEC = """
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 2, bias: false}
  kind: {units: 3, activation: softmax, bias: false, labels: [a, b, c]}
edges:
  - x -> h: [[1, 0], [0, 2]]
  - h -> kind: [[5, 0, 0], [0, 5, 0]]
loss: cross_entropy
data:
  source: table
  columns: {x: [[1, 0], [0, 1]], kind: [a, b]}
expect:
"""


def outcomes(
    entries: str, *, spec: str = SPEC, uses_weights: bool = True, is_trained: bool = True
) -> tuple[Outcome, ...]:
    learner = Learner.start(parse_spec(spec + entries))

    def data() -> DataSet:
        return load_data(learner)

    return run_expect(learner, data, uses_weights=uses_weights, is_trained=is_trained)


@pytest.mark.parametrize(
    "entry",
    [
        "{parameters: 10}",
        "{shape: {h: [2], kind: 3}}",
        "{given: {x: [1, 2]}, output: {h: [1, 4]}}",
        "{given: {x: [1, 2]}, output: {h: [1.009, 3.991]}, within: 0.01}",
        "{given: {x: [0, 1]}, output: {kind: b}}",
        "{metric: accuracy, part: train, at_least: 1}",
        "{metric: loss, part: train, at_most: 0.1}",
        "{metric: mean_squared_error, part: train, at_most: 0.1, at_least: 0}",
        "{metric: kind.accuracy, part: train, at_least: 1}",
    ],
)
def test_what_holds_passes(entry: str) -> None:
    (outcome,) = outcomes(f"  - {entry}\n")
    assert outcome.status == "passed", outcome


@pytest.mark.parametrize(
    ("entry", "expected", "got"),
    [
        ("{parameters: 11}", "11 parameters", "10"),
        ("{shape: {h: [3], kind: 3}}", "h [3]", "h [2]"),
        ("{given: {x: [1, 2]}, output: {h: [1, 5]}}", "h = [1, 5] within 1e-05", "h = [1, 4]"),
        ("{given: {x: [1, 2]}, output: {h: [1, 4, 5]}}", "h = shape [3]", "h = shape [2]"),
        ("{given: {x: [1, 2]}, output: {h: 1}}", "h = shape []", "h = shape [2]"),
        ("{given: {x: [0, 1]}, output: {kind: a}}", "kind = a", "kind = b (["),
        ("{metric: accuracy, part: train, at_most: 0.5}", "train.accuracy at most 0.5", "1"),
        ("{metric: accuracy, at_least: 0.5}", "test.accuracy", "the data have no part 'test'"),
        ("{metric: acuracy, part: train, at_least: 0.5}", "acuracy", "no figure 'acuracy'"),
    ],
)
def test_a_failure_says_both_sides(entry: str, expected: str, got: str) -> None:
    (outcome,) = outcomes(f"  - {entry}\n")
    assert outcome.status == "failed"
    assert expected in outcome.expected
    assert got in outcome.got
    assert outcome.span.line == SPEC.count("\n") + 1


def test_a_figure_that_is_not_a_number_never_passes() -> None:
    text = SPEC.replace("[[1, 0], [0, 2]]", "[[1e38, 0], [0, 1e38]]")
    text = text.replace("[[5, 0, 0], [0, 5, 0]]", "[[1e38, 0, -1e38], [0, 1e38, 0]]")
    (outcome,) = outcomes("  - {metric: loss, part: train, at_least: 0}\n", spec=text)
    assert outcome.status == "failed"


def test_entries_that_need_weights_wait_for_them() -> None:
    entries = (
        "  - {parameters: 10}\n"
        "  - {given: {x: [1, 2]}, output: {h: [1, 4]}}\n"
        "  - {given: {x: [1, 2]}, output: {h: [1, 4]}, trained: true}\n"
        "  - {metric: accuracy, part: train, at_least: 1}\n"
    )
    bare = outcomes(entries, uses_weights=False, is_trained=False)
    assert [o.status for o in bare] == ["passed", "needs a run", "needs a run", "needs a run"]
    given = outcomes(entries, uses_weights=True, is_trained=False)
    assert [o.status for o in given] == ["passed", "passed", "needs a run", "needs a run"]
    assert counts(given) == {"passed": 2, "failed": 0, "needs a run": 2}


def test_given_values_that_do_not_fit_are_an_error_of_the_data() -> None:
    with pytest.raises(DataError, match="shape"):
        outcomes("  - {given: {x: [1, 2, 3]}, output: {h: [1, 4]}}\n")
