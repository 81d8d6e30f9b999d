"""The templates of the reports: data only, imported as hostcheck_reports."""
