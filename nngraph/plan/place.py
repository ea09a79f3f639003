"""Assigns every value its place: leaves first, then results in order, re-using dead buffers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field

from nngraph.errors import VerifyError
from nngraph.ir import (
    FLAT,
    Arenas,
    Constant,
    Input,
    Instr,
    Key,
    Leaf,
    Param,
    Program,
    Region,
    ReshapeView,
    Slice,
    State,
    Value,
    View,
)
from nngraph.ops import StackBias
from nngraph.plan.model import Buffer, Extent, Place, Plan, Role, Shards, Tiling
from nngraph.plan.results import forced_regions
from nngraph.plan.shards import choose_halves, choose_shards
from nngraph.plan.storage import Storage, choose_storage
from nngraph.plan.tiles import Extents, choose_tiles
from nngraph.records import dataclass


def make_plan(program: Program, arenas: Arenas, tiling: Tiling | None = None) -> Plan:
    """Plan a legal program whose results were prepared by `copy_results`.

    `tiling` None: chosen by `choose_tiles`.
    """
    tiling = choose_tiles(program) if tiling is None else tiling
    planner = _Planner(program, arenas, tiling)
    planner.place_leaves()
    planner.place_results()
    places = {value: planner.place(value) for value in planner.all_values()}
    buffers = tuple(planner.buffers)
    shards = choose_shards(program, tiling)
    halved = choose_halves(program, tiling)
    digest = _digest(program, buffers, places, tiling, shards, halved)
    return Plan(buffers, places, shards, digest, tiling, planner.sums, halved)


def _digest(
    program: Program,
    buffers: tuple[Buffer, ...],
    places: Mapping[Value, Place],
    tiling: Tiling,
    shards: Shards,
    halved: frozenset[Value],
) -> str:
    """A fingerprint of all that fixes the bits: ops, order, storage, tiles, shards, halves; no
    ids. It is one of the text forms, so that no name of a class is part of it.
    """
    number = {value: k for k, value in enumerate(places)}
    lines = [*map(str, buffers), str(tiling), str(shards), *map(str, places.values())]
    for instr in program.body:
        args = [number[a] for a in instr.args]
        lines.append(f"{instr} {args} {[number[o] for o in instr.outs]}")
    lines += [f"halved {number[value]}" for value in places if value in halved]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _region_path(region: Region) -> tuple[View, ...]:
    """The views that lead from an arena to a region of it."""
    return Slice(0, region.start, region.stop), ReshapeView(region.shape)


@dataclass
class _Planner:
    program: Program
    arenas: Arenas
    tiling: Tiling
    buffers: list[Buffer] = field(default_factory=list)
    fixed_places: dict[Value, Place] = field(default_factory=dict)
    parent: dict[Value, tuple[Value, tuple[View, ...]]] = field(default_factory=dict)
    sums: dict[Value, int] = field(default_factory=dict)
    taken: set[Value] = field(default_factory=set)  # whose buffer another value has taken over

    def __post_init__(self) -> None:
        self.storage = choose_storage(self.program)
        self.shared: dict[tuple[Role, str], int] = {}
        self.containers: dict[Value, float | None] = {}
        self._find_parents()
        self.last_use = self._last_uses()
        self.forced = forced_regions(self.program, self.arenas)
        self.extents = Extents(self.program, self.tiling, self.root)
        self.updated = dict(self.program.updates)
        self.update_of: dict[Value, Leaf] = {v: leaf for leaf, v in self.program.updates}
        self.inputs_inside: dict[Value, list[Leaf]] = {}
        for leaf in self.program.leaves:
            self.inputs_inside.setdefault(self.root(leaf), []).append(leaf)

    # ---- who lies in whom

    def _find_parents(self) -> None:
        held = self._held_views()
        for instr in self.program.body:
            view, container = instr.view, instr.container
            if view is not None and instr.outs[0] in held:
                # the rows of an input lie in a container, so the input is a view of its rows
                leaf = instr.args[0]
                self.parent[leaf] = (instr.outs[0], (ReshapeView(leaf.type.shape),))
            elif view is not None:
                self.parent[instr.outs[0]] = (instr.args[0], (view,))
            elif container is not None and not self._lies_in_arena(instr):
                self.containers[instr.outs[0]] = container.fill
                for arg, path in zip(instr.args, container.paths, strict=True):
                    if arg in self.parent:
                        raise VerifyError(f"planning: an operand of {instr} has a place already")
                    self.parent[arg] = (instr.outs[0], path)

    def _held_views(self) -> set[Value]:
        """Reshaped inputs that a container holds."""
        pieces = self.program.pieces()
        return {
            instr.outs[0]
            for instr in self.program.body
            if instr.outs[0] in pieces
            and isinstance(instr.args[0], Input)
            and isinstance(instr.view, ReshapeView)
        }

    def _lies_in_arena(self, instr: Instr) -> bool:
        """A matrix stacked on its bias, neighbours in the arena: the stack is there already."""
        if not isinstance(instr.op, StackBias):
            return False
        W, b = instr.args
        if not isinstance(W, Leaf) or not isinstance(b, Leaf):
            return False
        found = self.arenas.stack(W.id, b.id)
        if found is None:
            return False
        arena, region = found
        self.fixed_places[instr.outs[0]] = Place(
            self._shared(arena.role, arena.role), _region_path(region)
        )
        return True

    def root(self, value: Value) -> Value:
        """The value in whose buffer this one lies."""
        while value in self.parent:
            value = self.parent[value][0]
        return value

    def place(self, value: Value) -> Place:
        """Place of a value: its root's, and the views from there."""
        path: tuple[View, ...] = ()
        while value in self.parent:
            value, step = self.parent[value]
            path = step + path
        base = self.fixed_places[value]
        return Place(base.buffer, base.path + path)

    def all_values(self) -> list[Value]:
        """Leaves, then results in order."""
        results = [out for instr in self.program.body for out in instr.outs]
        return [*self.program.leaves, *results]

    def _last_uses(self) -> dict[Value, int]:
        """For each root, the last instruction that reads it or a part of it."""
        last: dict[Value, int] = {}
        for k, instr in enumerate(self.program.body):
            for out in instr.outs:
                last[self.root(out)] = k
            for arg in (
                instr.args if instr.view is None else instr.args[:1]
            ):  # others only give a shape
                last[self.root(arg)] = k
        for value in self.program.results():
            last[self.root(value)] = len(self.program.body)
        return last

    # ---- leaves

    def place_leaves(self) -> None:
        """Leaves lie in arenas, in buffers of their own, or inside a container of the program."""
        for leaf in self.program.leaves:
            if leaf in self.parent:
                continue
            found = self.arenas.find(leaf.id)
            if leaf.type.shape == (FLAT,):
                self._place_flat(leaf)
            elif isinstance(leaf, Param | Constant | State) and found is not None:
                arena, region = found
                place = Place(self._shared(arena.role, arena.role), _region_path(region))
                self.fixed_places[leaf] = place
            else:
                self._place_alone(leaf)

    def _place_flat(self, leaf: Leaf) -> None:
        if isinstance(leaf, Param):
            index = self._shared("parameters", "parameters")
        elif isinstance(leaf, Input):
            index = self._shared("gradients", "gradients")
        else:
            role: Role = "constant" if isinstance(leaf, Constant) else "state"
            index = self._shared(role, leaf.id, leaf)
        self.fixed_places[leaf] = Place(index)

    def _place_alone(self, leaf: Leaf) -> None:
        roles: dict[type[Leaf], Role] = {Input: "input", State: "state", Key: "key"}
        role = roles.get(type(leaf), "constant")
        storage = self.storage.get(leaf, Storage(leaf.type.shape)) if role == "input" else None
        shape = storage.shape if storage is not None else leaf.type.shape
        buffer = Buffer(role, shape, leaf.type.dtype, leaf.id)
        self.fixed_places[leaf] = Place(self._add(buffer), storage.path if storage else ())

    def _add(self, buffer: Buffer) -> int:
        self.buffers.append(buffer)
        return len(self.buffers) - 1

    def _shared(self, role: Role, name: str, leaf: Leaf | None = None) -> int:
        """The one buffer of an arena, of the flat gradient or of a flat state."""
        if (role, name) not in self.shared:
            dtype = leaf.type.dtype if leaf is not None else self.arenas.parameters.dtype
            size = self.arenas.fixed.size if role == "fixed" else FLAT
            self.shared[role, name] = self._add(Buffer(role, (size,), dtype, name))
        return self.shared[role, name]

    # ---- results

    def place_results(self) -> None:
        """Walk the body once; a buffer is free again after the last use of all that lies in it."""
        free: dict[Buffer, list[int]] = {}
        dying: dict[int, list[Value]] = {}
        for root, last in self.last_use.items():
            dying.setdefault(self._end_of_use(root, last), []).append(root)
        for k, instr in enumerate(self.program.body):
            for arg in instr.args:
                if self._can_overwrite(instr, arg, k) and self._take_over(instr, arg):
                    self.taken.add(self.root(arg))
            for out in instr.outs:
                root = self.root(out)
                if root not in self.fixed_places:
                    self._allocate(root, free)
                if self.tiling.tile_of(k) and instr.is_work and not out.type.batched:
                    sums = Buffer("scratch", out.type.shape, out.type.dtype, extent="sums")
                    self.sums[out] = self._add(sums)
            for root in dying.get(k, ()):
                if root not in self.taken:
                    self._release(root, free)
        for leaf in self.program.leaves:
            root = self.root(leaf)
            if root not in self.fixed_places:
                self._allocate(root, {})

    def _end_of_use(self, root: Value, last: int) -> int:
        """Where a buffer becomes free: what several tiles read is in use until the last of them."""
        tile = self.tiling.tile_of(last)
        return last if tile is None or self.extent(root) == "tile" else tile.stop - 1

    def extent(self, root: Value) -> Extent:
        """How much of the batch the buffer of a root holds."""
        if root in self.forced or root in self.update_of or root in self.inputs_inside:
            return "whole"
        stored = self.storage.get(root, Storage(root.type.shape)).shape
        return self.extents.of(root, stored, filled=self.containers.get(root) is not None)

    def _allocate(self, root: Value, free: dict[Buffer, list[int]]) -> None:
        if (forced := self.forced.get(root)) is not None:
            path = _region_path(forced)
            self.fixed_places[root] = Place(self._shared("gradients", "gradients"), path)
            return
        if (leaf := self.update_of.get(root)) is not None:
            self.fixed_places[root] = self.fixed_places[leaf]
            return
        storage = self.storage.get(root, Storage(root.type.shape))
        buffer = self._buffer_for(root, storage)
        reusable = free.get(buffer, [])
        index = reusable.pop() if reusable and buffer.fill is None else self._add(buffer)
        self.fixed_places[root] = Place(index, storage.path)

    def _buffer_for(self, root: Value, storage: Storage) -> Buffer:
        """Scratch, or the input's own buffer where an input lies inside the container."""
        fill = self.containers.get(root)
        inside = self.inputs_inside.get(root)
        if inside:
            name = ",".join(leaf.id for leaf in inside)
            return Buffer("input", storage.shape, root.type.dtype, name, fill)
        return Buffer("scratch", storage.shape, root.type.dtype, "", fill, self.extent(root))

    def _release(self, root: Value, free: dict[Buffer, list[int]]) -> None:
        place = self.fixed_places.get(root)
        if place is None:
            return
        buffer = self.buffers[place.buffer]
        if buffer.role == "scratch" and buffer.fill is None:
            free.setdefault(buffer, []).append(place.buffer)

    def _can_overwrite(self, instr: Instr, arg: Value, k: int) -> bool:
        """Whether `out` may be the array of this operand: it dies here, and the op allows it."""
        call = instr.call
        if call is None or len(instr.outs) != 1 or arg in self.parent:
            return False
        out = instr.outs[0]
        if out in self.parent or out in self.containers or self.root(out) in self.fixed_places:
            return False
        positions = [n for n, a in enumerate(instr.args) if a is arg]
        return (
            arg.type == out.type
            and all(n in call.overwrites for n in positions)
            and self.last_use[arg] == k
            and self.storage.get(arg) == self.storage.get(out)
            and self.extent(arg) == self.extent(out)
            and out not in self.forced
        )

    def _take_over(self, instr: Instr, arg: Value) -> bool:
        out = instr.outs[0]
        place = self.fixed_places[arg]
        buffer = self.buffers[place.buffer]
        if self.root(out) in self.fixed_places:
            return False
        target = self.update_of.get(out)
        if buffer.role == "scratch" and buffer.fill is None and target is None:
            self.fixed_places[out] = place
            return True
        owner = self._owner_of_state(place)
        if owner is None or (target is not None and target is not owner):
            return False
        if target is owner or self._dies_before_update(out, owner):
            self.fixed_places[out] = place
            return True
        return False

    def _owner_of_state(self, place: Place) -> Leaf | None:
        """The updated leaf whose whole buffer this place is."""
        for leaf in self.updated:
            if self.fixed_places[leaf] == place and not place.path:
                return leaf
        return None

    def _dies_before_update(self, value: Value, leaf: Param | State | Leaf) -> bool:
        """Whether a temporary in the leaf's own buffer is gone when the new content comes."""
        new = next(v for owner, v in self.program.updates if owner is leaf)
        made_at = next(k for k, i in enumerate(self.program.body) if new in i.outs)
        last = self.last_use[value]
        if last != made_at:
            return last < made_at
        instr = self.program.body[made_at]
        call = instr.call
        reads = [n for n, a in enumerate(instr.args) if a is value]
        number, count = instr.outs.index(new), len(instr.outs)
        return call is not None and all(call.may_overwrite(n, number, count) for n in reads)
