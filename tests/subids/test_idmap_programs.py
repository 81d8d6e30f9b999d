"""The programs that map ids are stated with what gives them the power to, and with what takes it away."""

import pytest

from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.subids.idmap_programs import programs


@pytest.mark.parametrize("options", ["rw", "rw,nosuid"])
def test_a_program_is_stated_with_its_capabilities_and_its_mount(options: str) -> None:
    files = {"/usr/bin/newuidmap": "", "/proc/self/mountinfo": f"27 1 254:0 / / {options} - ext4 /dev/vda rw\n"}
    stats = {"/usr/bin/newuidmap": Stat(type="file", uid=0, gid=0, mode=0o755)}
    given = FileCapabilities(revision=2, permitted=1 << 7, effective=True)
    host = MemoryHost(files, stats=stats, links={"/proc/self/ns/user": "user:[4026531837]"}, capabilities={"/usr/bin/newuidmap": given})
    told = programs(host, {})["/usr/bin/newuidmap"]
    assert told["capabilities"] == {"permitted": ["cap_setuid"], "inheritable": [], "effective": True, "rootid": 0}
    assert (told["setuid"], told["nosuid"], told["root_owned"]) == (False, options == "rw,nosuid", True)
