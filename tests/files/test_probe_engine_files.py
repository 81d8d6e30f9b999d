import json
from typing import Any, ClassVar

import pytest
from files.file_host import CLOSED_DIR, ENGINE, JSON, LOGIN, OPEN, SECRET, UNIT, dockerd, engine_files, file, folder, host

from hostcheck.host.answers import AclEntry, Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.parting import part
from hostcheck.testing import ProbeContract
from hostcheck_builtin.files import PROBES
from hostcheck_builtin.files.probe_engine_files import KINDS
from hostcheck_builtin.system import bounds


def test_without_an_engine_nothing_is_stated() -> None:
    assert engine_files(engine=False) == {kind: {} for kind in KINDS}


def test_programs_stand_in_their_directories() -> None:
    found = engine_files(stats={"/usr/bin/runc": file(1001, 0o755)})["programs"]
    assert sorted(found) == ["/usr/bin", "/usr/sbin"]
    assert sorted(found["/usr/bin"]["members"]) == ["docker", "dockerd", "runc"]
    assert found["/usr/bin"]["members"]["runc"]["owner_uid"] == 1001
    assert found["/usr/sbin"]["members"] == {}


def test_a_directory_that_is_searched_counts_where_others_could_make_it() -> None:
    found = engine_files(stats={"/usr/local": folder(0, 0o2775), "/usr/local/bin": CLOSED_DIR})["programs"]
    assert found["/usr/local/sbin"]["type"] == "absent"
    assert found["/usr/local/bin"]["type"] == "dir"


def test_usr_sbin_as_a_link_to_bin_is_stated_once() -> None:
    files = {"/usr/bin/dockerd": "x"}
    assert sorted(engine_files(files, engine=False, links={"/usr/sbin": "bin"})["programs"]) == ["/usr/bin"]


def test_a_link_of_roots_to_a_program_in_another_directory_is_told_once() -> None:
    found = engine_files({"/usr/sbin/crun": "x", "/home/ann/youki": "x"}, links={"/usr/bin/crun": "../sbin/crun", "/usr/bin/youki": "/home/ann/youki"})[
        "programs"
    ]
    assert sorted(found["/usr/bin"]["members"]) == ["docker", "dockerd", "runc", "youki"]
    assert sorted(found["/usr/sbin"]["members"]) == ["crun"]


def test_a_program_that_runs_or_that_a_unit_starts_counts_wherever_it_is() -> None:
    process, arguments = dockerd(exe="/opt/docker/dockerd")
    files = {
        "/opt/docker/dockerd": "x",
        "/srv/run/containerd": "x",
        UNIT.replace("docker.s", "containerd.s"): "[Service]\nExecStart=-/srv/run/containerd -l x\n",
    }
    found = engine_files({**files, **arguments}, engine=False, processes=[process], stats={"/opt/docker": OPEN})
    assert {place: sorted(one["members"]) for place, one in found["programs"].items()} == {"/opt/docker": ["dockerd"], "/srv/run": ["containerd"]}


def test_the_unit_of_an_engine_that_runs_counts_whatever_it_is_called() -> None:
    process, arguments = dockerd()
    own, of_template = "/etc/systemd/system/build.service", "/etc/systemd/system/build@.service"
    files = {own: "[Service]\nEnvironmentFile=/srv/env\n", of_template: "[Service]\n", "/srv/env": "", **arguments}
    found = engine_files({**files, "/proc/500/cgroup": "0::/system.slice/build.service\n"}, processes=[process])
    assert own in found["units"] and list(found["environments"]) == ["/srv/env"]
    found = engine_files({**files, "/proc/500/cgroup": "0::/system.slice/system-build.slice/build@1.service\n"}, processes=[process])
    assert of_template in found["units"] and own not in found["units"]


def test_a_program_of_another_name_in_a_directory_that_a_link_leads_to() -> None:
    found = engine_files({UNIT: "[Service]\nExecStart=/bin/own\n", "/usr/bin/own": "x"}, links={"/bin": "usr/bin"}, stats={"/usr/bin/own": file(1001, 0o755)})
    assert found["programs"]["/usr/bin"]["members"]["own"]["owner_uid"] == 1001 and "/bin" not in found["programs"]


