"""Random networks of single neurons and what may stand between them, as YAML, from a seed alone.

    neuron_spec(7)                        # the text of a spec in double precision
    python tests/whole/neuron_specs.py 7  # the same, printed

Inputs are vectors and scalars; neurons are wired at random to units of all before them: skip
edges, several outputs, every elementwise activation and aggregate, biases and weights that are
given, drawn, fixed or shared, masks, identities and scales. Between them stand layers that are
reached unit by unit, by ranges or as wholes, and nodes that multiply, add or join.
"""

from __future__ import annotations

import sys

from small_specs import Draw

SMOOTH = (
    "identity", "sigmoid", "tanh", "selu", "gelu", "silu", "mish", "softplus", "softsign",
    "gaussian", "sin", "cos", "prelu", "{kind: celu, alpha: 0.7}", "{kind: elu, alpha: 0.5}",
)  # fmt: skip
BENT = ("relu", "{kind: leaky_relu, alpha: 0.1}", "hard_sigmoid", "hard_swish", "hard_tanh",
        "relu6", "abs", "square")  # fmt: skip
AGGREGATES = ("sum",) * 6 + ("mean", "product", "maximum", "minimum")
FEW_SOURCES = (1, 1, 2, 2, 3, 5, 9)


class Growing:
    """A spec node by node; `widths` are those of the nodes that can be read, 0 for a scalar."""

    def __init__(self, seed: int, aggregates: tuple[str, ...]) -> None:
        self.draw, self.aggregates = Draw(seed), aggregates
        self.widths = {"x": 3, "s": 0, "t": 0}
        self.nodes = ["  x: {kind: input, shape: 3}", "  s, t: input"]
        self.edges: list[str] = []
        self.read: set[str] = set()
        self.shared: list[str] = []
        self.neurons: dict[str, str] = {}

    def unit(self) -> str:
        """One unit of any node before."""
        node = self.draw.one(list(self.widths))
        width = self.widths[node]
        self.read.add(node)
        is_whole = width == 0 or (width == 1 and self.draw.luck(0.5))
        return node if is_whole else f"{node}[{int(self.draw.rng.integers(width))}]"

    def edge(self, source: str, target: str, options: str = "") -> str:
        """One edge, by its own id."""
        id = f"e{len(self.edges)}"
        more = f", {options}" if options else ""
        self.edges.append(f"  - {{from: '{source}', to: '{target}', id: {id}{more}}}")
        return id

    def connect(self, target: str) -> None:
        """A connection of any form from some unit to one unit."""
        draw, source = self.draw, self.unit()
        number = f"weight: {draw.numbers()}"
        if draw.luck(0.15) and self.shared:
            self.edge(source, target, f"share: {draw.one(self.shared)}")
        elif draw.luck(0.1):
            self.edge(source, target, "kind: identity")
        elif draw.luck(0.1):
            self.edge(source, target, draw.one(("kind: scale", f"kind: scale, {number}")))
        elif draw.luck(0.15):
            mask = draw.one(("0", "1", "[[0]]", "[[1]]", "[1]"))
            self.shared.append(self.edge(source, target, f"{number}, mask: {mask}"))
        elif draw.luck(0.15):
            self.edge(source, target, f"{number}, trainable: false")
        else:
            more = draw.one((number, number, "", "init: {kind: normal, stddev: 0.5}"))
            self.shared.append(self.edge(source, target, more))

    def function(self, name: str) -> str:
        """Activation and bias."""
        draw = self.draw
        if self.neurons and draw.luck(0.15):
            owner = draw.one(list(self.neurons))
            return f"activation: {self.neurons[owner]}, share: {owner}"
        kind = draw.one(SMOOTH + BENT)
        self.neurons[name] = kind
        bias = draw.one(("true", "false", "0.3", "{value: -0.2, trainable: false}"))
        return f"activation: {kind}, bias: {bias}"

    def neuron(self, name: str) -> None:
        aggregate = self.draw.one(self.aggregates)
        self.nodes.append(f"  {name}: {{{self.function(name)}, aggregate: {aggregate}}}")
        for _ in range(self.draw.one(FEW_SOURCES)):
            self.connect(name)
        self.edge(self.unit(), name, f"weight: {self.draw.numbers()}")  # one that is there
        if self.draw.luck(0.1):
            self.span(name)
        self.widths[name] = 1

    def layer(self, name: str) -> None:
        """Units that are reached one by one, by ranges, or all at once."""
        draw = self.draw
        width = draw.one((2, 3, 4))
        aggregate = draw.one(self.aggregates)
        kind = draw.one(SMOOTH[:-3] + BENT)
        options = f"activation: {kind}, units: {width}, aggregate: {aggregate}"
        self.nodes.append(f"  {name}: {{{options}, bias: {draw.one(('true', 'false', '0.1'))}}}")
        for unit in range(width if aggregate != "sum" else width - draw.one((0, 1))):
            for _ in range(draw.one(FEW_SOURCES)):
                self.connect(f"{name}[{unit}]")
            self.edge(self.unit(), f"{name}[{unit}]", f"weight: {draw.numbers()}")
        if draw.luck(0.4):
            self.span(name)
        if draw.luck(0.4):
            self.span(f"{name}[0:2]")
        self.widths[name] = width

    def span(self, target: str) -> None:
        """An edge from some or all units of a vector."""
        wide = [node for node, width in self.widths.items() if width > 1]
        node = self.draw.one(wide)
        self.read.add(node)
        source = node if self.draw.luck(0.5) else f"{node}[0:2]"
        self.edge(source, target, self.draw.one(("", "init: {kind: normal, stddev: 0.4}")))

    def combined(self, name: str) -> None:
        """A node without weights."""
        kind = self.draw.one(("multiply", "add", "concat"))
        self.nodes.append(f"  {name}: {kind}")
        sources = {self.unit() for _ in range(2)}
        for source in sorted(sources):
            self.edge(source, name)
        self.widths[name] = len(sources) if kind == "concat" else 0

    def text(self, count: int) -> str:
        for number in range(count):
            grow = self.draw.one((self.neuron,) * 7 + (self.layer,) * 2 + (self.combined,))
            grow(f"n{number}")
        ends = [name for name in self.widths if name not in self.read]
        for number in range(self.draw.one((1, 2, 3))):
            self.nodes.append(f"  y{number}: {{activation: {self.draw.one(SMOOTH)}}}")
            for end in ends if number == 0 else ():
                self.edge(
                    end if self.widths[end] < 2 else f"{end}[0:{self.widths[end]}]", f"y{number}"
                )
            for _ in range(3):
                self.connect(f"y{number}")
            self.edge("x[0]", f"y{number}")
        losses = [
            f"  - {{kind: mean_squared_error, values: sum, node: {node}}}"
            for node in [
                line.split(":")[0].strip() for line in self.nodes if line.startswith("  y")
            ]
        ]
        lines = [*self.nodes, "edges:", *self.edges, "loss:", *losses]
        return "nngraph: 1\ndtype: float64\nnodes:\n" + "\n".join(lines) + "\n"


def neuron_spec(seed: int, aggregates: tuple[str, ...] = AGGREGATES) -> str:
    """The text of a spec without data."""
    growing = Growing(seed, aggregates)
    return growing.text(growing.draw.one((3, 6, 12, 20)))


if __name__ == "__main__":
    print(neuron_spec(int(sys.argv[1])), end="")
