"""The same of podman's containers, over its own API: what it tells in docker's words, and what it does not tell."""

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from real_engines.container_ways import COMMAND, GIVEN, HERE, IMAGE, LESS, SECRET, SETTINGS, fails, found_without_api, hardened
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import USERS

PODMAN: Final = "/run/podman/podman.sock"
OF_PODMAN: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": ((), set()),
    "privileged": (("--privileged",), {"HC-CTR-01"}),
    "socket": (("--user", "0", "-v", f"{PODMAN}:/s"), {"HC-CTR-03", "HC-CTR-20"}),
    "capability": (("--cap-add", "SYS_MODULE"), {"HC-CTR-06"}),
    "host-processes": (("--pid", "host"), {"HC-CTR-08"}),
    "no-filter": (("--security-opt", "seccomp=unconfined"), {"HC-CTR-14"}),
    "nothing-hidden": (("--security-opt", "unmask=ALL"), {"HC-CTR-19"}),
    "one-thing-shown": (("--security-opt", "unmask=/proc/sysrq-trigger"), set()),
    "volume-of-etc": (("--user", "0", "-v", "sly:/host-etc"), {"HC-CTR-04", "HC-CTR-20"}),
    "unlimited": (("--memory", "0", "--pids-limit", "-1"), {"HC-CTR-26", "HC-CTR-27"}),
    **SETTINGS,
    "one-capability-again": (("--cap-add", "CHOWN"), {"HC-CTR-07: notchecked"}),
    **{name: ((), rules) for name, (_, rules) in LESS.items()},
    "image-by-its-name": ((), {"HC-CTR-34"}),
}
HEALTH: Final = ("--health-interval", "disable")
"""Without systemd there is nothing that would run it."""
NOT_STARTED: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "never-started": (("--privileged",), {"HC-CTR-02"}),
    "ids-of-its-own": (("--uidmap", "0:100000:65536"), set()),
    "ids-that-are-the-hosts": (("--uidmap", "0:0:65536"), set()),
}
"""Where /proc is covered in part, as on this host within a host, no user namespace can have its own (mount_too_revealing of the kernel)."""


