"""Hosts for the rules about files: somebody swaps each for another, or reads it, and where that can be shown an engine or its command then uses it.

What the machine has outside of /etc and /run is covered by a mount that only the host sees. A fault of one place is one finding of each rule that is about
what it leads to.
"""

from collections.abc import Callable

from hosts.planting import APPEND, PYTHON, Host, Plant, all_of, as_user, both, can, nothing, shell, written
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

Proof = Callable[[RootlessWorld], bool]
JSON = "/etc/docker/daemon.json"
PROFILE = "/etc/seccomp/docker.json"
REFUSES = '{"defaultAction": "SCMP_ACT_ERRNO"}'
DROP_INS = "/etc/systemd/system/docker.service.d"
TOML = "/etc/containerd/config.toml"
HOME = "{home}/dave"
LOGIN = '{"auths": {"registry.example": {"auth": "Y2FuYXJ5OmNhbmFyeQ=="}}}\n'
WRITE = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
MAKE = "import os, sys; open(sys.argv[1], 'w').write(sys.argv[2]); os.chmod(sys.argv[1], 0o755)"
PLUGIN = '#!/bin/sh\ntest "$1" = docker-cli-plugin-metadata && echo \'{"SchemaVersion":"0.1.0","Vendor":"x"}\' || echo swapped\n'
SCRIPT = "#!/bin/sh\necho swapped\n"
COPY = "cp --preserve=all {path} /run/copy; {change} /run/copy; mount --no-mtab --bind /run/copy {path}"
CNI = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt; mkdir -p /opt/cni/bin; cp /bin/true /opt/cni/bin/bridge"
LOCAL = "mount --no-mtab -t tmpfs -o mode={mode},gid={gid} tmpfs /usr/local/bin"
SSH_KEY = f"{HOME}/.ssh/id_ed25519"
DOCKER_ETC = shell("mkdir -p -m 0755 /etc/docker")


def file(path: str, text: str, change: str = "") -> Plant:
    """Return the planting of a file of root's with its directories, and of a change to it."""
    return shell(f"mkdir -p $(dirname {path}); cat > {path} <<'END'\n{text}\nEND\nchmod 0644 {path}", *([change] if change else []))


def says(world: RootlessWorld, word: str, *argv: str, user: str = "root") -> bool:
    """Say whether a command prints a word, whether or not it succeeds."""
    return word in world.run("sh", "-c", '"$@" 2>&1 || true', "sh", *argv, user=user)


def swaps(user: str, path: str, text: str, word: str, *then: str, code: str = WRITE) -> Proof:
    """Return the proof that a user puts a text of their own at a path, and that a command of root's shows it then; what was there is put back."""

    def proof(world: RootlessWorld) -> bool:
        world.run("sh", "-c", f"test -e {path} && cp -p {path} /run/before || true")
        done = can(world, user, *PYTHON, code, path, text) and says(world, word, *then)
        world.run("sh", "-c", f"if test -e /run/before; then cat /run/before > {path}; else rm -f {path}; fi")
        return done

    return proof


LATER = "a command for what is in a directory is given once the directory is root's alone: by the next scan"


def host(
    name: str, plant: Plant, proof: Proof, *fails: str, twin: str = "", also: dict[str, str] | None = None, later: bool = False, profile: str = "level1"
) -> Host:
    """Return a host that is about the rules alone that it names; `later` says that one scan's commands do not close all."""
    remains = dict.fromkeys(fails, LATER) if later else {}
    return Host(name=name, plant=plant, proof=proof, fails=fails, twin=twin, also=also or {}, alone=True, values=(), remains=remains, profile=profile)


def ssh_key(passphrase: str) -> Plant:
    """Return the planting of a private key of dave's."""
    return shell(f"setpriv --reuid=dave --regid=dave --clear-groups sh -ec 'umask 077; mkdir {HOME}/.ssh; ssh-keygen -q -N \"{passphrase}\" -f {SSH_KEY}'")


