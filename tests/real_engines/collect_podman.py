"""Run by the installed hostcheck's Python inside a test's host: print what is stated of Podman's configuration, and what follows from it."""

import json

from hostcheck.host.local import LocalHost
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts import probe_nss, probe_principals
from hostcheck_builtin.podman import probe_podman_config, probe_user_podman_config
from hostcheck_builtin.podman.analysis_podman_settings import derive
from hostcheck_builtin.storage import probe_storage
from hostcheck_builtin.subids import probe_subids

if __name__ == "__main__":
    probes = {
        "nss": probe_nss,
        "podman-config": probe_podman_config,
        "principals": probe_principals,
        "storage": probe_storage,
        "subids": probe_subids,
        "user-podman-config": probe_user_podman_config,
    }
    stated = {name: part(probe.collect(LocalHost())) for name, probe in probes.items()}
    kernel = {"lsm": {"apparmor": {"enabled": True}, "selinux": {"mode": "enforcing"}}, "cgroup": {"mode": "v2"}}
    given = {"engines": {"processes": {}}, "kernel": kernel, **{name: unite(*told, name) for name, told in stated.items()}}
    derived, holes = part(derive(View(given), {}))
    print(json.dumps({"root": stated["podman-config"], "homes": stated["user-podman-config"], "settings": derived, "holes": holes}))
