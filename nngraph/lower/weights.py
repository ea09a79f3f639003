"""Arrays of weights: who owns one, what its first values are, and its leaf in the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nngraph.errors import CapacityError, Diagnostic, FileError, ModelFileError, Note, Span
from nngraph.files import read_array, resolve_inside
from nngraph.ir import LARGEST, OVERFLOW, Array, Constant, Op, PackedPart, Param, Value
from nngraph.lower.context import Lowering, Mistake, has_shape, plural, shape_text
from nngraph.lower.lowered import Weight
from nngraph.ops import Multiply, PermuteAxes, Transpose
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.nodes import NeuronsNode
from nngraph.spec.weighted import WeightedEdge
from nngraph.spec.weights import FileWeight


def edge_weight(lowering: Lowering, edge: EdgeEntry, shape: tuple[int, ...]) -> Value:
    """W of an edge: its own array, or the one that it shares. Errors: Mistake."""
    owner, transposed = owner_of(lowering, edge)
    needed = turned(shape) if transposed else shape
    if owner.id not in lowering.weights:
        lowering.weights[owner.id] = _own(lowering, owner, needed)
        lowering.first_user[owner.id] = edge
    weight = lowering.weights[owner.id]
    if weight.shape != needed:
        raise _shared_mismatch(lowering, edge, weight, shape, transposed)
    value = lowering.weight_value(weight)
    if transposed:
        value = lowering.builder(_turn(len(shape)), value)
    if edge.id != owner.id and (mask := edge_mask(lowering, edge, shape)) is not None:
        value = _masked(lowering, value, mask, edge.id)
    return value


def turned(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an array used transposed: what it leads from and what it leads to exchanged.

    >>> turned((784, 30)), turned((3, 3, 8, 16))
    ((30, 784), (3, 3, 16, 8))
    """
    return (*shape[:-2], *shape[:-3:-1])


def _turn(rank: int) -> Op:
    return Transpose() if rank == 2 else PermuteAxes((*range(rank - 2), rank - 1, rank - 2))


def owner_of(lowering: Lowering, edge: EdgeEntry) -> tuple[EdgeEntry, bool]:
    """The edge that owns the array of this one, and whether it is used transposed.

    The graph has seen to it that the owner is there and shares no other's. Errors: Mistake where
    the owner is an identity edge because of the node that it leads to.
    """
    share = getattr(edge.given, "share", None)
    if share is None:
        return edge, False
    owner = lowering.edges[share.edge]
    if kind_of(lowering, owner) == "identity":
        raise Mistake(
            "E223:identity",
            edge.span_of("share"),
            notes=(Note(owner.span, f"the default into '{owner.target.node}' is identity"),),
            owner=owner.id,
        )
    return owner, share.transpose


def kind_of(lowering: Lowering, edge: EdgeEntry) -> str:
    """The kind of an edge: as written, or the default of its target."""
    return edge.kind_into(lowering.entry(edge.target.node).node)


def weighted(edge: EdgeEntry) -> WeightedEdge:
    """The options of an edge that is known to have weights."""
    options = edge.options
    assert isinstance(options, WeightedEdge)
    return options


def _own(lowering: Lowering, edge: EdgeEntry, shape: tuple[int, ...]) -> Weight:
    options = weighted(edge)
    given = given_values(lowering, edge, options.weight, shape, ("weight",))
    if given is None and options.init is None and kind_of(lowering, edge) == "scale":
        given = 1.0
    leaf = make_leaf(lowering, edge.id, shape, options.trainable)
    mask = edge_mask(lowering, edge, shape)
    if mask is not None:
        lowering.masked[edge.id] = _masked(lowering, leaf, mask, edge.id)
    return Weight(edge.id, leaf, shape, given, options.init, edge, "weight", mask=mask)


def make_leaf(
    lowering: Lowering,
    id: str,
    shape: tuple[int, ...],
    trainable: bool,
    parts: Sequence[PackedPart] = (),
) -> Param | Constant:
    """A leaf for weights: trained, or fixed."""
    type_ = lowering.type(*shape)
    leaf = Param(type_, id, parts) if trainable else Constant(type_, id, None, parts)
    return lowering.builder.leaf(leaf)