class Podmans(RootlessWorld):
    """A host with root's podman, which serves its API; `image` is the id of what containers are made from."""

    image: str

    service: subprocess.Popen[bytes]

    def podman(self, *argv: str) -> str:
        return self.run("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "podman", "--url", f"unix://{PODMAN}", "--remote", *argv)

    def local(self) -> tuple[str, ...]:
        """Return the command of a podman that does without the service."""
        place = ("--root", f"{self.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod")
        return ("podman", *place, "--runtime", "runc", "--cgroup-manager", "cgroupfs")

    def create(self, name: str, *options: str) -> None:
        image = "local/empty" if name == "image-by-its-name" else self.image
        without = LESS[name][0] if name in LESS else ""
        self.podman("create", "--name", name, *GIVEN, *HEALTH, *hardened(without), *HERE, *options, image, *COMMAND)

    def stop(self) -> None:
        """End the containers, whose monitors are nobody's children."""
        self.podman("rm", "--all", "--force", "--time", "0")


@pytest.fixture(scope="module")
def podmans() -> Iterator[Podmans]:
    made = Podmans()
    try:
        made.service, _ = made.start_podman("root")
        made.run("sh", "-ec", f"({IMAGE.format(base=made.base)}) > {made.base}/image.tar")
        made.podman("import", f"{made.base}/image.tar", "local/empty")
        made.image = made.podman("images", "--quiet", "--no-trunc", "local/empty").strip()
        made.podman("volume", "create", "--driver", "local", "--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc", "sly")
        for name, (options, _) in OF_PODMAN.items():
            made.create(name, *options)
            made.podman("start", name)
        for name, (options, _) in NOT_STARTED.items():
            made.create(name, *options)
        yield made
    finally:
        made.stop()
        made.end()


def test_podman_is_told_of_in_the_same_words(podmans: Podmans, scan: Scanner) -> None:
    found = scan(podmans, "--profile", "level2")
    wanted = {f"podman:{name}": rules for name, (_, rules) in NOT_STARTED.items() if rules}
    for name, (_, rules) in OF_PODMAN.items():
        told = name == "privileged" or "HC-CTR-19" in rules
        wanted[f"podman:{name}"] = rules if told else {*rules, "HC-CTR-19: notchecked"}
    assert fails(found) == wanted, "podman tells of no single path of /proc that is shown"
    assert SECRET not in json.dumps(found.evidence) and SECRET not in json.dumps(found.report)
    told = found.evidence["probes"]["containers"]["facts"]["containers"]
    assert {name: one["namespaces"]["user"] for name, one in told.items() if one["namespaces"]["user"] != "default"} == {
        "podman:ids-of-its-own": "private",
        "podman:ids-that-are-the-hosts": "host",
    }


def test_who_had_logged_in_is_known_after_sudo(podmans: Podmans, scan: Scanner) -> None:
    """As by `sudo podman start`: the process is root's, and has the loginuid of the session."""
    podmans.create("of-a-user")
    podmans.run(
        "sh", "-ec", f"echo {USERS['alice'][0]} > /proc/self/loginuid; exec env PODMAN_IGNORE_CGROUPSV1_WARNING=1 {' '.join(podmans.local())} start of-a-user"
    )
    try:
        found = scan(podmans, "--profile", "level2", "--role", "workstation", "--rule", "HC-POD-01")
        assert found.results() == {("HC-POD-01", "podman:of-a-user"): "fail"}
        assert f"uid {USERS['alice'][0]}," in found.report["findings"][0]["because"]
    finally:
        podmans.podman("rm", "--force", "--time", "0", "of-a-user")
    found = scan(podmans, "--profile", "level2", "--role", "workstation", "--rule", "HC-POD-01")
    assert found.results() == {("HC-POD-01", ""): "notapplicable"}, "the others were started by a service"


def test_who_has_the_socket_of_podman_lists_containers(podmans: Podmans) -> None:
    """By a podman without the service: through that, a monitor stays for five minutes after the command has ended."""
    inside = ("exec", "-u", "0", "socket", "podman", "--url", "unix:///s", "--remote", "ps", "--format", "{{.Names}}")
    assert "hardened" in podmans.run("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", *podmans.local(), *inside).split()


def test_podmans_containers_are_seen_by_their_groups(podmans: Podmans, scan: Scanner) -> None:
    """To nobody, who is told nothing, and beside what podman tells: the same containers, and one more process than was given.

    That the socket is one, in a directory of root's alone, nobody can see.
    """
    ids = {f"podman:{one.split()[0][:12]}": one.split()[1] for one in podmans.podman("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}").splitlines()}
    found = scan(podmans, "--profile", "level2", user="nobody").results()
    seen: dict[str, set[str]] = {}
    for (rule, subject), result in found.items():
        if subject in ids and rule.startswith("HC-CTR") and result == "fail":
            seen.setdefault(ids[subject], set()).add(rule)
    wanted = {name: found_without_api(rules) - {"HC-CTR-26", "HC-CTR-27"} for name, (_, rules) in OF_PODMAN.items()}
    wanted["socket"] -= {"HC-CTR-03"}
    assert seen == {name: rules for name, rules in wanted.items() if rules}
    podmans.podman("exec", "-d", "--privileged", "-u", "0", "hardened", "/usr/bin/sleep", "1000")
    podmans.wait(lambda: podmans.podman("top", "hardened", "hpid").count("\n") > 2)
    results = scan(podmans, "--profile", "level2").results()
    assert results["HC-CTR-37", "podman:hardened"] == "fail" and results["HC-CTR-37", "podman:socket"] == "pass"


def test_where_podman_serves_nobody_root_finds_the_same_by_its_files(podmans: Podmans, scan: Scanner) -> None:
    """What a path of /proc shows podman's API does not tell; its files do, so that there is a pass."""
    ids = {f"podman:{one.split()[0][:12]}": one.split()[1] for one in podmans.podman("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}").splitlines()}
    store = "/var/lib/containers/storage"
    podmans.run("sh", "-ec", f"mkdir -p {store} && mount --no-mtab --bind {podmans.base}/podman {store}")
    podmans.service.send_signal(signal.SIGSTOP)
    try:
        found = scan(podmans, "--profile", "level2").results()
    finally:
        podmans.service.send_signal(signal.SIGCONT)
        podmans.run("umount", store)
    told: dict[str, set[str]] = {}
    for (rule, subject), result in found.items():
        if subject in ids and rule.startswith("HC-CTR") and result == "fail":
            told.setdefault(ids[subject], set()).add(rule)
    wanted = {name: left for name, (_, rules) in OF_PODMAN.items() if (left := found_without_api(rules))}
    assert told == {**wanted, "hardened": {"HC-CTR-37"}, "one-thing-shown": {"HC-CTR-19"}}
    assert {found[rule, subject] for subject, name in ids.items() if name == "socket" for rule in ("HC-CTR-01", "HC-CTR-06", "HC-CTR-19")} == {"pass"}


def test_what_is_to_be_pasted_works(podmans: Podmans, scan: Scanner) -> None:
    pasted = {"HC-CTR-02", "HC-CTR-26", "HC-CTR-27", "HC-CTR-28", "HC-CTR-29"}
    failed = [one for one in scan(podmans, "--profile", "level2").report["findings"] if one["result"] == "fail" and one["rule"] in pasted]
    assert {one["rule"] for one in failed} == pasted
    here = f'podman() {{ command {" ".join(podmans.local())} "$@"; }}'
    for one in failed:
        for step in one["fix"]:
            if "run" in step:
                podmans.run("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "sh", "-ec", f"{here}; {step['run']}")
    lists = "podman ps --all --filter status=created --filter status=exited"
    told = podmans.run("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "sh", "-ec", f"{here}; {lists}")
    assert "ids-of-its-own" in told and "hardened" not in told
    assert not pasted & {rule for rules in fails(scan(podmans, "--profile", "level2")).values() for rule in rules}
