"""`nngraph train --show-schedule`: the learning rate of each epoch, before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.cli.options import Options
from nngraph.cli.output import chatter, number, result, result_json, table
from nngraph.diagnostics.wording import count

if TYPE_CHECKING:
    from nngraph.app.train import Training
    from nngraph.train.schedules import Rates

MOST_ROWS = 40  # epochs in the table; of more, some stand for all
BAR = 32  # characters of the longest bar


def show_schedule(training: Training, picture: Path | None, options: Options) -> int:
    """Print the rates of a training, and draw them where a file is named."""
    from nngraph.app.schedule import draw_rates, rates_of

    rates = rates_of(training.learner, training.rows)
    if picture is not None:
        draw_rates(rates, training.learner.document.name, picture)
        chatter(f"drawn in {picture}")
    if not options.as_json:
        result(schedule_text(rates))
        return 0
    steps = rates.steps_per_epoch
    result_json({"steps_per_epoch": steps, "epochs": rates.epochs, "learning_rate": rates.curve()})
    return 0


def schedule_text(rates: Rates) -> str:
    """One line for each epoch: its first and last rate, and a bar as long as the first."""
    from nngraph.insight.schedule_picture import schedule_table
    from nngraph.words.schedules import FigureSchedule

    lines = schedule_table(rates)
    highest = max(rate for _, *pair in lines for rate in pair)
    stride = -(-len(lines) // MOST_ROWS)
    shown = [
        [str(epoch), number(first, 4), number(last, 4), _bar(first / highest)]
        for epoch, first, last in lines
        if (epoch - 1) % stride == 0 or epoch == len(lines)
    ]
    about = f"{rates.schedule.kind}, {count(rates.steps, 'step')} in {count(rates.epochs, 'epoch')}"
    if isinstance(rates.schedule, FigureSchedule):
        about += "; the rate falls when progress ends, which only the training can show"
    body = table(["epoch", "first rate", "last rate", ""], shown, last_left=True)
    return f"{about}\n{body}"


def _bar(share: float) -> str:
    """Eighths of a character, so that small rates are seen too.

    >>> _bar(0.5), _bar(0.0)
    ('████████████████', '')
    """
    whole, eighths = divmod(round(share * BAR * 8), 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[eighths] if eighths else "")
