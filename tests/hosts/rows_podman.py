"""Hosts for the rules about Podman's configuration, each proved by what a real Podman of this machine does with it.

Every one of these hosts is about these rules alone: its own /etc/containers and /usr/share/containers are empty but for what is planted.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from hosts.planting import Host, Plant, all_of, both
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

ANYTHING, REJECT = '{"default":[{"type":"insecureAcceptAnything"}]}', '{"default":[{"type":"reject"}]}'
CONF, REGISTRIES, POLICY = "/etc/containers/containers.conf", "/etc/containers/registries.conf", "/etc/containers/policy.json"
SERVER = {"role": "server", "profile": "level2"}
Proof = Callable[[RootlessWorld], bool]


def bare(world: RootlessWorld) -> None:
    """Take away the files of this machine's Podman, and root's home, and leave an image: Podman is used here."""
    for place in ("/etc/containers", "/usr/share/containers", "/root", "/var/lib/containers"):
        world.run("mount", "--no-mtab", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", place)
    world.run("mkdir", "-p", "/run/rootfs/bin", "/var/lib/containers/storage/overlay-images/4f1c")


def holding(path: str, content: str, user: str = "root") -> Plant:
    """Return what makes a file, with the directories above it, of this user's; `~` is the user's home."""

    def plant(world: RootlessWorld) -> None:
        home = "/root" if user == "root" else f"{world.base}/home/{user}"
        place = path.replace("~", home)
        script = f"mkdir -p {Path(place).parent}; cat > {place}"
        subprocess.run(world.inside("sh", "-ec", script, user=user), check=True, input=content, text=True, timeout=60, cwd="/")

    return plant


def files(*contents: tuple[str, str], user: str = "root") -> Plant:
    """Return what makes these files on a host that has no others."""
    return all_of(bare, *(holding(path, content, user if path.startswith("~") else "root") for path, content in contents))


def podman(world: RootlessWorld, *argv: str, user: str = "root") -> subprocess.CompletedProcess[str]:
    """Run a podman of this user's."""
    place = ("--root", f"{world.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod") if user == "root" else ()
    command = ("podman", *place, "--storage-driver", "vfs", "--runtime", "runc", "--cgroup-manager", "cgroupfs", *argv)
    root = ("env", "-i", "PATH=/usr/bin:/usr/sbin", "HOME=/root", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", *command)
    inside = world.inside(*(root if user == "root" else world.login(user, *command)), user=user)
    done = subprocess.run(inside, check=False, capture_output=True, text=True, timeout=60, cwd="/")
    pause = Path(f"/proc/{world.holder.pid}/root/run/user/{USERS.get(user, (0, 0))[0]}/libpod/tmp/pause.pid")
    if user != "root" and pause.exists() and (user, int(pause.read_text())) not in world.pauses:
        world.pauses.append((user, int(pause.read_text())))
    return done


def gives(wanted: str, form: str, user: str = "root") -> Proof:
    """Return the proof that Podman gives this to a container that asks for nothing."""

    def proof(world: RootlessWorld) -> bool:
        podman(world, "create", "--name", "c", "--rootfs", "/run/rootfs", "sh", user=user)
        return podman(world, "inspect", "c", "--format", form, user=user).stdout.strip() == wanted

    return proof


def starts(*, does: bool) -> Proof:
    """Return the proof that root's Podman makes a container, or does not."""
    return lambda world: (podman(world, "create", "--rootfs", "/run/rootfs", "sh").returncode == 0) is does


ARCHIVE = """
mkdir -p /run/image; echo x > /run/image/x; tar -C /run/image -cf /run/image.tar .; echo '{anything}' > /run/policy.json
mount --no-mtab --bind /run/policy.json /etc/containers/policy.json
podman {place} import /run/image.tar local/image; podman {place} save -o /run/archive.tar local/image; chmod 0644 /run/archive.tar
"""
"""An image that nobody signed, in a file; to make it a Podman must not refuse it."""


def pulls(*, does: bool, user: str = "root") -> Proof:
    """Return the proof that an image that nobody signed is taken, or not."""

    def proof(world: RootlessWorld) -> bool:
        place = f"--root {world.base}/maker --runroot /run/maker --tmpdir /run/maker-tmp --storage-driver vfs --runtime runc --cgroup-manager cgroupfs"
        world.run("env", "HOME=/run", "unshare", "--mount", "sh", "-ec", ARCHIVE.format(anything=ANYTHING, place=place))
        return (podman(world, "pull", "docker-archive:/run/archive.tar", user=user).returncode == 0) is does

    return proof


def insecure(location: str, *, does: bool) -> Proof:
    """Return the proof that root's Podman has a registry that need not be secure, or none."""
    return lambda world: podman(world, "info", "--format", f'{{{{(index .Registries "{location}").Insecure}}}}').stdout.strip() == ("true" if does else "")


def searches(wanted: str) -> Proof:
    """Return the proof of which registries are searched."""
    return lambda world: podman(world, "info", "--format", "{{.Registries.search}}").stdout.strip() == wanted


def host(name: str, plant: Plant, proof: Proof, *fails: str, **more: str) -> Host:
    """Return a host that is about these rules alone; its twin is the one on which nothing is planted."""
    passes = {f"HC-POD-0{number} root": "pass" for number in range(2, 7)}
    also = {**{key: result for key, result in passes.items() if key not in fails}, **more}
    twin = "" if name == PLAIN else PLAIN
    return Host(name=name, plant=plant, proof=proof, fails=fails, also=also, twin=twin, alone=True, **SERVER)


PLAIN = "Podman as it should be"
KEPT = (POLICY, REJECT)
HOSTS = [
    host(PLAIN, files(KEPT), both(gives("private", "{{.HostConfig.PidMode}}"), pulls(does=False))),
    host("the processes of the host", files(KEPT, (CONF, '[containers]\npidns="host"\n')), gives("host", "{{.HostConfig.PidMode}}"), "HC-POD-02 root"),
    host("privileged, in capitals", files(KEPT, (CONF, "[Containers]\nPRIVILEGED=true\n")), gives("true", "{{.HostConfig.Privileged}}"), "HC-POD-02 root"),
    host(
        "a drop-in that corrects the file",
        files(KEPT, (CONF, '[containers]\npidns="host"\n'), (f"{CONF}.d/10.conf", '[containers]\npidns="private"\n')),
        gives("private", "{{.HostConfig.PidMode}}"),
    ),
    host(
        "a drop-in that undoes it",
        files(KEPT, (f"{CONF}.d/10.conf", '[containers]\npidns="private"\n'), (f"{CONF}.d/9.conf", '[containers]\npidns="host"\n')),
        gives("host", "{{.HostConfig.PidMode}}"),
        "HC-POD-02 root",
    ),
    host(
        "a file in root's home",
        files(KEPT, (CONF, '[containers]\npidns="private"\n'), ("/root/.config/containers/containers.conf", '[containers]\npidns="host"\n')),
        gives("host", "{{.HostConfig.PidMode}}"),
        "HC-POD-02 root",
    ),
    host(
        "one capability more",
        files(KEPT, (CONF, '[containers]\ndefault_capabilities=["SYS_ADMIN",{append=true}]\n')),
        gives("true", '{{$found := false}}{{range .EffectiveCaps}}{{if eq . "CAP_SYS_ADMIN"}}{{$found = true}}{{end}}{{end}}{{$found}}'),
        "HC-POD-02 root",
    ),
    host(
        "a directory for every container",
        files(KEPT, (CONF, '[containers]\nvolumes=["/usr:/b"]\n')),
        gives("/usr", "{{range .Mounts}}{{.Source}}{{end}}"),
        "HC-POD-06 root",
    ),
    host("any image", files((POLICY, ANYTHING)), pulls(does=True), "HC-POD-03 root"),
    host("any image, by root's home", files(KEPT, ("/root/.config/containers/policy.json", ANYTHING)), pulls(does=True), "HC-POD-03 root"),
    host(
        "an insecure registry",
        files(KEPT, (REGISTRIES, '[[registry]]\nlocation="a.example.org"\ninsecure=true\n')),
        insecure("a.example.org", does=True),
        "HC-POD-04 root",
    ),
    host(
        "an insecure registry that a drop-in corrects",
        files(
            KEPT,
            (REGISTRIES, '[[registry]]\nlocation="a.example.org"\ninsecure=true\n'),
            (f"{REGISTRIES}.d/1.conf", '[[registry]]\nlocation="a.example.org"\n'),
        ),
        lambda world: not insecure("a.example.org", does=True)(world),
    ),
    host(
        "an insecure registry on this host",
        files(KEPT, (REGISTRIES, '[[registry]]\nlocation="localhost:5000"\ninsecure=true\n')),
        insecure("localhost:5000", does=True),
    ),
    host(
        "two registries to search", files(KEPT, (REGISTRIES, 'unqualified-search-registries=["a.org","b.org"]\n')), searches("[a.org b.org]"), "HC-POD-05 root"
    ),
    host(
        "two registries to search, by root's home",
        files(KEPT, ("/root/.config/containers/registries.conf", 'unqualified-search-registries=["a.org","b.org"]\n')),
        searches("[a.org b.org]"),
        "HC-POD-05 root",
    ),
    host(
        "two registries and a question",
        files(KEPT, (REGISTRIES, 'unqualified-search-registries=["a.org","b.org"]\nshort-name-mode="enforcing"\n')),
        searches("[a.org b.org]"),
    ),
    host("ids of their own without any", files(KEPT, (CONF, '[containers]\nuserns="auto"\n')), starts(does=False), "HC-POD-07"),
    host(
        "ids of their own",
        all_of(
            files(KEPT, (CONF, '[containers]\nuserns="auto"\n')),
            lambda world: world.run("sh", "-ec", "echo containers:3000000:65536 | tee -a /etc/subuid >> /etc/subgid") and None,
        ),
        starts(does=True),
        **{"HC-POD-07": "pass"},
    ),
    host(
        "alice's own file",
        files(KEPT, ("~/.config/containers/containers.conf", '[containers]\npidns="host"\n'), user="alice"),
        both(gives("host", "{{.HostConfig.PidMode}}", "alice"), gives("private", "{{.HostConfig.PidMode}}")),
        "HC-POD-02 {home}/alice",
    ),
    host(
        "alice's own file against root's",
        files(KEPT, (CONF, '[containers]\npidns="host"\n'), ("~/.config/containers/containers.conf", '[containers]\npidns="private"\n'), user="alice"),
        both(gives("private", "{{.HostConfig.PidMode}}", "alice"), gives("host", "{{.HostConfig.PidMode}}")),
        "HC-POD-02 root",
        **{"HC-POD-02 {home}/alice": "pass"},
    ),
    host(
        "alice's own policy",
        files(KEPT, ("~/.config/containers/policy.json", ANYTHING), user="alice"),
        pulls(does=True, user="alice"),
        "HC-POD-03 {home}/alice",
    ),
    host(
        "a file that Podman refuses",
        files(KEPT, (f"{CONF}.d/x.conf", "= no TOML\n")),
        starts(does=False),
        **{"HC-POD-02 root": "unknown", "HC-POD-06 root": "unknown", "HC-POD-07 *": "unknown"},
    ),
]
