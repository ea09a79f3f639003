"""Every broken data file is refused with exit code 4, its place, and what was expected there."""

import re

import pytest
from broken_files import BROKEN, CSV, IMAGE_FOLDERS, MNIST, NPY, NPZ
from data_samples import Places, data_spec

from nngraph.data import load_data_set
from nngraph.errors import DataError


def test_there_are_enough_of_each_kind():
    assert len(BROKEN) >= 80
    assert min(map(len, (CSV, NPZ, NPY, MNIST, IMAGE_FOLDERS))) > 10
    assert len({broken.name for broken in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_file_is_refused_at_its_place(broken, tmp_path):
    for name, content in broken.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as e:
        load_data_set(data_spec(**broken.keys), broken.ports, tmp_path, span=Places())
    diagnostic = e.value.diagnostics[0]
    assert e.value.exit_code == 4
    assert diagnostic.code == broken.code, str(e.value)
    assert re.search(broken.says, str(e.value)), str(e.value)
    assert str(tmp_path) not in str(e.value)
    if isinstance(broken.place, tuple):
        assert diagnostic.span.source.name == "t.csv", str(e.value)
        assert (diagnostic.span.line, diagnostic.span.column) == broken.place, str(e.value)
    elif broken.place is not None:
        assert diagnostic.span.source.name == f"spec:data/{broken.place}", str(e.value)
