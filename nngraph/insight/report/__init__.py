"""`nngraph report`: one HTML file that tells of a run."""

from nngraph.insight.report.gather import Story, read_history, read_story, read_summary
from nngraph.insight.report.page import report_html

__all__ = ["Story", "read_history", "read_story", "read_summary", "report_html"]
