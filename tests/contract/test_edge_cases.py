"""Edge cases of the design that no other test carries, by their numbers: whole hosts in memory, and files and texts that change or lie.

What a security module denies to root is made up here: the machine that this runs on has none.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desktop.test_analysis_desktop_vm_hosts import GROUP, PASSWD, REGISTRY, TABLE, findings, host, report, results, root_docker

from hostcheck.host import attempt
from hostcheck.host.answers import Answer, UnixSocket
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why
from hostcheck.parting import part
from hostcheck.testing.laws import worse
from hostcheck_builtin.system import mountinfo, sharing

DOOR = "/run/docker.sock"
ASKED = ("/_ping", "/info", "/version")


def docker(**more: Any) -> MemoryHost:
    """Return a workstation with root's dockerd, which ann reaches by her group."""
    given = root_docker()
    return host({**given.pop("files"), **more.pop("files", {})}, **{**given, **more})


def stated(made: MemoryHost, probe: str) -> Any:
    return part(attempt(REGISTRY.probes[probe].collect, made))


def test_case_10_a_file_that_grows_while_it_is_read_is_read_to_an_end_or_beyond_its_limit(tmp_path: Path) -> None:
    path, done = tmp_path / "subuid", threading.Event()
    path.write_bytes(b"ann:100000:65536\n" * 1000)

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not done.is_set() and file.tell() < 64 << 20:
                file.write(b"bob:0:1\n" * 10_000)

    writer = threading.Thread(target=grow)
    writer.start()
    told: list[Any] = []
    try:
        last = time.monotonic() + 20
        while not any(isinstance(one, Hole) for one in told) and time.monotonic() < last:
            told.append(attempt(LocalHost().read_bytes, str(path), limit=1 << 20))
    finally:
        done.set()
        writer.join()
    *read, limited = told
    assert isinstance(limited, Hole) and limited.why is Why.LIMIT
    assert all(isinstance(one, bytes) and one.startswith(b"ann:100000:65536\n") for one in read)


@pytest.mark.laws
@pytest.mark.parametrize("line", ["eve\0:x:0:0::/:/bin/sh\n", "\0\0\0\n", "root:x:0:0::/\0:/bin/sh\n", "ann\0x:x:5:5::/:\n"])
@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/group"])
def test_case_12_nul_bytes_make_nothing_better(path: str, line: str) -> None:
    usual = {"/etc/passwd": PASSWD, "/etc/group": GROUP}[path]
    before = report(docker())["findings"]
    for text in (line + usual, usual + line, usual.replace("\n", f"\n{line}", 1)):
        after = report(docker(files={path: text}))["findings"]
        assert not list(worse(before, after))
        assert ("HC-ACC-04", DOOR, "fail") in {(one["rule"], one["subject"], one["result"]) for one in after}


REFUSED = PermissionError(13, "Permission denied")


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/group", "/etc/gshadow", "/etc/nsswitch.conf", "/proc/net/unix", "/proc/1/mountinfo", "/etc/subuid"])
def test_case_22_what_a_security_module_denies_to_root_is_not_absent(path: str) -> None:
    before = report(docker())["findings"]
    after = report(docker(files={path: REFUSED}))["findings"]
    assert not list(worse(before, after))


def test_case_22_a_confined_scanner_that_sees_nothing_of_the_socket_passes_nothing() -> None:
    route = {**root_docker(), "peers": {DOOR: REFUSED}}
    listed = route.pop("files")
    at = host(listed, **route).stat(DOOR)
    known = [UnixSocket(inode=42, name=DOOR, listening=True, dev=at.dev, file=at.ino)]
    assert results(findings(host(listed, **route, unix_sockets=known)), "HC-ACC-04") == {DOOR: "fail"}  # the kernel's list shows that somebody listens
    assert results(findings(host(listed, **route)), "HC-ACC-04") == {DOOR: "error"}  # its table of names does not
    assert set(results(findings(host({"/proc/net/unix": REFUSED}, **route)), "HC-ACC-04").values()) == {"error"}
    everything = {path: REFUSED for path in ("/etc/passwd", "/etc/group", "/etc/gshadow", "/etc/nsswitch.conf", "/run", "/proc/net/unix", "/proc/1/mountinfo")}
    closed = findings(host(everything, processes=()))
    assert not [key for key, one in closed.items() if one["result"] == "pass" and key[0].startswith("HC-ACC")]


