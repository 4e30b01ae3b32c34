"""The review of a live database: `await review(connection)` tells what is the matter and what to do about it.

It reads only, works on any database, and never fails because something is missing. It puts nothing right.
"""

from autosync.doctor.examination import review
from autosync.doctor.findings import Finding, Level, Review
from autosync.doctor.report import as_json, render_markdown, render_table, render_text

__all__ = ["Finding", "Level", "Review", "as_json", "render_markdown", "render_table", "render_text", "review"]
