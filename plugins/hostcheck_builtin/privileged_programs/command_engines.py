"""What clients of engines do with arguments: which only show or stop something, and which start a container that has the host in it."""

from typing import Final

from hostcheck_builtin.privileged_programs.command_table import COMMANDS, ENGINE
from hostcheck_builtin.privileged_programs.command_words import (
    FREE,
    HARMLESS,
    HERE,
    HOST,
    LEADING,
    PROMPT,
    TABLE,
    UNKNOWN,
    Call,
    Does,
    Form,
    Words,
    is_free,
    part,
    taken,
)
from hostcheck_builtin.system import option_words

SHOWS: Final = frozenset(
    (
        "ps images info version logs stats top port events history diff search inspect start stop restart kill pause unpause wait rename rm rmi pull ls list "
        "prune df help"
    ).split()
)
"""What starts no container that was not there, and runs nothing in one."""
NOUNS: Final = frozenset("container image volume network system context plugin pod machine secret node service stack".split())
COMPOSE_SHOWS: Final = frozenset("ps logs top images ls version stop kill down pause unpause restart port events config".split())
RUN_VALUES: Final = (
    "-v -e -p -u -w -h -l -m -c -a --volume --mount --device --cap-add --pid --userns --ipc --uts --net --network --name --env --env-file --publish --user "
    "--workdir --entrypoint --security-opt --label --memory --cpus --restart --add-host --dns --log-driver --log-opt --tmpfs --ulimit --hostname --runtime"
)
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


def _docker(call: Call) -> Does:
    verb, rest = call.rest[0], call.rest[1:]
    if verb == "compose":
        return COMPOSE.of("docker-compose", rest, call.again)
    if verb in NOUNS and rest:
        verb, rest = rest[0], rest[1:]
    if is_free(verb):
        return FREE
    if verb in ("run", "create"):
        return _run(rest)
    attached = verb == "start" and not {"-a", "-i", "--attach", "--interactive"}.isdisjoint(part(rest)[0])
    return HARMLESS if verb in SHOWS and not attached else UNKNOWN


def _run(words: Words) -> Does:
    """Return what it is to start a container: by what the options before its image say of the host."""
    star = next((at for at, word in enumerate(words) if is_free(word)), None)
    _, rest = part(words[:star], RUN_VALUES, LEADING)
    if star is not None:
        return UNKNOWN if rest else FREE
    return HOST if _has_host(words[: len(words) - len(rest)]) else UNKNOWN


def _has_host(options: Words) -> bool:
    for word, following in zip(options, (*options[1:], ""), strict=False):
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


def _compose(call: Call) -> Does:
    """Return what a file of compose makes of it: that of the working directory where none is named (docs.docker.com, "docker compose")."""
    if is_free(call.rest[0]):
        return FREE
    if call.rest[0] in COMPOSE_SHOWS:
        return HARMLESS
    if files := option_words.values(call.told, "file"):
        found = taken(*files)
        return UNKNOWN._replace(runs=found.runs) if found.runs else found
    return UNKNOWN if call.has("--project-directory -p --project-name") else HERE


def _other(call: Call) -> Does:
    """Return what other clients do: what only shows something is harmless."""
    verb = call.rest[0]
    if is_free(verb):
        return FREE
    if verb in ("kubectl", "crictl", "ctr") and call.name in ("k3s", "k0s", "rke2", "microk8s"):
        return call.again(verb, call.rest[1:])
    if (call.name, verb) in (("machinectl", "shell"), ("virsh", "edit"), ("kubectl", "edit")):
        return PROMPT
    return HARMLESS if verb in OTHERS_SHOW and not (call.name == "machinectl" and verb == "start") else UNKNOWN


DOCKER: Final = Form(
    "",
    {"-H -c --host --context --config --address --url --connection --identity": UNKNOWN},
    _docker,
    bare=HARMLESS,
    options=TABLE,
)
COMPOSE: Final = Form("", {}, _compose, bare=HARMLESS, options=TABLE)
OTHER: Final = Form(
    "-n --namespace --context --kubeconfig -c --connect -a --address -r --runtime-endpoint",
    {},
    _other,
    bare=lambda call: HARMLESS if not call.words or call.has("--version -v --help") else UNKNOWN,
    options=LEADING,
)
FORMS: Final = {
    **dict.fromkeys((name for name, one in COMMANDS.items() if one.gives == ENGINE), OTHER),
    "docker podman nerdctl podman-remote": DOCKER,
    "docker-compose podman-compose": COMPOSE,
}
