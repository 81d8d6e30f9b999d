"""No secret that stands in anything that is read comes out of a scan: tried on every reader of every probe, with a secret in each line of each answer.

What a probe may state of a line is listed here by name: names of users, groups, units and contexts, paths, and settings of the kernel. No message of a
hole has more than names and paths.
"""

import json
import os
import re
from collections import Counter

import pytest
from contract.canary import SECRET, allowed, poisoned, told
from contract.everything import everything
from recorded.test_probes import FAKES

from hostcheck import registry
from hostcheck.host.replay import Replay
from hostcheck.testing import replay
from hostcheck.testing.probes import recorded
from hostcheck_builtin.dockerd.settings import SETTINGS

REGISTRY = registry.load()
RECORDED = sorted(name for name, probe in REGISTRY.probes.items() if not probe.deep)
FULL = bool(os.environ.get("HOSTCHECK_TEST_FULL"))
EACH = 30 if FULL else 8
"""Of how many lines of a text each gets the secret apart from the others."""
ARGUMENTS = tuple(f"/authentication/services/*/*/[]/{one}" for one in ("module", "control", "arguments/[[]]"))
"""What a line of PAM's says, but for the arguments of modules that hold secrets."""
TOLD = (
    *(key for key, one in SETTINGS.items() if one.kind == "text"),
    *(f"{key}/[[]]" for key, one in SETTINGS.items() if one.kind in ("list", "urls", "names")),
    *(f"{key}/(name)" for key, one in SETTINGS.items() if one.kind in ("options", "programs")),
    *("runtimes/*", "log-opts/max-file", "log-opts/max-size", *(f"nri-opts/{name}" for name in SETTINGS["nri-opts"].shown)),
)
"""Settings of dockerd that are stated: names, paths and addresses."""
NAMES: dict[str, tuple[str, ...]] = {
    "nss": ("/sources/*/(name)",),
    "principals": (
        *("/users/(name)", "/users/*/name", "/users/*/home", "/users/*/shell"),
        *("/groups/(name)", "/groups/*/name", "/groups/*/members/[[]]"),
        *("/gshadow/(name)", "/gshadow/*/name", "/gshadow/*/administrators/[[]]", "/gshadow/*/members/[[]]"),
        "/nsswitch/*/[[]]",
    ),
    "group-grants": (
        *(f"/pam_group/rules/*/{field}" for field in ("services", "ttys", "users", "times", "groups/[[]]")),
        *("/pam_group/services/(name)", "/units/*/user", "/units/*/groups/[[]]", "/new_users/*/groups/[[]]", "/new_users/*/on_request/[[]]"),
        *("/cloud_init/(name)", "/cloud_init/*/user", "/cloud_init/*/groups/[[]]", "/sysusers/*/user", "/sysusers/*/group"),
    ),
    "user-clients": (
        *("*/docker_host/path", "*/docker_context", "*/docker_config", "/users/*/*/context", "/users/*/*/contexts/*/path", "*/contexts/(name)"),
        "/users/(name)",
    ),
    "user-desktop-vms": ("/users/*/*/*/shares/(name)",),
    "desktop-vms": ("/firmware/*", "/mounts/(name)", "/mounts/*/source", "/mounts/*/fstype"),
    "engines": (
        *("/sockets/(name)", "/sockets/*/info/*", "/sockets/*/version/*", "/sockets/*/libpod/*"),
        *(f"/configured/*/keys/{key}" for key in ("bridge", "data-root", "exec-root", "group", "hosts/[[]]", "insecure-registries/[[]]", "storage-driver")),
        *(f"/configured/*/keys/{key}" for key in ("tlscacert", "tlscert", "tlskey")),
    ),
    "containers": (
        *("/containers/(name)", "/containers/*/name", "/containers/*/image", "/containers/*/user/spec", "/containers/*/namespaces/*"),
        *("/containers/*/mounts/(name)", "/containers/*/mounts/*/source", "/containers/*/devices/(name)", "/containers/*/devices/*/host"),
    ),
    "docker-daemons": (
        *("/daemons/(name)", "/daemons/*/sockets/[[]]", "/daemons/*/service/name", "/programs/(name)", "/programs/*/path"),
        *(f"/daemons/*/{part}/{setting}" for part in ("flags", "file/settings", "service/flags", "service/file/settings") for setting in TOLD),
        *("/daemons/*/file/path", "/daemons/*/service/file/path"),
    ),
    "user-docker-daemons": (
        *("/daemons/*/(name)", "/daemons/*/*/sockets/[[]]", "/daemons/*/*/file/path"),
        *(f"/daemons/*/*/{part}/{setting}" for part in ("flags", "file/settings") for setting in TOLD),
    ),
    "user-engines": (
        *("/sockets/*/info/*", "/sockets/*/version/*", "/sockets/*/libpod/*", "/sockets/*/process/unit/*"),
        *("/sockets/*/process/rootlesskit/network_driver", "/sockets/*/process/rootlesskit/port_driver"),
    ),
    "sockets": ("/sockets/(name)", "/sockets/*/realpath", "/sockets/*/service", "/sockets/*/unit", "/abstract/(name)"),
    "user-sockets": ("/sockets/(name)", "/sockets/*/realpath"),
    "subids": (
        *("/files/*/lines/(name)", "/files/*/lines/*/owner", "/files/*/irregular/(name)", "/files/*/irregular/*/excerpt"),
        *("/files/*/irregular/*/readings/*/owner", "/source/configured"),
    ),
    "audit": (),
    "container-processes": (),
    "networks": ("/networks/(name)", "/networks/*/name", "/networks/*/driver"),
    "storage": ("/data/(name)", "/data/*/names/[[]]", "/podman/*"),
    "user-containers": (
        *(f"/users/*/containers/{at}" for at in ("(name)", "*/name", "*/image", "*/user/spec", "*/namespaces/*")),
        *(f"/users/*/containers/*/{at}" for at in ("mounts/(name)", "mounts/*/source", "devices/(name)", "devices/*/host")),
    ),
    "user-storage": ("/homes/*/data/(name)",),
    "engine-files": (),
    "listeners": (),
    "podman-config": ("/registries/search/[[]]", "/registries/registries/(name)", "/registries/registries/*/location"),
    "runtimes": ("/containerd/*/sockets/*/address", "/buildkit/*/sockets/(name)", "/buildkit/*/sockets/*/address", "/buildkit/*/sockets/*/gid"),
    "socket-units": (
        *("/units/(name)", "/units/*/service", "/units/*/paths/(name)", "/units/*/paths/*/realpath", "/units/*/tcp/[[]]", "/units/*/vsock/[[]]"),
        *("/units/*/abstract/[[]]", "/units/*/links/[[]]", "/units/*/user", "/units/*/group", "/units/*/runs_as"),
    ),
    "user-files": (),
    "user-podman-config": (),
    "doas": ("/rules/*/identity", "/authentication/passwords/(name)", *ARGUMENTS),
    "root-ssh": (),
    "secrets": ("/hashes/*/accounts/[[]]",),
    "ci-runners": ("/runners/(name)", "/runners/*/users/[[]]"),
    "kubeconfigs": (),
    "polkit": (
        *("/actions/(name)", "/actions/*/program", "/actions/*/rules/*/*/[]/when/[]/[[]]", "/actions/*/rules/*/*/[]/identities/[[]]"),
        *("/actions/*/older_rules/*/*/[]/when/[]/[[]]", "/actions/*/older_rules/*/*/[]/identities/[[]]"),
    ),
    "root-programs": ("/open_accounts/(name)", "/users/(name)", *(f"/su{one.removeprefix('/authentication')}" for one in ARGUMENTS)),
    "setuid-programs": (),
    "sudo": (
        "/hostname",
        "/rules/*/users/*/name",
        "/rules/*/hosts/*/name",
        "/aliases/*/members/*/name",
        "/defaults/*/settings/*/values/[[]]",
        "/authentication/passwords/(name)",
        "/authentication/let_in_before/(name)",
        *ARGUMENTS,
    ),
    "versions": ("/running/Linux/release", "/running/Linux/newest", "/programs/*/owner/version"),
    "host": ("/hostname", "/kernel/*", "/os/*", "/scan/container/kind"),
    "kernel": (
        *("/sysctl/*/raw", "/sysctl/*/value", "/sysctl/*/value/[[]]", "/persisted/settings/*/raw", "/persisted/settings/*/running"),
        *("/lsm/active/[[]]", "/seccomp/actions/[[]]", "/core_pattern/handler/path", "/cgroup/*"),
    ),
}
"""By probe the facts that are names, paths or settings; a star stands for anything, "(name)" for the name of a member."""
PATHS = frozenset(
    {
        *(
            "containers",
            "docker-daemons",
            "engine-files",
            "engines",
            "group-grants",
            "kernel",
            "kubeconfigs",
            "runtimes",
            "sockets",
            "subids",
            "user-clients",
            "user-docker-daemons",
        ),
        *("doas", "root-programs", "root-ssh", "setuid-programs", "sudo"),
        *("networks", "socket-units", "storage", "user-containers", "user-engines", "user-sockets", "user-storage"),
    }
)
"""Whose readers take paths out of what they read and look at what stands there."""
MESSAGES = {
    "nss": re.compile(r"the source [a-zA-Z0-9]+ of (passwd|group) does not list all it knows; look in that directory who else has these ids and groups"),
    "user-clients": re.compile(r"what a login shell reads that is none of sh, bash, dash and zsh: [a-zA-Z0-9]+: not read, and may say where docker goes"),
}
"""Messages that hold a name: of a source of nsswitch.conf(5), and of a shell."""


