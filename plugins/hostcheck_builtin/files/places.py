"""Where engines keep what they run and believe, by what it is to them and by engine: what they read without being told to.

newuidmap and newgidmap are left out, which the probe subids is about.
"""

from typing import Final

DAEMONS: Final = {
    "dockerd": "docker",
    "containerd": "containerd",
    "crio": "crio",
    "podman": "podman",
    "buildkitd": "buildkit",
    "k3s": "k3s",
    "lxd": "lxd",
    "incusd": "incus",
}
"""The programs that show that an engine is installed."""
HELPERS: Final = (
    *("docker", "docker-containerd", "docker-init", "docker-proxy", "docker-runc", "cri-dockerd", "ctr", "nerdctl", "crictl", "buildctl", "buildkit-runc"),
    *("containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2", "containerd-shim-runsc-v1", "containerd-shim-kata-v2", "kata-runtime"),
    *("runc", "crun", "runsc", "youki", "conmon", "conmonrs", "catatonit", "tini", "pinns", "netavark", "aardvark-dns", "rootlessport", "quadlet"),
    *("buildah", "skopeo", "fuse-overlayfs", "rootlesskit", "rootlessctl", "slirp4netns", "pasta", "passt", "lxc", "incus"),
)
"""What engines and their clients run beside that, each by its name."""
PATH: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")
"""Where systemd lets services look for a program, the first that has it counts (systemd.exec(5), PATH)."""
FOLDERS: Final = (
    *("/usr/libexec/docker", "/usr/lib/docker", "/usr/libexec/podman", "/usr/lib/podman", "/usr/local/libexec/podman", "/usr/local/lib/podman"),
    *("/usr/libexec/crio", "/opt/bin", "/snap/docker/current/bin", "/snap/microk8s/current/bin"),
)
"""Other directories with such programs."""
UNITS: Final = (
    *("docker.service", "docker.socket", "containerd.service", "podman.service", "podman.socket", "podman-restart.service", "crio.service"),
    *("cri-docker.service", "cri-docker.socket", "buildkit.service", "buildkit.socket", "buildkitd.service", "buildkitd.socket", "k3s.service"),
    *("k3s-agent.service", "lxd.service", "lxd.socket", "incus.service", "incus.socket"),
    *("snap.docker.dockerd.service", "snap.microk8s.daemon-containerd.service"),
)
LOAD_PATH: Final = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
"""Where somebody who can make a file makes a unit, or a drop-in for one (systemd.unit(5))."""
ENVIRONMENTS: Final = (
    *("/etc/default/docker", "/etc/sysconfig/docker", "/etc/sysconfig/docker-storage", "/etc/sysconfig/docker-network", "/etc/conf.d/docker"),
    *("/etc/default/containerd", "/etc/sysconfig/containerd", "/etc/sysconfig/crio", "/etc/sysconfig/crio-network", "/etc/conf.d/containerd"),
)
"""What a distribution's unit or start script reads before the engine; it counts where it is there."""
CNI: Final = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", "/etc/cni/net.d")
DOCKER_PLUGINS: Final = ("/etc/docker/plugins", "/usr/lib/docker/plugins", "/run/docker/plugins")
"""In which a plugin may have a directory of its own, with files of its name (pluginPaths() of pkg/plugins/discovery.go of moby)."""
CDI: Final = ("/etc/cdi", "/run/cdi")
NETAVARK: Final = tuple(f"/usr{local}/{folder}/netavark" for local in ("/local", "") for folder in ("libexec", "lib"))
NRI: Final = ("/opt/nri/plugins", "/etc/nri/conf.d")
HOOKS_OF_ETC: Final = "/etc/containers/oci/hooks.d"
"""Read by buildah, and by podman 1; by podman from 2 on and CRI-O only where `hooks_dir` names it or is an empty list (ran on podman 5.4.2)."""
HOOKS: Final = (HOOKS_OF_ETC, "/usr/share/containers/oci/hooks.d")
CONTAINERS: Final = (
    *("/etc/containers", "/etc/containers/containers.conf.d", "/etc/containers/registries.conf.d", "/etc/containers/registries.d"),
    *("/etc/containers/storage.conf.d", "/etc/containers/networks", "/etc/containers/systemd", "/run/containers/systemd"),
    *("/usr/share/containers", "/usr/share/containers/systemd", "/etc/containers/certs.d"),
)
"""containers.conf(5), storage.conf(5), registries.conf(5), policy.json(5) and podman-systemd.unit(5), with what is beside them."""
USUAL: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "directories": {"docker": ("/etc/docker", "/etc/docker/certs.d")},
    "plugins": {
        "docker": (*DOCKER_PLUGINS, *CDI),
        "containerd": (*CNI, *CDI, "/opt/containerd/bin", "/opt/containerd/lib", *NRI),
        "crio": (*CNI, *CDI, *HOOKS, *NRI),
        "podman": (*CNI, *CDI, *HOOKS, *NETAVARK),
        "buildkit": (*CDI, "/etc/buildkit/cdi"),
    },
    "runtime_configuration": {
        "containerd": ("/etc/containerd", "/etc/containerd/conf.d", "/etc/containerd/certs.d"),
        "crio": ("/etc/crio", "/etc/crio/crio.conf.d"),
        "buildkit": ("/etc/buildkit",),
        "k3s": ("/etc/rancher/k3s", "/var/lib/rancher/k3s/agent/etc/containerd"),
    },
    "containers_configuration": {"podman": CONTAINERS, "crio": CONTAINERS},
    "data": {
        "docker": ("/var/lib/docker", "/var/snap/docker/common/var-lib-docker"),
        "containerd": ("/var/lib/containerd",),
        "podman": ("/var/lib/containers/storage",),
        "crio": ("/var/lib/containers/storage",),
        "buildkit": ("/var/lib/buildkit",),
        "k3s": ("/var/lib/rancher/k3s/agent/containerd",),
    },
    "commands": {
        "docker": tuple(f"{folder}/docker/cli-plugins" for folder in ("/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec")),
    },
}
"""By what it is and by engine; what is not there counts too where somebody else could make it."""
ROOTS_HOME: Final = "/root"
CREDENTIALS: Final = (
    *(f"{ROOTS_HOME}/.docker/config.json", f"{ROOTS_HOME}/.config/containers/auth.json"),
    *("/run/containers/0/auth.json", "/run/user/0/containers/auth.json", "/var/lib/kubelet/config.json"),
)
"""Where root logs in to registries (containers-auth.json(5))."""
ROOTS_TLS: Final = {f"{ROOTS_HOME}/.docker/{name}.pem": kind for name, kind in (("ca", "certificates"), ("cert", "certificates"), ("key", "keys"))}
"""Where root's docker command and dockerd look where they are told nothing else (installFlags() of moby's daemon options)."""
ROOTS_CONTEXTS: Final = f"{ROOTS_HOME}/.docker/contexts/tls"
REGISTRIES: Final = ("/etc/docker/certs.d", "/etc/containers/certs.d", "/etc/containerd/certs.d")
"""A directory for each registry, with the keys of this host in files that end in .key (containers-certs.d(5))."""


def shims(runtime: str) -> list[str]:
    """Return where containerd looks for the program of a runtime that is called by its type: io.containerd.kata.v2 (BinaryName() of core/runtime/v2)."""
    *_, name, version = ("", *runtime.split("."))[-3:]
    return [f"{folder}/containerd-shim-{name}-{version}" for folder in PATH] if runtime.startswith("io.containerd.") and name and "/" not in runtime else []


def above(kind: str, path: str) -> str:
    """Return the nearest directory above a path that is judged itself, so that who can change that is told there; "" where there is none."""
    usual = LOAD_PATH if kind == "units" else tuple(one for paths in USUAL.get(kind, {}).values() for one in paths)
    return max((one for one in usual if path.startswith(f"{one}/")), key=len, default="")
