"""Where an address, a context or an unread file may lead docker, as docker itself reads them; no password is stated."""

import json
from hashlib import sha256
from typing import Any

import pytest
from clients.client_home import ANN, CONFIG, EMPTY, METAS, PASSWD, anns, facts, meta, owned
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.clients import probe_user_clients as probe
from hostcheck_builtin.clients.client_endpoints import endpoint
from hostcheck_builtin.system.procfs import MAC

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


@pytest.mark.parametrize("text", METAS, ids=lambda text: text[:60])
def test_where_a_context_leads(text: str) -> None:
    told = anns({CONFIG: '{"currentContext": "work"}', meta("work"): text})["contexts"]["work"]
    assert isinstance(told, Hole) and told.why is Why.NONSENSE if METAS[text] is None else told == METAS[text]


def tls_file(name: str) -> str:
    return f"{ANN}/.docker/contexts/tls/{sha256(b'work').hexdigest()}/docker/{name}"


@pytest.mark.parametrize(
    ("skips", "files", "expected"),
    [
        ("", (), "none"),
        (',"SkipTLSVerify":false', (), "none"),
        (',"SkipTLSVerify":null', (), "none"),
        (',"SkipTLSVerify":true', (), "unverified"),
        (',"skiptlsverify":true', ("ca.pem",), "unverified"),
        ("", ("ca.pem",), "verified"),
        ("", ("cert.pem", "key.pem"), "verified"),
        ("", ("other",), "none"),
        (',"SkipTLSVerify":"true"', ("ca.pem",), None),
    ],
)
def test_what_docker_demands_where_a_context_leads(skips: str, files: tuple[str, ...], expected: str | None) -> None:
    text = '{"Endpoints":{"docker":{"Host":"tcp://example.org:2376"' + skips + "}}}"
    made = {CONFIG: '{"currentContext": "work"}', meta("work"): text, **{tls_file(name): "" for name in files}}
    told = anns(made)["contexts"]["work"]
    assert (told["scheme"], told["host"]) == ("tcp", "another host")
    assert (None if isinstance(told["tls"], Hole) else told["tls"]) == expected


def test_whether_docker_host_is_verified() -> None:
    told = anns({f"{ANN}/.profile": "export DOCKER_HOST=tcp://example.org:2376\nexport DOCKER_TLS_VERIFY=1\n"})["variables"][f"{ANN}/.profile"]
    assert told == {"docker_host": {"scheme": "tcp", "host": "another host"}, "docker_tls_verify": True}
    assert anns({f"{ANN}/.profile": "export DOCKER_TLS_VERIFY=\n"})["variables"][f"{ANN}/.profile"] == {"docker_tls_verify": False}


def test_a_context_that_is_not_there_names_nothing() -> None:
    assert anns({CONFIG: '{"currentContext": "work"}'})["contexts"] == {"work": {"scheme": "none"}}
