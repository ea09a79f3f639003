"""Arrays from a caller, one for a single input or target or several by name; values for him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nngraph.data import Normalizer, Normalizers, Port, plan_augmentation, read_scaled
from nngraph.data.columns import Column, ColumnFacts, Table, facts_of
from nngraph.data.encoding import EncodedTarget, categories_of, encode_target
from nngraph.data.matching import Match, fit_shape, numbers_of
from nngraph.data.normalizers import UNSCALED, fit_normalizer, scaled_rows
from nngraph.data.weighting import check_sample_weights
from nngraph.errors import DataError, UsageError, diagnostic, join_words, suggest
from nngraph.records import dataclass
from nngraph.spec.arrows import End, end_named
from nngraph.train.feed import Array, Rows
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports, supervised, supervised_end, target_ports
from nngraph.words.sources import DataSpec

ALL_UNITS = slice(None, None)

Given = Any
"""An array (or nested lists) for a single port, a mapping from names to arrays, or a data frame."""


def input_arrays(ports: Sequence[Port], x: Given, what: str = "x") -> dict[str, Array]:
    """Raw inputs [n, *shape] by node id; a vector [n] will do for an input of one value.

    A data frame, or a mapping with names of columns, is matched by the names that the network
    learnt; columns of a frame that it did not learn from are left alone. `what` is how errors call
    `x`.

    Errors: UsageError for names that are missing or unknown; DataError for shapes and values.
    """
    table = _table(ports, x, what)
    arrays = _plain_arrays(ports, x, what) if table is None else _of_table(ports, table)[0]
    _check_rows(arrays)
    return arrays


def _plain_arrays(ports: Sequence[Port], x: Given, what: str) -> dict[str, Array]:
    columns = _by_name(ports, x, what)
    return {port.name: _input_array(port, columns[port.name]) for port in ports}


def _table(ports: Sequence[Port], x: Given, what: str) -> Table | None:
    """What names columns as a table, None for arrays of whole inputs.

    Errors: as `input_arrays`.
    """
    if _is_plain(ports, x):
        return None
    from nngraph.data import frames

    if (names := frames.frame_names(x)) is not None:
        return frames.frame_table(x, names)
    given = x if isinstance(x, Mapping) else {ports[0].name: x} if len(ports) == 1 else {}
    spread = frames.spread_rows(ports, given)
    inputs, known = {port.name for port in ports}, set(frames.known_names(ports))
    if set(spread) <= inputs or not set(spread) & known:
        return None
    return frames.mapping_table(ports, spread, what)


def _is_plain(ports: Sequence[Port], x: Given) -> bool:
    """Whether there can be no names in it, of columns or in cells."""
    if any(column.categories for port in ports for column in port.columns or ()):
        return type(x) is np.ndarray and x.dtype.kind in "biuf"
    if isinstance(x, Mapping):
        return set(x) <= {port.name for port in ports}
    return isinstance(x, list | tuple) or (type(x) is np.ndarray and x.dtype.names is None)


def _of_table(
    ports: Sequence[Port], table: Table, spec: DataSpec | None = None
) -> tuple[dict[str, Array], dict[str, tuple[ColumnFacts, ...]]]:
    """The values of the inputs and what their columns are."""
    from nngraph.data.inputs import read_columns

    arrays, facts = {}, {}
    for match, values in read_columns(table, ports, spec):
        known = categories_of(match)
        arrays[match.port.name] = values
        facts[match.port.name] = tuple(
            one for c in match.columns for one in facts_of(c, known.get(c.name))
        )
    return arrays, facts


def _input_array(port: Port, column: Column) -> Array:
    values = column.values
    is_plain = values.shape[1:] == port.shape and values.dtype.kind in "biuf"
    if is_plain and np.isfinite(values).all():  # nothing to judge, nothing to fold
        return values
    match = Match(port, (column,))
    return fit_shape(match, numbers_of(match))


def _target_arrays(
    ports: Sequence[Port], y: Given, inputs: Mapping[str, Array]
) -> dict[str, EncodedTarget]:
    """Targets as the losses want them: classes by index, name or one-hot row become one-hot rows.

    They have a row for each of the `inputs`.

    Errors: as `input_arrays`.
    """
    columns = _by_name(ports, y, "y")
    _check_rows(inputs, {name: column.values for name, column in columns.items()})
    return {port.name: encode_target(Match(port, (columns[port.name],))) for port in ports}


def _fit_normalizers(
    spec: DataSpec | None,
    ports: Sequence[Port],
    inputs: Mapping[str, Array],
    targets: Mapping[str, EncodedTarget],
) -> Normalizers:
    """Fit what the spec's `data` section says about scaling, on all rows."""
    if spec is None:
        return Normalizers()
    fitted: dict[str, dict[str, Normalizer]] = {"input": {}, "target": {}}
    for port in ports:
        is_input = port.role == "input"
        values = inputs[port.name] if is_input else targets[port.name].values
        rule = spec.rule_for(port.name) if is_input else spec.rule_for_target(port.name)
        if not is_input and targets[port.name].classes is not None:
            continue
        rows = np.arange(len(values))
        try:
            fitted[port.role][port.name] = fit_normalizer(rule, values, rows, len(port.shape))
        except FloatingPointError:
            raise DataError(
                diagnostic("E406:spread", values=f"'{port.name}'", rule=rule.kind)
            ) from None
    return Normalizers(fitted["input"], fitted["target"])


