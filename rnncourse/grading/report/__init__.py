"""Write what a class did: gradebook, a feedback page a student, a report for the instructor."""

from rnncourse.grading.report.gradebook import write_tables
from rnncourse.grading.report.pages import quiz_texts, summary, write_feedback, write_report
from rnncourse.grading.report.rows import Row, bare_row, rows_of

__all__ = [
    "Row",
    "bare_row",
    "quiz_texts",
    "rows_of",
    "summary",
    "write_feedback",
    "write_report",
    "write_tables",
]
