"""Run folders as older versions wrote them."""

from __future__ import annotations

import json
from pathlib import Path


def make_old(run: Path) -> None:
    """Make a run folder what nngraph wrote before there were manifests."""
    (run / "manifest.json").unlink()
    stored = json.loads((run / "data.json").read_text())
    del stored["format"]
    stored |= {"folder": str((run / stored["folder"]).resolve()), "data_override": ""}
    (run / "data.json").write_text(json.dumps(stored))
