"""What a container whose user is not root does with its mounts, by the permissions on the host; and that root inside does what it did."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, NO_PROGRAMS, PODMAN, container, judged, mount, seen, socket
from containers.test_inside_user import KEY, credentials, people

from hostcheck.model import Hole, OpenArray, incomplete
from hostcheck_builtin.containers.host_mounts import KINDS

ROOTS: dict[str, Any] = {"uid": 0, "gid": 0, "mode": "0755", "acl": []}
CLOSED = {**ROOTS, "mode": "0700"}
HASHES = {**ROOTS, "gid": 42, "mode": "0640", "type": "file"}
NOBODY = 65534


def entry(path: str, uid: int = 0, mode: str = "0644", gid: int = 0, kind: str = "file", **above: Any) -> dict[str, Any]:
    """Return what a probe states of a file; `above` are the directories on the way that are not root's alone."""
    folders = [path.rsplit("/", count)[0] or "/" for count in range(1, path.count("/") + 1)]
    parents = {folder: above.get(folder.rpartition("/")[2], ROOTS) for folder in folders}
    use = {"a": {"kind": "unit", "by": "systemd", "how": "runs", "place": path, "when": "boot", "user": "root", "certain": True, "via": ""}}
    return {"type": kind, "realpath": path, "owner_uid": uid, "owner_gid": gid, "mode": mode, "acl": [], "links": {}, "parents": parents, "uses": use}


def programs(**files: Any) -> dict[str, Any]:
    """Return what root runs that others than root may change."""
    return {"root-programs": {**NO_PROGRAMS, "units": {"files": {one["realpath"]: one for one in files.values()}, "alone": 0, "places": {}}}}