def _masked(lowering: Lowering, value: Value, mask: Array, id: str) -> Value:
    # the cotangent of a masked weight is multiplied by the mask too, so it stays where it is
    leaf = Constant(lowering.type(*mask.shape).with_dtype("bool"), f"{id}:mask", mask)
    return lowering.builder(Multiply(), value, lowering.builder.leaf(leaf))


def edge_mask(lowering: Lowering, edge: EdgeEntry, shape: tuple[int, ...]) -> Array | None:
    """Where an edge has connections; None where it has all of them. Errors: Mistake."""
    if edge.given is None or edge.id in lowering.masks:
        return lowering.masks.get(edge.id)
    mask = given_values(lowering, edge, weighted(edge).mask, shape, ("mask",))
    if mask is not None and not np.isin(mask, (0, 1)).all():
        raise Mistake("E230:values", edge.span_of("mask"))
    if isinstance(mask, float):
        mask = None if mask == 1.0 else np.zeros(shape)
    lowering.masks[edge.id] = None if mask is None else np.ascontiguousarray(mask != 0)
    return lowering.masks[edge.id]


def mask_of(lowering: Lowering, edge: EdgeEntry, shape: tuple[int, ...]) -> Array | None:
    """Where an edge has connections, its own mask and that of the array it shares together."""
    if kind_of(lowering, edge) == "identity":
        return None
    own = edge_mask(lowering, edge, shape)
    owner, transposed = owner_of(lowering, edge)
    if owner.id == edge.id:
        return own
    shared = edge_mask(lowering, owner, turned(shape) if transposed else shape)
    if shared is None:
        return own
    shared = shared.swapaxes(-1, -2) if transposed and shared.ndim > 1 else shared
    return shared if own is None else own & shared


def given_values(
    lowering: Lowering,
    entry: EdgeEntry | NodeEntry,
    written: Any,
    shape: tuple[int, ...],
    key: tuple[str, ...],
) -> float | Array | None:
    """Values that the file gives: a number that fills, or an array of exactly `shape`.

    Axes of length 1 may be left out. Errors: Mistake where the shape does not fit.
    """
    if written is None or isinstance(written, int | float):
        return None if written is None else float(written)
    span = entry.span_of(*key)
    if isinstance(written, FileWeight):
        array = _read(lowering, written, span)
    else:
        array = np.asarray(written, np.float64)
    if array.ndim == 0:
        return float(array)
    if fits(array.shape, shape):
        return np.ascontiguousarray(array.reshape(shape))
    raise _misfit(lowering, entry, array.shape, shape, key, span)


