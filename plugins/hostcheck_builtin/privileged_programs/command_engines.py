"""What clients of engines do with arguments: which only show or stop something, and which start a container that has the host in it."""

from collections.abc import Mapping
from typing import Final

from hostcheck_builtin.privileged_programs.command_words import (
    AS_USER,
    FREE,
    HARMLESS,
    HERE,
    HOST,
    INSIDE,
    ROOTS,
    UNKNOWN,
    Call,
    Does,
    Judge,
    Words,
    is_free,
    part,
    taken,
)
from hostcheck_builtin.system import option_words

RUN_VALUES: Final = (
    "-v -e -p -u -w -h -l -m -c -a --volume --mount --device --cap-add --pid --userns --ipc --uts --net --network --name --env --env-file --publish --user "
    "--workdir --entrypoint --security-opt --label --memory --cpus --restart --add-host --dns --log-driver --log-opt --tmpfs --ulimit --hostname --runtime"
)
EXEC_VALUES: Final = "-e -u -w --env --env-file --user --workdir --detach-keys"
ROOT: Final = ("", "root", "0")
PLACES: Final = ("/etc", "/root", "/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib", "/usr", "/bin", "/sbin", "/lib", "/boot", "/home", "/var")
"""By each of these directories of the host root can be had, or by what stands above it."""
RIGHTS: Final = frozenset("ALL SYS_ADMIN SYS_MODULE SYS_RAWIO SYS_PTRACE DAC_READ_SEARCH DAC_OVERRIDE SYS_BOOT MKNOD BPF".split())


def _run(words: Words) -> Does:
    """Return what it is to start a container: by what the options before its image say of the host."""
    star = next((at for at, word in enumerate(words) if is_free(word)), None)
    _, rest = part(words[:star], RUN_VALUES, anywhere=False)
    if star is not None and not rest:
        return FREE
    behind = words[:star]
    return HOST if _has_host(behind[: len(behind) - len(rest)]) else UNKNOWN


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


def _inside(call: Call) -> Does:
    """Return what it is to run a program in a container that runs: without its input (-i) the caller tells it nothing beyond the words in the rule.

    With its input it does no harm where it gives its caller nothing on a host either. Behind the name of the container no word is an option, and a user of
    the container's who is not root has no rights in it (docker-exec(1)).
    """
    words = call.rest[1:]
    options, rest = part(words, EXEC_VALUES, anywhere=False)
    if any(map(is_free, words[: len(words) - max(len(rest) - 1, 0)])) or "--privileged" in options:
        return INSIDE
    if len(rest) < 2:
        return UNKNOWN
    if options.get("-u", options.get("--user", "root")).partition(":")[0] not in ROOT:
        return AS_USER
    if any(map(is_free, rest)):
        return INSIDE
    interactive = any("i" in one if one[:2] != "--" else one == "--interactive" for one in options)
    return HARMLESS if not interactive or call.again(rest[1], rest[2:]).kind == HARMLESS.kind else INSIDE


def _is_hosts(path: str) -> bool:
    """Say whether root can be had by a directory of the host: that in which the caller is may be any."""
    if path in (".", "..") or path.startswith(("./", "../")):
        return True
    plain = path.rstrip("/") if path.startswith("/") else "."
    return not plain or plain in PLACES or plain.endswith((".sock", "/docker")) or plain.startswith(("/etc/", "/root/", "/usr/", "/boot/", "/proc/"))


def _compose(call: Call) -> Does:
    """Return what a file of compose makes of it: that of the working directory where none is named (docs.docker.com, "docker compose")."""
    if files := option_words.values(call.told, "file"):
        found = taken(*files)
        return UNKNOWN._replace(runs=found.runs) if found.runs else found
    return UNKNOWN if call.has("--project-directory -p --project-name") else HERE


def _attached(call: Call) -> Does | None:
    """Return what it is to start a container that was there: its caller may talk to what runs in it."""
    return UNKNOWN if not {"-a", "-i", "--attach", "--interactive"}.isdisjoint(part(call.rest[1:])[0]) else None


JUDGES: Final[Mapping[str, Judge]] = {
    "container": lambda call: _run(call.rest[1:]),
    # Out of a container and into it: by two calls any file of the host is one of the caller's.
    "container-copy": lambda call: ROOTS if any(map(is_free, call.rest[1:])) else UNKNOWN,
    "attached": _attached,
    "inside": _inside,
    "compose": _compose,
    "compose-of-engine": lambda call: call.again("docker-compose", call.rest[1:]),
    # `docker container ls` is `docker ls`
    "of-noun": lambda call: call.again(call.name, call.rest[1:]),
    "client-of-verb": lambda call: call.again(call.rest[0], call.rest[1:]),
}