def secrets(**more: Any) -> dict[str, Any]:
    """Return the permissions of what root alone is to read, as on a Debian without any of it but hashes."""
    folders = {path: {**ROOTS, "type": "dir"} for path in ("/", "/etc", "/var", "/var/lib", "/etc/ssh", "/etc/security", "/etc/ssl")}
    none = (
        *("/etc/gshadow", "/etc/gshadow-", "/etc/krb5.keytab", "/etc/letsencrypt", "/etc/kubernetes", "/etc/pki", "/etc/security/opasswd", "/etc/shadow-"),
        *("/etc/wireguard", "/etc/NetworkManager", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet", "/var/lib/rancher"),
        *("/var/lib/minikube", "/etc/rancher", "/var/lib/k0s", "/var/snap", "/var/backups"),
    )
    stated = {**folders, **{path: {"type": "absent"} for path in none}, "/etc/shadow": HASHES, "/root": {**CLOSED, "type": "dir"}}
    stated |= {"/etc/ssl/private": {**ROOTS, "gid": 101, "mode": "0710", "type": "dir"}, "/etc/ssl/private/a.key": {**HASHES, "gid": 101}}
    for path in [at for at in PLACES if at.startswith("/root/")]:
        stated[path] = {"type": "absent"}
    return {**stated, **more}


PLACES = [f"/root/{name}" for name in (".ssh", ".docker", ".kube", ".aws", ".gnupg", ".netrc", ".git-credentials", ".pgpass", ".my.cnf")]


def used(
    *mounts: Any,
    uid: int = NOBODY,
    gid: int = NOBODY,
    groups: Any = (),
    hidden: Any = None,
    no_new_privileges: Any = "on",
    secret: Any = None,
    able: Any = None,
    **facts: Any,
) -> Any:
    """Return what is derived of a container of this user with these mounts."""
    inside = {"container-processes": {"containers": {KEY: seen(first={"uid": uid})}, "secrets": secrets() if secret is None else secret}}
    one = container(mounts={f"/{at}": one for at, one in enumerate(mounts)}, user={"spec": str(uid), "uid": uid}, no_new_privileges=no_new_privileges)
    who = people(credentials(uid=uid, gid=gid, groups=groups, **(able or {})), hole=hidden)
    return judged(one, **{**inside, **who, **facts})


SOCKETS = mount(DOCKER)
EXPORTER = mount("/", False)


@pytest.mark.parametrize(
    ("who", "there", "told"),
    [
        ({}, {}, "refused"),
        ({"no_new_privileges": "off"}, {}, "likely"),
        ({"groups": [999]}, {}, "certain"),
        ({"groups": [999], "no_new_privileges": "off"}, {}, "certain"),
        ({"gid": 999}, {}, "certain"),
        ({}, {"mode": "0666"}, "certain"),
        ({}, {"mode": "0600", "owner_uid": NOBODY}, "certain"),
        ({"groups": [998]}, {"mode": "0606"}, "certain"),
        ({"groups": [999]}, {"mode": "0606"}, "refused"),
        ({"groups": DENIED}, {}, "unknown"),
        ({"groups": DENIED}, {"mode": "0600"}, "unknown"),
        ({"hidden": DENIED}, {}, "unknown"),
        ({}, {"mode": DENIED}, "unknown"),
        ({"able": {"dac_override": True}}, {}, "certain"),
        ({"able": {"powers": ["cap_setuid"]}}, {}, "certain"),
        ({"able": {"powers": ["cap_net_raw"]}}, {}, "refused"),
        ({"uid": 0, "gid": 0}, {}, "certain"),
    ],
)
@pytest.mark.parametrize("real", [DOCKER, "/run"])
def test_a_socket_lets_in_whom_it_lets_in_on_the_host(real: str, who: dict[str, Any], there: dict[str, Any], told: str) -> None:
    if real == "/run" and "able" in who and who["able"].get("dac_override"):
        there = {**there, "parents": {"/": ROOTS, "/run": CLOSED}}
    found = used(mount(real, False), **who, sockets={"sockets": {DOCKER: {**socket(DOCKER), **there}}})
    assert verdict(found, "socket_mounts") == told, found


def verdict(found: Any, kind: str) -> str:
    one = found[kind].get("/0")
    if isinstance(one, Hole):
        assert isinstance(found["ways"], OpenArray) and not found["ways"]
        return "unknown"
    if one is None:
        assert found["refused_mounts"]["/0"]["kind"] == kind and found["ways"] == [] and not isinstance(found["ways"], OpenArray)
        return "refused"
    assert len(found["ways"]) == 1
    assert (kind in found["doubts"]) is ("usable" in one)
    return "certain" if "usable" not in one else "unsure" if isinstance(one["usable"], Hole) else "likely"


def test_directories_above_a_mount_do_not_matter_and_those_in_it_do() -> None:
    there = {**socket(DOCKER), "mode": "0666", "parents": {"/": ROOTS, "/run": CLOSED}}
    for real, told in ((DOCKER, "certain"), ("/run", "refused")):
        assert verdict(used(mount(real, False), sockets={"sockets": {DOCKER: there}}), "socket_mounts") == told


def test_of_two_sockets_one_may_let_it_in() -> None:
    both = {"sockets": {DOCKER: socket(DOCKER), PODMAN: {**socket(PODMAN, name="podman"), "mode": "0666"}}}
    assert verdict(used(mount("/run"), sockets=both), "socket_mounts") == "certain"


def test_whether_its_user_is_root_may_not_be_known() -> None:
    facts = {"container-processes": {"containers": {}, "secrets": {}}}
    assert verdict(used(SOCKETS, **facts), "socket_mounts") == "unknown"
    assert verdict(used(SOCKETS, no_new_privileges="off", **facts), "socket_mounts") == "unsure"
    assert verdict(used(SOCKETS, no_new_privileges=DENIED), "socket_mounts") == "unknown"


def test_node_exporter_reads_nothing_that_root_alone_may() -> None:
    """It has the host's / read-only, as uid 65534 (node_exporter, README)."""
    found = used(EXPORTER)
    assert {kind: found[kind] for kind in KINDS} == dict.fromkeys(KINDS, {}) and found["ways"] == [] and found["root_inside"] is False
    assert found["refused_mounts"]["/0"]["kind"] == "socket_mounts"
    likely = used(EXPORTER, no_new_privileges="off")
    assert list(likely["doubts"]) == ["socket_mounts"] and likely["root_inside"] is True
    root = used(EXPORTER, uid=0, gid=0)
    assert root["ways"] == ["it has an engine's socket"] and root["doubts"] == {} and "usable" not in root["socket_mounts"]["/0"]


ETC = mount("/etc", False)


@pytest.mark.parametrize(
    ("who", "secret", "told"),
    [
        ({}, {}, "refused"),
        ({"gid": 42}, {}, "certain"),
        ({}, {"/etc/shadow": {**HASHES, "mode": "0644"}}, "certain"),
        ({"groups": [101]}, {}, "certain"),
        ({}, {"/etc/ssh/ssh_host_rsa_key": {**HASHES, "mode": "0604"}}, "certain"),
        ({}, {"/etc/ssh/ssh_host_rsa_key.pub": {**HASHES, "mode": "0644"}, "/etc/ssh/sshd_config": {**HASHES, "mode": "0644"}}, "refused"),
        ({}, {"/etc/shadow": DENIED}, "unknown"),
        ({}, {"/etc/shadow": {**HASHES, "type": "link"}}, "unknown"),
        ({"groups": DENIED}, {}, "unknown"),
        ({"able": {"dac_read_search": True}}, {}, "certain"),
        ({"able": {"dac_override": True}}, {}, "certain"),
        ({"able": {"dac_override": True, "mapped_uids": [[100000, 65536]], "mapped_gids": [[100000, 65536]]}}, {}, "refused"),
        ({"no_new_privileges": "off"}, {}, "likely"),
        ({"uid": 0, "gid": 0}, {}, "certain"),
    ],
)
def test_what_is_only_read_is_read_by_whom_its_mode_lets(who: dict[str, Any], secret: dict[str, Any], told: str) -> None:
    assert verdict(used(ETC, **who, secret=secrets(**secret)), "secret_mounts") == told


def test_evidence_without_the_modes_proves_nothing() -> None:
    facts = {"container-processes": {"containers": {KEY: seen(first={"uid": NOBODY})}}}
    assert verdict(used(ETC, **facts), "secret_mounts") == "unknown"
    assert verdict(used(ETC, secret={}), "secret_mounts") == "unknown"
    assert verdict(used(ETC, secret=incomplete(secrets(), DENIED)), "secret_mounts") == "unknown"


@pytest.mark.parametrize(
    ("who", "facts", "told"),
    [
        ({}, {}, "refused"),
        ({}, programs(a=entry("/etc/cron.d/a", mode="0666")), "certain"),
        ({}, programs(a=entry("/etc/cron.d/a", uid=NOBODY)), "certain"),
        ({}, programs(a=entry("/etc/cron.d/a", uid=1000)), "refused"),
        ({"uid": 1000}, programs(a=entry("/etc/cron.d/a", uid=1000)), "certain"),
        ({}, programs(a=entry("/etc/cron.d/a", **{"cron.d": {**ROOTS, "mode": "0777"}})), "certain"),
        ({}, programs(a=entry("/etc/cron.d/a", mode="0666", **{"cron.d": CLOSED})), "refused"),
        ({}, programs(a=entry("/opt/a", mode="0666")), "refused"),
        ({}, {"root-programs": {**NO_PROGRAMS, "units": DENIED}}, "unknown"),
        ({}, {"engine-files": {"directories": {"/etc/docker": {**entry("/etc/docker", kind="dir", mode="0777"), "members": {}}}}}, "certain"),
        (
            {},
            {"engine-files": {"directories": {"/etc/docker": {**entry("/etc/docker", kind="dir"), "members": {"a": entry("/etc/docker/a", mode="0666")}}}}},
            "certain",
        ),
        ({}, {"engine-files": {"keys": {"/etc/docker/k": entry("/etc/docker/k", mode="0666")}}}, "refused"),
        ({}, {"engine-files": DENIED}, "unknown"),
        ({"groups": DENIED}, programs(a=entry("/etc/cron.d/a", gid=7, mode="0664")), "unknown"),
        ({"able": {"dac_override": True}}, programs(a=entry("/etc/cron.d/a", uid=7)), "certain"),
        ({"no_new_privileges": "off"}, {}, "likely"),
        ({"uid": 0, "gid": 0}, {}, "certain"),
    ],
)
def test_what_is_written_is_what_others_than_root_may_change(who: dict[str, Any], facts: dict[str, Any], told: str) -> None:
    assert verdict(used(mount("/etc/docker" if "engine-files" in facts else "/etc/cron.d"), **who, **facts), "host_mounts") == told


@pytest.mark.parametrize(
    ("real", "told"),
    [
        ("/etc/docker", "unknown"),
        ("/var/lib/docker", "unknown"),
        ("/etc/cron.d", "refused"),
        ("/run/systemd", "unknown"),
        ("/etc", "unknown"),
        ("/", "unknown"),
    ],
)
def test_of_what_no_probe_looks_at_it_is_not_known_who_writes_there(real: str, told: str) -> None:
    assert verdict(used(mount(real)), "host_mounts") == told


def test_a_read_only_directory_of_systemds_sockets_is_root_s_to_use() -> None:
    facts = programs(a=entry("/run/systemd/system/a.service", mode="0666"))
    assert verdict(used(mount("/run/systemd", False), **facts), "host_mounts") == "refused"
    assert verdict(used(mount("/run/systemd"), **facts), "host_mounts") == "certain"


def test_settings_of_the_kernel_are_root_s() -> None:
    assert verdict(used(mount("/proc/sys")), "kernel_mounts") == "refused"
    assert verdict(used(mount("/proc/sys"), no_new_privileges="off"), "kernel_mounts") == "likely"
    assert verdict(used(mount("/proc/sys"), uid=0, gid=0), "kernel_mounts") == "certain"


def test_a_mount_is_told_of_as_what_its_user_can_use() -> None:
    """The socket in it is not, and the file is."""
    facts = programs(a=entry("/run/systemd/system/a.service", mode="0666"))
    for no_new_privileges, doubts in (("on", []), ("off", ["socket_mounts"])):
        found = used(mount("/run"), no_new_privileges=no_new_privileges, **facts)
        assert set(found["host_mounts"]) == {"/0"} and list(found["socket_mounts"]) == ["/0"] * len(doubts) and list(found["doubts"]) == doubts
        assert "usable" not in found["host_mounts"]["/0"] and found["refused_mounts"] == {}


def test_who_cannot_write_may_read() -> None:
    """The same mount read-only is no worse than where it is writable."""
    for writes in (True, False):
        found = used(mount("/etc", writes), gid=42, secret=secrets())
        assert set(found["secret_mounts"]) == {"/0"} and "usable" not in found["secret_mounts"]["/0"], writes


def test_what_root_may_not_obey_is_not_certain() -> None:
    for user, certain, told in (("root", True, "certain"), ("postgres", True, "unknown"), ("root", False, "unknown"), (DENIED, True, "unknown")):
        uses = {"one": {"user": user, "certain": certain, "by": "cron", "place": "/etc/crontab:1", "how": "runs"}}
        facts = programs(a={**entry("/etc/cron.d/a", mode="0666"), "uses": uses})
        assert verdict(used(mount("/etc/cron.d"), **facts), "host_mounts") == told, user


def test_sockets_that_are_not_known_may_let_it_in() -> None:
    assert verdict(used(mount("/run", False), sockets={"sockets": incomplete({DOCKER: socket(DOCKER)}, DENIED)}), "socket_mounts") == "unknown"
    hers = Hole(why=DENIED.why, message="no", owners=(1000,))
    assert verdict(used(mount("/run", False), sockets={"sockets": incomplete({DOCKER: socket(DOCKER)}, hers)}), "socket_mounts") == "refused"


def test_keys_in_a_directory_above_which_the_mount_ends() -> None:
    archive = {"/etc/letsencrypt": {**ROOTS, "type": "dir"}, "/etc/letsencrypt/archive": {**CLOSED, "type": "dir"}}
    assert verdict(used(mount("/etc/letsencrypt/archive/site", False), secret=secrets(**archive)), "secret_mounts") == "unknown"
    assert verdict(used(mount("/etc/letsencrypt", False), secret=secrets(**archive)), "secret_mounts") == "refused"


def test_whom_a_mount_makes_another_user_stays_where_only_root_uses_it_for_more() -> None:
    ann = {"ann": {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann"}}
    for no_new_privileges in ("on", "off"):
        found = used(
            mount("/"), uid=1000, gid=1000, no_new_privileges=no_new_privileges, principals={**people(credentials(uid=1000))["principals"], "users": ann}
        )
        assert set(found["becomes"]) == {"ann"}, no_new_privileges
