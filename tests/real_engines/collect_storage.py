"""Run by the installed hostcheck's Python inside a test's host: print what is stated of where engines keep what they have."""

import json

from hostcheck.host.local import LocalHost
from hostcheck.parting import part
from hostcheck_builtin.storage import probe_storage, probe_user_storage

if __name__ == "__main__":
    probes = {"storage": probe_storage, "user-storage": probe_user_storage}
    print(json.dumps({name: part(probe.collect(LocalHost())) for name, probe in probes.items()}))
