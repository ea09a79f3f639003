"""Why a run does not learn, in sentences with their evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nngraph.errors import Diagnostic, UsageError, diagnostic, diagnostic_json
from nngraph.insight.why import causes_of, read_record
from nngraph.records import dataclass


@dataclass(frozen=True)
class Reasons:
    """What keeps a run from learning; `causes` are none where nothing does.

    `first` and `last` are the training loss after the first and the last epoch, None without one;
    `learns` says that the network answers much better than one that does not see its inputs.
    """

    run: Path
    causes: tuple[Diagnostic, ...]
    learns: bool
    epochs: int
    first: float | None
    last: float | None
    constant: float | None
    ended: bool

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "run": str(self.run),
            "learns": self.learns,
            "epochs": self.epochs,
            "ended": self.ended,
            "loss": {"first": self.first, "last": self.last, "constant": self.constant},
            "causes": [diagnostic_json(cause) for cause in self.causes],
        }


def why(run: str | Path, *, data_root: str | Path | None = None) -> Reasons:
    """Read what a run has recorded and say what keeps it from learning, the surest first.

    Nothing is trained anew. `data_root` is a second folder for its data; without data what they
    say about targets and classes is left out.

    Errors: FileError, ModelFileError for what is no run or is damaged; UsageError for a run
    without a loss or without an epoch.
    """
    folder = Path(run)
    record = read_record(folder, None if data_root is None else Path(data_root))
    if not record.history and not record.failure:
        raise UsageError(diagnostic("E002:no-history", run=folder))
    losses = record.losses
    return Reasons(
        folder,
        causes_of(record),
        record.learns,
        len(record.history),
        losses[0].value if losses else None,
        losses[-1].value if losses else None,
        record.constant,
        record.ended,
    )
