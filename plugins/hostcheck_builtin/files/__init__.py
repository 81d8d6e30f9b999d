"""The files that root's engines run, read and write, and those that hold the keys to engines: who can change them, and who can read them.

What root's engine runs or believes is root's word: whoever can write it is root.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="engine-files", title="Files that root's engines run and believe"),
    probe(
        __name__,
        id="user-files",
        title="Files of users that hold keys and passwords",
        share=50,
        owners={"/homes": "uid", "/homes/*/keys": "owner_uid", "/homes/*/credentials": "owner_uid", "/homes/*/commands": "owner_uid"},
        users=True,
    ),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="file-access",
        title="Who can change the files that engines believe, and who can read keys",
        reads=("engine-files", "group-grants", "host", "nss", "principals", "user-clients", "user-files"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