def leaks(probe: str, answers: list[dict[str, object]], host: Replay, tried: Counter[str], each: int = EACH) -> list[tuple[object, str, str]]:
    found = []
    for entry in answers:
        for bad in poisoned(entry, each):
            tried[probe] += 1
            for at, text in told(REGISTRY.probes[probe], host.answering(bad)):
                named = at == "/holes/[]/message" and probe in MESSAGES and MESSAGES[probe].fullmatch(text)
                if not named and not allowed(at, text, NAMES[probe], paths=probe in PATHS):
                    found.append((entry["args"], at, text))
    return found


@pytest.mark.parametrize("probe", sorted(REGISTRY.probes))
def test_no_secret_in_any_line_comes_out(probe: str) -> None:
    recording = recorded(REGISTRY.probes[probe].collect, everything())
    tried: Counter[str] = Counter()
    assert leaks(probe, recording["answers"], Replay(recording), tried) == []
    assert tried[probe] > 30


@pytest.mark.parametrize("probe", RECORDED)
def test_no_secret_comes_out_where_a_recorded_host_has_none(probe: str) -> None:
    """The first two answers of each directory, so that not every unit of a system is tried."""
    tried: Counter[str] = Counter()
    recording = json.loads(FAKES["weak-as-root"].read_text())["probes"][probe]
    folders: Counter[str] = Counter()
    chosen = []
    for entry in recording["answers"]:
        folder = re.sub(r"[0-9]+", "0", str(entry["args"].get("path", ""))).rpartition("/")[0]
        folders[folder] += entry["verb"] in ("read_bytes", "get")
        if entry["verb"] in ("read_bytes", "get") and folders[folder] <= (100 if FULL else 2):
            chosen.append(entry)
    host = replay(FAKES["weak-as-root"], probe)
    assert isinstance(host, Replay)
    assert leaks(probe, chosen, host, tried, 1) == []


