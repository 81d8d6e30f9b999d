"""The findings of this domain, by the laws, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

from functools import cached_property

import pytest
from host import server
from storage.storage_host import ANNS, ANNS_CONF, BOBS, CONF, database, folder, host

from hostcheck import registry
from hostcheck.benchmark import Rule
from hostcheck.testing import FindingsContract

FILES = {
    CONF: f'[storage]\ngraphroot="{BOBS}"\nrootless_storage_path="/srv/all"\n[storage.options]\nadditionalimagestores=["/srv/store"]\n',
    ANNS_CONF: '[storage.options]\nadditionalimagestores=["/srv/hers"]\n',
    f"{ANNS}/db.sql": database(ANNS, "/tmp/storage-run-1000/containers"),
}
FOLDERS = {ANNS: folder(1000, 0o700), BOBS: folder(1001, 0o700), "/srv/store": folder(0, 0o777), "/srv/hers": folder(1001)}
SERVES = ("/usr/bin/kubelet", "/etc/systemd/system/actions.runner.a.service")
EVERY = host(FILES, folders=FOLDERS)
LAPTOP = server.a_host({"/sys/class/dmi/id/chassis_type": "9\n"}, without=SERVES, processes=[server.INIT])
SERVER = server.a_host(without=SERVES, processes=[server.INIT])
NEEDED = ("engine-files", "group-grants", "host", "nss", "principals", "storage", "user-clients", "user-files", "user-storage")


@pytest.mark.laws
class TestFindings(FindingsContract):
    path = registry.load().benchmarks[0]
    profile = "level2"
    hosts = {"every way": {**dict.fromkeys(NEEDED, EVERY), "host": LAPTOP}, "of a server": {**dict.fromkeys(NEEDED, EVERY), "host": SERVER}}

    @cached_property
    def rules(self) -> list[Rule]:
        """Judge by the rules of this domain alone."""
        return [rule for rule in super().rules if rule.id.startswith("HC-STO") or rule.id == "HC-POD-08"]
