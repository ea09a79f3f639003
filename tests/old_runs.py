"""Run folders as older versions wrote them, or as a process left them that was killed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from nngraph.files import read_manifest


def make_old(run: Path) -> None:
    """Make a run folder what nngraph wrote before there were manifests."""
    (run / "manifest.json").unlink()
    stored = json.loads((run / "data.json").read_text())
    del stored["format"]
    stored |= {"folder": str((run / stored["folder"]).resolve()), "data_override": ""}
    (run / "data.json").write_text(json.dumps(stored))


def unbind(run: Path, *names: str) -> None:
    """Take files out of a run, as if it had not written them yet."""
    manifest = read_manifest(run)
    assert manifest is not None
    files = {name: seal for name, seal in manifest.files.items() if name not in names}
    (run / "manifest.json").write_bytes(replace(manifest, files=files).encode())
    for name in names:
        (run / name).unlink(missing_ok=True)
