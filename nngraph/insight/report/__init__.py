"""`nngraph report`: one HTML file that tells of a run."""

from nngraph.insight.report.gather import (
    Story,
    data_or_reason,
    read_story,
    story_of_run,
)
from nngraph.insight.report.page import report_html

__all__ = [
    "Story",
    "data_or_reason",
    "read_story",
    "story_of_run",
    "report_html",
]
