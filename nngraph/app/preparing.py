"""What can be wrong with a training before its first step: `check` asks, and `train` begins with
it."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.data import DataSet
from nngraph.data.load import check_data_section
from nngraph.errors import Diagnostics
from nngraph.network import Network
from nngraph.spec.model import TrainSpec
from nngraph.train.data_files import HERE, DataPlace, data_spec, read_data
from nngraph.train.monitors import check_monitors
from nngraph.train.ports import figure_names, metric_plans, ports_of


def prepared_data(network: Network, place: DataPlace = HERE) -> DataSet:
    """The data of a training in which nothing is wrong.

    Errors, all that do not follow from another together: SpecError for figures that there will not
    be; DataError, FileError; UsageError without data; CapacityError where a step on a batch of them
    does not fit.
    """
    found = Diagnostics()
    with found.collecting():
        _check_figures(network, place)
    with found.collecting():
        data = read_data(network, place)
        _check_class_weights(network, data)
        _check_batch(network, data.parts["train"].rows)
    found.raise_if_any()
    return data


def check_without_data(network: Network) -> None:
    """What is wrong whatever the data are. Errors: SpecError, DataError for the data section."""
    found, document = Diagnostics(), network.document
    with found.collecting():
        _check_figures(network)
    with found.collecting():
        if document.spec.data is not None:
            check_data_section(
                document.spec.data,
                ports_of(network),
                span=document.span,
                key_span=document.key_span,
            )
    found.raise_if_any()


def _check_figures(network: Network, place: DataPlace = HERE) -> None:
    """Refuse metrics that cannot be told, and monitors that watch what there will not be.

    Which parts there are is known where there is a data section. Errors: SpecError.
    """
    plans = metric_plans(network)
    document = network.document
    if place.file is None and document.spec.data is None:
        return
    validates = data_spec(document, place).split.validation > 0
    check_monitors(document, figure_names(plans, network.output_nodes, validates))


def _check_class_weights(network: Network, data: DataSet) -> None:
    """Refuse weights of classes that there are not. Errors: SpecError."""
    terms = network.document.spec.loss
    if any(isinstance(getattr(term, "class_weights", None), dict) for term in terms):
        from nngraph.train.class_weights import class_weights

        class_weights(network, data.parts["train"].targets, data.labels)


def _check_batch(network: Network, rows: int) -> None:
    """Refuse a step on a batch of so many rows that does not fit. Errors: CapacityError."""
    train = network.document.spec.train or TrainSpec()
    network.check_memory(train.rows_per_step(rows))


def with_seed(overrides: Sequence[str], seed: int | None) -> tuple[str, ...]:
    """Overrides that also set the seed, so that it stands in the spec of the run."""
    return (*overrides,) if seed is None else (*overrides, f"train.seed={seed}")
