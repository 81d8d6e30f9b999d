"""Names that differ in their bytes alone: a byte that is no text, and the four characters that would stand for it.

Whoever makes such a pair takes no failure from anybody, his own not either, and no probe is at a loss: tried on every probe, and on the findings of all rules.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from contract.crowd import STATUS, TABLE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hostcheck import registry
from hostcheck.benchmark import load
from hostcheck.derive import derive
from hostcheck.host.answers import Group, Peer, Process, Stat, UnixSocket, User
from hostcheck.host.memory import MemoryHost
from hostcheck.invoke import state
from hostcheck.model import Why
from hostcheck.report import judge

REGISTRY = registry.load()
ENDS = ["\udcff", "\\xff", "\\x5cxff", "\udce2\udc80", "\\xe2\\x80", "é", "\\xc3\\xa9"]
"""Ends of names that are written alike, or could be."""
LIMA = 'mounts:\n- location: "~"\n  writable: true\n'
CONTEXT = '{"Name": "NAME", "Endpoints": {"docker": {"Host": "tcp://192.0.2.1:2375"}}}'


def uid_of(end: str) -> int:
    """Return the uid of the user whose name ends so."""
    return 2001 + ENDS.index(end)


class Made:
    """A host with users, groups, lines, units and files whose names end in each of `ends`."""

    def __init__(self, ends: Iterable[str]) -> None:
        """Make it."""
        self.ends = list(ends)
        self.files: dict[str, str | bytes] = {
            "/etc/passwd": "root:x:0:0::/root:/bin/sh\nann:x:1001:1001::/home/ann:/bin/sh\n",
            "/etc/group": "root:x:0:\ndocker:x:999:ann\nann:x:1001:\n",
            "/etc/gshadow": "docker:!::ann\n",
            "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
            "/etc/subuid": "ann:0:65536\n",
            "/etc/subgid": "ann:100000:65536\n",
            "/etc/login.defs": "UID_MIN 1000\n",
            "/proc/self/status": STATUS,
            "/proc/self/mountinfo": TABLE,
            "/proc/1/mountinfo": TABLE,
            "/home/ann/.profile": "",
            "/usr/bin/dockerd": "",
            "/run/systemd/system/x": "",
        }
        self.stats = {"/home/ann": Stat(type="dir", uid=1001, gid=1001, mode=0o700), "/run/docker.sock": Stat(type="socket", uid=0, gid=999, mode=0o666)}
        self.sockets = ["/run/docker.sock"]
        for end in self.ends:
            self._user(f"u{end}", uid_of(end))
            self._system(end)
        self._home("/home/ann", 1001)

    def _user(self, name: str, uid: int) -> None:
        self.files["/etc/passwd"] += f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n"
        self.files["/etc/group"] += f"{name}:x:{uid}:{name}\ng{name}:x:{uid + 1000}:ann,{name}\n"
        self.files["/etc/subuid"] += f"{name}:{uid}:65536\n{name}:0x{uid}:9\n"
        self.files["/etc/subgid"] += f"{name}:{uid}:65536\n"
        self.files[f"/var/lib/systemd/linger/{name}"] = ""
        self._home(f"/home/{name}", uid)

    def _system(self, end: str) -> None:
        self.files[f"/etc/systemd/system/d{end}.service"] = f"[Service]\nUser=ann\nSupplementaryGroups=docker\nExecStart=/bin/x{end}\n"
        self.files[f"/etc/systemd/system/d{end}.socket"] = f"[Socket]\nListenStream=/run/s{end}/docker.sock\nSocketMode=0666\n"
        self.files[f"/etc/sysctl.d/9{end}.conf"] = f"kernel.x{end} = 1\nkernel.dmesg_restrict = 0\n"
        self.files[f"/etc/sysusers.d/9{end}.conf"] = f"m u{end} docker\n"
        self.files[f"/etc/cloud/cloud.cfg.d/9{end}.cfg"] = "users:\n- name: w\n  groups: [docker]\n"
        self.files[f"/etc/pam.d/s{end}"] = "auth required pam_group.so\n"
        self.files[f"/etc/profile.d/p{end}.sh"] = f"export DOCKER_HOST=unix:///run/s{end}/docker.sock\n"
        self._socket(f"/run/s{end}/docker.sock", 0)

    def _home(self, home: str, uid: int) -> None:
        self.stats[home] = Stat(type="dir", uid=uid, gid=uid, mode=0o755)
        for end in self.ends:
            self._socket(f"{home}/d{end}/docker.sock", uid)
            below = {
                f".lima/m{end}/lima.yaml": LIMA,
                f".config/containers/podman/machine/qemu/p{end}.json": f'{{"HostUser": {{"Rootful": true, "UID": {uid}}}, "Mounts": []}}',
                f".docker/contexts/meta/c{end}/meta.json": CONTEXT.replace("NAME", "c"),
                f".config/systemd/user/default.target.wants/docker{end}.service": "",
                f".config/environment.d/e{end}.conf": "DOCKER_HOST=tcp://192.0.2.1:2375\n",
            }
            for path, content in below.items():
                self._owned(f"{home}/{path}", uid, home)
                self.files[f"{home}/{path}"] = content

    def _socket(self, path: str, uid: int) -> None:
        self.sockets.append(path)
        self.stats[path] = Stat(type="socket", uid=uid, gid=uid, mode=0o666, dev=9, ino=len(self.sockets))
        self.stats[path.rpartition("/")[0]] = Stat(type="dir", uid=uid, gid=uid, mode=0o755)

    def _owned(self, path: str, uid: int, top: str) -> None:
        while path != top:
            self.stats.setdefault(path, Stat(type="file" if path.endswith((".yaml", ".json", ".service", ".conf")) else "dir", uid=uid, gid=uid, mode=0o755))
            path = path.rpartition("/")[0]

    def host(self) -> MemoryHost:
        """Return the host."""
        rows = "".join(f"0000000000000000: 00000002 00000000 00010000 0001 01 {7000 + n} {path}\n" for n, path in enumerate(self.sockets))
        uids = {path: self.stats[path].uid for path in self.sockets}
        people = [(f"u{end}", uid_of(end)) for end in self.ends]
        return MemoryHost(
            {**self.files, "/proc/net/unix": f"Num RefCount Protocol Flags Type St Inode Path\n{rows}"},
            stats=self.stats,
            peers={path: Peer(pid=500, uid=uid, gid=uid) for path, uid in uids.items()},
            processes=[_process(1, 0, "/usr/lib/systemd/systemd"), _process(500, 0, "/usr/bin/dockerd"), _process(700, 1001, "/bin/sh")]
            + [_process(701 + number, uid, f"/home/{name}/bin/dockerd") for number, (name, uid) in enumerate(people)],
            users=[User(name=name, uid=uid, gid=uid, home=f"/home/{name}", shell="/bin/sh") for name, uid in people],
            groups=[Group(name="docker", gid=999, members=("ann", *(name for name, _ in people)))],
            unix_sockets=[UnixSocket(inode=7000 + n, name=path, listening=True, dev=9, file=n + 1) for n, path in enumerate(self.sockets)],
            tcp_listeners=(),
            vsock_listeners=(),
            links={"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"},
        )


def _process(pid: int, uid: int, exe: str) -> Process:
    return Process(pid=pid, ppid=1, name=exe.rpartition("/")[2], uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


@cache
def findings(ends: tuple[str, ...]) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, str]]]]:
    """Return the findings on such a host, and the holes of each probe."""
    told = {name: state(probe, Made(ends).host()) for name, probe in REGISTRY.probes.items()}
    probes = {name: {"version": REGISTRY.probes[name].version, "facts": facts, "holes": holes} for name, (facts, holes) in told.items()}
    facts = derive({"probes": probes}, REGISTRY.probes, REGISTRY.analyses, {"role": "server"})
    assert facts.broken == {}
    judged = judge([load(REGISTRY.benchmarks[0], shipped=True)], facts, "level2", {"approved_users": []})
    return [one.tell() for _, one in judged], {name: holes for name, (_, holes) in told.items()}


def failed(ends: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the failures on such a host."""
    return [(finding["rule"], finding["subject"]) for finding in findings(ends)[0] if finding["result"] == "fail"]


@pytest.mark.laws
@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(ENDS), min_size=1, max_size=4, unique=True))
@example(ENDS)
def test_who_makes_a_name_like_another_takes_nothing_away(ends: list[str]) -> None:
    together = failed(tuple(ends))
    assert len(together) == len(set(together))
    assert {one for end in ends for one in failed((end,))} <= set(together)
    holes = {(name, hole["why"]) for name, stated in findings(tuple(ends))[1].items() for hole in stated if hole["pointer"] == ""}
    assert {why for _, why in holes} <= {Why.UNSUPPORTED}, holes


def test_failures_of_many_kinds_are_at_stake() -> None:
    at_stake = [(rule, subject) for rule, subject in failed((ENDS[0],)) if r"\xff" in subject]
    assert len({rule for rule, _ in at_stake}) >= 8, at_stake
