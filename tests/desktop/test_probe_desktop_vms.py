"""Products as root has them, and what a guest sees of its host: each product, each guest, and what users plant."""

from pathlib import Path
from typing import Any

import pytest
from fakes import macos

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Process, Stat, TcpListener
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.desktop import probe_desktop_vms as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_desktop_vms.facts.json"))
OBEYS = compile_schema(SCHEMA)
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROOT = (0, 0, 0, 0)


def process(pid: int, uid: int, exe: str, name: str = "") -> Process:
    called = name or exe.rpartition("/")[2][:15]
    return Process(pid=pid, ppid=1, name=called, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


def row(address: str, port: int, uid: int, state: str = "0A", inode: int = 4711) -> str:
    return f"   0: {address}:{port:04X} {'0' * len(address)}:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 00 100 0 0 10 0\n"


def host(files: dict[str, Any] | None = None, *, table: Any = TABLE, tcp: Any = HEAD, tcp6: Any = HEAD, processes: Any = (), **more: Any) -> MemoryHost:
    usual: dict[str, Any] = {"/proc/self/mountinfo": table, "/proc/net/tcp": tcp, "/proc/net/tcp6": tcp6, "/sys/kernel/x": ""}
    usual |= {"/proc/self/status": "Name:\tx\nCapEff:\t0000000000000002\n"}
    return MemoryHost({path: text for path, text in {**usual, **(files or {})}.items() if text is not None}, processes=processes, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False, told
    return told


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_desktop_vms.facts.json")
    assert set(probe.INSTALLED) == set(SCHEMA["$defs"]["product"]["enum"]) >= set(probe.PROGRAMS.values())


def test_a_host_without_any_says_so_and_of_nothing_more() -> None:
    assert facts() == {"installed": {}, "processes": {}, "markers": {}, "firmware": {}, "mounts": {}, "listeners": {}}


LINUX = [(product, path) for product, paths in probe.INSTALLED.items() for path in paths if not path.startswith(("/Applications", "/Library"))]


@pytest.mark.parametrize(("product", "path"), LINUX)
def test_each_product_that_root_installed(product: str, path: str) -> None:
    assert facts({f"{path}/x": ""})["installed"] == {path: {"product": product, "type": "dir", "root_owned": True}}


@pytest.mark.parametrize(("product", "path"), LINUX)
def test_what_others_could_have_put_there_is_told_as_such(product: str, path: str) -> None:
    anns = Stat(type="dir", uid=1000, gid=1000, mode=0o755)
    assert facts({f"{path}/x": ""}, stats={path: anns})["installed"][path]["root_owned"] is False
    folder = path.rpartition("/")[0]
    assert facts({f"{path}/x": ""}, stats={folder: Stat(type="dir", uid=0, gid=50, mode=0o775)})["installed"][path]["root_owned"] is False


@pytest.mark.parametrize("product", macos.FILES)
def test_each_product_on_a_mac_made_by_hand(product: str) -> None:
    told = stated(probe.collect, macos.mac(product, running=True))
    assert OBEYS(told) is not False
    assert {one["product"] for one in told["installed"].values()} == {product}
    for hole in (told["processes"], told["firmware"], told["mounts"]):
        assert isinstance(hole, Hole) and hole.why is Why.UNSUPPORTED
    assert isinstance(told["listeners"], OpenObject) and told["listeners"].hole.why is Why.UNSUPPORTED


PROGRAMS = [
    ("/opt/docker-desktop/bin/com.docker.backend", "docker-desktop"),
    ("/usr/libexec/podman/gvproxy", "podman-machine"),
    ("/usr/local/bin/limactl", "lima"),
    ("/usr/local/bin/colima", "colima"),
    ("/opt/rancher-desktop/rancher-desktop", "rancher-desktop"),
    ("/snap/multipass/1/bin/multipassd", "multipass"),
    ("/home/ann/bin/limactl (deleted)", "lima"),
]


@pytest.mark.parametrize(("exe", "product"), PROGRAMS)
@pytest.mark.parametrize("uid", [0, 1000])
def test_each_product_that_runs(exe: str, product: str, uid: int) -> None:
    told = facts(processes=[process(9, uid, exe, name=exe.removesuffix(" (deleted)").rpartition("/")[2][:15])])
    assert told["processes"] == {str(uid): {product: {exe.removesuffix(" (deleted)"): {"root_owned": True}}}}


@pytest.mark.parametrize(
    "one",
    [
        process(9, 1000, "/home/ann/bin/evil", name="com.docker.back"),
        process(9, 1000, "/usr/bin/qemu-system-x86_64"),
        process(9, 1000, "com.docker.backend"),
        process(9, 1000, "", name="limactl"),
        process(9, 1000, "/usr/bin/python3", name="gvproxy"),
    ],
)
def test_a_name_alone_is_no_product(one: Process) -> None:
    assert facts(processes=[one])["processes"] == {}


def test_a_users_program_says_something_of_that_user() -> None:
    stats = {"/home/ann": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
    told = facts({"/home/ann/com.docker.backend": ""}, processes=[process(9, 1000, "/home/ann/com.docker.backend")], stats=stats)
    assert told["processes"] == {"1000": {"docker-desktop": {"/home/ann/com.docker.backend": {"root_owned": False}}}}


def test_names_that_are_no_text_cost_nothing() -> None:
    exes = ["/home/ann/\udcff/limactl", "/home/ann/\\xff/limactl"]
    told = facts(processes=[process(pid, 1000, exe) for pid, exe in enumerate(exes, 9)])
    assert list(told["processes"]["1000"]["lima"]) == ["/home/ann/\\xff/limactl", "/home/ann/\\x5cxff/limactl"]
    lines = "".join(f"{index} 27 0:40 / /home/ann/{name} rw - fuse.sshfs :/x rw\n" for index, name in ((40, "\udcff"), (41, "\\134xff")))
    assert len(facts(table=TABLE + lines)["mounts"]) == 2


def test_of_a_thousand_that_are_called_alike_few_are_asked() -> None:
    asked: list[int] = []

    class Counting(MemoryHost):
        def process(self, pid: int) -> Process:
            asked.append(pid)
            return super().process(pid)

    crowd = [process(pid, 1000, "/usr/bin/limactl") for pid in range(10, 1010)]
    told = stated(probe.collect, Counting({"/proc/self/status": "CapEff:\t0\n"}, processes=[process(9, 1001, "/usr/bin/limactl"), *crowd]))
    assert isinstance(told["processes"]["1000"], Hole) and told["processes"]["1001"] == {"lima": {"/usr/bin/limactl": {"root_owned": True}}}
    assert len(asked) == probe.EACH + 1


def test_processes_that_are_hidden_leave_the_list_open() -> None:
    told = facts(table=TABLE.replace("proc proc rw", "proc proc rw,hidepid=2"))["processes"]
    assert isinstance(told, OpenObject) and told.hole.why is Why.DENIED
    lost = Process(pid=5, ppid=0, name="", uids=(-1,) * 4, gids=(-1,) * 4, groups=(), cap_effective=0, lost=True)
    assert isinstance(facts(processes=[lost])["processes"], OpenObject)


@pytest.mark.parametrize(
    ("path", "text", "marker"),
    [
        ("/etc/containers/podman-machine", "applehv\n", {"product": "podman-machine", "root_owned": True, "text": "applehv"}),
        ("/etc/podman-machine", "wsl", {"product": "podman-machine", "root_owned": True, "text": "wsl"}),
        (
            "/etc/pollinate/add-user-agent",
            "multipass/version/1.14.0 # written by Multipass\nmultipass/driver/qemu-8.0.4\n",
            {"product": "multipass", "root_owned": True, "text": "multipass/version/1.14.0"},
        ),
        ("/etc/pollinate/add-user-agent", "maas/3.4\n", None),
    ],
)
def test_what_a_product_wrote_into_its_guest(path: str, text: str, marker: Any) -> None:
    assert facts({path: text})["markers"] == ({} if marker is None else {path: marker})


def test_a_marker_that_a_user_made_is_told_as_such() -> None:
    anns = {"/etc/podman-machine": Stat(type="file", uid=1000, gid=1000, mode=0o644)}
    assert facts({"/etc/podman-machine": "qemu"}, stats=anns)["markers"]["/etc/podman-machine"]["root_owned"] is False


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"sys_vendor": "QEMU\n", "product_name": "Standard PC\n", "product_serial": "secret"}, {"sys_vendor": "QEMU", "product_name": "Standard PC"}),
        ({"sys_vendor": "Amazon EC2\n", "bios_vendor": "Amazon EC2\n"}, {"sys_vendor": "Amazon EC2", "bios_vendor": "Amazon EC2"}),
        ({"sys_vendor": "\n"}, {}),
    ],
)
def test_what_the_firmware_calls_the_machine(files: dict[str, str], told: dict[str, str]) -> None:
    assert facts({f"/sys/class/dmi/id/{name}": text for name, text in files.items()})["firmware"] == told


