"""Fixtures of the data tests."""

from pathlib import Path

import pytest
from data_samples import Places, data_spec

from nngraph.data import load_data_set


@pytest.fixture
def places():
    return Places()


@pytest.fixture
def load_here(tmp_path):
    """Load with files of the test's own folder."""

    def load_data(*ports, folder=None, dtype="float64", span=None, data_root=None, **keys):
        where = Path(folder) if folder is not None else tmp_path
        if keys["source"] == "images":  # whose own key this is
            keys["folder"], where = folder, tmp_path
        spec = data_spec(**keys)
        return load_data_set(spec, ports, where, dtype=dtype, span=span, data_root=data_root)

    return load_data