def test_the_host_has_what_every_reader_reads() -> None:
    """A directory from which some probe reads on a recorded host is one from which it reads here, but for units, of which one is enough."""
    lacking = []
    for probe in RECORDED:
        here = folders(recorded(REGISTRY.probes[probe].collect, everything())["answers"])
        for path in FAKES.values():
            asked = folders(recorded(REGISTRY.probes[probe].collect, replay(path, probe))["answers"])
            lacking += [(probe, folder) for folder in asked - here if "/systemd/system" not in folder and "/sysctl.d" not in folder]
    assert sorted(set(lacking)) == []


def folders(answers: list[dict[str, object]]) -> set[str]:
    """Return the directories from which files are read, with a zero for each number."""
    paths = [str(entry["args"]["path"]) for entry in answers if entry["verb"] == "read_bytes"]  # type: ignore[index]
    return {re.sub(r"[0-9]+", "0", path).rpartition("/")[0] for path in paths if not path.startswith(("/home/", "/usr/", "/lib/", "/tmp/"))}


def test_the_secret_is_found_where_it_may_stand() -> None:
    """The test would see a leak: the name of a user is stated, and a path."""
    recording = recorded(REGISTRY.probes["principals"].collect, everything())
    host = Replay(recording)
    entry = next(one for one in recording["answers"] if one["args"].get("path") == "/etc/passwd")
    seen = {at for bad in poisoned(entry, EACH) for at, _ in told(REGISTRY.probes["principals"], host.answering(bad))}
    assert "/facts/users/(name)" in seen and SECRET