def test_an_engine_that_a_unit_starts_by_a_link_is_installed() -> None:
    found = engine_files({UNIT: "[Service]\nExecStart=/opt/docker/dockerd\n", "/opt/docker-29/dockerd": "x"}, engine=False, links={"/opt/docker": "docker-29"})
    assert list(found["programs"]["/opt/docker-29"]["members"]) == ["dockerd"]


@pytest.mark.parametrize(
    "line",
    [
        "ExecStart=/bin/sh /srv/own fd://",
        "ExecStart=/usr/bin/env A=b /srv/own",
        "ExecStart=/bin/sh -c '/srv/own --x /srv/data'",
        "ExecStartPre=-/srv/own",
        "ExecStartPost=+/bin/bash -e /srv/own /srv/data",
        "ExecReload=/srv/own",
        "ExecStopPost=/srv/own",
    ],
)
def test_a_program_that_a_unit_runs_otherwise(line: str) -> None:
    found = engine_files({UNIT: f"[Service]\n{line}\n", "/srv/own": "x", "/srv/data": "x"})
    assert list(found["programs"]["/srv"]["members"]) == ["own"]


def test_who_is_called_like_an_engine_is_none() -> None:
    process, arguments = dockerd("--data-root=/srv/x", exe="/home/ann/python3")
    assert engine_files({**arguments, "/srv/x/y": ""}, processes=[process])["data"] == {}


def test_units_with_their_drop_ins_and_the_directories_for_more() -> None:
    files = {UNIT: "[Service]\nExecStart=/usr/bin/dockerd\n", "/etc/systemd/system/docker.service.d/x.conf": "", "/etc/systemd/system/docker.service.d/y": ""}
    found = engine_files(files, stats={"/etc/systemd/system/docker.service.d/x.conf": file(1000)})["units"]
    assert sorted(found) == ["/etc/systemd/system", "/etc/systemd/system/docker.service.d", "/usr/lib/systemd/system", UNIT]
    assert list(found["/etc/systemd/system/docker.service.d"]["members"]) == ["x.conf"]
    assert "members" not in found["/etc/systemd/system"]


def test_a_unit_that_another_covers_does_not_count() -> None:
    files = {UNIT: "[Service]\n", "/etc/systemd/system/docker.service": "[Service]\nExecStart=/usr/bin/dockerd\n"}
    assert UNIT not in engine_files(files)["units"]


def test_a_unit_that_is_masked_runs_nothing() -> None:
    found = engine_files({UNIT: "[Service]\n", "/dev/null": ""}, links={"/etc/systemd/system/docker.service": "/dev/null"})
    assert found["units"] == {}


def test_the_profile_of_system_calls_that_daemon_json_names() -> None:
    found = engine_files({JSON: '{"seccomp-profile": "/srv/s.json"}', "/srv/s.json": "{}"}, stats={"/srv/s.json": file(1000)})["directories"]
    assert (found["/srv/s.json"]["type"], found["/srv/s.json"]["owner_uid"], found["/srv/s.json"]["members"]) == ("file", 1000, {})
    absent = engine_files({JSON: '{"seccomp-profile": "/srv/s.json"}'}, stats={"/srv": OPEN})["directories"]
    assert absent["/srv/s.json"]["type"] == "absent"


def test_a_profile_in_etc_docker_is_told_with_that_directory() -> None:
    place = "/etc/docker/s.json"
    found = engine_files({JSON: json.dumps({"seccomp-profile": place}), place: "{}"}, stats={place: file(1000)})["directories"]
    assert list(found) == ["/etc/docker"] and list(found["/etc/docker"]["members"]) == ["s.json"]
    below = "/etc/docker/x/s.json"
    assert below in engine_files({JSON: json.dumps({"seccomp-profile": below}), below: "{}"}, stats={below: file(1000)})["directories"]


def test_daemon_json_that_is_there_and_what_it_names() -> None:
    document = {"data-root": "/srv/docker", "tlscacert": "/srv/ca.pem", "tlscert": "/srv/cert.pem", "tlskey": "/srv/key.pem"}
    document |= {"runtimes": {"x": {"Path": "/srv/bin/runx"}, "y": {"runtimeType": "z"}}, "cdi-spec-dirs": ["/srv/cdi"]}
    places = {f"/srv/{name}": "x" for name in ("docker/x", "ca.pem", "cert.pem", "key.pem", "bin/runx", "cdi/x")}
    found = engine_files({JSON: json.dumps(document), **places})
    assert list(found["daemon_json"]) == [JSON]
    assert list(found["data"]) == ["/srv/docker"]
    assert (sorted(found["certificates"]), list(found["keys"])) == (["/srv/ca.pem", "/srv/cert.pem"], ["/srv/key.pem"])
    assert list(found["programs"]["/srv/bin"]["members"]) == ["runx"]
    assert list(found["plugins"]) == ["/srv/cdi"]


