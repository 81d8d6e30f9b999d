"""The files that root's engines run, read and write, and those that hold the keys to engines: who can change them, and who can read them.

What root's engine runs or believes is root's word: whoever can write it is root.
"""

from collections.abc import Sequence
from typing import Final

from hostcheck.api import Analysis, Probe, beside, deferred, hookimpl

PROBES: Final = (
    Probe(
        id="engine-files",
        title="Files that root's engines run and believe",
        facts_schema=beside(__file__, "probe_engine_files.facts.json"),
        collect=deferred(f"{__name__}.probe_engine_files", "collect"),
    ),
    Probe(
        id="user-files",
        title="Files of users that hold keys and passwords",
        facts_schema=beside(__file__, "probe_user_files.facts.json"),
        collect=deferred(f"{__name__}.probe_user_files", "collect"),
        share=50,
        owners={"/homes": "uid", "/homes/*/keys": "owner_uid", "/homes/*/credentials": "owner_uid", "/homes/*/commands": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    Analysis(
        id="file-access",
        title="Who can change the files that engines believe, and who can read keys",
        reads=("engine-files", "group-grants", "host", "nss", "principals", "user-clients", "user-files"),
        facts_schema=beside(__file__, "analysis_file_access.facts.json"),
        derive=deferred(f"{__name__}.analysis_file_access", "derive"),
    ),
)


@hookimpl
def hostcheck_probes() -> Sequence[Probe]:
    """Return the probes of this domain."""
    return PROBES


@hookimpl
def hostcheck_analyses() -> Sequence[Analysis]:
    """Return the analyses of this domain."""
    return ANALYSES
