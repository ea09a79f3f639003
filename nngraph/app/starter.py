"""A commented spec that is written from a csv file: kinds of columns, missing cells, classes.

What was guessed stands in comments, beside what it led to.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from nngraph.data.survey import Survey, Surveyed
from nngraph.diagnostics.wording import count
from nngraph.errors import FileError, UsageError, diagnostic, join_words, suggest
from nngraph.records import dataclass
from nngraph.spec.tree import resolve

TARGET_NAMES = ("target", "label", "class", "y")
MOST_CLASSES = 50  # names of a target
WHOLE_CLASSES = 10  # different whole numbers that are taken for classes
ROWS_PER_CLASS = 10
SPLIT_ROWS, TEST_ROWS = 60, 20
SKEWED = 3.0  # times as many rows in the commonest class as in the rarest
SHOWN = 6  # names in a comment
RESERVED = ("true", "false", "null", "loss", "x", "h")
COMMENT_AT = 28  # column at which comments begin in a list


@dataclass(frozen=True, slots=True)
class Task:
    """What there is to learn: the target's node and how it is judged."""

    node: str
    loss: str
    metric: str
    guess: str
    is_number: bool = False


def starter(survey: Survey, spec: Path, name: str, target: str | None = None) -> str:
    """The text of a spec at `spec` that learns `target` (by default it is guessed) from a file.

    Errors: UsageError for a target that is not there or cannot be one, and where nothing is left
    to learn it from; FileError for a file that no spec at that place may name.
    """
    path = path_from(spec, survey.path)
    aim = _target(survey, target)
    inputs = [c for c in survey.columns if c is not aim and not c.why_not]
    if not inputs:
        why = f"no other column than '{aim.name}' is of use: {_left_out_in_words(survey, aim)}"
        raise UsageError(diagnostic("E002:new-nothing", file=survey.path.name, why=why))
    task = _task(aim, survey.rows)
    node = _node_id(aim.name)
    lines = [
        *_head(survey, spec, name),
        *_nodes(inputs, node, task),
        "",
        "edges:",
        f"  - x -> h -> {node}",
        "",
        *_loss(aim, node, task),
        "",
        *_data(survey, path, inputs, aim, node, task, guessed=target is None),
        "",
        *_train(survey.rows, task),
    ]
    return "\n".join(lines) + "\n"


def path_from(spec: Path, file: Path) -> str:
    """How a spec names a file that lies beside or below it. Errors: FileError for others."""
    folder = spec.resolve().parent
    try:
        return file.resolve().relative_to(folder).as_posix()
    except ValueError:
        beside = file.parent / spec.name
        raise FileError(
            diagnostic("E806:new-outside", file=file, folder=folder, beside=beside)
        ) from None


# ---- guesses


def _target(survey: Survey, wanted: str | None) -> Surveyed:
    """The column that is to be learnt: the one wanted, one that is called so, or the last."""
    if wanted is not None:
        names = [column.name for column in survey.columns]
        if wanted not in names:
            listed = join_words([f"'{name}'" for name in names])
            help = f"{suggest(wanted, names)} there are {listed}".strip()
            told = diagnostic("E002:new-target", file=survey.path.name, name=wanted, help=help)
            raise UsageError(told)
        chosen = survey.columns[names.index(wanted)]
        if chosen.why_not and not chosen.why_not.startswith("it holds numbers with"):
            _refuse_target(chosen)
        return chosen
    fit = [c for c in survey.columns if not c.why_not and (not c.holds_names or _few(c))]
    if not fit:
        why = f"no column is one to learn: {_left_out_in_words(survey, None)}"
        raise UsageError(diagnostic("E002:new-nothing", file=survey.path.name, why=why))
    return next((c for c in fit if c.name.lower() in TARGET_NAMES), fit[-1])


def _few(column: Surveyed) -> bool:
    return len(column.counts) <= MOST_CLASSES


def _refuse_target(column: Surveyed) -> None:
    raise UsageError(diagnostic("E002:new-no-target", name=column.name, why=column.why_not))


