"""Hosts whose engine is reached by what no mode shows: from another network namespace, by an abstract name, or by a connection that is open already."""

from engines.rootless_world import RootlessWorld
from hosts.planting import Host, Plant, connects
from hosts.rows_sockets import REACHED, on

AWAY = "/run/away/x.sock"


def away(group: str) -> Plant:
    """Return the planting of a real dockerd in a network namespace of its own, whose socket is where nobody would look, and belongs to a group."""

    def plant(world: RootlessWorld) -> None:
        world.start_containerd()
        (world.base / "daemon.json").write_text("{}")
        world.run("install", "-d", "-m", "0755", "/run/away")
        world.start(
            *("unshare", "--net", "dockerd", "--config-file", f"{world.base}/daemon.json", "--data-root", f"{world.base}/docker", "--exec-root", "/run/docker"),
            *("--pidfile", "/run/docker.pid", "--containerd", "/run/containerd/containerd.sock", "--group", group),
            *("--bridge=none", "--iptables=false", "--ip6tables=false", "-H", f"unix://{AWAY}"),
        )
        world.wait(lambda: world.answers(AWAY))

    return plant


HOSTS = [
    Host(
        name="docker in another network namespace",
        plant=away("docker"),
        proof=connects("alice", "bob", path=AWAY),
        fails=(*on(AWAY, *REACHED), "HC-ACC-05 docker"),
        twin="docker in another network namespace, closed",
        cases=(81,),
    ),
    Host(
        name="docker in another network namespace, closed",
        plant=away("root"),
        proof=connects(path=AWAY),
        also={f"HC-ACC-03 {AWAY}": "pass"},
        cases=(81,),
    ),
]