def fits(got: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether an array of shape `got` gives one of `shape`.

    >>> fits((3,), (3, 1)), fits((1, 3), (3, 1)), fits((1,), (1, 1))
    (True, False, True)
    """
    if len(got) >= len(shape):
        return tuple(got) == tuple(shape)
    return [d for d in got if d != 1] == [d for d in shape if d != 1]


def read_the_others(lowering: Lowering) -> None:
    """Where something is wrong: report also what is wrong with files that nobody came to read."""
    for edge in lowering.document.edges.alone:
        for key in ("weight", "mask"):
            _try(lowering, edge, getattr(edge.given, key, None), key)
    for entry in lowering.document.nodes.values():
        if isinstance(entry.node, NeuronsNode):
            _try(lowering, entry, entry.node.bias.value, "bias")


def _try(lowering: Lowering, entry: EdgeEntry | NodeEntry, written: Any, key: str) -> None:
    if isinstance(written, FileWeight):
        try:
            with lowering.problems.collecting():
                _read(lowering, written, entry.span_of(key))
        except Mistake as mistake:
            lowering.report(mistake)


def _read(lowering: Lowering, weight: FileWeight, span: Span) -> Array:
    document = lowering.document
    if (given := document.arrays.get(weight.name)) is not None:
        return lowering.files.setdefault(weight.name, given)
    try:
        path = resolve_inside(document.folder, weight.file, document.data_root)
        array = read_array(path, weight.key)
    except (FileError, ModelFileError, CapacityError) as error:
        raise type(error)(*(_placed(d, span) for d in error.diagnostics)) from error
    if array.dtype.kind not in "fiub":
        raise Mistake("E231:dtype", span, file=weight.file, dtype=array.dtype)
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise Mistake("E231", span, file=weight.file)
    _check_holds(lowering, array, weight.file, span)
    return lowering.files.setdefault(weight.name, array)


def _check_holds(lowering: Lowering, array: Array, file: str, span: Span) -> None:
    """Refuse numbers beyond the network's type. Errors: Mistake."""
    dtype = lowering.dtype
    fits = np.abs(array) < OVERFLOW[dtype]
    if not fits.all():
        number, largest = f"{float(array[~fits][0]):.8g}", f"{LARGEST[dtype]:.8g}"
        raise Mistake("E232:file", span, file=file, number=number, dtype=dtype, largest=largest)


def _placed(diagnostic: Diagnostic, span: Span) -> Diagnostic:
    return diagnostic if diagnostic.span is not None else replace(diagnostic, span=span)


def _as_numbers(got: tuple[int, ...]) -> str:
    """How many numbers a list has, or its shape where it is no list of numbers."""
    return plural(got[0], "number") if len(got) == 1 else shape_text(got)


def _misfit(
    lowering: Lowering,
    entry: EdgeEntry | NodeEntry,
    got: tuple[int, ...],
    shape: tuple[int, ...],
    key: tuple[str, ...],
    span: Span,
) -> Mistake:
    if isinstance(entry, NodeEntry):
        word = "alpha" if "alpha" in key else "bias"
        return Mistake("E224", span, word=word, node=entry.id, units=shape[0], got=_as_numbers(got))
    source, target = entry.source, entry.target
    if len(shape) == 2:
        reads = f"{plural(shape[0], 'unit')} of '{source}' to {shape[1]} of '{target}'"
    elif len(shape) > 2:
        window = "kernel_h, kernel_w" if len(shape) == 4 else "kernel"
        reads = f"{window}, {entry.options.channel_axes}"
    else:
        reads = f"one per unit of '{source}'"
    return Mistake(
        "E230" if key == ("mask",) else "E221",
        span,
        notes=(has_shape(lowering, source.node), _units_note(lowering, target.node)),
        edge=entry.id,
        shape=shape_text(shape),
        reads=reads,
        got=shape_text(got),
        remedy=_remedy(lowering, entry, got, shape),
    )


def _units_note(lowering: Lowering, node: str) -> Note:
    entry = lowering.entry(node)
    units = getattr(entry.node, "units", None)
    says = f"'{node}' has {plural(units, 'unit')}" if units is not None else f"'{node}'"
    return Note(entry.span, says)


def _remedy(
    lowering: Lowering, edge: EdgeEntry, got: tuple[int, ...], shape: tuple[int, ...]
) -> str:
    if len(shape) == 2 and got == shape[::-1]:
        return "a transpose would mend it: W is stored [in, out], W[i, j] goes from unit i to j"
    image = lowering.shape(edge.source.node)
    if len(image) == 3 and len(got) in (3, 4) and len(shape) == 2:
        return (
            f"a dense edge flattens the image {shape_text(image)}; was `conv` forgotten? "
            f"A kernel is [kernel_h, kernel_w, in, units]"
        )
    if len(shape) == 2:
        rows, columns = plural(shape[0], "row"), plural(shape[1], "number")
        return f"write {rows} of {columns}: a row for each unit of '{edge.source.node}'"
    if len(shape) > 2:
        return "axes of length 1 may be left out, others not; a single number fills all"
    return "give one number per unit, or a single number for all"


def _shared_mismatch(
    lowering: Lowering,
    edge: EdgeEntry,
    weight: Weight,
    shape: tuple[int, ...],
    transposed: bool,
) -> Mistake:
    sharer, other = edge, lowering.first_user[weight.id]
    there = weight.shape
    if edge.id == weight.entry.id:  # the owner comes after an edge that shares its array
        assert isinstance(other, EdgeEntry)
        sharer, other = other, edge
        transposed = owner_of(lowering, sharer)[1]
        there, shape = shape, (turned(weight.shape) if transposed else weight.shape)
    owner = weight.entry
    there = turned(there) if transposed else there
    given = "transposed, " if transposed else ""
    mends = len(shape) >= 2 and shape == turned(there)
    key = "E223"
    if mends:
        key = "E223:transposed" if transposed else "E223:transpose"
    return Mistake(
        key,
        sharer.span_of("share"),
        notes=(Note(owner.span, f"'{owner.id}' owns the array"),),
        sharer=sharer.id,
        shape=shape_text(shape),
        owner=owner.id,
        there=given + shape_text(there),
    )
