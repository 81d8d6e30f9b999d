"""What homes and the system say of docker's clients: every form of an address, every file, and what a user may plant in the place of one."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from clients.client_home import ANN, CONFIG, EMPTY, METAS, SCHEMA, SOCK, TABLE, anns, facts, host, meta, owned

from hostcheck.host.answers import Process, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.clients import probe_user_clients as probe

EXPORT = "export DOCKER_HOST=unix:///run/user/1000/docker.sock\n"


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_clients.facts.json")


def test_who_has_nothing_has_the_default() -> None:
    users = {"1000": {ANN: EMPTY}, "1001": {"/home/bob": EMPTY}}
    assert facts() == {"users": users, "everybody": {}, "enabled": [], "lingering": []}


@pytest.mark.parametrize("name", probe.PROFILES)
def test_every_profile_is_read(name: str) -> None:
    assert anns({f"{ANN}/{name}": EXPORT})["variables"] == {f"{ANN}/{name}": {"docker_host": SOCK}}


def test_environment_d_of_a_user_is_read() -> None:
    path = f"{ANN}/.config/environment.d/docker.conf"
    told = anns({path: "DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock\nDOCKER_CONTEXT=default\nDOCKER_CONFIG=/x\n"})
    wanted = {
        "docker_host": {"scheme": "unix", "path": "$XDG_RUNTIME_DIR/docker.sock"},
        "docker_context": "default",
        "docker_config": "/x",
    }
    assert told["variables"] == {path: wanted}
    many = anns({f"{ANN}/.config/environment.d/{index:03}.conf": EXPORT for index in range(probe.FILES + 1)})["variables"]
    assert isinstance(many, OpenObject) and len(many) == probe.FILES


@pytest.mark.parametrize("path", [*probe.SYSTEM, probe.PAM, *(f"{folder}/x{ending}" for folder, ending in probe.FOLDERS.items())])
def test_every_file_of_the_system_is_read(path: str) -> None:
    assert facts({path: EXPORT})["everybody"] == {path: {"docker_host": SOCK}}


def test_what_a_condition_decides_is_a_hole_that_shows_nothing_of_the_line() -> None:
    told = anns({f"{ANN}/.bashrc": "[ -S /x ] && export DOCKER_HOST=tcp://ann:secret@x\n"})["variables"][f"{ANN}/.bashrc"]["docker_host"]
    assert isinstance(told, Hole) and told.why is Why.UNSUPPORTED and "secret" not in told.message


USES = "export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock\n"
USES_HOME = "export DOCKER_HOST=unix://$HOME/docker.sock\n"
MOVED = {
    "in the same file": {".bashrc": f"export XDG_RUNTIME_DIR=/tmp/x\n{USES}"},
    "in another file": {".profile": "XDG_RUNTIME_DIR=/tmp/x\n", ".bashrc": USES},
    "in a condition": {".bashrc": f"[ -n x ] && export XDG_RUNTIME_DIR=/run/user/1001\n{USES}"},
    "by default": {".bashrc": f': "${{XDG_RUNTIME_DIR:=/tmp/x}}"\n{USES}'},
    "by a command": {".bashrc": f"export XDG_RUNTIME_DIR=$(mktemp -d)\n{USES}"},
    "taken away": {".bashrc": f"unset XDG_RUNTIME_DIR\n{USES}"},
    "read": {".bashrc": f"read -r XDG_RUNTIME_DIR < x\n{USES}"},
    "the home": {".bashrc": f"HOME=/x\n{USES_HOME}"},
}
UNMOVED = [
    f"export XDG_RUNTIME_DIR=/run/user/$(id -u)\n{USES}",
    f'if [ -z "$XDG_RUNTIME_DIR" ]; then\n  export XDG_RUNTIME_DIR="/run/user/$UID"; fi\n{USES}',
    f"export XDG_RUNTIME_DIR=${{XDG_RUNTIME_DIR:-/run/user/${{UID}}}}\n{USES}",
    f"XDG_RUNTIME_DIR=/run/user/1000; export XDG_RUNTIME_DIR\n{USES}",
    f"# XDG_RUNTIME_DIR=/tmp\nJAVA_HOME=/x\nPATH=$HOME/bin:${{HOME%/}}/b\n{USES}",
    f"export HOME={ANN}\n{USES}",
]


@pytest.mark.parametrize("how", MOVED)
def test_a_directory_that_a_file_moves_is_not_the_usual_one(how: str) -> None:
    told = anns({f"{ANN}/{name}": text for name, text in MOVED[how].items()})["variables"]
    assert isinstance(told, OpenObject) and isinstance(told[f"{ANN}/.bashrc"]["docker_host"], Hole)
    everybody = facts({"/etc/profile": "".join(MOVED[how].values())})["everybody"]
    assert isinstance(everybody, OpenObject) and isinstance(everybody["/etc/profile"]["docker_host"], Hole)


@pytest.mark.parametrize("text", UNMOVED)
def test_a_directory_that_stays_where_it_is_is_known(text: str) -> None:
    told = anns({f"{ANN}/.bashrc": text})["variables"]
    assert told == {f"{ANN}/.bashrc": {"docker_host": {"scheme": "unix", "path": "$XDG_RUNTIME_DIR/docker.sock"}}}
    assert not isinstance(told, OpenObject)


def test_contexts_that_variables_name_are_looked_up_for_each_user() -> None:
    files = {f"{ANN}/.bashrc": "export DOCKER_CONTEXT=mine\n", "/etc/environment": "DOCKER_CONTEXT=ours\n", meta("ours"): next(iter(METAS))}
    told = facts(files)["users"]
    assert told["1000"][ANN]["contexts"] == {"mine": {"scheme": "none"}, "ours": SOCK}
    assert told["1001"]["/home/bob"]["contexts"] == {"ours": {"scheme": "none"}}


PLANTED: dict[str, dict[str, Any]] = {
    "a link": {"links": {f"{ANN}/.bashrc": "/etc/shadow"}},
    "a link in the place of a directory": {"links": {f"{ANN}/.docker": "/root/.docker"}},
    "a file of root's (edge case 7: a hard link)": {"files": {f"{ANN}/.bashrc": EXPORT}, "stats": {f"{ANN}/.bashrc": owned("file", 0, 0o600)}},
    "a directory of another's": {"files": {CONFIG: "{}"}, "stats": {f"{ANN}/.docker": owned("dir", 1001)}},
    "a FIFO": {"stats": {f"{ANN}/.bashrc": owned("fifo")}},
    "a device": {"stats": {f"{ANN}/.profile": owned("char")}},
    "what cannot be read": {"files": {f"{ANN}/.profile": PermissionError(13, "no")}},
    "a server that is gone": {"files": {f"{ANN}/.docker": OSError(116, "Stale file handle")}},
    "a file that is too large": {"files": {f"{ANN}/.bashrc": "#" * (300 << 10)}},
    "a hanging file system on the home": {"table": f"{TABLE}40 27 0:40 / {ANN} rw - fuse.x x rw\n", "processes": [
        Process(pid=9, ppid=1, name="x", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0)]},
    "a hanging file system on a directory": {"table": f"{TABLE}40 27 0:40 / {ANN}/.docker rw - fuse.x x rw\n", "files": {CONFIG: "{}"}},
    "a hanging file system on a file": {"table": f"{TABLE}40 27 0:40 / {ANN}/.bashrc rw - fuse x rw\n", "files": {f"{ANN}/.bashrc": EXPORT}},
}  # fmt: skip


@pytest.mark.parametrize("how", PLANTED)
def test_edge_cases_6_and_7_what_a_user_plants_costs_that_user_alone(how: str) -> None:
    given_files = {"/home/bob/.bashrc": EXPORT, **PLANTED[how].get("files", {})}
    told = facts(given_files, **{key: value for key, value in PLANTED[how].items() if key != "files"})
    assert told["users"]["1001"] == {"/home/bob": {**EMPTY, "variables": {"/home/bob/.bashrc": {"docker_host": SOCK}}}}
    home = told["users"]["1000"]
    home = home if isinstance(home, Hole) else home[ANN]
    assert isinstance(home, Hole) or isinstance(home["context"], Hole) or any(isinstance(one, Hole) for one in home["variables"].values())
    assert not isinstance(told["users"], OpenObject)


@pytest.mark.parametrize("how", [how for how in PLANTED if "hanging" in how])
def test_what_may_hang_is_not_even_looked_at(how: str) -> None:
    table = PLANTED[how]["table"]
    point = table.splitlines()[-1].split()[4]

    class Hangs(MemoryHost):
        def _refuse(self, path: str) -> None:
            assert path != point and not path.startswith(f"{point}/"), f"{path} was looked at"

        def stat(self, path: str, *, follow: bool = True) -> Stat:
            self._refuse(path)
            return super().stat(path, follow=follow)

        def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
            self._refuse(path)
            return super().list_dir(path, limit=limit)

        def read_bytes(self, path: str, **more: Any) -> bytes:
            self._refuse(path)
            return super().read_bytes(path, **more)

    made = host(**PLANTED[how])
    made.__class__ = Hangs
    stated(probe.collect, made)


def test_a_user_who_keeps_much_code_is_read_only_so_far() -> None:
    """What names no variable costs next to nothing, and is not counted."""
    files = {f"{ANN}/{name}": "#" * (200 << 10) for name in (".bash_login", ".zshrc")}
    told = anns({**files, f"{ANN}/.bashrc": EXPORT * 1000, f"{ANN}/.zprofile": EXPORT * 1000, f"{ANN}/.profile": EXPORT})["variables"]
    assert {path: isinstance(one, Hole) and one.why for path, one in told.items()} == {
        f"{ANN}/.profile": False,
        f"{ANN}/.bashrc": False,
        f"{ANN}/.zprofile": Why.LIMIT,
    }


def test_homes_that_a_user_may_not_look_into_leave_the_list_open() -> None:
    told = facts({"/home/bob": PermissionError(13, "no"), f"{ANN}/.bashrc": EXPORT}, caps=0)["users"]
    assert isinstance(told, OpenObject) and list(told) == ["1000"] and told.hole.why is Why.DENIED


def test_in_a_home_that_a_group_shares_only_the_users_own_files_count() -> None:
    shared = {ANN: owned("dir", 0, 0o2775)}
    assert anns({f"{ANN}/.bashrc": EXPORT}, stats=shared)["variables"] == {f"{ANN}/.bashrc": {"docker_host": SOCK}}
    told = anns({f"{ANN}/.bashrc": EXPORT}, stats={**shared, f"{ANN}/.bashrc": owned("file", 1001)})["variables"][f"{ANN}/.bashrc"]
    assert isinstance(told, Hole) and told.why is Why.NONSENSE


def test_a_home_that_is_not_its_users_tells_nothing() -> None:
    told = facts(stats={ANN: owned("dir", 1001, 0o777)})["users"]["1000"]
    assert isinstance(told, Hole) and told.why is Why.NONSENSE


FULL = {
    CONFIG: '{"currentContext": "work"}',
    meta("work"): next(iter(METAS)),
    f"{ANN}/.bashrc": EXPORT,
    f"{ANN}/.profile": "export DOCKER_CONTEXT=mine\n",
    f"{ANN}/.config/environment.d/x.conf": "DOCKER_HOST=unix:///x\n",
    f"{ANN}/.config/systemd/user/default.target.wants/docker.service": "",
    "/etc/environment": "DOCKER_CONTEXT=ours\n",
    "/etc/profile.d/x.sh": "export DOCKER_HOST=unix:///x\n",
    "/etc/environment.d/x.conf": "DOCKER_CONFIG=/x\n",
    "/etc/systemd/user/default.target.wants/podman.service": "",
    "/var/lib/systemd/linger/ann": "",
}


def test_denying_any_answer_only_makes_holes() -> None:
    assert list(denials(probe.collect, host(FULL))) == []
    assert list(denials(probe.collect, host(links={"/home/bob": "/usr/share"}, stats={"/home/bob": owned("link", 0), "/usr/share": owned("dir", 0)}))) == []
    assert list(denials(probe.collect, host(FULL, caps=0, stats={"/home/bob": owned("dir", 1001)}))) == []


@pytest.mark.root
def test_a_real_home_full_of_traps_costs_its_user_alone() -> None:
    """A link to /etc/shadow, a FIFO, a hard link to a file of root's, and a socket of uid 4321 on this machine, beside the home of uid 4322."""
    base = Path("/var/tmp") / f"hostcheck-home-{os.getpid()}"
    ann, bob = base / "ann", base / "bob"
    try:
        for place, uid in ((ann, 4321), (bob, 4322)):
            (place / ".docker").mkdir(parents=True)
            (place / ".bashrc").write_text(EXPORT)
            for one in (place, *place.rglob("*")):
                os.chown(one, uid, uid)
        (base / "roots").write_text(EXPORT)
        (ann / ".docker/config.json").symlink_to("/etc/shadow")
        os.mkfifo(ann / ".profile")
        os.link(base / "roots", ann / ".zshrc")
        (ann / ".bash_profile").symlink_to("/dev/zero")

        class Local(LocalHost):
            def read_text(self, path: str, **more: Any) -> str:
                return f"ann:x:4321:4321::{ann}:/bin/sh\nbob:x:4322:4322::{bob}:/bin/sh\n" if path == "/etc/passwd" else super().read_text(path, **more)

        told = stated(probe.collect, Local())["users"]
        assert told["4322"][str(bob)]["variables"] == {f"{bob}/.bashrc": {"docker_host": SOCK}}
        mine = told["4321"][str(ann)]
        assert isinstance(mine["context"], Hole) and "root:" not in mine["context"].message
        assert {path for path, one in mine["variables"].items() if isinstance(one, Hole)} == {
            f"{ann}/{name}" for name in (".profile", ".zshrc", ".bash_profile")
        }
        assert mine["variables"][f"{ann}/.bashrc"] == {"docker_host": SOCK}
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(base)], check=True)
