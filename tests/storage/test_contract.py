"""The findings of this domain, by the laws, on hosts in memory; recordings of real hosts are tried in tests/recorded."""

from functools import cached_property

import pytest
from host import server
from storage.storage_host import ANNS, ANNS_CONF, BOBS, CONF, DISK, database, folder, host

from hostcheck import registry
from hostcheck.benchmark import Rule
from hostcheck.host.answers import Process
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
ANN = Process(pid=9, ppid=1, name="sh", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0, host_mounts=True, user_view=False)
SERVED = host(folders={ANNS: folder(1000, 0o700)}, table=DISK + "30 27 0:50 / /home/ann rw - nfs4 server:/ann rw\n", processes=[ANN])
SERVER = server.a_host(without=SERVES, processes=[server.INIT])
NEEDED = ("engine-files", "group-grants", "host", "nss", "principals", "storage", "user-clients", "user-files", "user-storage")


@pytest.mark.laws
class TestFindings(FindingsContract):
    path = registry.load().benchmarks[0]
    profile = "level2"
    hosts = {
        "every way": {**dict.fromkeys(NEEDED, EVERY), "host": LAPTOP},
        "a home on NFS": {**dict.fromkeys(NEEDED, SERVED), "host": LAPTOP},
        "of a server": {**dict.fromkeys(NEEDED, EVERY), "host": SERVER},
    }

    @cached_property
    def rules(self) -> list[Rule]:
        """Judge by the rules of this domain alone."""
        return [rule for rule in super().rules if rule.id.startswith("HC-STO") or rule.id == "HC-POD-08"]

    def test_a_home_on_nfs_is_a_finding(self) -> None:
        found = {(one["rule"], one["subject"]): one["result"] for one in self.judge(self.state(self.hosts["a home on NFS"]))}
        assert found["HC-STO-03", ANNS] == "fail" and found["HC-STO-01", ANNS] == "pass"
