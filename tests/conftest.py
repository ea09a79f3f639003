"""What all tests share: random examples take the time they take, on any machine."""

import pytest
from hypothesis import settings

settings.register_profile("nngraph", deadline=None)
settings.load_profile("nngraph")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of tests/replay; they stand here so that they are known wherever pytest starts."""
    group = parser.getgroup("replay", "process replay (tests/replay/test_replay.py)")
    group.addoption(
        "--update-replay", action="store_true", help="record what is true now; read the difference"
    )
    group.addoption("--replay-record", metavar="DIR", help="write executed bits to a folder")
    group.addoption("--replay-against", metavar="DIR", help="compare executed bits with a folder")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it aloud where replay could not compare everything."""
    skipped = terminalreporter.stats.get("skipped", ())
    reasons = [str(report.longrepr[2]) for report in skipped if "tests/replay" in report.nodeid]
    if reasons:
        count = f"{len(reasons)} test{'s' * (len(reasons) != 1)}"
        terminalreporter.write_line(f"replay left something out in {count}: {reasons[0]}")
