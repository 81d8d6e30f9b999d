"""The catalogue of what leads to root, as data: each entry stands once, and is used for users, for containers, and for whatever else can get at it.

Entries are written in YAML, a file for each subject; `python .ci/generate.py` makes of them what is read at a scan, and docs/leads.md.
"""

from typing import Final

from hostcheck.api import beside

PLACES: Final = beside(__file__, "places.json")
PROGRAMS: Final = beside(__file__, "programs.json")
