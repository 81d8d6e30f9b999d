"""The templates of the reports: data only, imported as hostcheck_reports."""

import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
