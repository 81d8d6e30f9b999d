"""Run by the installed hostcheck's Python inside a test's host: print what is stated of its sub-ids, and what follows from it."""

import json

from hostcheck.host.local import LocalHost
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.subids import probe_subids
from hostcheck_builtin.subids.analysis_subid_coverage import derive

if __name__ == "__main__":
    probes = {"nss": probe_nss, "principals": probe_principals, "subids": probe_subids}
    stated = {name: part(probe.collect(LocalHost())) for name, probe in probes.items()}
    none = {
        "engines": {"sockets": {}},
        "engine-scope": {"rootless_users": {}, "user_sockets": {}},
        "host": {"scan": {"init_userns": True}},
        "user-clients": {"lingering": []},
    }
    derived, holes = part(derive(View({**none, **{name: unite(*told, name) for name, told in stated.items()}}), {}))
    print(json.dumps({"subids": stated["subids"][0], "coverage": derived, "holes": holes}))