def test_a_hypervisor_may_tell_itself_and_where_sys_is_hidden_nothing_is_told() -> None:
    assert facts({"/sys/hypervisor/type": "xen\n"})["firmware"] == {"hypervisor": "xen"}
    assert isinstance(facts({"/sys/kernel/x": None})["firmware"], Hole)


def test_who_listens_where_engines_do_is_told_with_the_process() -> None:
    dockerd, held = process(9, 0, "/usr/bin/dockerd"), TcpListener(address="0.0.0.0", port=2376, pid=9, inode=7)
    told = facts(tcp=HEAD + row("00000000", 2376, 0, inode=7) + row("0100007F", 8080, 1000), processes=[dockerd], tcp_listeners=[held])["listeners"]
    assert told["0.0.0.0:2376"] == {"address": "0.0.0.0", "port": 2376, "uid": 0, "inode": 7, "process": {"pid": 9, "uid": 0, "exe": "/usr/bin/dockerd"}}
    assert isinstance(told["127.0.0.1:8080"]["process"], Hole)


def test_a_table_that_cannot_be_read_leaves_the_list_open() -> None:
    assert isinstance(facts(tcp=PermissionError(13, "no"))["listeners"], OpenObject)


def test_denying_any_answer_only_makes_holes() -> None:
    files = {f"{path}/x": "" for _, path in LINUX if "podman" not in path} | {
        "/etc/podman-machine": "qemu",
        "/etc/pollinate/add-user-agent": "multipass/version/1",
    }
    files |= {"/sys/class/dmi/id/sys_vendor": "QEMU\n", "/sys/hypervisor/type": "xen\n"}
    table = TABLE + "40 27 0:40 / /Users rw - virtiofs m rw\n"
    people = [process(9, 1000, "/usr/bin/limactl"), process(10, 0, "/snap/multipass/1/bin/multipassd")]
    held = [TcpListener(address="127.0.0.1", port=2375, pid=9, inode=4711)]
    full = host(files, table=table, tcp=HEAD + row("0100007F", 2375, 1000), processes=people, tcp_listeners=held)
    assert list(denials(probe.collect, full)) == []
    assert list(denials(probe.collect, host())) == []
    assert list(denials(probe.collect, host(tcp6=None))) == []


@pytest.mark.parametrize("product", macos.FILES)
def test_denying_any_answer_of_a_mac_only_makes_holes(product: str) -> None:
    assert list(denials(probe.collect, macos.mac(product))) == []


def test_this_machine_states_what_its_schema_says() -> None:
    assert OBEYS(stated(probe.collect, LocalHost())) is not False
