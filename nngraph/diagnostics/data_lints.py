"""L220 to L222: columns that give the answer away or say nothing, classes with almost no rows."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Text


def _table(columns: str, rows: str, count: int = 3) -> Example:
    section = f"{{source: csv, path: t.csv, inputs: {{x: [{columns}]}}}}"
    text = f"""\
nngraph: 1
nodes: {{x: {{kind: input, shape: {count}}}, y: {{activation: sigmoid}}}}
edges: [x -> y]
loss: {{kind: binary_cross_entropy, target: ill}}
data: {section}
"""
    return Example(text, files=(("t.csv", rows),))


def _rows(count: int, ill: str) -> str:
    """`ill` is a digit for each of ten rows, over and over."""
    lines = [f"{n},{n * n % 7},{n * n % 5},{ill[n % len(ill)]}" for n in range(count)]
    return "\n".join(["id,size,age,ill", *lines]) + "\n"


_MANY = _rows(30, "0110100101")

DATA_LINTS = (
    DiagnosticRow(
        "L220",
        "target-among-inputs",
        "A column that is to be predicted is fed to the network too: it learns to copy it, and "
        "knows nothing when the column is not there.",
        "Take it out of `inputs`.",
        texts=(
            Text(
                "'{column}' is the target '{target}', and a column of the input '{input}' too: "
                "the answer is given away",
                "take it out of `inputs`; name the columns that will be known when you predict",
            ),
        ),
        wrong=_table("size, age, ill", _MANY),
        right=_table("size, age", _MANY, 2),
    ),
    DiagnosticRow(
        "L221",
        "id-as-input",
        "A column that only tells rows apart, as a number or a name of their own, says nothing "
        "about other rows; a network learns it by heart.",
        "Take it out of `inputs`.",
        texts=(
            Text(
                "column '{name}' of the input '{input}' goes up or down by one from row to row, "
                "as an id does",
                "take it out of `inputs`, or silence this line with `# nngraph: ignore L221`",
            ),
            Text(
                "column '{name}' of the input '{input}' holds {different} different names in "
                "{rows}, as an id does",
                "take it out of `inputs`, or silence this line with `# nngraph: ignore L221`",
                case="names",
            ),
        ),
        wrong=_table("id, size, age", _MANY),
        right=_table("size, age", _MANY, 2),
    ),
    DiagnosticRow(
        "L222",
        "rare-class",
        "Of a class with a handful of rows hardly anything is learnt, and its figures are chance.",
        "Bring more rows of it, or weigh it with `class_weights: balanced`.",
        texts=(
            Text(
                "of the target '{target}', {classes} among the {rows} that train",
                "bring more of them, or weigh them up with `class_weights: balanced` over a "
                "softmax",
            ),
        ),
        wrong=_table("size, age", _rows(30, "0" * 29 + "1"), 2),
        right=_table("size, age", _MANY, 2),
    ),
)