def test_the_program_of_a_runtime_that_is_called_by_its_type() -> None:
    document = {"runtimes": {"x": {"runtimeType": "io.containerd.own.v2"}, "y": {"runtimeType": "io.containerd.a/b.v2"}, "z": {"runtimeType": "own.v2"}}}
    found = engine_files({JSON: json.dumps(document), "/usr/local/bin/containerd-shim-own-v2": "x"})
    assert list(found["programs"]["/usr/local/bin"]["members"]) == ["containerd-shim-own-v2"]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"enable": True}, ["/opt/nri/plugins"]),
        ({"enable": True, "plugin-path": "/srv/nri"}, ["/srv/nri"]),
        ({"enable": False, "plugin-path": "/srv/nri"}, []),
        ({"plugin-path": "/srv/nri"}, []),
        ("x", []),
    ],
)
def test_plugins_of_nri_count_where_dockerd_serves_it(told: Any, wanted: list[str]) -> None:
    files = {JSON: json.dumps({"nri-opts": told}), "/opt/nri/plugins/x": "", "/srv/nri/x": ""}
    assert list(engine_files(files)["plugins"]) == wanted


def test_without_daemon_json_it_counts_who_can_make_it() -> None:
    assert engine_files({"/etc/docker/x": ""})["daemon_json"] == {}
    assert engine_files({"/etc/docker/x": ""}, stats={"/etc/docker": OPEN})["daemon_json"][JSON]["type"] == "absent"


def test_what_a_running_engine_was_told() -> None:
    process, arguments = dockerd("--config-file", "/srv/d.json", "--data-root=/srv/data", "--tlskey", "/srv/key.pem", "--add-runtime", "x=/srv/runx")
    files = {"/srv/d.json": "{}", "/srv/data/x": "", "/srv/key.pem": "", "/root/.docker/ca.pem": "", "/srv/runx": ""}
    found = engine_files({**files, **arguments}, processes=[process])
    assert sorted(found["daemon_json"]) == ["/srv/d.json"]
    assert list(found["data"]) == ["/srv/data"]
    assert (list(found["keys"]), list(found["certificates"])) == (["/srv/key.pem"], ["/root/.docker/ca.pem"])
    assert list(found["programs"]["/srv"]["members"]) == ["runx"]


def test_environment_files_and_what_stands_in_them() -> None:
    files = {UNIT: "[Service]\nEnvironmentFile=-/etc/own\nEnvironmentFile=/etc/many/*.env\n", "/etc/own": 'OPTS="--data-root /srv/data"\n'}
    found = engine_files({**files, "/etc/many/a.env": "", "/etc/many/b": "", "/etc/default/docker": "", "/srv/data/x": ""})
    assert sorted(found["environments"]) == ["/etc/default/docker", "/etc/many/a.env", "/etc/own"]
    assert list(found["data"]) == ["/srv/data"]


def test_of_a_directory_the_members_that_are_not_roots_alone() -> None:
    acl = (AclEntry(tag="user_obj", id=-1, perms=6), AclEntry(tag="user", id=1000, perms=6), AclEntry(tag="mask", id=-1, perms=6))
    stats = {"/opt/cni/bin/bridge": file(1001, 0o755), "/opt/cni/bin/host-local": file(0, 0o664), "/opt/cni/bin/macvlan": file(0, 0o644, acl=acl)}
    names = ("bridge", "host-local", "loopback", "macvlan")
    links = {"/opt/cni/bin/far": "/home/ann/far", "/opt/cni/bin/near": "loopback"}
    found = engine_files({"/usr/bin/containerd": "x", "/home/ann/far": "", **{f"/opt/cni/bin/{name}": "x" for name in names}}, stats=stats, links=links)
    assert sorted(found["plugins"]["/opt/cni/bin"]["members"]) == ["bridge", "far", "host-local", "macvlan"]


