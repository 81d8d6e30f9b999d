"""What homes and the system say of docker's clients: every form of an address, every file, and what a user may plant in the place of one."""

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Process, Stat, Unsupported
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.clients import probe_user_clients as probe
from hostcheck_builtin.clients.client_endpoints import endpoint
from hostcheck_builtin.system.homes import MAC

SCHEMA = json.loads((Path(probe.__file__).parent / "probe_user_clients.facts.json").read_text(encoding="utf-8"))
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
ANN = "/home/ann"
CONFIG = f"{ANN}/.docker/config.json"
SOCK = {"scheme": "unix", "path": "/run/user/1000/docker.sock"}
EXPORT = "export DOCKER_HOST=unix:///run/user/1000/docker.sock\n"
EMPTY: dict[str, Any] = {"variables": {}, "context": "default", "contexts": {}, "enabled": []}


def meta(name: str) -> str:
    return f"{ANN}/.docker/contexts/meta/{sha256(name.encode()).hexdigest()}/meta.json"


def owned(kind: str, uid: int = 1000, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def host(files: dict[str, Any] | None = None, *, table: str = TABLE, caps: int = 1 << 1, stats: dict[str, Stat] | None = None, **more: Any) -> MemoryHost:
    usual = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    owners: dict[str, Stat] = {ANN: owned("dir", 1000, 0o700), "/home/bob": owned("dir", 1001, 0o700)}
    for path in (*(files or {}), *more.get("links", {})):
        uid = {"ann": 1000, "bob": 1001}.get(path.split("/")[2]) if path.startswith("/home/") else None
        if uid is not None:
            owners[path] = owned("link" if path in more.get("links", {}) else "file", uid)
            while (path := path.rpartition("/")[0]).count("/") > 2:
                owners[path] = owned("dir", uid)
    return MemoryHost({**usual, **(files or {})}, stats={**owners, **(stats or {})}, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe.collect, host(*args, **kwargs))
    assert compile_schema(SCHEMA)(told) is not False, told
    return told


def anns(*args: Any, **kwargs: Any) -> Any:
    return facts(*args, **kwargs)["users"]["1000"][ANN]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_user_clients.facts.json")


def test_who_has_nothing_has_the_default() -> None:
    users = {"1000": {ANN: EMPTY}, "1001": {"/home/bob": EMPTY}}
    assert facts() == {"users": users, "everybody": {}, "enabled": [], "lingering": []}


ADDRESSES: dict[str, Any] = {
    "": {"scheme": "none"},
    "unix:///run/x.sock": {"scheme": "unix", "path": "/run/x.sock"},
    " unix:///run/x.sock ": {"scheme": "unix", "path": "/run/x.sock"},
    "unix://": {"scheme": "unix", "path": "/var/run/docker.sock"},
    "unix://$XDG_RUNTIME_DIR/docker.sock": {"scheme": "unix", "path": "$XDG_RUNTIME_DIR/docker.sock"},
    "unix://docker.sock": Unsupported,
    "tcp://": {"scheme": "tcp", "host": "this host"},
    "tcp://localhost:2375": {"scheme": "tcp", "host": "this host"},
    "tcp://127.0.0.1:2376/x": {"scheme": "tcp", "host": "this host"},
    "tcp://[::1]:2375": {"scheme": "tcp", "host": "this host"},
    "tcp://0.0.0.0:2375": {"scheme": "tcp", "host": "this host"},
    "tcp://127.example.org": {"scheme": "tcp", "host": "another host"},
    "tcp://[fe80::1]:2375": {"scheme": "tcp", "host": "another host"},
    "tcp://ann:secret@build.example:2376": {"scheme": "tcp", "host": "another host"},
    "tcp://localhost:secret@build.example": {"scheme": "tcp", "host": "another host"},
    "tcp://build.example/@localhost": {"scheme": "tcp", "host": "another host"},
    "ssh://ann:secret@localhost": {"scheme": "ssh", "host": "this host"},
    "ssh://build.example": {"scheme": "ssh", "host": "another host"},
    "build.example:2375": {"scheme": "tcp", "host": "another host"},
    ":2375": {"scheme": "tcp", "host": "this host"},
    "/run/docker.sock": {"scheme": "tcp", "host": "this host"},
    "npipe:////./pipe/docker_engine": Nonsense,
    "fd://": Nonsense,
    "unix:///" + "a" * 5000: Nonsense,
    "http://localhost": Nonsense,
    "bogus://x": Nonsense,
}


@pytest.mark.parametrize("text", ADDRESSES, ids=lambda text: text.replace("secret", "s")[:40] or "empty")
def test_edge_case_65_every_form_of_docker_host_is_told_without_what_is_secret(text: str) -> None:
    wanted = ADDRESSES[text]
    if isinstance(wanted, dict):
        assert endpoint(text, bare=True) == wanted
    else:
        with pytest.raises(wanted) as raised:
            endpoint(text, bare=True)
        assert "secret" not in str(raised.value)


@given(st.sampled_from(["tcp", "ssh", "unix", "npipe", "x"]), st.text(max_size=20), st.text(max_size=20))
def test_no_address_gives_its_password_away(scheme: str, before: str, after: str) -> None:
    secret = "correct-horse"
    try:
        told = endpoint(f"{scheme}://{before}:{secret}@{after}", bare=True)
    except (Nonsense, Unsupported) as error:
        told = {"message": str(error)}
    assert secret not in json.dumps(told) or told["path"].startswith(("/", "$"))


def test_an_address_of_a_context_needs_its_scheme() -> None:
    with pytest.raises(Nonsense):
        endpoint("build.example:2375", bare=False)


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


FEDORA = (
    'if [ -d ~/.bashrc.d ]; then\n    for rc in ~/.bashrc.d/*; do\n        if [ -f "$rc" ]; then\n            . "$rc"\n        fi\n    done\nfi\nunset rc\n'
)
DEBIAN = "# ~/.bash_aliases, instead of adding them here directly.\nif [ -f ~/.bash_aliases ]; then\n    . ~/.bash_aliases\nfi\n"
COMPLETION = "  if [ -f /usr/share/bash-completion/bash_completion ]; then\n    . /usr/share/bash-completion/bash_completion\n  fi\n"
PROFILE = 'if [ -n "$BASH_VERSION" ]; then\n    if [ -f "$HOME/.bashrc" ]; then\n\t. "$HOME/.bashrc"\n    fi\nfi\nPATH="$HOME/bin:$PATH"\n'
NVM = 'export NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && \\. "$NVM_DIR/nvm.sh"\n'
UNREAD: dict[str, tuple[dict[str, Any], str]] = {
    "what Fedora's profile has read": ({".bashrc": FEDORA}, ".bashrc.d/docker"),
    "what Debian's profile has read": ({".bashrc": DEBIAN + COMPLETION, ".profile": PROFILE}, ".bash_aliases"),
    "what is read by a variable": ({".bashrc": NVM}, ".nvm/nvm.sh"),
    "what is read from the path of the home": ({".zshrc": f"test -f x && source '{ANN}/.more'\n"}, ".more"),
    "what is read from where the shell is": ({".profile": "command . ./.more; true\n"}, ".more"),
    "what sh reads later": ({".profile": "export ENV=$HOME/.shrc\n"}, ".shrc"),
    "what zsh reads instead": ({".zshenv": "export ZDOTDIR=~/.zsh.d\n"}, ".zsh.d/.zshrc"),
    "what PAM reads": ({}, ".pam_environment"),
    "what systemd reads": ({}, ".config/systemd/user.conf"),
    "what systemd reads of a directory": ({}, ".config/systemd/user.conf.d/x.conf"),
}


def is_empty(home: Any) -> bool:
    """Say whether a home sets nothing, and nothing may be set elsewhere."""
    return bool(home == EMPTY) and not isinstance(home["variables"], OpenObject) and not isinstance(home["contexts"], OpenObject)


@pytest.mark.parametrize("how", UNREAD)
def test_a_file_that_is_not_read_leaves_open_what_is_set(how: str) -> None:
    profiles, unread = UNREAD[how]
    files = {f"{ANN}/{name}": text for name, text in profiles.items()}
    assert is_empty(anns(files))
    told = anns({**files, f"{ANN}/{unread}": "DOCKER_HOST=ssh://ann:secret@x\n"})["variables"]
    assert isinstance(told, OpenObject) and told.hole.why is Why.UNSUPPORTED and "secret" not in told.hole.message


@pytest.mark.parametrize(
    "text",
    [
        '. "$FROM_ELSEWHERE/x"\n',
        "source $(ls)\n",
        'source "$(ls)"\n',
        ". ~bob/x\n",
        ". ~/../bob/x\n",
        ". ~/[a]*\n",
        "if true; then . `ls`; fi\n",
        '# x=/etc/a\n. "$x"\n',
        '# it \\\n. "$x"\n',
        '. \\\n "$x"\n',
    ],
)
def test_what_may_be_any_file_leaves_open_what_is_set(text: str) -> None:
    assert isinstance(anns({f"{ANN}/.bashrc": text})["variables"], OpenObject)


@pytest.mark.parametrize(
    "text", ["find . -name x\n", "source <(kubectl completion bash)\n", "# . ~/.bashrc\n", ". /etc/bashrc\n", "cp a .\n", "ls . .bashrc\n"]
)
def test_what_reads_no_file_of_the_home_leaves_nothing_open(text: str) -> None:
    assert is_empty(anns({f"{ANN}/.bashrc": text}))


@pytest.mark.parametrize(
    ("shell", "known"),
    [("/bin/sh", True), ("", True), ("/usr/bin/zsh", True), ("/sbin/nologin", True), ("/usr/bin/fish", False), ("/bin/tcsh", False), ("/x/bash2", False)],
)
def test_a_login_shell_that_reads_other_files_leaves_open_what_is_set(shell: str, known: bool) -> None:
    told = facts({"/etc/passwd": PASSWD.replace("/home/ann:/bin/sh", f"/home/ann:{shell}")})["users"]
    assert isinstance(told["1000"][ANN]["variables"], OpenObject) is not known
    assert told["1001"] == {"/home/bob": EMPTY}


def test_on_a_mac_whose_shell_is_not_known_the_files_of_fish_are_looked_for() -> None:
    fish = "/Users/ann/.config/fish/config.fish"
    folders = {path: owned("dir", 501) for path in ("/Users/ann", "/Users/ann/.config", "/Users/ann/.config/fish")}
    for more, known in (({"/Users/ann/.zshrc": ""}, True), ({fish: ""}, False)):
        made = MemoryHost({MAC: "", **more}, stats={path: folders.get(path, owned("file", 501)) for path in (*more, *(() if known else folders), "/Users/ann")})
        told = stated(probe.collect, made)["users"]["501"]["/Users/ann"]["variables"]
        assert told == {} and isinstance(told, OpenObject) is not known


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


CONFIGS: dict[str, Any] = {
    '{"currentContext": "work"}': "work",
    '{"CURRENTCONTEXT": "work"}': "work",
    '{"currentContext": "other", "currentcontext": "work"}': "work",
    '{"currentContext": "work", "currentContext": null}': "work",
    '{"currentContext": "work", "auths": 1}': "work",
    '{"currentContext": "work"} and more': "work",
    '{"currentContext": "work",}': "default",
    '{"currentContext": ""}': "default",
    '{"currentContext": 1}': "default",
    '\ufeff{"currentContext": "work"}': "default",
    '{"currentContext": NaN}': "default",
    "{": "default",
    "[]": "default",
    "null": "default",
    "": "default",
    '{"currentContext": "../../x"}': None,
    "[" * 100_000: None,
    '{"x": ' + "9" * 10_000 + "}": None,
}


@pytest.mark.parametrize("text", CONFIGS, ids=lambda text: text[:40] or "empty")
def test_the_chosen_context_is_the_one_that_docker_would_take(text: str) -> None:
    told = anns({CONFIG: text})["context"]
    assert isinstance(told, Hole) and told.why is Why.NONSENSE if CONFIGS[text] is None else told == CONFIGS[text]


METAS: dict[str, Any] = {
    '{"Name":"work","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///run/user/1000/docker.sock","SkipTLSVerify":false}}}': SOCK,
    '{"endpoints":{"docker":{"host":"unix:///run/user/1000/docker.sock"}}}': SOCK,
    '{"Endpoints":{"docker":{"Host":"ssh://ann:secret@x"}}}': {"scheme": "ssh", "host": "another host"},
    '{"Endpoints":{"docker":{"Host":""}}}': {"scheme": "unix", "path": "/var/run/docker.sock"},
    '{"Endpoints":{"docker":{}}}': {"scheme": "unix", "path": "/var/run/docker.sock"},
    '{"Endpoints":{"Docker":{"Host":"unix:///x"}}}': None,
    '{"Endpoints":{"docker":{"Host":"unix:///run/$UID"}}}': None,
    '{"Endpoints":{"docker":{"Host":1}}}': None,
    '{"Endpoints":[]}': None,
    "junk": None,
}


@pytest.mark.parametrize("text", METAS, ids=lambda text: text[:60])
def test_where_a_context_leads(text: str) -> None:
    told = anns({CONFIG: '{"currentContext": "work"}', meta("work"): text})["contexts"]["work"]
    assert isinstance(told, Hole) and told.why is Why.NONSENSE if METAS[text] is None else told == METAS[text]


def test_a_context_that_is_not_there_names_nothing() -> None:
    assert anns({CONFIG: '{"currentContext": "work"}'})["contexts"] == {"work": {"scheme": "none"}}


def test_contexts_that_variables_name_are_looked_up_for_each_user() -> None:
    files = {f"{ANN}/.bashrc": "export DOCKER_CONTEXT=mine\n", "/etc/environment": "DOCKER_CONTEXT=ours\n", meta("ours"): next(iter(METAS))}
    told = facts(files)["users"]
    assert told["1000"][ANN]["contexts"] == {"mine": {"scheme": "none"}, "ours": SOCK}
    assert told["1001"]["/home/bob"]["contexts"] == {"ours": {"scheme": "none"}}


def test_units_and_who_lingers() -> None:
    units = [f"{ANN}/.config/systemd/user/default.target.wants/docker.service", "/etc/systemd/user/sockets.target.wants/podman.socket"]
    files = {**dict.fromkeys(units, ""), f"{ANN}/.config/systemd/user/default.target.wants/mail.service": "", "/var/lib/systemd/linger/ann": ""}
    told = facts(files, links={f"{ANN}/.config/systemd/user/sockets.target.wants/podman.socket": "/usr/lib/systemd/user/podman.socket"})
    assert (told["enabled"], told["lingering"]) == (["podman.socket"], ["ann"])
    assert told["users"]["1000"][ANN]["enabled"] == ["docker.service", "podman.socket"]
    assert told["users"]["1001"]["/home/bob"]["enabled"] == []


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

        def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
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
