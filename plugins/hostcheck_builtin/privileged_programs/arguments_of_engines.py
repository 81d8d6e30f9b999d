"""What clients of engines do with arguments: which only show or stop something, and which start a container that has the host in it."""

from typing import Final

from hostcheck_builtin.privileged_programs.argument_words import (
    FREE,
    HARMLESS,
    HERE,
    HOST,
    PROMPT,
    UNKNOWN,
    Again,
    Does,
    Words,
    anywhere,
    is_free,
    leading,
    taken,
)

DOCKERS: Final = frozenset("docker podman nerdctl podman-remote".split())
COMPOSES: Final = frozenset("docker-compose podman-compose".split())
GLOBAL: Final = ("-H", "-c", "-l", "-n", "--host", "--context", "--config", "--log-level", "--namespace", "--address", "-a", "--url", "--connection", "--root")
ELSEWHERE: Final = ("-H", "-c", "--host", "--context", "--config", "--address", "--url", "--connection", "--identity")
SHOWS: Final = frozenset(
    (
        "ps images info version logs stats top port events history diff search inspect start stop restart kill pause unpause wait rename rm rmi pull ls list "
        "prune df help"
    ).split()
)
"""What starts no container that was not there, and runs nothing in one."""
NOUNS: Final = frozenset("container image volume network system context plugin pod machine secret node service stack".split())
RUNS: Final = frozenset(("run", "create"))
COMPOSE_SHOWS: Final = frozenset("ps logs top images ls version stop kill down pause unpause restart port events config".split())
RUN_VALUES: Final = (
    "-v -e -p -u -w -h -l -m -c -a --volume --mount --device --cap-add --pid --userns --ipc --uts --net --network --name --env --env-file --publish --user "
    "--workdir --entrypoint --security-opt --label --memory --cpus --restart --add-host --dns --log-driver --log-opt --tmpfs --ulimit --hostname --runtime"
).split()
PLACES: Final = ("/etc", "/root", "/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib", "/usr", "/bin", "/sbin", "/lib", "/boot", "/home", "/var")
"""By each of these directories of the host root can be had, or by what stands above it."""
RIGHTS: Final = frozenset("ALL SYS_ADMIN SYS_MODULE SYS_RAWIO SYS_PTRACE DAC_READ_SEARCH DAC_OVERRIDE SYS_BOOT MKNOD BPF".split())
OTHERS_SHOW: Final = frozenset(
    (
        "version info ps pods list ls images logs inspect stats top get describe explain cluster-info api-resources status state events dominfo domstate "
        "start shutdown reboot net-list pool-list --version -v --help help"
    ).split()
)
"""What other clients show, or do with what is there (kubectl(1), crictl(1), virsh(1), runc(8))."""


def of_docker(_: str, words: Words, __: Again) -> Does:
    """Return what docker and those that are like it do."""
    parted = leading(words, GLOBAL)
    if not parted.rest:
        return Does(UNKNOWN if parted.has(*ELSEWHERE) else HARMLESS)
    if parted.has(*ELSEWHERE):
        return Does(UNKNOWN)
    verb, rest = parted.rest[0], parted.rest[1:]
    if is_free(verb):
        return Does(FREE)
    if verb == "compose":
        return of_compose(verb, rest, __)
    if verb in NOUNS and rest:
        verb, rest = rest[0], rest[1:]
        if is_free(verb):
            return Does(FREE)
    if verb in RUNS:
        return _run(rest)
    attached = verb == "start" and anywhere(rest).has("-a", "-i", "--attach", "--interactive")
    return Does(HARMLESS if verb in SHOWS and not attached else UNKNOWN)


def _run(words: Words) -> Does:
    """Return what it is to start a container: by what the options before its image say of the host."""
    before: list[str] = []
    for word in words:
        if is_free(word):
            options = leading(tuple(before), RUN_VALUES)
            return Does(UNKNOWN if options.rest else FREE)
        before.append(word)
    return Does(HOST if _has_host(words) else UNKNOWN)


def _has_host(words: Words) -> bool:
    options = list(words[: len(words) - len(leading(words, RUN_VALUES).rest)])
    for word, following in zip(options, [*options[1:], ""], strict=False):
        name, sign, given = word.partition("=")
        value = given if sign else following
        if word.startswith("-v") and not word.startswith("--") and len(word) > 2:
            name, value = "-v", word[2:].removeprefix("=")
        if (name == "--privileged" and given != "false") or (name == "--pid" and value == "host"):
            return True
        if name in ("-v", "--volume") and _is_hosts(value.partition(":")[0]):
            return True
        if name == "--mount" and any(_is_hosts(one.partition("=")[2]) for one in value.split(",") if one.partition("=")[0] in ("source", "src")):
            return True
        if name == "--device" and value.startswith(("/dev/sd", "/dev/nvme", "/dev/vd", "/dev/mem", "/dev/dm-", "/dev/mapper")):
            return True
        if name == "--cap-add" and any(one.upper().removeprefix("CAP_") in RIGHTS for one in value.split(",")):
            return True
    return False


def _is_hosts(path: str) -> bool:
    """Say whether root can be had by a directory of the host."""
    plain = path.rstrip("/") if path.startswith("/") else "."
    return not plain or plain in PLACES or plain.endswith((".sock", "/docker")) or plain.startswith(("/etc/", "/root/", "/usr/", "/boot/", "/proc/"))


def of_compose(_: str, words: Words, __: Again) -> Does:
    """Return what a file of compose makes of it: that of the working directory where none is named (docs.docker.com, "docker compose")."""
    parted = leading(words, ("-f", "-p", "--file", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi", "--progress", "--parallel"))
    verb = parted.rest[0] if parted.rest else ""
    if is_free(verb):
        return Does(FREE)
    if not verb or verb in COMPOSE_SHOWS:
        return Does(HARMLESS)
    if parted.has("-f", "--file"):
        file = parted.value("-f", "--file")
        found = taken(file)
        return Does(UNKNOWN, found.runs) if found.runs else found
    return Does(UNKNOWN if parted.has("--project-directory", "-p", "--project-name") else HERE)


def of_other(name: str, words: Words, again: Again) -> Does:
    """Return what other clients do: what only shows something is harmless."""
    parted = leading(words, ("-n", "--namespace", "--context", "--kubeconfig", "-c", "--connect", "-a", "--address", "-r", "--runtime-endpoint"))
    if not parted.rest:
        return Does(HARMLESS if not words or parted.has("--version", "-v", "--help") else UNKNOWN)
    verb = parted.rest[0]
    if is_free(verb):
        return Does(FREE)
    if verb in ("kubectl", "crictl", "ctr") and name in ("k3s", "k0s", "rke2", "microk8s"):
        return again(verb, parted.rest[1:])
    if (name, verb) in (("machinectl", "shell"), ("virsh", "edit"), ("kubectl", "edit")):
        return Does(PROMPT)
    return Does(HARMLESS if verb in OTHERS_SHOW and not (name == "machinectl" and verb == "start") else UNKNOWN)


FUNCTIONS: Final = {**dict.fromkeys(DOCKERS, of_docker), **dict.fromkeys(COMPOSES, of_compose)}