def test_what_is_judged_alone_is_no_member_of_etc_docker() -> None:
    stats = {JSON: file(1000), "/etc/docker/other": file(1000), "/etc/docker/certs.d": folder(1000), "/etc/docker/plugins": folder(1000)}
    found = engine_files({JSON: "{}", "/etc/docker/other": "", "/etc/docker/certs.d/r/client.key": "", "/etc/docker/plugins/x.spec": ""}, stats=stats)
    assert list(found["directories"]["/etc/docker"]["members"]) == ["other"]
    assert sorted(found["directories"]) == ["/etc/docker", "/etc/docker/certs.d", "/etc/docker/certs.d/r"]
    assert list(found["keys"]) == ["/etc/docker/certs.d/r/client.key"]


def test_what_is_above_a_file_is_stated_though_its_engine_is_not_installed() -> None:
    files = {"/etc/crio/crio.conf": 'signature_policy = "/etc/containers/policy.json"\n', "/etc/containers/policy.json": "{}"}
    assert sorted(engine_files(files)["containers_configuration"]) == ["/etc/containers", "/etc/containers/policy.json"]


def test_keys_of_roots_own_docker() -> None:
    context = "/root/.docker/contexts/tls/abc/docker/key.pem"
    found = engine_files({"/root/.docker/key.pem": "", "/root/.docker/ca.pem": "", context: "", f"{context[:-7]}ca.pem": ""})
    assert sorted(found["keys"]) == [context, "/root/.docker/key.pem"] and list(found["certificates"]) == ["/root/.docker/ca.pem"]
    many = {f"/root/.docker/contexts/tls/{number:03}/docker/key.pem": "" for number in range(200)}
    found = engine_files(many)["keys"]
    assert isinstance(found, OpenObject) and 0 < len(found) < 200


@pytest.mark.parametrize("kind", ["fifo", "char", "dir", "socket"])
def test_what_is_no_file_is_not_waited_for(kind: str) -> None:
    found = engine_files({"/etc/docker/x": ""}, stats={JSON: Stat(type=kind, uid=0, gid=0, mode=0o600)})
    assert found["daemon_json"][JSON]["type"] == kind and isinstance(found["data"], OpenObject)


def test_ten_thousand_files_and_those_of_one_user_are_bounded() -> None:
    many = {f"/opt/cni/bin/{number:05}": "x" for number in range(10_000)}
    found = engine_files({"/usr/bin/containerd": "x", **many})["plugins"]["/opt/cni/bin"]["members"]
    assert found == {} and not isinstance(found, OpenObject)
    some = {f"/opt/cni/bin/{number:05}": "x" for number in range(100)}
    found = engine_files({"/usr/bin/containerd": "x", **some}, stats={path: file(1000) for path in some})["plugins"]["/opt/cni/bin"]["members"]
    assert isinstance(found, OpenObject) and len(found) == bounds.MEMBERS_OF_A_USER and found.hole.owners == (1000,)


def test_roots_passwords_are_told_and_not_shown() -> None:
    config = {"auths": {"r": {"auth": SECRET}}, "credsStore": "pass", "cliPluginsExtraDirs": ["/srv/plugins"], "HttpHeaders": {"X": SECRET}}
    files = {"/root/.docker/config.json": json.dumps(config), "/srv/plugins/docker-x": "", "/usr/bin/docker-credential-pass": "x"}
    found = engine_files({**files, "/run/containers/0/auth.json": '{"auths": {"r": {}}}'})
    assert {path: one["secrets"] for path, one in found["credentials"].items()} == {"/root/.docker/config.json": True, "/run/containers/0/auth.json": False}
    assert sorted(found["commands"]) == ["/srv/plugins", "/usr/bin/docker-credential-pass"]
    assert SECRET not in json.dumps(part(found))


@pytest.mark.parametrize("path", [JSON, UNIT, "/etc/default/docker", "/etc/containerd/config.toml", "/root/.docker/config.json"])
def test_a_secret_in_what_is_read_is_nowhere(path: str) -> None:
    """In a text that is what it should be, and in one that is not."""
    for text in (
        f'{{"proxies": {{"http-proxy": "http://x:{SECRET}@p"}}}}',
        f"[Service]\nExecStart=/usr/bin/dockerd --log-opt token={SECRET}\n[x",
        f"A={SECRET}\0",
    ):
        assert SECRET not in json.dumps(part(engine_files({path: text, "/usr/bin/containerd": "x"})), default=repr)


