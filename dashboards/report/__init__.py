"""One self-contained file for a planner and a board: figures, pictures, definitions, coverage, and what follows.

A report asks the API like anybody else: `asked` says how, `parts` what of each subject, `charts` draws, `writing`
puts it together. Its words are in `dashboards.words`.
"""

from dashboards.report.asked import Answered, Ask
from dashboards.report.writing import write_report

__all__ = ["Answered", "Ask", "write_report"]