def rows() -> Iterator[tuple[str, str]]:
    for optional in ("", "shared:1 ", "shared:1 master:2 ", "shared:1 master:2 propagate_from:3 ", "unbindable ", "".join(f"new:{n} " for n in range(50))):
        yield optional, rf"40 27 0:40 / /Users/a\040b rw,relatime {optional}- virtiofs mount0 rw"


@pytest.mark.parametrize(("optional", "row"), list(rows()))
def test_case_80_optional_fields_and_escapes_of_mountinfo(optional: str, row: str) -> None:
    made = host(table=f"{TABLE}{row}\n")
    assert list(sharing.mounted(made)) == ["/Users/a b"]  # type: ignore[arg-type]
    assert [mount.point for mount in mountinfo.mounts(made, "/proc/self/mountinfo")][-1] == "/Users/a b"


@pytest.mark.parametrize("count", [1000, 5000])
def test_case_80_very_many_mounts_hide_none(count: int) -> None:
    many = "".join(f"{number} 27 0:{number} / /home/bob/{'m' * 100}{number} rw - fuse.evil x\\040-\\040proc rw,user_id=1001\n" for number in range(count))
    row = "40 27 0:40 / /Users/ann rw,relatime - virtiofs mount0 rw\n"
    for table in (many + row, row + many):
        assert list(sharing.mounted(host(table=TABLE + table))) == ["/Users/ann"]  # type: ignore[arg-type]
    before, after = report(docker())["findings"], report(docker(table=TABLE + many))["findings"]
    assert not list(worse(before, after))


def test_case_77_a_narrower_pid_namespace_hides_the_processes_of_the_host() -> None:
    inside = {"/proc/self/ns/pid": "pid:[4026532250]"}
    twice = TABLE + "60 22 0:60 / /proc rw - proc proc rw\n"
    before = report(docker())["findings"]
    links = {**root_docker()["links"], **inside}
    told = {(one["rule"], one["subject"]): one["result"] for one in report(docker(table=twice, links=links))["findings"]}
    assert {told[rule, "*"] for rule in ("HC-ACC-04", "HC-ACC-18")} == {"error"}  # HC-ACC-17 depends on no role, and has its subjects
    assert not list(worse(before, report(docker(table=twice, links=links))["findings"]))
    for table, more in ((twice, root_docker()["links"]), (TABLE, links)):  # over a /proc of the same namespace, and in a container
        told = {(one["rule"], one["subject"]): one["result"] for one in report(docker(table=table, links=more))["findings"]}
        assert ("HC-ACC-18", "*") not in told


@pytest.mark.parametrize(
    ("files", "kind"),
    [({"/.dockerenv": ""}, "docker"), ({"/run/.containerenv": ""}, "podman"), ({"/proc/1/cgroup": "0::/kubepods.slice/pod1\n"}, "kubernetes")],
)
def test_case_100_inside_of_a_container_the_host_is_the_container(files: dict[str, str], kind: str) -> None:
    links = {**root_docker()["links"], "/proc/self/ns/pid": "pid:[4026532250]"}
    overlay = TABLE.replace("ext4 /dev/vda", "overlay overlay")
    made = docker(files=files, links=links, table=overlay)
    facts, _ = stated(made, "host")
    assert (facts["scan"]["container"]["inside"], facts["scan"]["container"]["kind"], facts["scan"]["init_pidns"]) == (True, kind, False)
    found = report(made)
    assert (found["host"]["role"], found["host"]["container"], found["verdict"]) == (None, True, "inconclusive")
    assert {one["result"] for one in found["findings"]} == {"notchecked"}


def test_a_report_says_whether_it_was_read_in_a_user_namespace() -> None:
    links = root_docker()["links"]
    for namespace, told in (("user:[4026531837]", False), ("user:[4026532250]", True)):
        assert report(docker(links={**links, "/proc/self/ns/user": namespace}))["host"]["user_namespace"] is told


HIDDEN = "root\u200b"


