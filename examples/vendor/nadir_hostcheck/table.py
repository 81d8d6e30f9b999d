"""A report as a table: one line for each finding, as comma-separated values (RFC 4180 with newlines of Unix)."""

import csv
import io

COLUMNS = ("benchmark", "rule", "severity", "result", "subject", "title", "because")
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def render(report):
    """Write the findings, each cell quoted."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([_cell(finding[column]) for column in COLUMNS] for finding in report["findings"])
    return out.getvalue()


def _cell(text):
    """Show what does not print by its escape, and have a spreadsheet take nothing for a formula."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