def test_a_configuration_that_cannot_be_read_leaves_open_what_it_names() -> None:
    found = engine_files({JSON: PermissionError(13, "no")})
    assert all(isinstance(found[kind], OpenObject) for kind in ("data", "keys", "certificates", "plugins", "programs"))
    assert not isinstance(found["units"], OpenObject)


def test_programs_that_cannot_be_looked_for_leave_everything_open() -> None:
    found = engine_files({"/usr/bin": PermissionError(13, "no")}, engine=False)
    assert all(isinstance(found[kind], OpenObject) for kind in KINDS if kind not in ("credentials",))


def test_hidden_processes_leave_open_what_they_were_told() -> None:
    found = engine_files(processes=PermissionError(13, "no"))
    assert all(found[kind].hole.why is Why.DENIED for kind in ("data", "keys", "daemon_json", "programs"))


def test_what_nobody_can_look_at_is_no_member(request: Any) -> None:
    files = {"/usr/bin/containerd": "x", "/opt/cni/bin/a": PermissionError(13, "no"), "/opt/cni/bin/b": "x"}
    found = engine_files(files)["plugins"]["/opt/cni/bin"]["members"]
    assert isinstance(found, OpenObject) and not found


def test_nobody_leads_it_to_a_users_file_system() -> None:
    table = "27 1 254:0 / / rw - ext4 /dev/vda rw\n28 1 0:50 / /home/ann/fuse rw - fuse.x x rw\n"
    found = engine_files({"/proc/self/mountinfo": table, "/etc/docker/x": "", "/home/ann/fuse/d": "{}"}, links={JSON: "/home/ann/fuse/d"})
    told = found["daemon_json"][JSON]
    assert told["type"].owners == (1000,) and told["links"][JSON] == {"target": "/home/ann/fuse/d", "uid": 0} and isinstance(told["parents"], OpenObject)


RICH = {
    JSON: '{"data-root": "/srv/docker", "tlskey": "/etc/docker/key.pem"}',
    UNIT: "[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/bin/dockerd\n",
    "/etc/systemd/system/docker.service.d/x.conf": "",
    "/etc/default/docker": "",
    "/etc/docker/key.pem": "",
    "/etc/docker/certs.d/r/client.key": "",
    "/etc/containerd/config.toml": 'imports = ["/etc/containerd/conf.d/*.toml"]\nroot = "/srv/c"\n',
    "/etc/containerd/conf.d/x.toml": "[x]\nbin_dir = '/srv/cni'\n",
    "/usr/bin/containerd": "x",
    "/srv/docker/x": "",
    "/srv/cni/bridge": "",
    "/root/.docker/config.json": LOGIN,
    **dockerd()[1],
}


@pytest.mark.laws
class TestEngineFiles(ProbeContract):
    probe = PROBES[0]
    hosts: ClassVar[Any] = {
        "docker": host(RICH, processes=[dockerd()[0]], stats={"/srv/cni/bridge": file(1001, 0o755), "/etc/docker": OPEN}),
        "nothing": host(engine=False),
        "a link": host({"/home/ann/d": "{}", **ENGINE}, engine=False, links={JSON: "/home/ann/d"}, stats={JSON: Stat(type="link", uid=0, gid=0, mode=0o777)}),
    }


def test_a_hole_is_none_of_the_members() -> None:
    assert not any(isinstance(one, Hole) for one in engine_files(RICH)["plugins"].values())


def test_a_runtime_that_a_user_may_make_is_told_where_it_is_not_there_too() -> None:
    files = {JSON: '{"runtimes": {"own": {"path": "/home/ann/bin/own"}}}', "/home/ann/bin/x": ""}
    found = engine_files(files, stats={"/home/ann/bin": folder(1000)})["programs"]
    assert found["/home/ann/bin"]["members"]["own"]["type"] == "absent" and "/usr/bin" in found
    deep = "/home/ann" + "/d" * 70
    hidden = engine_files({JSON: f'{{"runtimes": {{"own": {{"path": "{deep}/own"}}}}}}', f"{deep}/x": ""}, stats={"/home/ann": folder(1000)})["programs"]
    assert hidden[deep]["members"]["own"]["type"].owners == hidden.hole.owners == (1000,)
