"""Hosts for the rules about rootless engines: real ones of erin's, and what the kernel lets users do.

The port from which users may bind belongs to a network namespace, so that it is really set; other settings are the machine's, and mounted over.
"""

from collections.abc import Callable

from hosts.planting import BIND, PYTHON, D, Host, all_of, as_user, both, connects, engine, nothing, over, shell
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

LEVEL2 = {"profile": "level2"}
ERIN = "erin"
ERINS = "/run/user/4005/docker.sock"
START = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
MANY = "/proc/sys/user/max_user_namespaces"
PORT = ("sh", "-c", f"test $(cat {START}) -le 80")


def start(user: str, network: str) -> Callable[[RootlessWorld], None]:
    """Return the planting of a real rootless dockerd."""
    return lambda world: world.start_rootless_docker(user, network) and None


def podman(world: RootlessWorld) -> None:
    """Start a real rootless podman of erin's."""
    world.start_podman(ERIN)


def podman_answers(world: RootlessWorld) -> bool:
    """Prove that erin's podman runs, and that she can connect to it and the others cannot."""
    return connects(ERIN, path="/run/user/4005/podman/podman.sock")(world)


LIMITS = "HC-RTL-05 erin"
MEMBERS = ("HC-RTL-01 alice", "HC-RTL-01 bob", f"HC-ACC-04 {D}", "HC-ACC-05 docker")
MAKES = as_user("nobody", "unshare", "--user", "true")

HOSTS = [
    Host(
        name="users work with root's engine",
        plant=engine(mode=0o660, group=DOCKER_GID),
        proof=connects("alice", "bob"),
        fails=MEMBERS,
        twin="users cannot",
        **LEVEL2,
    ),
    Host(name="users cannot", plant=engine(), proof=connects(), also={"HC-RTL-01": "notapplicable"}, **LEVEL2),
    Host(name="erin's podman", plant=podman, proof=podman_answers, fails=(LIMITS,), also={"HC-RTL-01 erin": "pass", "HC-RTL-02 erin": "pass"}, **LEVEL2),
    Host(
        name="erin's podman beside root's docker",
        plant=all_of(podman, engine()),
        proof=both(podman_answers, connects()),
        fails=(LIMITS, "HC-RTL-02 erin"),
        twin="erin's podman",
        cases=(101,),
        **LEVEL2,
    ),
    Host(
        name="erin's docker in a network of its own",
        plant=start(ERIN, "slirp4netns"),
        proof=connects(ERIN, path=ERINS),
        fails=(LIMITS,),
        also={f"HC-RTL-07 {ERINS}": "pass", "HC-RTL-03 erin": "pass"},
        **LEVEL2,
    ),
    Host(
        name="erin's docker in the host's network",
        plant=start(ERIN, "host"),
        proof=connects(ERIN, path=ERINS),
        fails=(LIMITS, f"HC-RTL-07 {ERINS}"),
        twin="erin's docker in a network of its own",
        **LEVEL2,
    ),
    Host(
        name="erin's podman without user namespaces",
        plant=all_of(podman, over(MANY, "0\n")),
        proof=both(podman_answers, as_user("erin", "sh", "-c", f"test $(cat {MANY}) = 0")),
        fails=(LIMITS, "HC-RTL-03 erin"),
        twin="erin's podman",
        **LEVEL2,
    ),
    Host(
        name="users make user namespaces on a server",
        plant=nothing,
        proof=MAKES,
        fails=("HC-RTL-04",),
        twin="users make none",
        role="server",
        values=("approved_groups=docker", "approved_subid_owners=alice,bob,carol,dave,erin,frank"),
        **LEVEL2,
    ),
    Host(
        name="users make none",
        plant=over(MANY, "0\n"),
        proof=as_user("nobody", "sh", "-c", f"test $(cat {MANY}) = 0"),
        also={"HC-RTL-04": "pass"},
        role="server",
        values=("approved_groups=docker", "approved_subid_owners=alice,bob,carol,dave,erin,frank"),
        **LEVEL2,
    ),
    Host(
        name="users bind port 80",
        plant=shell(f"ip link set lo up; echo 80 > {START}"),
        proof=as_user("nobody", *PYTHON, BIND, "80"),
        fails=("HC-RTL-08",),
        twin="users do not bind port 80",
    ),
    Host(
        name="users do not bind port 80",
        plant=shell(f"ip link set lo up; echo 1024 > {START}"),
        proof=both(as_user("nobody", *PYTHON, BIND, "80", does=False), as_user("nobody", *PYTHON, BIND, "2000")),
        also={"HC-RTL-08": "pass"},
    ),
]
