"""How a model is looked at: its drawing, and where the time of a step goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.errors import FileError
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.learner import Learner

if TYPE_CHECKING:
    from nngraph.api.summary import Summary
    from nngraph.app.gradcheck import GradientCheck
    from nngraph.app.test import Outcome
    from nngraph.insight.describe import DataFacts
    from nngraph.insight.equations import Formulas
    from nngraph.insight.gradcheck import Watch
    from nngraph.insight.profile import Profile
    from nngraph.insight.trace import Trace
    from nngraph.insight.weights_listed import ListedWeight
    from nngraph.render import Overlay
    from nngraph.render.colours import Theme


class Shown:
    """The part of `Model` that shows it."""

    _learner: Learner
    _place: DataPlace
    _is_trained: bool

    def summary(self) -> Summary:
        """The nodes with kind, shape and parameters, and the total: `print(model.summary())`.

        >>> import nngraph
        >>> model = nngraph.compile("nngraph: 1\\nname: net\\n"
        ...     "nodes: {x: {kind: input, shape: 2}, y: {activation: tanh}}\\nedges: [x -> y]")
        >>> print(model.summary())
        net
        node  kind     shape  function  parameters
        x     input    [2]                       0
        y     neurons  [1]    tanh               3
        3 parameters
        """
        from nngraph.api.summary import summary_of

        return summary_of(self._learner.network)

    def describe(self) -> DataFacts:
        """What the data of the spec hold: rows, ranges, classes with their counts, what is missing.

        Errors: UsageError where it names none; DataError, FileError.
        """
        from nngraph.insight.describe import describe_data

        return describe_data(self._learner, load_data(self._learner, self._place))

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
            lambda: load_data(self._learner, self._place),
            uses_weights=self._is_trained or initial or not self._learner.drawn,
            is_trained=self._is_trained,
        )

    def profile(
        self,
        *,
        batch: int | None = None,
        seconds: float = 2.0,
        data: bool = True,
        path: str | Path | None = None,
    ) -> Profile:
        """Measure for some seconds where the time of a training step goes, node by node.

        Of a spec without a loss it is the forward step. It runs on the data that the spec names, or
        without `data` on drawn rows; `path` gets the drawing with the shares in colours. The model
        stays as it is.

        Errors: UsageError for a batch below 1, no time, or another suffix; CapacityError;
        DataError; FileError.
        """
        from nngraph.app.profile import profile

        file = None if path is None else Path(path)
        return profile(
            self._learner, self._place, batch=batch, seconds=seconds, data=data, path=file
        )

    def weights_listed(self) -> tuple[ListedWeight, ...]:
        """All weights and biases with what each number belongs to, as `nngraph weights` prints."""
        from nngraph.insight.weights_listed import weights_listed

        learner = self._learner
        return weights_listed(learner.network, learner.executable.weights(), learner.unit_names)

    def gradcheck(self, *, data: bool = True, watch: Watch | None = None) -> GradientCheck:
        """Compare every gradient with a numerical one, and all ways of computing with each other.

        It computes in float64 on the first samples of the spec's data, or without `data` on drawn
        ones; above 20,000 parameters 64 of each array are checked, and a random direction through
        all. What does not hold is no error: see `holds`. The model stays as it is. `watch` is
        called with how many parameters were checked, and of how many, after each.

        Errors: DataError, FileError; CapacityError.
        """
        from nngraph.app.gradcheck import gradcheck

        return gradcheck(self._learner, self._place, data=data, watch=watch)

    def formulas(self) -> Formulas:
        """The formulas of the network, forward and backward, composed and node by node: `text()`,
        `latex()`, `as_json()`.

        >>> import nngraph
        >>> model = nngraph.compile("nngraph: 1\\nnodes: {x: input, y: {activation: tanh}}\\n"
        ...     "edges: [x -> y]\\nloss: mean_squared_error")
        >>> [line for line in model.formulas().text().splitlines() if "delta_y" in line][0].strip()
        "delta_y = tanh'(a_y) * (2 * (z_y - t_y))"
        """
        from nngraph.insight.formulas import formulas_of

        return formulas_of(self._learner.network, self._learner.unit_names)

    def trace(
        self,
        sample: int = 0,
        *,
        part: str = "train",
        given: Mapping[str, Any] | None = None,
        update: bool = False,
    ) -> Trace:
        """Follow one sample forward and back: a, z and delta of each node, dL/dW of each edge.

        It is a row of the spec's data, or `given` by name, inputs and targets; without targets
        there is only the way forward. `update` makes one step of the optimiser beside the model,
        which stays as it is. The result has `text()`, `latex()`, `as_json()`, `nodes`, `edges`.

        Errors: UsageError for a sample or a part that is not there, and for names; DataError,
        FileError.
        """
        from nngraph.app.trace import trace_sample

        return trace_sample(
            self._learner, self._place, sample=sample, part=part, given=given, update=update
        )

    def render(
        self,
        path: str | Path,
        *,
        neurons: bool = False,
        overlay: Overlay | None = None,
        sample: int = 0,
        theme: Theme = "auto",
    ) -> None:
        """Draw the network; the suffix decides: .svg, .png, .pdf, .dot, .mmd.

        It is drawn on "light" paper or on "dark"; an SVG drawn as "auto" follows its reader.

        With `neurons` each circle of a network with two inputs shows what the neuron says over the
        plane, where its weights are known. An `overlay` shows instead what row `sample` of the
        training part does: "weights", "gradients", "activations", "deltas" or "saturation".

        Errors: UsageError for another suffix, or a sample that is not there; DataError for the data
        of an overlay; FileError without Graphviz.
        """
        from nngraph.app.draw import draw_network

        draw_network(
            self._learner,
            self._place,
            Path(path),
            neurons=neurons,
            knows_weights=self._knows_weights,
            overlay=overlay,
            sample=sample,
            theme=theme,
        )

    @property
    def _knows_weights(self) -> bool:
        return self._is_trained or not self._learner.drawn

    def _picture(self) -> Any:
        from nngraph.insight.picture import picture_of

        weights = self._learner.executable.weights() if self._knows_weights else None
        return picture_of(self._learner.network, weights)

    def _repr_svg_(self) -> str | None:
        """The drawing that a notebook shows; None, and so the text, where there is no Graphviz."""
        from nngraph.render import to_svg

        try:
            return to_svg(self._picture())
        except FileError:
            return None