def rows_of_arrays(
    learner: Learner,
    x: Given,
    y: Given | None,
    *,
    fit: bool = False,
    weights: ArrayLike | None = None,
) -> Rows:
    """Raw arrays as rows of a network; with `fit` its scaling is fitted on them first. `weights`
    say how much each row counts in the loss.

    Errors: UsageError without a loss, for names and for a target too many or too few; DataError
    for shapes and values.
    """
    learner.needs_loss("asked for its loss")
    data = learner.document.spec.data
    inputs_at = input_ports(learner.network, Normalizers() if fit else learner.normalizers)
    targets_at = target_ports(learner.network, learner.labels)
    columns: dict[str, tuple[ColumnFacts, ...]] = {}
    if fit and (table := _table(inputs_at, x, "x")) is not None:
        inputs, columns = _of_table(inputs_at, table, data)
    else:
        inputs = input_arrays(inputs_at, x)
    if y is None and targets_at:
        names = join_words([f"'{port.name}'" for port in targets_at])
        raise UsageError(diagnostic("E002:y-missing", targets=names))
    if y is not None and not targets_at:
        raise UsageError(diagnostic("E002:y-not-wanted"))
    targets = _target_arrays(targets_at, y, inputs) if targets_at else {}
    ports = (*inputs_at, *targets_at)
    if fit:
        fitted = _fit_normalizers(data, ports, inputs, targets)
        learner.normalizers = replace(fitted, columns=columns)
        found = {name: t.labels for name, t in targets.items() if t.labels is not None}
        learner.labels = {**learner.labels, **found}
    dtype = learner.network.dtype
    rows = len(next(iter(inputs.values())))
    counted = None if weights is None else check_sample_weights(np.asarray(weights), rows, dtype)
    return Rows.of(
        read_scaled(learner.normalizers.inputs, inputs, dtype),
        read_scaled(
            learner.normalizers.targets,
            {name: target.values for name, target in targets.items()},
            dtype,
        ),
        plan_augmentation(data, ports, learner.normalizers),
        counted,
    )


