"""Where fetched data sets lie."""

from __future__ import annotations

from pathlib import Path


def fetched_folder(source: str) -> Path:
    """The folder of one fetched set in the user's cache; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("nngraph", appauthor=False)) / source