def _left_out_in_words(survey: Survey, aim: Surveyed | None) -> str:
    left = [c for c in survey.columns if c.why_not and c is not aim]
    return "; ".join(f"'{c.name}': {c.why_not}" for c in left) or "there is none"


def _task(aim: Surveyed, rows: int) -> Task:
    names, times = list(aim.counts), _counted(aim)
    if aim.holds_names and len(names) == 2:
        guess = f"one of two names: {times}; its value is how probable {_shown(names[1])} is"
        return Task("{activation: sigmoid}", "binary_cross_entropy", "accuracy", guess)
    if aim.holds_names:
        node = f"{{units: {len(names)}, activation: softmax}}"
        return Task(node, "cross_entropy", "accuracy", f"one of {len(names)} names: {times}")
    values = aim.values
    if values == [0, 1]:
        guess = f"no or yes: {times}"
        return Task("{activation: sigmoid}", "binary_cross_entropy", "accuracy", guess)
    if _are_classes(values, rows):
        labels = [] if values == list(range(len(values))) else [str(int(v)) for v in values]
        named = f", labels: {json.dumps(labels)}" if labels else ""
        node = f"{{units: {len(values)}, activation: softmax{named}}}"
        guess = f"few whole numbers, taken for classes: {times}; to learn the number itself: {{}}"
        return Task(node, "cross_entropy", "accuracy", guess)
    guess = f"a number, {values[0]:g} to {values[-1]:g}"
    return Task("{}", "mean_squared_error", "mean_absolute_error", guess, is_number=True)


def _are_classes(values: Sequence[float], rows: int) -> bool:
    whole = all(value == int(value) for value in values)
    return whole and len(values) <= WHOLE_CLASSES and rows >= ROWS_PER_CLASS * len(values)


def _node_id(name: str) -> str:
    """The name of a column as a node's id: ASCII letters, digits and _, a letter first."""
    letters = name.replace("ß", "ss")
    for umlaut, plain in zip("äöüÄÖÜ", ("ae", "oe", "ue", "Ae", "Oe", "Ue"), strict=True):
        letters = letters.replace(umlaut, plain)
    ascii_ = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    id_ = re.sub(r"\W+", "_", ascii_, flags=re.ASCII).strip("_")[:60]
    return id_ if re.match(r"[A-Za-z]", id_) and id_.lower() not in RESERVED else "y"


# ---- sections


def _head(survey: Survey, spec: Path, name: str) -> list[str]:
    what = f"{count(survey.rows, 'row')}, {count(len(survey.columns), 'column')}"
    return [
        f"# Written from {_shown(survey.path.name)} ({what}) by `nngraph new --data`. What was",
        "# guessed stands in comments: look it through, and change what is otherwise.",
        "#",
        f"#   nngraph check    {spec.name}    is everything in order?",
        f"#   nngraph train    {spec.name}    learn, write a run folder",
        "#   nngraph predict  RUN --input new.csv -o answers.csv",
        "#",
        "# For completion and checks while you type: nngraph schema -o nngraph.schema.json",
        "# yaml-language-server: $schema=./nngraph.schema.json",
        "nngraph: 1",
        f"name: {name}",
        "",
    ]


def _nodes(inputs: Sequence[Surveyed], node: str, task: Task) -> list[str]:
    width = sum(column.width for column in inputs)
    named = [column for column in inputs if column.holds_names]
    numbers = len(inputs) - len(named)
    what = [count(numbers, "number")] if numbers else []
    what += [f"0 or 1 for each of {width - numbers} names in {count(len(named), 'column')}"] * bool(
        named
    )
    units = 16 if width <= 20 else 32 if width <= 100 else 64
    return [
        "nodes:",
        f"  # {join_words(what)}",
        f"  x: {{kind: input, shape: {width}}}",
        f"  h: {{units: {units}, activation: relu}}",
        f"  # {task.guess}",
        f"  {node}: {task.node}",
    ]


