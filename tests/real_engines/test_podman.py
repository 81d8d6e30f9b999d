"""What a real Podman does with its files is what the facts say: which of them count, in which order, and which keep it from starting.

Seen with Podman 5.4.2, as root and as a user. What a container is given is asked of `podman create` and `podman inspect`, registries of `podman info`, and the
policy of a pull from a file. Each is compared with what the same Podman does where there are no files.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

COLLECT = Path(__file__).with_name("collect_podman.py").read_text(encoding="utf-8")
ALICE, ALICES_GID = USERS["alice"]
VENDOR, SYSTEM, OWN = "vendor", "etc", "home"
CONF = "containers.conf"
HOST_PID, OWN_PID = '[containers]\npidns="host"\n', '[containers]\npidns="private"\n'

# Files by the directory that they are in; what is None must keep Podman from starting. Written by hand: what then counts.
CONTAINERS: dict[str, tuple[dict[str, str | bytes], dict[str, Any] | None]] = {
    "etc over the vendor": ({"vendor/containers.conf": HOST_PID, "etc/containers.conf": OWN_PID}, {"PidMode": "private"}),
    "the vendor alone": ({"vendor/containers.conf": HOST_PID}, {"PidMode": "host"}),
    "no drop-ins of the vendor": ({"vendor/containers.conf.d/1.conf": HOST_PID}, {}),
    "drop-ins by their bytes": (
        {"etc/containers.conf.d/10.conf": OWN_PID, "etc/containers.conf.d/9.conf": HOST_PID, "etc/containers.conf": OWN_PID},
        {"PidMode": "host"},
    ),
    "capitals before small letters": ({"etc/containers.conf.d/b.conf": HOST_PID, "etc/containers.conf.d/C.conf": OWN_PID}, {"PidMode": "host"}),
    "only what is called .conf": ({"etc/containers.conf.d/README": "= no TOML", "etc/containers.conf.d/x.conf.bak": "= no TOML"}, {}),
    "the home over a drop-in": ({"etc/containers.conf.d/z.conf": HOST_PID, "home/containers.conf": OWN_PID}, {"PidMode": "private"}),
    "a drop-in of the home over the home": (
        {"home/containers.conf": '[containers]\npidns="host"\nutsns="host"\n', "home/containers.conf.d/a.conf": OWN_PID},
        {"PidMode": "private", "UTSMode": "host"},
    ),
    "one setting at a time": (
        {"vendor/containers.conf": '[containers]\nnetns="host"\n', "etc/containers.conf": '[containers]\nutsns="host"\n', "home/containers.conf": HOST_PID},
        {"NetworkMode": "host", "UTSMode": "host", "PidMode": "host"},
    ),
    "a list in the place of another": (
        {"vendor/containers.conf": '[containers]\nvolumes=["/etc:/a"]\n', "etc/containers.conf": '[containers]\nvolumes=["/usr:/b:ro"]\n'},
        {"volumes": ["/usr:/b"]},
    ),
    "a list that is added to": (
        {"vendor/containers.conf": '[containers]\nvolumes=["/etc:/a"]\n', "etc/containers.conf": '[containers]\nvolumes=["/usr:/b",{append=true}]\n'},
        {"volumes": ["/etc:/a", "/usr:/b"]},
    ),
    "adding stays on": (
        {"etc/containers.conf": '[containers]\nvolumes=["/etc:/a",{append=true}]\n', "home/containers.conf": '[containers]\nvolumes=["/usr:/b"]\n'},
        {"volumes": ["/etc:/a", "/usr:/b"]},
    ),
    "adding is turned off": (
        {
            "etc/containers.conf": '[containers]\nvolumes=["/etc:/a",{append=true}]\n',
            "home/containers.conf": '[containers]\nvolumes=["/usr:/b",{append=false}]\n',
        },
        {"volumes": ["/usr:/b"]},
    ),
    "capabilities": (
        {"etc/containers.conf": '[containers]\ndefault_capabilities=["chown","CAP_NET_RAW"]\n'},
        {"caps": ["CAP_CHOWN", "CAP_NET_RAW"]},
    ),
    "devices and mounts": (
        {"etc/containers.conf": '[containers]\ndevices=["/dev/null:/dev/x:rwm"]\nmounts=["type=bind,source=/usr,destination=/y"]\n'},
        {"devices": ["/dev/null:/dev/x"], "volumes": ["/usr:/y"]},
    ),
    "names of any case": ({"etc/containers.conf": '[Containers]\nPidNS="host"\nUtsns="host"\n'}, {"PidMode": "host", "UTSMode": "host"}),
    "a byte order mark": ({"etc/containers.conf": b"\xef\xbb\xbf" + HOST_PID.encode()}, {"PidMode": "host"}),
    "numbers and a umask": ({"etc/containers.conf": '[containers]\npids_limit=0\numask="0002"\nutsns="host"\n'}, {"umask": "0002", "UTSMode": "host"}),
    "privileged": ({"home/containers.conf": "[containers]\nprivileged=true\n"}, {"Privileged": True}),
    "no TOML": ({"etc/containers.conf.d/x.conf": "= no TOML"}, None),
    "no TOML in the home": ({"home/containers.conf": "[containers\n"}, None),
    "a wrong type": ({"etc/containers.conf": "[containers]\npidns=1\n"}, None),
    "a wrong type in a list": ({"etc/containers.conf": "[containers]\nvolumes=[1]\n"}, None),
    "a NUL": ({"etc/containers.conf": HOST_PID + "\0"}, None),
}
REG_A, REG_B = '[[registry]]\nlocation="a.example.org"\ninsecure=true\n', '[[registry]]\nlocation="b.example.org"\ninsecure=true\n'
SECURE_A = '[[registry]]\nlocation="a.example.org"\n'
SEARCH = 'unqualified-search-registries=["x.example.org","y.example.org"]\n'
VERSION_1 = '[registries.insecure]\nregistries=["a.example.org"]\n[registries.search]\nregistries=["x.example.org"]\n'
# The same of registries: which are insecure, and which are searched.
REGISTRIES: dict[str, tuple[dict[str, str | bytes], tuple[list[str], list[str]] | None]] = {
    "none": ({}, ([], [])),
    "one of etc": (
        {"etc/registries.conf": SEARCH + REG_A},
        (["a.example.org"], ["x.example.org", "y.example.org"]),
    ),
    "a drop-in beside it": ({"etc/registries.conf": REG_A, "etc/registries.conf.d/1.conf": REG_B}, (["a.example.org", "b.example.org"], [])),
    "a drop-in instead of it": ({"etc/registries.conf": REG_A, "etc/registries.conf.d/1.conf": SECURE_A}, ([], [])),
    "the last drop-in": ({"etc/registries.conf.d/1.conf": SECURE_A, "etc/registries.conf.d/2.conf": REG_A}, (["a.example.org"], [])),
    "a search that is taken away": ({"etc/registries.conf": SEARCH, "etc/registries.conf.d/1.conf": "unqualified-search-registries=[]\n"}, ([], [])),
    "drop-ins of the home": ({"etc/registries.conf": REG_A, "home/registries.conf.d/1.conf": SECURE_A + REG_B}, (["b.example.org"], [])),
    "the home instead of etc": ({"etc/registries.conf": REG_A, "etc/registries.conf.d/1.conf": SEARCH, "home/registries.conf": REG_B}, (["b.example.org"], [])),
    "an empty file in the home": ({"etc/registries.conf": SEARCH + REG_A, "home/registries.conf": ""}, ([], [])),
    "version 1": ({"etc/registries.conf": VERSION_1}, (["a.example.org"], ["x.example.org"])),
    "version 1 in a drop-in": ({"etc/registries.conf.d/1.conf": VERSION_1}, None),
    "both versions": ({"etc/registries.conf": REG_B + VERSION_1}, None),
    "no mode": ({"etc/registries.conf": 'short-name-mode="strict"\n'}, None),
}
ANYTHING, REJECT = '{"default":[{"type":"insecureAcceptAnything"}]}', '{"default":[{"type":"reject"}]}'
# The same of the policy: whether an image is taken.
POLICIES: dict[str, tuple[dict[str, str | bytes], bool | None]] = {
    "none": ({}, None),
    "anything": ({"etc/policy.json": ANYTHING}, True),
    "nothing": ({"etc/policy.json": REJECT}, False),
    "the home instead": ({"etc/policy.json": REJECT, "home/policy.json": ANYTHING}, True),
    "the stricter home": ({"etc/policy.json": ANYTHING, "home/policy.json": REJECT}, False),
    "all of a list": ({"etc/policy.json": '{"default":[{"type":"insecureAcceptAnything"},{"type":"reject"}]}'}, False),
    "a key twice": ({"etc/policy.json": '{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}'}, None),
    "other letters": ({"etc/policy.json": '{"Default":[{"type":"insecureAcceptAnything"}]}'}, None),
    "one key more": ({"etc/policy.json": '{"default":[{"type":"insecureAcceptAnything"}],"more":1}'}, None),
    "something behind it": ({"etc/policy.json": ANYTHING + "x"}, None),
}
INSPECTED = ("PidMode", "IpcMode", "UTSMode", "NetworkMode", "CgroupMode", "Privileged")
MODES = {
    "containers.ipcns": "IpcMode",
    "containers.netns": "NetworkMode",
    "containers.pidns": "PidMode",
    "containers.privileged": "Privileged",
    "containers.umask": "umask",
    "containers.utsns": "UTSMode",
}
Files = dict[str, str | bytes]


@pytest.fixture(scope="module")
def world() -> Iterator[RootlessWorld]:
    """Yield a host whose files for Podman the tests write."""
    missing = [name for name in ("podman", "runc", "newuidmap") if shutil.which(name) is None]
    assert not missing, f"install podman, runc and uidmap: {missing} not found"
    made = RootlessWorld()
    try:
        for name in ("vendor", "root", "image", *(f"rootfs/{name}" for name in ("bin", "dev", "etc", "proc", "sys"))):
            (made.base / name).mkdir(parents=True)
        made.base.joinpath("image/file").write_text("x")
        made.base.joinpath("rootfs/bin/sh").write_text("x")
        made.base.joinpath("rootfs/bin/sh").chmod(0o755)
        made.run("sh", "-ec", f"mount --no-mtab --bind {made.base}/vendor /usr/share/containers; mount --no-mtab --bind {made.base}/root /root")
        for user in ("root", "alice"):
            write(made, user, {"etc/policy.json": ANYTHING})
            place = made.base / f"{user}.tar"
            made.run("tar", "-C", f"{made.base}/image", "-cf", f"{made.base}/image.tar", ".")
            called = podman(made, user, "import", f"{made.base}/image.tar", "local/image")
            assert called.returncode == 0, called.stderr
            saved = made.base / "home/alice" if user == "alice" else made.base
            called = podman(made, user, "save", "-o", f"{saved}/{place.name}", "local/image")
            assert called.returncode == 0, called.stderr
        made.pauses.append(("alice", int(made.run("cat", f"/run/user/{ALICE}/libpod/tmp/pause.pid"))))
        yield made
    finally:
        made.end()


def podman(world: RootlessWorld, user: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a podman of this user's."""
    place = ("--root", f"{world.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod") if user == "root" else ()
    usual = ("podman", *place, "--storage-driver", "vfs", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
    root = ("env", "-i", "PATH=/usr/bin:/usr/sbin", "HOME=/root", "PODMAN_IGNORE_CGROUPSV1_WARNING=1")
    command = [*root, *usual, *argv] if user == "root" else world.login(user, *usual, *argv)
    return subprocess.run(world.inside(*command, user=user), check=False, capture_output=True, text=True, timeout=60, cwd="/")


def write(world: RootlessWorld, user: str, files: Files) -> None:
    """Put these files where they belong, and none other."""
    home = world.base / "root/.config" if user == "root" else world.base / "home" / user / ".config"
    places = {VENDOR: world.base / "vendor", SYSTEM: world.etc / "containers", OWN: home / "containers"}
    for place in (*places.values(), world.base / "root/.config/containers", world.base / "home/alice/.config/containers"):
        place.mkdir(parents=True, exist_ok=True)
        for one in place.iterdir():
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    for name, content in files.items():
        directory, _, rest = name.partition("/")
        path = places[directory] / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mine = world.base / "home/alice/.config"
    for path in (mine, *mine.rglob("*")):
        os.lchown(path, ALICE, ALICES_GID)


Facts = Callable[[str], tuple[dict[str, Any], list[dict[str, Any]]]]


@pytest.fixture
def facts(world: RootlessWorld, installed: Path) -> Facts:
    """Return the facts that count for a user, and the holes in them."""

    def collect(user: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        told = json.loads(world.run(str(installed / "python"), "-I", "-c", COLLECT))
        system, holes = told["root"]
        if user == "root":
            return system, holes
        homes, more = told["homes"]
        return homes["homes"].get(f"{world.base}/home/{user}", {}), more

    return collect


def given(world: RootlessWorld, user: str) -> dict[str, Any] | None:
    """Return what Podman gives a container that asks for nothing, None where it makes none."""
    made = podman(world, user, "create", "--name", "c", "--rootfs", f"{world.base}/rootfs", "sh")
    try:
        if made.returncode:
            return None
        (seen,) = json.loads(podman(world, user, "inspect", "c").stdout)
    finally:
        podman(world, user, "rm", "-f", "c")
    told = {name: seen["HostConfig"][name] for name in INSPECTED}
    told |= {"caps": sorted(seen["EffectiveCaps"] or []), "umask": seen["Config"]["Umask"]}
    told["volumes"] = sorted(f"{one['Source']}:{one['Destination']}" for one in seen["Mounts"])
    told["devices"] = sorted(f"{one['PathOnHost']}:{one['PathInContainer']}" for one in seen["HostConfig"]["Devices"])
    return told


@pytest.fixture(scope="module")
def plain(world: RootlessWorld) -> dict[str, dict[str, Any]]:
    """Return what Podman gives a container where there is no file at all, for root and for alice."""
    found = {}
    for user in ("root", "alice"):
        write(world, user, {"etc/policy.json": ANYTHING})
        told = given(world, user)
        assert told is not None
        found[user] = told
    return found


def as_stated(containers: dict[str, Any]) -> dict[str, Any]:
    """Return what a container is given by the facts, in the words of `podman inspect`."""
    told = {MODES[name]: one["value"] for name, one in containers["settings"].items() if name in MODES}
    lists = {name: [one["value"] for one in listed] for name, listed in containers["lists"].items()}
    told |= {"caps": sorted(lists["containers.default_capabilities"])} if "containers.default_capabilities" in lists else {}
    told |= {"devices": lists["containers.devices"]} if "containers.devices" in lists else {}
    both = [*lists.get("containers.volumes", []), *lists.get("containers.mounts", [])]
    return told | ({"volumes": sorted(both)} if both else {})


@pytest.mark.parametrize("user", ["root", "alice"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_conf(name: str, user: str, world: RootlessWorld, facts: Facts, plain: dict[str, dict[str, Any]]) -> None:
    files, wanted = CONTAINERS[name]
    write(world, user, {"etc/policy.json": ANYTHING, **files})
    seen = given(world, user)
    told, holes = facts(user)
    theirs = any(path.startswith(f"{OWN}/") for path in files)
    if wanted is None:
        assert seen is None
        assert (user == "alice" and not theirs) or [hole for hole in holes if hole["why"] == "nonsense" and CONF in hole["message"]]
        return
    assert seen is not None
    known = {key: value for key, value in plain[user].items() if key != "caps" or not seen["Privileged"]}
    if user == "alice":  # devices are mounted for her, and inspect does not show them
        known.pop("devices")
    assert {key: seen[key] for key in known} == {key: {**known, **wanted}[key] for key in known}
    if user == "root":
        assert as_stated(told["containers"]) == wanted
    elif theirs:  # only what the user's own files decide is stated; what is stated is what counts
        stated = as_stated(told["containers"])
        assert all(set(value) <= set(wanted[key]) if isinstance(value, list) else wanted[key] == value for key, value in stated.items()) and stated
    else:
        assert told == {}


@pytest.mark.parametrize("user", ["root", "alice"])
@pytest.mark.parametrize("name", REGISTRIES)
def test_registries_conf(name: str, user: str, world: RootlessWorld, facts: Facts) -> None:
    files, wanted = REGISTRIES[name]
    write(world, user, {"etc/policy.json": ANYTHING, **files})
    asked = podman(world, user, "info", "--format", "{{json .Registries}}")
    told, holes = facts(user)
    theirs = any(path.startswith(f"{OWN}/") for path in files)
    if wanted is None:
        assert asked.returncode != 0
        assert user == "alice" or [hole for hole in holes if hole["why"] == "nonsense" and "registries.conf" in hole["message"]]
        return
    seen = json.loads(asked.stdout) or {}
    insecure = sorted(one["Location"] for key, one in seen.items() if key != "search" and one["Insecure"])
    assert (insecure, seen.get("search", [])) == wanted
    if user == "root" or theirs:
        stated = told["registries"]
        assert sorted(one["location"] for one in stated["registries"].values() if one["insecure"]) == wanted[0]
        assert stated["search"] == wanted[1]


@pytest.mark.parametrize("user", ["root", "alice"])
@pytest.mark.parametrize("name", POLICIES)
def test_policy(name: str, user: str, world: RootlessWorld, facts: Facts) -> None:
    files, wanted = POLICIES[name]
    write(world, user, files)
    archive = world.base / "home/alice/alice.tar" if user == "alice" else world.base / "root.tar"
    assert (podman(world, user, "pull", f"docker-archive:{archive}").returncode == 0) is bool(wanted)
    told, holes = facts(user)
    if user == "alice" and not any(path.startswith(f"{OWN}/") for path in files):
        assert "policy" not in told
    elif wanted is None:
        assert [hole for hole in holes if hole["why"] == "nonsense" and "policy.json" in hole["message"]] or told["policy"]["file"] == ""
    else:
        assert (set(told["policy"]["default"]) == {"insecureAcceptAnything"}) is wanted


def test_no_filter_where_the_file_says_so(world: RootlessWorld, facts: Facts) -> None:
    """What inspect does not show is in what the runtime is given."""
    for text, filtered in (("", True), ('[containers]\nseccomp_profile="unconfined"\n', False)):
        write(world, "root", {"etc/policy.json": ANYTHING, "etc/containers.conf": text})
        podman(world, "root", "create", "--name", "c", "--network", "none", "--rootfs", f"{world.base}/rootfs", "sh")
        begun = podman(world, "root", "init", "c")
        assert begun.returncode == 0, begun.stderr
        (seen,) = json.loads(podman(world, "root", "inspect", "c").stdout)
        config = json.loads(world.run("cat", seen["OCIConfigPath"]))
        podman(world, "root", "rm", "-f", "c")
        assert ("seccomp" in config["linux"]) is filtered
        assert ("containers.seccomp_profile" in facts("root")[0]["containers"]["settings"]) is not filtered


def test_a_service_that_is_told_another_file(world: RootlessWorld, facts: Facts) -> None:
    write(world, "root", {"etc/policy.json": ANYTHING, "etc/containers.conf": '[containers]\nutsns="host"\n'})
    (world.base / "own.conf").write_text(HOST_PID)
    place = ("--root", f"{world.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod", "--storage-driver", "vfs", "--runtime", "runc")
    socket, named = "unix:///run/told.sock", f"CONTAINERS_CONF={world.base}/own.conf"
    environment = ("env", "-i", "PATH=/usr/bin:/usr/sbin", "HOME=/root", "PODMAN_IGNORE_CGROUPSV1_WARNING=1")
    served = world.start(*environment, named, "podman", *place, "--cgroup-manager", "cgroupfs", "system", "service", "--time=0", socket)
    try:
        world.wait(lambda: world.answers("/run/told.sock"))
        remote = world.inside(*environment, "podman", "--url", socket, "--remote")
        subprocess.run([*remote, "create", "--name", "told", "--rootfs", f"{world.base}/rootfs", "sh"], check=True, capture_output=True, timeout=60, cwd="/")
        form = "{{.HostConfig.PidMode}} {{.HostConfig.UTSMode}}"
        seen = subprocess.run([*remote, "inspect", "told", "--format", form], check=True, capture_output=True, text=True, timeout=60, cwd="/")
        assert seen.stdout.split() == ["host", "private"]
        assert as_stated(facts("root")[0]["services"][named]) == {"PidMode": "host"}
    finally:
        served.terminate()
        served.wait()
        world.processes.remove(served)
        podman(world, "root", "rm", "-f", "told")


STORAGE = "[storage]\ndriver='vfs'\nrunroot='/run/containers'\ngraphroot='/var/lib/containers/storage'\n"
OTHER = f"{STORAGE}[storage.options]\nroot-auto-userns-user='x'\n"
# Files, the lines of /etc/subuid and of /etc/subgid, and whether a container can be made.
AUTO: dict[str, tuple[Files, str, str, bool]] = {
    "no range": ({}, "", "", False),
    "a range": ({}, "containers:3000000:65536\n", "containers:3000000:65536\n", True),
    "uids alone": ({}, "containers:3000000:65536\n", "", False),
    "of somebody else": ({"etc/storage.conf": OTHER}, "containers:3000000:65536\n", "containers:3000000:65536\n", False),
    "of one that is named": ({"etc/storage.conf": OTHER}, "x:3000000:65536\n", "x:3000000:65536\n", True),
    "the vendor's name": ({"vendor/storage.conf": OTHER}, "x:3000000:65536\n", "x:3000000:65536\n", True),
    "etc instead of the vendor": ({"vendor/storage.conf": OTHER, "etc/storage.conf": STORAGE}, "x:3000000:9\n", "x:3000000:9\n", False),
}


@pytest.mark.parametrize("name", AUTO)
def test_ids_of_their_own(name: str, world: RootlessWorld, installed: Path) -> None:
    files, subuid, subgid, made = AUTO[name]
    before = {kind: (world.etc / kind).read_text() for kind in ("subuid", "subgid")}
    try:
        for kind, more in (("subuid", subuid), ("subgid", subgid)):
            (world.etc / kind).write_text(before[kind] + more)
        write(world, "root", {"etc/policy.json": ANYTHING, "etc/containers.conf": '[containers]\nuserns="auto"\n', **files})
        told = json.loads(world.run(str(installed / "python"), "-I", "-c", COLLECT))["settings"]["auto"]
        assert (given(world, "root") is not None) is made
        assert told["set_in"] and (told["subuid"] and told["subgid"]) is made
    finally:
        for kind, text in before.items():
            (world.etc / kind).write_text(text)