def test_case_103_a_user_who_looks_like_root_is_another_and_is_shown_as_one() -> None:
    people = {"/etc/passwd": f"{PASSWD}{HIDDEN}:x:4242:4242::/home/x:/bin/sh\n", "/etc/group": GROUP.replace("docker:x:999:ann", f"docker:x:999:{HIDDEN}")}
    told = report(docker(files=people))
    (found,) = (one for one in told["findings"] if (one["rule"], one["subject"]) == ("HC-ACC-04", DOOR))
    assert found["result"] == "fail"
    for name, render in {name: one.render for name, one in REGISTRY.formats.items()}.items():
        text = render(told)
        assert "\u200b" not in text or name == "json", name
        assert "root (group docker)" not in text, name


def test_case_103_two_entries_of_one_name_are_both_judged() -> None:
    twice = f"{PASSWD}ann:x:1009:1009::/home/ann:/bin/sh\n"
    before, after = report(docker())["findings"], report(docker(files={"/etc/passwd": twice}))["findings"]
    assert not list(worse(before, after))
    assert ("HC-ACC-04", DOOR, "fail") in {(one["rule"], one["subject"], one["result"]) for one in after}


def test_case_8_a_line_of_ten_megabytes_and_one_of_nearly_one_make_nothing_better() -> None:
    weak = {"/etc/subuid": "ann:0:65536\n"}
    before = report(docker(files=weak))["findings"]
    assert ("HC-SUB-01", "subuid:ann:0", "fail") in {(one["rule"], one["subject"], one["result"]) for one in before}
    for size in (10 << 20, 900_000):
        line = f"bob:{'1' * size}:1\n"
        for text in (line + weak["/etc/subuid"], weak["/etc/subuid"] + line):
            assert not list(worse(before, report(docker(files={"/etc/subuid": text}))["findings"]))


DEEP = {"lists": "x = " + "[" * 100_000, "tables": "".join(f"[t{number}.a.b.c]\n" for number in range(3000)), "a key": "a." * 2000 + "b = 1\n"}


@pytest.mark.laws
@pytest.mark.parametrize("what", DEEP)
@pytest.mark.parametrize("path", ["/etc/containerd/config.toml", "/etc/buildkit/buildkitd.toml"])
def test_case_26_deep_tables_cost_one_configuration_and_make_nothing_better(path: str, what: str) -> None:
    before, after = report(docker())["findings"], report(docker(files={path: DEEP[what]}))["findings"]
    assert not list(worse(before, after))
    assert ("HC-ACC-04", DOOR, "fail") in {(one["rule"], one["subject"], one["result"]) for one in after}


CONFIGURED = {
    "case 15: nothing": b"",
    "case 17: a key in capitals": b'{"ICC": false, "USERNS-REMAP": "default"}',
    "case 16: a key twice": b'{"userns-remap": "default", "userns-remap": ""}',
    "case 18: a comma too many": b'{"userns-remap": "default",}',
    "case 51: not a number": b'{"userns-remap": "default", "mtu": NaN}',
}


@pytest.mark.parametrize("case", CONFIGURED)
def test_what_daemon_json_claims_makes_nothing_better(case: str) -> None:
    before, after = (report(docker(files={"/etc/docker/daemon.json": content}))["findings"] for content in (b"{}", CONFIGURED[case]))
    assert not list(worse(before, after))


ANSWERS = {"case 66: a desktop's": 400, "case 67: too old": 400, "case 69: refused by a plugin": 403, "case 45: broken": 500, "case 44: another protocol": 101}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_engine_that_answers_otherwise_is_not_known_and_its_socket_is_judged(case: str) -> None:
    status = ANSWERS[case]
    body = b'{"message": "client version 1.24 is too old", "SecurityOptions": ["name=rootless", "name=userns"]}'
    told = {path: Answer(status=200 if path == "/_ping" else status, body=body, pid=500, uid=0, server="Docker/27.0.1 (linux)") for path in ASKED}
    made = docker(answers={DOOR: told})
    facts, _ = stated(made, "engines")
    assert "info" not in facts["sockets"][DOOR] or "rootless" not in str(facts["sockets"][DOOR]["info"])
    found = findings(made)
    assert results(found, "HC-ACC-04") == {DOOR: "fail"}
    assert not list(worse(report(docker())["findings"], list(found.values())))