def _loss(aim: Surveyed, node: str, task: Task) -> list[str]:
    line = f"loss: {task.loss}"
    rarest, commonest = min(aim.counts.values()), max(aim.counts.values())
    if task.loss == "cross_entropy" and commonest > SKEWED * rarest:
        return [
            f"# the rarest class has {count(rarest, 'row')}, the commonest {commonest:,}; to count "
            "them alike:",
            "# loss: {kind: cross_entropy, class_weights: balanced}",
            line,
        ]
    return [line]


def _data(
    survey: Survey,
    path: str,
    inputs: Sequence[Surveyed],
    aim: Surveyed,
    node: str,
    task: Task,
    *,
    guessed: bool,
) -> list[str]:
    lines = ["data:", "  source: csv", f"  path: {_text(path)}"]
    if survey.delimiter != ",":
        lines.append(f"  delimiter: {json.dumps(survey.delimiter)}")
    if not survey.has_header:
        lines.append("  header: false  # the first line holds numbers: columns are c0, c1, ...")
    lines += _missing(inputs, aim)
    lines += ["  inputs:", "    x:"]
    lines += [_listed(column) for column in inputs]
    for column in survey.columns:
        if column is not aim and column.why_not:
            lines.append(f"      # left out: {_shown(column.name)}, for {column.why_not}")
    lines += ["  targets:"]
    if guessed:
        lines.append("    # guessed; `nngraph new --data FILE --target COLUMN` takes another")
    lines.append(f"    {node}: {_text(aim.name)}")
    rule = "{x: standard, targets: standard}" if task.is_number else "standard"
    what = "; figures count its deviations" if task.is_number else ""
    lines.append(f"  normalize: {rule}  # mean 0, standard deviation 1, per column{what}")
    return lines + _split(survey.rows)


def _missing(inputs: Sequence[Surveyed], aim: Surveyed) -> list[str]:
    if aim.missing:
        rows = count(aim.missing, "row")
        return [f"  missing: drop  # {rows} without {_shown(aim.name)}: there is nothing to learn"]
    cells = sum(column.missing for column in inputs)
    if not cells:
        return []
    told = count(cells, "cell")
    return [f"  missing: mean  # {told} without a value take the mean of the column, or: drop"]


def _split(rows: int) -> list[str]:
    if rows >= SPLIT_ROWS:
        return ["  split: {validation: 0.15, test: 0.15}"]
    if rows >= TEST_ROWS:
        return ["  split: {test: 0.2}"]
    return ["  # so few rows all train; with more: split: {test: 0.2}"]


def _train(rows: int, task: Task) -> list[str]:
    epochs, batch = next(
        plan
        for most, *plan in ((1_000, 100, 16), (20_000, 40, 64), (float("inf"), 10, 256))
        if rows <= most
    )
    return [
        "train:",
        f"  epochs: {epochs}",
        f"  batch_size: {batch}",
        "  optimizer: {kind: adam, learning_rate: 0.005}",
        f"  metrics: [{task.metric}]",
    ]


# ---- words


def _listed(column: Surveyed) -> str:
    item = f"      - {_text(column.name)}"
    missing = f"; {column.missing:,} missing" if column.missing else ""
    if column.holds_names:
        what = f"one of {len(column.counts)} names: {_counted(column)}"
    else:
        low, high = column.values[0], column.values[-1]
        what = f"number, {low:g} to {high:g}"
    return f"{item:{COMMENT_AT}}  # {what}{missing}"


def _counted(column: Surveyed) -> str:
    pairs = list(column.counts.items())
    shown = [f"{_shown(name)} {times:,}" for name, times in pairs[:SHOWN]]
    shown += [f"{len(pairs) - SHOWN:,} more"] if len(pairs) > SHOWN else []
    return ", ".join(shown)


def _text(text: str) -> str:
    """A text as a YAML scalar that is read as this text."""
    is_plain = re.fullmatch(r"[^\W\d][\w./-]*( [\w./-]+)*", text) and resolve(text) == text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _shown(text: str) -> str:
    """A name in a comment, on one line."""
    return text if text.isprintable() and text == text.strip() else json.dumps(text)
