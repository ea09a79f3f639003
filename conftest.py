"""Which tests are fast, and where pytest looks for examples."""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent

# a process that a test starts would else compile all modules anew, for a third of its time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

collect_ignore_glob = (  # compiled kernels can be imported only where they can be compiled
    [] if importlib.util.find_spec("numba") else ["nngraph/kernels/compiled/[!_j]*"]
)

collect_ignore = ["tests/benchmarks"]  # they want libraries that nothing else here does

TAKES_LONGER = (
    "tests/attacks",
    "tests/app/test_one_fault.py",
    "tests/app/test_why.py",
    "tests/app/test_write_back_layouts.py",
    "tests/cli/test_progress_screens.py",
    "tests/cli/test_standard_streams.py",
    "tests/cli/test_terminal.py",
    "tests/codegen/test_readable.py",
    "tests/data/test_augmented_training.py",
    "tests/data/test_damaged_at_random.py",
    "tests/data/test_sources.py",
    "tests/graph/test_large_graphs.py",
    "tests/insight/test_gradcheck.py",
    "tests/insight/test_report.py",
    "tests/kernels",
    "tests/lower/test_lower_stretch.py",
    "tests/lower/test_optimizers.py",
    "tests/lower/test_random_networks.py",
    "tests/mistakes",
    "tests/passes/test_random_programs.py",
    "tests/plan/test_plans_run.py",
    "tests/plan/test_tiles.py",
    "tests/replay",
    "tests/run/test_memory_promise.py",
    "tests/search/test_evolution.py",
    "tests/search/test_proposals.py",
    "tests/search/test_shipped_searches.py",
    "tests/search/test_studies.py",
    "tests/sklearn",
    "tests/spec/test_any_text.py",
    "tests/spec/test_hostile_yaml.py",
    "tests/test_benchmarks.py",
    "tests/test_readme.py",
    "tests/test_typed_client.py",
    "tests/train/test_fit_memory.py",
    "tests/train/test_reading_beside.py",
    "tests/train/test_resume.py",
    "tests/train/test_signals_and_seeds.py",
    "tests/train/test_simultaneous_starts.py",
    "tests/train/test_training_with_kernels.py",
    "tests/whole/test_convnet_with_kernels.py",
    "tests/whole/test_examples.py",
    "tests/whole/test_image_networks.py",
    "tests/whole/test_names_and_order.py",
    "tests/whole/test_neuron_networks.py",
    "tests/whole/test_random_specs.py",
    "tests/whole/test_shipped_specs.py",
    "tests/whole/test_walked_networks.py",
    "tests/words/test_made_up_loss.py",
    "tests/words/test_made_up_training_words.py",
    "tests/words/test_made_up_word.py",
)
"""Files and folders without a fast test, except for those marked `fast` one by one.

They train, compile kernels, start processes, try hundreds of seeds (of which a few are fast) or
large inputs; all others are fast, doctests included, but for tests marked `longer`.
"""


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as fast whatever does not take longer and is not slow."""
    longer = [ROOT / name for name in TAKES_LONGER]
    if gone := [str(path) for path in longer if not path.exists()]:
        raise pytest.UsageError(f"TAKES_LONGER in conftest.py lists what is gone: {gone}")
    is_longer = cache(lambda path: any(path.is_relative_to(each) for each in longer))  # once a file
    for item in items:
        is_marked = any(item.get_closest_marker(name) is not None for name in ("slow", "longer"))
        if not is_marked and not is_longer(item.path):
            item.add_marker("fast")