def reads(user: str, path: str, *, does: bool = True) -> Proof:
    """Return the proof that a user can read a file, or not."""
    return as_user(user, "cat", path, does=does)


HOSTS = [
    host(
        "daemon.json that a user may write",
        all_of(file(JSON, "{}", f"chown dave {JSON}")),
        swaps("dave", JSON, '{"no-such-key": 1}', "no-such-key", "dockerd", "--validate", "--config-file", JSON),
        f"HC-FIL-03 {JSON}",
        twin="daemon.json of root's",
        also={"HC-FIL-02 /etc/docker": "pass"},
    ),
    host(
        "daemon.json of root's",
        file(JSON, "{}"),
        as_user("dave", *PYTHON, APPEND, JSON, does=False),
        also={f"HC-FIL-03 {JSON}": "pass", "HC-FIL-02 /etc/docker": "pass"},
    ),
    host(
        "/etc/docker that everybody may write, without a daemon.json",
        shell("mkdir -p /etc/docker; chmod 0777 /etc/docker; rm -f /etc/docker/daemon.json"),
        swaps("nobody", JSON, '{"no-such-key": 1}', "no-such-key", "dockerd", "--validate", "--config-file", JSON),
        f"HC-FIL-03 {JSON}",
        "HC-FIL-02 /etc/docker",
        "HC-FIL-06 /etc/docker/plugins",
        twin="daemon.json of root's",
    ),
    host(
        "a seccomp profile that a user may write",
        all_of(file(JSON, f'{{"seccomp-profile": "{PROFILE}"}}'), file(PROFILE, REFUSES, f"chown dave {PROFILE}")),
        swaps("dave", PROFILE, "{}", "{}", "cat", PROFILE),
        f"HC-FIL-02 {PROFILE}",
        twin="a seccomp profile of root's",
        also={"HC-FIL-02 /etc/docker": "pass", f"HC-FIL-03 {JSON}": "pass"},
    ),
    host(
        "a seccomp profile of root's",
        all_of(file(JSON, f'{{"seccomp-profile": "{PROFILE}"}}'), file(PROFILE, REFUSES)),
        as_user("dave", *PYTHON, APPEND, PROFILE, does=False),
        also={f"HC-FIL-02 {PROFILE}": "pass", "HC-FIL-02 /etc/docker": "pass"},
    ),
    host(
        "the certificates of a registry are a user's",
        all_of(
            DOCKER_ETC, shell("mkdir -p /etc/docker/certs.d/r.example; touch /etc/docker/certs.d/r.example/ca.crt; chown dave /etc/docker/certs.d/r.example")
        ),
        as_user("dave", *PYTHON, WRITE, "/etc/docker/certs.d/r.example/mine.crt", "x"),
        "HC-FIL-02 /etc/docker/certs.d/r.example",
        twin="daemon.json of root's",
        also={"HC-FIL-02 /etc/docker": "pass"},
    ),
    host(
        "a drop-in of docker.service that a group may write",
        file(f"{DROP_INS}/x.conf", "[Service]", f"chgrp {DOCKER_GID} {DROP_INS}/x.conf; chmod 0664 {DROP_INS}/x.conf"),
        swaps("alice", f"{DROP_INS}/x.conf", "[Service]\nSwapped=1", "'Swapped'", "systemd-analyze", "verify", "docker.service"),
        f"HC-FIL-01 {DROP_INS}",
        twin="a drop-in of docker.service of root's",
    ),
    host(
        "a drop-in of docker.service of root's",
        file(f"{DROP_INS}/x.conf", "[Service]"),
        both(as_user("alice", *PYTHON, APPEND, f"{DROP_INS}/x.conf", does=False), as_user("alice", *PYTHON, WRITE, f"{DROP_INS}/y.conf", "", does=False)),
        also={f"HC-FIL-01 {DROP_INS}": "pass", "HC-FIL-01 /etc/systemd/system": "pass"},
    ),
    host(
        "an environment file that a user owns",
        file("/etc/default/docker", "# none", "chown dave /etc/default/docker"),
        swaps("dave", "/etc/default/docker", "DOCKER_OPTS=--swapped", "--swapped", "sh", "-c", ". /etc/default/docker; echo $DOCKER_OPTS"),
        "HC-FIL-04 /etc/default/docker",
        twin="an environment file of root's",
    ),
    host(
        "an environment file of root's",
        file("/etc/default/docker", "# none"),
        as_user("dave", *PYTHON, APPEND, "/etc/default/docker", does=False),
        also={"HC-FIL-04 /etc/default/docker": "pass"},
    ),
    host(
        "runc belongs to a user",
        shell(COPY.format(path="/usr/sbin/runc", change="chown dave")),
        swaps("dave", "/usr/sbin/runc", SCRIPT, "swapped", "runc", "--version"),
        "HC-FIL-05 /usr/sbin",
        twin="programs of root's",
    ),
    host(
        "a group may write to a directory that is searched first",
        shell(LOCAL.format(mode="2775", gid=DOCKER_GID)),
        swaps(
            "alice", "/usr/local/bin/runc", SCRIPT, "swapped", "sh", "-c", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin runc --version", code=MAKE
        ),
        "HC-FIL-05 /usr/local/bin",
        twin="programs of root's",
    ),
    host(
        "programs of root's",
        all_of(shell(COPY.format(path="/usr/sbin/runc", change="chmod 0755")), shell(LOCAL.format(mode="2755", gid=DOCKER_GID))),
        both(as_user("dave", *PYTHON, APPEND, "/usr/sbin/runc", does=False), as_user("alice", *PYTHON, MAKE, "/usr/local/bin/runc", "", does=False)),
        also={"HC-FIL-05 /usr/sbin": "pass", "HC-FIL-05 /usr/local/bin": "pass"},
    ),
    host(
        "CNI plugins of a release archive, with a uid that no account has",
        shell(CNI, "chown -R 4444:4444 /opt/cni/bin"),
        lambda world: (
            "swapped" in world.run("sh", "-ec", "setpriv --reuid=4444 --clear-groups sh -c 'echo echo swapped > /opt/cni/bin/bridge'; sh /opt/cni/bin/bridge")
        ),
        "HC-FIL-06 /opt/cni/bin",
        twin="CNI plugins of root's",
        later=True,
    ),
    host(
        "a CNI plugin that leads into a home",
        all_of(shell(CNI), written(f"{HOME}/ptp", SCRIPT, "dave", 0o755), shell(f"ln -s {HOME}/ptp /opt/cni/bin/ptp")),
        lambda world: says(world, "swapped", "/opt/cni/bin/ptp"),
        "HC-FIL-06 /opt/cni/bin",
        twin="CNI plugins of root's",
    ),
    host(
        "CNI plugins of root's",
        shell(CNI),
        lambda world: not can(world, "nobody", *PYTHON, APPEND, "/opt/cni/bin/bridge"),
        also={"HC-FIL-06 /opt/cni/bin": "pass"},
    ),
    host(
        "a data directory that everybody can pass through",
        all_of(shell("mkdir -m 0711 /run/data; cp /bin/id /run/data/id"), file(JSON, '{"data-root": "/run/data"}')),
        as_user("nobody", "sh", "-c", "/run/data/id"),
        "HC-FIL-07 /run/data",
        twin="a data directory of root's",
    ),
    host(
        "a data directory of root's",
        all_of(shell("mkdir -m 0710 /run/data; cp /bin/id /run/data/id"), file(JSON, '{"data-root": "/run/data"}')),
        as_user("nobody", "sh", "-c", "/run/data/id", does=False),
        also={"HC-FIL-07 /run/data": "pass"},
    ),
    host(
        "containerd's configuration is a user's",
        file(TOML, "version = 2", f"chown dave {TOML}"),
        swaps("dave", TOML, 'version = 2\nroot = "/swapped"', "/swapped", "containerd", "--config", TOML, "config", "dump"),
        "HC-FIL-08 /etc/containerd",
        twin="containerd's configuration of root's",
    ),
    host(
        "what containerd's configuration imports is a user's",
        all_of(file("/etc/own/x.toml", 'root = "/y"', "chown -R dave /etc/own"), file(TOML, 'version = 2\nimports = ["/etc/own/*.toml"]')),
        swaps("dave", "/etc/own/x.toml", 'root = "/swapped"', "/swapped", "containerd", "--config", TOML, "config", "dump"),
        "HC-FIL-08 /etc/own/x.toml",
        later=True,
        twin="containerd's configuration of root's",
    ),
    host(
        "containerd's configuration of root's",
        file(TOML, "version = 2"),
        as_user("dave", *PYTHON, APPEND, TOML, does=False),
        also={"HC-FIL-08 /etc/containerd": "pass"},
    ),
    host(
        "Quadlet files that everybody may make",
        shell("mkdir -p /etc/containers/systemd; chmod 0777 /etc/containers/systemd"),
        swaps("nobody", "/etc/containers/systemd/x.container", "[Container]\nImage=swapped\n", "swapped", "/usr/libexec/podman/quadlet", "--dryrun"),
        "HC-FIL-09 /etc/containers/systemd",
        twin="podman's configuration of root's",
    ),
    host(
        "podman's configuration of root's",
        shell("mkdir -p /etc/containers/systemd; chmod 0755 /etc/containers/systemd"),
        as_user("nobody", *PYTHON, WRITE, "/etc/containers/systemd/x.container", "", does=False),
        also={"HC-FIL-09 /etc/containers": "pass", "HC-FIL-09 /etc/containers/systemd": "pass"},
    ),
    host(
        "passwords that everybody can read",
        all_of(written(f"{HOME}/.docker/config.json", LOGIN, "dave", 0o644), shell(f"chmod 0755 {HOME}")),
        reads("nobody", f"{HOME}/.docker/config.json"),
        "HC-FIL-10 {home}/dave/.docker/config.json",
        twin="passwords that nobody else can read",
    ),
    host(
        "passwords that nobody else can read",
        all_of(written(f"{HOME}/.docker/config.json", LOGIN, "dave", 0o600), shell(f"chmod 0755 {HOME}")),
        reads("nobody", f"{HOME}/.docker/config.json", does=False),
        also={"HC-FIL-10 {home}/dave/.docker/config.json": "pass"},
    ),
    host(
        "a file without passwords that everybody can read",
        all_of(written(f"{HOME}/.docker/config.json", '{"auths": {"r": {}}, "credsStore": "pass"}', "dave", 0o644), shell(f"chmod 0755 {HOME}")),
        reads("nobody", f"{HOME}/.docker/config.json"),
        also={"HC-FIL-10": "notapplicable"},
    ),
    host(
        "a plugin directory of a user's that everybody may write",
        all_of(written(f"{HOME}/.docker/cli-plugins/docker-own", PLUGIN, "dave", 0o755), shell(f"chmod 0755 {HOME}; chmod 0777 {HOME}/.docker/cli-plugins")),
        lambda world: (
            can(world, "nobody", *PYTHON, MAKE, f"{world.base}/home/dave/.docker/cli-plugins/docker-swapped", PLUGIN)
            and says(world, "swapped", "env", f"HOME={world.base}/home/dave", "docker", "swapped", user="dave")
        ),
        "HC-FIL-11 {home}/dave/.docker/cli-plugins",
        twin="a plugin directory of a user's own",
    ),
    host(
        "a plugin directory of a user's own",
        all_of(written(f"{HOME}/.docker/cli-plugins/docker-own", PLUGIN, "dave", 0o755), shell(f"chmod 0755 {HOME}")),
        as_user("nobody", *PYTHON, MAKE, f"{HOME}/.docker/cli-plugins/docker-swapped", PLUGIN, does=False),
        also={"HC-FIL-11 {home}/dave/.docker/cli-plugins": "pass"},
    ),
    host(
        "the daemon's key is readable, and its authority a user's",
        all_of(
            file(JSON, '{"tlsverify": true, "tlscacert": "/etc/tls/ca.pem", "tlskey": "/etc/tls/key.pem"}'),
            shell("mkdir /etc/tls; touch /etc/tls/ca.pem; echo key > /etc/tls/key.pem; chown dave /etc/tls/ca.pem; chmod 0644 /etc/tls/*"),
        ),
        both(reads("nobody", "/etc/tls/key.pem"), as_user("dave", *PYTHON, APPEND, "/etc/tls/ca.pem")),
        "HC-API-05 /etc/tls/key.pem",
        "HC-API-06 /etc/tls/ca.pem",
        twin="the daemon's key and authority are root's",
    ),
    host(
        "the daemon's key and authority are root's",
        all_of(
            file(JSON, '{"tlsverify": true, "tlscacert": "/etc/tls/ca.pem", "tlskey": "/etc/tls/key.pem"}'),
            shell("mkdir /etc/tls; touch /etc/tls/ca.pem; echo key > /etc/tls/key.pem; chmod 0644 /etc/tls/ca.pem; chmod 0400 /etc/tls/key.pem"),
        ),
        both(reads("nobody", "/etc/tls/key.pem", does=False), as_user("dave", *PYTHON, APPEND, "/etc/tls/ca.pem", does=False)),
        also={"HC-API-05 /etc/tls/key.pem": "pass", "HC-API-06 /etc/tls/ca.pem": "pass"},
    ),
    host(
        "a client key of a context that everybody can read",
        all_of(written(f"{HOME}/.docker/contexts/tls/abc/docker/key.pem", "key", "dave", 0o644), shell(f"chmod 0755 {HOME}")),
        reads("nobody", f"{HOME}/.docker/contexts/tls/abc/docker/key.pem"),
        "HC-API-07 {home}/dave/.docker/contexts/tls/abc/docker/key.pem",
        twin="a client key in a home that is closed",
    ),
    host(
        "a client key in a home that is closed",
        written(f"{HOME}/.docker/contexts/tls/abc/docker/key.pem", "key", "dave", 0o644),
        reads("nobody", f"{HOME}/.docker/contexts/tls/abc/docker/key.pem", does=False),
        also={"HC-API-07 {home}/dave/.docker/contexts/tls/abc/docker/key.pem": "pass"},
    ),
    host(
        "a key of ssh without a passphrase, and a docker that goes to another host by it",
        all_of(written(f"{HOME}/.profile", "export DOCKER_HOST=ssh://root@far\n", "dave"), ssh_key("")),
        as_user("dave", "ssh-keygen", "-y", "-P", "", "-f", SSH_KEY),
        "HC-API-14 {home}/dave/.ssh/id_ed25519",
        profile="level2",
        twin="a key of ssh with a passphrase",
    ),
    host(
        "a key of ssh with a passphrase",
        all_of(written(f"{HOME}/.profile", "export DOCKER_HOST=ssh://root@far\n", "dave"), ssh_key("pass phrase")),
        as_user("dave", "ssh-keygen", "-y", "-P", "", "-f", SSH_KEY, does=False),
        also={"HC-API-14 {home}/dave/.ssh/id_ed25519": "pass"},
        profile="level2",
    ),
    host(
        "a key of ssh without a passphrase, and a docker that stays here",
        ssh_key(""),
        as_user("dave", "ssh-keygen", "-y", "-P", "", "-f", SSH_KEY),
        also={"HC-API-14": "notapplicable"},
        profile="level2",
    ),
    host("nothing of all that", nothing, lambda _: True, also={"HC-API-05": "notapplicable", "HC-API-06": "notapplicable", "HC-API-07": "notapplicable"}),
]