@dataclass(frozen=True, eq=False)
class Predictor:
    """The way from raw inputs to values of nodes in their own scale, found once and then walked.

    It holds for a network as long as `normalizers` are its own. `scales` are those of inputs that
    are scaled, `learnt` those of targets by the node that learnt them, with the units that
    did; `names` are the outputs, "h" or "h[1]".
    """

    learner: Learner
    normalizers: Normalizers
    ports: tuple[Port, ...]
    scales: Mapping[str, Normalizer]
    learnt: Mapping[str, tuple[Normalizer, slice]]
    names: tuple[str, ...]
    dtype: str

    @classmethod
    def of(cls, learner: Learner) -> Predictor:
        """For a network as it is now."""
        normalizers, network = learner.normalizers, learner.network
        targets = normalizers.targets
        learnt = {
            node: (targets[t.name], supervised_end(network, node).units)
            for node, t in supervised(network)
            if t.name in targets and targets[t.name].kind != "none"
        }
        return cls(
            learner,
            normalizers,
            input_ports(network, normalizers),
            {name: scale for name, scale in normalizers.inputs.items() if scale.kind != "none"},
            learnt,
            learner.output_names,
            network.dtype,
        )

    def holds_for(self, learner: Learner) -> bool:
        """Whether nothing has changed since that the way depends on."""
        return self.learner is learner and self.normalizers is learner.normalizers

    def predict(self, x: Given, nodes: Sequence[str] | None = None) -> dict[str, Array]:
        """Values of nodes [n, *shape] by id (by default of the outputs) for a caller's arrays.

        Errors: as `input_arrays`; UsageError for an unknown node.
        """
        return self.values(input_arrays(self.ports, x), nodes)

    def values(
        self, inputs: Mapping[str, Array], nodes: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """The same for raw inputs [n, *shape] by id.

        Errors: UsageError for a node, or a unit of one, that is not there.
        """
        ends = self.ends(nodes)
        scaled = {name: self._scaled(name, values) for name, values in inputs.items()}
        executable = self.learner.executable
        with executable.threads():
            found = executable.forward(scaled, nodes_of(ends))
        return self.named(found, ends)

    def ends(self, nodes: Sequence[str] | None = None) -> dict[str, End]:
        """Nodes, or units of them, by the names that were asked for; by default the outputs."""
        return {name: end_named(name) for name in (self.names if nodes is None else nodes)}

    def are_as_computed(self, ends: Mapping[str, End]) -> bool:
        """Whether `named` has nothing to do: whole nodes by their own names, none scaled back."""
        return not self.learnt and all(
            end.stop is None and name == end.node for name, end in ends.items()
        )

    def named(self, found: dict[str, Array], ends: Mapping[str, End]) -> dict[str, Array]:
        """What was asked for, in the scale of its targets, out of the values of whole nodes.

        Errors: UsageError for a unit that is not there.
        """
        with np.errstate(over="ignore"):  # an answer beyond all numbers is infinite
            for node, (scale, units) in self.learnt.items():
                if node not in found:
                    continue
                if units == ALL_UNITS:
                    found[node] = scale.invert(found[node]).astype(found[node].dtype)
                else:
                    found[node][..., units] = scale.invert(found[node][..., units])
        return {name: _units_of(found[end.node], end) for name, end in ends.items()}

    def _scaled(self, name: str, values: Array) -> Array:
        return scaled_rows(self.scales.get(name, UNSCALED), values, self.dtype, name)


def nodes_of(ends: Mapping[str, End]) -> tuple[str, ...]:
    """The nodes of some ends, each once."""
    return tuple(dict.fromkeys(end.node for end in ends.values()))


def _units_of(values: Array, end: End) -> Array:
    """The named units of a node's values [n, *shape]."""
    if end.stop is None:
        return values
    units = values.shape[-1] if values.ndim > 1 else 0
    if end.stop > units:
        raise UsageError(diagnostic("E002:no-unit", end=end, node=end.node, units=units))
    return values[..., end.units]


def _by_name(ports: Sequence[Port], given: Given, what: str) -> dict[str, Column]:
    names = [port.name for port in ports]
    if isinstance(given, Mapping):
        _check_names(ports, list(given), what)
        return {name: _column(name, given[name], f"{what}['{name}']") for name in names}
    if len(ports) != 1:
        listed = join_words([f"'{name}'" for name in names]) or "nothing"
        role = ports[0].role if ports else "target"
        raise UsageError(diagnostic("E002:mapping", what=what, role=role, names=listed))
    return {names[0]: _column(names[0], given, what)}


def _check_names(ports: Sequence[Port], given: list[str], what: str) -> None:
    names = [port.name for port in ports]
    role = ports[0].role if ports else "target"
    listed = join_words([f"'{name}'" for name in names]) or "none"
    for name in given:
        if name not in names:
            help = f"{suggest(str(name), names)} the {role}s are {listed}".strip()
            told = diagnostic("E002:no-such-name", what=what, name=name, role=role, help=help)
            raise UsageError(told)
    if missing := [f"'{name}'" for name in names if name not in given]:
        roles = f"{role}{'s' * (len(missing) > 1)} {join_words(missing)}"
        raise UsageError(diagnostic("E002:gives-nothing", what=what, names=roles))


def _column(name: str, given: Given, called: str) -> Column:
    try:
        values = np.asarray(given)
    except ValueError as error:
        raise DataError(diagnostic("E400:ragged", name=name)) from error
    if values.ndim == 0:
        raise DataError(diagnostic("E400:single-value", name=name))
    if len(values) == 0:
        raise DataError(diagnostic("E400:no-rows", name=name))
    if values.dtype.kind == "U":
        values = values.astype(object)
    if values.dtype.kind not in "biufO":
        raise DataError(diagnostic("E400:dtype", name=name, dtype=values.dtype))
    return Column(name, values, called=called)


def _check_rows(*groups: Mapping[str, Array]) -> None:
    """Refuse arrays that differ in their number of rows. Errors: DataError with all numbers."""
    counts = [(name, len(array)) for arrays in groups for name, array in arrays.items()]
    if len({count for _, count in counts}) > 1:
        listed = join_words([f"'{name}' has {count:,}" for name, count in counts])
        raise DataError(diagnostic("E400:rows", rows=listed))
