import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from host.server import FILES, MOUNTINFO, SCHEMA, STATUS, a_host, facts

from hostcheck.host import Host, LimitExceeded, Nonsense
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.parting import part
from hostcheck.schema import check, compile_schema
from hostcheck_builtin.host import probe_host as probe
from hostcheck_builtin.host.assignments import os_release


def changed(old: Json, new: Json, at: str = "") -> Iterator[str]:
    """Yield the places where new facts say something else than the old ones, and no hole excuses it."""
    if isinstance(new, Hole):
        return
    if isinstance(old, Hole) or type(old) not in (type(new), OpenObject, OpenArray, dict, list):
        yield at
    elif isinstance(new, dict):
        told = {key for key, value in new.items() if not isinstance(value, Hole)}
        if not isinstance(old, dict) or (not isinstance(new, OpenObject) and old.keys() - new.keys()) or told - old.keys():
            yield f"{at}: members"
        for key in new.keys() & (old.keys() if isinstance(old, dict) else ()):
            yield from changed(old[key], new[key], f"{at}/{key}")
    elif isinstance(new, list):
        if not isinstance(old, list) or [item for item in new if item not in old] or (not isinstance(new, OpenArray) and len(new) < len(old)):
            yield f"{at}: elements"
    elif old != new:
        yield at


ERRORS = [
    PermissionError(errno.EACCES, "denied", "x"),
    TimeoutError(errno.ETIMEDOUT, "late"),
    OSError(errno.EIO, "broken"),
    OSError(errno.ELOOP, "loop"),
    Nonsense("not a regular file"),
    LimitExceeded("too large"),
]


def denied(host: Host, collect: Any) -> int:
    """Deny each answer of `host` in turn, in every way; return how often."""
    recorder = Recorder(host, keep=True)
    whole = collect(recorder)
    replay = Replay(recorder.recording())
    assert list(changed(whole, collect(replay))) == []
    for key in replay.keys:
        for error in ERRORS:
            assert list(changed(whole, collect(replay.denying(key, error)))) == [], (key, error)
    return len(replay.keys) * len(ERRORS)


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_host.facts.json")


def test_a_server_is_described() -> None:
    found, holes = part(facts())
    assert holes == []
    assert found["scan"]["euid"] == 0
    assert found["scan"]["capabilities_effective"][0] == "CAP_CHOWN"
    assert found["scan"]["capabilities_effective"][-1] == "CAP_CHECKPOINT_RESTORE"
    assert len(found["scan"]["capabilities_effective"]) == 41
    assert (found["scan"]["init_userns"], found["scan"]["init_pidns"], found["scan"]["no_new_privs"], found["scan"]["chroot"]) == (True, True, False, False)
    assert found["scan"]["container"] == {"inside": False, "kind": "none", "evidence": []}
    assert found["scan"]["proc"] == {"mounted": True, "hidepid": "off", "subset": "none"}
    assert found["os"] == {"id": "debian", "id_like": [], "pretty_name": "Debian GNU/Linux 13 (trixie)", "version_id": "13"}
    assert found["kernel"] == {"release": "6.12.9-amd64", "version": "#1 SMP Debian", "machine": "x86_64", "cmdline": {}}
    assert (found["init"], found["libc"], found["hostname"], found["hardware"]) == ("systemd", "glibc", "web1", {"chassis_type": 1})


def test_denying_any_answer_gives_holes_only() -> None:
    assert denied(a_host(), probe.collect) > 300


def test_denying_any_answer_inside_a_container_gives_holes_only() -> None:
    files = {"/run/systemd/container": "docker\n", "/.dockerenv": "", "/proc/1/cgroup": "0::/docker/abc\n"}
    without = ("/etc/os-release", "/run/systemd/system/x", "/etc/machine-id")
    assert denied(a_host(files, without=without, links={"/proc/self/ns/pid": "pid:[4026532000]"}), probe.collect) > 300


def test_a_bare_host_states_absence() -> None:
    found, _ = part(facts(without=("/etc/os-release", "/etc/machine-id", "/proc/sys/kernel/arch", "/sys/class/dmi/id/chassis_type", "/run/systemd/system/x")))
    assert found["os"] == {}
    assert "machine_id_sha256" not in found
    assert "machine" not in found["kernel"]
    assert found["hardware"] == {}
    assert found["init"] == "unknown"


def test_without_sys_the_chassis_is_a_hole() -> None:
    assert isinstance(facts(without=("/sys/class/dmi/id/chassis_type", "/sys/kernel/uevent_seqnum"))["hardware"], Hole)


def test_a_chassis_that_is_no_number_is_a_hole() -> None:
    assert isinstance(facts({"/sys/class/dmi/id/chassis_type": "laptop\n"})["hardware"], Hole)


def test_without_proc_nothing_of_the_scan_is_made_up() -> None:
    host = MemoryHost(
        {path: content for path, content in FILES.items() if not path.startswith("/proc/")}, links={"/lib64": "usr/lib64"}, processes=PermissionError()
    )
    stated = probe.collect(host)
    assert all(isinstance(stated["scan"][name], Hole) for name in stated["scan"] if name != "container")
    assert isinstance(stated["scan"]["container"]["inside"], Hole)
    assert isinstance(stated["kernel"]["release"], Hole)
    assert isinstance(stated["kernel"]["cmdline"], Hole)
    assert isinstance(stated["signals"]["processes"], Hole)
    assert compile_schema(SCHEMA)(stated) is not False


