"""`nngraph data describe SPEC|RUN` and `nngraph data fetch NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import JSON, PATH, Options, common_options
from nngraph.cli.output import chatter, number, result, result_json, table
from nngraph.cli.subject import SUBJECT, open_model
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.data import DataSet
    from nngraph.insight.describe import DataFacts, PortFacts, Range
    from nngraph.train.learner import Learner

MOST_CATEGORIES = 8  # of a column, on its line


@click.group("data", short_help="Describe the data of a spec; fetch a published data set.")
def command() -> None:
    """Look at the data of a network, or fetch a published data set."""


@command.command("describe")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Write a picture of samples: .svg, or .png for images.",
)
@click.option("--augmented", is_flag=True, help="Show samples as `augment` varies them.")
@common_options
def describe_command(subject: Path, output: Path | None, augmented: bool, options: Options) -> None:
    """Show shapes, ranges, classes with counts, what is missing, parts, and some samples.

    Ranges are those of the training part.
    """
    from nngraph.insight.describe import describe_data

    _check_output(output)
    model = open_model(subject, options)
    data = model.data
    facts = describe_data(model.learner, data)
    if augmented and data.parts["train"].augmentation is None:
        raise UsageError(diagnostic("E002:augmented"))
    if output is not None:
        from nngraph.app.describe import write_samples

        write_samples(output, model.learner, data, augmented=augmented)
        chatter(f"wrote {output}")
    if options.as_json:
        result_json(facts.as_json())
        return
    result(_as_text(facts))
    if output is None and (shown := _in_characters(model.learner, data, augmented)):
        result("\n" + shown)


@command.command("fetch")
@click.argument("name", metavar="NAME")
@click.option(
    "--mirror",
    "mirrors",
    metavar="URL",
    multiple=True,
    help="Take the files from this address instead. May be given several times.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the files; by default the user's cache, where specs find them.",
)
@JSON
def fetch_command(name: str, mirrors: tuple[str, ...], folder: Path | None, as_json: bool) -> None:
    """Fetch a published data set (mnist) and check it byte for byte.

    A spec finds it then with `data: {source: mnist}`.
    """
    from nngraph.data.cache import fetched_folder
    from nngraph.data.fetch import REMOTE_SETS, fetch, known_sets

    remote = REMOTE_SETS.get(name)
    if remote is None:
        raise UsageError(diagnostic("E002:no-set", name=name, known=known_sets()))
    chatter(f"{remote.title}, by {remote.authors}")
    chatter(f"licence: {remote.licence}; {len(remote.files)} files, {_megabytes(remote.size)}")
    place = folder if folder is not None else fetched_folder(name)
    fetched = fetch(remote, place, mirrors, chatter)
    if as_json:
        facts = {"folder": str(place), "fetched": list(fetched), "bytes": remote.size}
        result_json({**facts, "licence": remote.licence})
        return
    done = f"fetched {count(len(fetched), 'file')}" if fetched else "everything is there already"
    chatter(f"{done}; all sums are right")
    result(str(place))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB ({size:,} bytes)"


def _check_output(output: Path | None) -> None:
    """Before any work, so that a wrong ending is told at once."""
    if output is not None:
        from nngraph.app.describe import check_picture_name

        check_picture_name(output)


def _in_characters(learner: Learner, data: DataSet, augmented: bool) -> str:
    from nngraph.insight.samples import as_characters, first_rows, image_port, sample_pictures
    from nngraph.train.ports import ports_of

    ports = ports_of(learner.network, data.labels, data.normalizers)
    if image_port(data, ports) is not None:
        return as_characters(sample_pictures(data, ports, augmented=augmented, seed=learner.seed))
    header, rows = first_rows(data, ports)
    return "first training samples\n" + table(header, rows, left=0)


def _as_text(facts: DataFacts) -> str:
    blocks = [facts.description, _ranges(facts.ports)]
    blocks += [_categories(port) for port in facts.ports]
    blocks += [_classes(port, facts) for port in facts.ports if port.classes is not None]
    blocks.append(_remarks(facts))
    return "\n\n".join(block for block in blocks if block)


def _ranges(ports: tuple[PortFacts, ...]) -> str:
    header = ["", "low", "high", "mean", "stddev", "as the network sees it"]
    rows = []
    for port in ports:
        if port.raw is None or port.seen is None:
            continue
        seen = f"{number(port.seen.low, 4)} to {number(port.seen.high, 4)}"
        shown = "" if port.scaling == "none" else seen
        for column in port.columns:
            if column.raw is not None:
                rows.append([column.name, *_figures(column.raw), ""])
        if not port.columns:
            rows.append([f"{port.role} {port.name}", *_figures(port.raw), shown])
        elif shown:
            rows.append([f"{port.role} {port.name}", "", "", "", "", shown])
    if not any(row[-1] for row in rows):
        header, rows = header[:-1], [row[:-1] for row in rows]
    return table(header, rows) if rows else ""


def _figures(found: Range) -> list[str]:
    return [number(f, 4) for f in (found.low, found.high, found.mean, found.stddev)]


def _categories(port: PortFacts) -> str:
    """The columns of names with how often each comes in the training part, the commonest first."""
    rows = []
    for column in port.columns:
        counts = sorted((column.categories or {}).items(), key=lambda pair: -pair[1])
        shown = [f"{name} {times:,}" for name, times in counts[:MOST_CATEGORIES]]
        if len(counts) > MOST_CATEGORIES:
            shown.append(f"{len(counts) - MOST_CATEGORIES:,} more")
        if shown:
            rows.append([column.name, ", ".join(shown)])
    return table([f"{port.role} {port.name}", "categories"], rows, left=2) if rows else ""


def _classes(port: PortFacts, facts: DataFacts) -> str:
    """How often each class comes in each part; many classes are cut short."""
    parts = list(facts.rows)
    assert port.classes is not None
    rows = [[n, *(f"{c[p]:,}" for p in parts)] for n, c in port.classes.items()]
    if len(rows) > 24:
        rows = [*rows[:20], [f"... {len(rows) - 20} more", *("" for _ in parts)]]
    return table([f"{port.role} {port.name}", *parts], rows)


def _remarks(facts: DataFacts) -> str:
    lines = [f"missing: {count(n, 'cell')} of column '{c}'" for c, n in facts.missing.items()]
    if facts.dropped:
        lines.append(f"dropped: {count(facts.dropped, 'row')} that lack a value")
    if facts.weights is not None:
        low, high = number(facts.weights.low), number(facts.weights.high)
        lines.append(f"sample weights from {low} to {high}, mean {number(facts.weights.mean)}")
    if facts.augment:
        lines.append(f"augmentation: {', '.join(facts.augment)}")
    return "\n".join(lines)