def test_the_machine_id_is_hashed_with_our_key() -> None:
    stated = facts()
    # printf 0123456789abcdef0123456789abcdef | xxd -r -p | openssl dgst -sha256 -hmac hostcheck.machine-id/1
    assert stated["machine_id_sha256"] == "2ef73e8fbc04ad1a49eccececc6b90f1e309f8acdfab6013780cd1729f5855e5"
    assert FILES["/etc/machine-id"].strip() not in json.dumps(part(stated)[0])
    assert facts({"/etc/machine-id": "f" * 32})["machine_id_sha256"] != stated["machine_id_sha256"]
    assert "machine_id_sha256" not in facts({"/etc/machine-id": "uninitialized\n"})
    assert isinstance(facts({"/etc/machine-id": "root:x:0:0\n"})["machine_id_sha256"], Hole)


@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("rw", "off"),
        ("rw,hidepid=0", "off"),
        ("rw,hidepid=1", "noaccess"),
        ("rw,gid=4,hidepid=2", "invisible"),
        ("rw,hidepid=invisible", "invisible"),
        ("rw,hidepid=4", "ptraceable"),
    ],
)
def test_the_last_mount_on_proc_says_what_is_hidden(option: str, word: str) -> None:
    table = MOUNTINFO + f"99 27 0:99 / /proc rw - proc proc {option}\n"
    assert facts({"/proc/self/mountinfo": table})["scan"]["proc"]["hidepid"] == word


def test_something_else_over_proc_is_no_proc() -> None:
    assert facts({"/proc/self/mountinfo": MOUNTINFO + "99 27 0:99 / /proc rw - tmpfs tmpfs rw\n"})["scan"]["proc"] == {"mounted": False}


def test_subset_pid_is_told() -> None:
    assert facts({"/proc/self/mountinfo": MOUNTINFO + "99 27 0:99 / /proc rw - proc proc rw,subset=pid\n"})["scan"]["proc"]["subset"] == "pid"


def test_a_line_that_is_no_mount_is_a_hole() -> None:
    assert isinstance(facts({"/proc/self/mountinfo": MOUNTINFO + "garbage\n"})["scan"]["proc"], Hole)


def test_a_thousand_mounts_of_a_user_do_not_hide_the_others() -> None:
    line = "40 27 0:50 / /home/ann/" + "x" * 4000 + " rw - fuse.x x rw\n"
    assert facts({"/proc/self/mountinfo": line * 1000 + MOUNTINFO})["scan"]["proc"]["mounted"] is True


def test_another_root_than_that_of_process_1_is_a_chroot() -> None:
    inside = "22 27 0:21 / /proc rw - proc proc rw\n"
    assert facts({"/proc/self/mountinfo": inside})["scan"]["chroot"] is True
    bound = MOUNTINFO.replace("254:0 / /", "254:0 /srv/jail /")
    assert facts({"/proc/self/mountinfo": bound})["scan"]["chroot"] is True
    assert facts({"/proc/self/mountinfo": MOUNTINFO + "50 27 0:60 / / rw - overlay overlay rw\n"})["scan"]["chroot"] is True


def test_a_hidden_process_1_leaves_the_chroot_open() -> None:
    assert isinstance(facts(without=("/proc/1/mountinfo", "/proc/1/cgroup"))["scan"]["chroot"], Hole)


def test_a_pid_namespace_alone_is_no_container() -> None:
    scan = facts(links={"/proc/self/ns/pid": "pid:[4026532000]"})["scan"]
    assert (scan["init_pidns"], scan["container"]["inside"]) == (False, False)


def test_capabilities_beyond_those_known_are_numbers() -> None:
    status = STATUS.format(uid=1000, caps="0000060000200001")
    assert facts({"/proc/self/status": status})["scan"]["capabilities_effective"] == ["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_41", "CAP_42"]
    assert facts({"/proc/self/status": STATUS.format(uid=7, caps="0")})["scan"]["capabilities_effective"] == []


def test_a_status_without_a_field_leaves_a_hole() -> None:
    assert isinstance(facts({"/proc/self/status": "Uid:\t0\t0\t0\t0\nCapEff:\t0\n"})["scan"]["no_new_privs"], Hole)


def test_os_release_falls_back_to_the_vendors_only_where_it_is_absent() -> None:
    assert os_release(MemoryHost({"/usr/lib/os-release": "ID=x"})) == {"id": "x"}
    assert isinstance(facts({"/etc/os-release": OSError(errno.ELOOP, "loop"), "/usr/lib/os-release": "ID=x"})["os"], Hole)


def test_nothing_in_a_home_or_of_a_secret_is_read() -> None:
    recorder = Recorder(a_host({"/home/ann/.lima/x": "", "/proc/1/environ": "TOKEN=x"}))
    probe.collect(recorder)
    asked = [str(source.get("path", "")) for source in recorder.sources]
    assert "/proc/cmdline" in asked
    assert not [path for path in asked if path.startswith(("/home", "/root", "/mnt", "/run/user")) or path.endswith(("/environ", "/shadow"))]


def test_this_machine_answers() -> None:
    stated = probe.collect(LocalHost())
    assert compile_schema(SCHEMA)(stated) is not False
    found, _ = part(stated)
    assert found["kernel"]["release"] == Path("/proc/sys/kernel/osrelease").read_text(encoding="utf-8").strip()
    assert found["scan"]["proc"]["mounted"] is True
    assert found["os"]["id"]


def test_denying_any_answer_of_this_machine_gives_holes_only() -> None:
    assert denied(LocalHost(), probe.collect) > 100
