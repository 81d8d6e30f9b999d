"""Stands for systemctl and loginctl in a throwaway host, in which no systemd runs; `pasting.py` mounts it over both there.

What works offline (enable, disable, mask, cat) is done by the real one. Starting and stopping ends or starts again the processes of this host that stand for
a unit, as systemd would: without daemon-reload a new drop-in counts for nothing, a service that restarts keeps its socket, and where that still listens
the next client would start a stopped service again. What loginctl ends are all processes of a user's.
"""

import fcntl
import grp
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

PLACE = "@PLACE@"
"""Where the real programs are, and the log of what is started again."""
PASSED = ("enable", "disable", "mask", "unmask", "preset", "revert", "cat", "is-enabled", "list-unit-files")
ENDING = {"disable", "mask", "stop", "kill"}
STARTING = {"enable", "start", "restart", "try-restart", "reload-or-restart", "try-reload-or-restart"}
PROGRAMS = {"dockerd": "docker", "rootlesskit": "docker", "containerd": "containerd", "podman": "podman", "crio": "crio", "buildkitd": "buildkit"}
NAMES = {"podman.sock": "podman", "containerd.sock": "containerd", "crio.sock": "crio", "buildkitd.sock": "buildkit"}
BY_SOCKET = ("docker", "podman")
"""The engines that systemd starts when somebody connects."""
OF_UNITS = {"/run/docker.sock": "docker.socket", "/run/podman/podman.sock": "podman.socket"}
"""The sockets that systemd makes, as their units say; the others are made by the engine, for its group and for nobody else."""
UNITS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")


def read(path: str) -> str:
    """Return what a file of /proc holds, "" where it is gone."""
    with suppress(OSError), open(path, errors="replace") as told:
        return told.read()
    return ""


def link(path: str) -> str:
    """Return where a link of /proc leads, "" where that cannot be seen."""
    with suppress(OSError):
        return os.readlink(path)
    return ""


def parent(pid: int) -> int:
    """Return the parent of a process, 0 where there is none."""
    found = re.search(r"^PPid:\t(\d+)", read(f"/proc/{pid}/status"), re.MULTILINE)
    return int(found[1]) if found else 0


def ancestors(pid: int) -> list[int]:
    """Return a process and those above it."""
    line = []
    while pid > 1:
        line.append(pid)
        pid = parent(pid)
    return line


def mine() -> dict[int, int]:
    """Return the processes of this host by pid, with the uid of each; not those that run this."""
    views = {kind: link(f"/proc/self/ns/{kind}") for kind in ("mnt", "net")}
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    here = {pid for pid in pids if any(link(f"/proc/{pid}/ns/{kind}") == view for kind, view in views.items())}
    running = set(ancestors(os.getpid()))
    found = {}
    for pid in pids:
        if pid not in running and here & set(ancestors(pid)):
            with suppress(OSError):
                found[pid] = os.stat(f"/proc/{pid}").st_uid
    return found


def arguments(pid: int) -> list[str]:
    """Return the command line of a process."""
    return read(f"/proc/{pid}/cmdline").split("\0")[:-1]


def listens_at(pid: int) -> str:
    """Return the socket at which a process that is an engine's listens."""
    argv = arguments(pid)
    places = [word.removeprefix("unix://") for word in argv if word.startswith("unix://")]
    return argv[3] if is_fake(argv) else places[-1] if places else "/run/containerd/containerd.sock" if argv[:1] == ["containerd"] else ""


def is_fake(argv: list[str]) -> bool:
    """Say whether a command line is that of speaking.py."""
    return len(argv) > 3 and argv[2].endswith("/engine.py")


def engine(pid: int) -> str:
    """Return the name of the engine that a process stands for, "" where it is none."""
    argv = arguments(pid)
    if is_fake(argv):
        return NAMES.get(os.path.basename(argv[3]), "docker")
    name = PROGRAMS.get(read(f"/proc/{pid}/comm").strip(), "")
    return name if name != "podman" or "service" in argv else ""


def engines(uid: int) -> dict[int, str]:
    """Return the engines of a user's that run in this host: of processes below one another the uppermost."""
    found = {pid: name for pid, owner in mine().items() if owner == uid and (name := engine(pid))}
    return {pid: name for pid, name in found.items() if not set(ancestors(pid)[1:]) & set(found)}


def end(pids: list[int]) -> None:
    """End processes and wait until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    last = time.monotonic() + 15
    while any("Z" not in re.findall(r"^State:\t(\w)", read(f"/proc/{pid}/status"), re.MULTILINE) for pid in pids if os.path.exists(f"/proc/{pid}")):
        if time.monotonic() > last:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def fresh(path: str) -> bool:
    """Say whether a file was there when the units were read last."""
    return os.stat(path).st_mtime_ns <= os.stat(f"{PLACE}/reloaded").st_mtime_ns


def settings(unit: str) -> dict[str, str]:
    """Return what the drop-ins of a unit set, as far as they have been read."""
    folders = [f"{place}/{unit}.d" for place in reversed(UNITS)]
    paths = [f"{folder}/{name}" for folder in folders if os.path.isdir(folder) for name in sorted(os.listdir(folder)) if name.endswith(".conf")]
    return {key: value for path in paths if fresh(path) for key, value in re.findall(r"^\s*(\w+)\s*=\s*(.*?)\s*$", read(path), re.MULTILINE)}


def start_again(pid: int, argv: list[str], environment: dict[str, str], path: str) -> None:
    """Start what ran before, by the same user, and wait until it accepts connections."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    with open(f"{PLACE}/log", "ab") as log:
        subprocess.Popen(argv, env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    last = time.monotonic() + 30
    while True:
        with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
            line.connect(path)
            return
        if time.monotonic() > last:
            sys.exit(f"stand-in: {argv} did not start again (it was {pid})")
        time.sleep(0.02)


def planted() -> dict[str, list[int]]:
    """Return owner, group and mode of the sockets as they were before anything was pasted: what the units of this host set."""
    with open(f"{PLACE}/planted") as told:
        return dict(json.load(told))


def remember() -> int:
    """Keep what the sockets of root's engines are."""
    places = [path for pid in engines(0) if os.path.exists(path := listens_at(pid))]
    with open(f"{PLACE}/planted", "w") as kept:
        json.dump({path: [place.st_uid, place.st_gid, place.st_mode & 0o777] for path in places for place in [os.stat(path)]}, kept)
    return 0


def made_by(name: str, path: str) -> None:
    """Give a new socket what the engine itself or its .socket unit gives it."""
    uid, gid, mode = 0, 0, 0o660
    if name in BY_SOCKET:
        uid, gid, mode = planted().get(path, (uid, gid, mode))
        told = settings(OF_UNITS[path]) if path in OF_UNITS else {"SocketMode": f"{mode & 0o770:o}", "SocketUser": "root"}
        mode = int(told.get("SocketMode", f"{mode:o}"), 8)
        uid = pwd.getpwnam(told["SocketUser"]).pw_uid if told.get("SocketUser") else uid
        gid = grp.getgrnam(told["SocketGroup"]).gr_gid if told.get("SocketGroup") else gid
    if name == "containerd":
        grpc = re.search(r"^\s*\[grpc\](.*?)(?=^\s*\[|\Z)", read("/etc/containerd/config.toml"), re.MULTILINE | re.DOTALL)
        ids = dict(re.findall(r"^\s*(uid|gid)\s*=\s*(\d+)", grpc[1], re.MULTILINE)) if grpc else {}
        uid, gid = int(ids.get("uid", 0)), int(ids.get("gid", 0))
    os.chown(path, uid, gid)
    os.chmod(path, mode)


def boot() -> int:
    """Start root's engines as after a reboot, with the units as they are now; real ones stay."""
    os.utime(f"{PLACE}/reloaded")
    for pid, name in engines(0).items():
        if is_fake(arguments(pid)):
            restart(pid, name, socket_too=True)
    return 0


def restart(pid: int, name: str, *, socket_too: bool) -> None:
    """Restart an engine; its socket stays as it is where only its service is restarted and systemd holds it."""
    argv, path = arguments(pid), listens_at(pid)
    environment = dict(pair.partition("=")[::2] for pair in read(f"/proc/{pid}/environ").split("\0") if pair)
    kept = subprocess.run(["getfacl", "--absolute-names", "--numeric", path], check=True, capture_output=True).stdout
    end([pid])
    start_again(pid, argv, environment, path)
    if socket_too or name not in BY_SOCKET:
        made_by(name, path)
    elif is_fake(argv):
        subprocess.run(["setfacl", "--restore=-"], input=kept, check=True)


def exists(unit: str) -> bool:
    """Say whether there is a unit file of this name."""
    return any(os.path.lexists(f"{place}/{unit}") for place in UNITS)


def masked(unit: str) -> bool:
    """Say whether a unit is masked."""
    return any(link(f"{place}/{unit}") == "/dev/null" for place in UNITS)


def act(verb: str, units: list[str], uid: int) -> int:
    """Do to what stands for these units what systemd would; return the exit code."""
    code, done = 0, set[str]()
    running = engines(uid)
    asked = {unit if "." in unit else f"{unit}.service" for unit in units}
    for unit in sorted(asked):
        name, _, kind = unit.rpartition(".")
        stands = [pid for pid, its in running.items() if its == name]
        if uid == 0 and not stands and not exists(unit):
            print(f"Failed to {verb} {unit}: Unit {unit} not loaded.", file=sys.stderr)
            code = 5
            continue
        held = name in BY_SOCKET and uid == 0
        if verb in ENDING:
            if held and kind == "service" and stands and f"{name}.socket" not in asked and not masked(f"{name}.socket"):
                print(f"Stopping '{unit}', but its triggering units are still active:\n{name}.socket", file=sys.stderr)
                continue
            end(stands)
        elif verb in STARTING:
            if masked(unit):
                print(f"Failed to {verb} {unit}: Unit {unit} is masked.", file=sys.stderr)
                code = 1
            elif verb not in ("start", "enable") and name not in done:
                for pid in stands:
                    restart(pid, name, socket_too=held and f"{name}.socket" in asked)
                done.add(name)
    return code


def real(program: str, words: list[str], uid: int) -> int:
    """Let the real program do what it does where no systemd runs."""
    who = pwd.getpwuid(uid)
    environment = {**os.environ, "HOME": who.pw_dir, "XDG_RUNTIME_DIR": f"/run/user/{uid}"} if uid else dict(os.environ)
    switched = ["setpriv", f"--reuid={uid}", f"--regid={who.pw_gid}", "--init-groups"] if uid and not os.geteuid() else []
    return subprocess.run([*switched, f"{PLACE}/{program}", *words], env=environment, check=False).returncode


def systemctl(words: list[str]) -> int:
    """Act as systemctl."""
    machine = next((re.split("[= ]", word, maxsplit=1)[1] for word in words if word.startswith("--machine=")), "")
    if "-M" in words:
        machine = words.pop(words.index("-M") + 1)
        words.remove("-M")
    words = [word for word in words if not word.startswith("--machine=")]
    uid = os.geteuid()
    if machine:
        uid = pwd.getpwnam(machine.partition("@")[0]).pw_uid
    elif "--user" in words and os.environ.get("XDG_RUNTIME_DIR") != f"/run/user/{uid}":
        print("Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined", file=sys.stderr)
        return 1
    elif uid and "--user" not in words:
        print("Interactive authentication required.", file=sys.stderr)
        return 1
    plain = [word for word in words if not word.startswith("-")]
    verb, units = (plain[0], plain[1:]) if plain else ("list-units", [])
    if verb in ("daemon-reload", "reset-failed"):
        os.utime(f"{PLACE}/reloaded") if not uid else None
        return 0
    if verb in PASSED:
        code = real("systemctl", [word for word in words if word != "--now"], uid)
        os.utime(f"{PLACE}/reloaded") if not uid else None
        return code or (act(verb, units, uid) if "--now" in words else 0)
    if verb in ENDING | STARTING:
        return act(verb, units, uid)
    print(f"stand-in: no systemd runs here that could {verb}", file=sys.stderr)
    return 99


def loginctl(words: list[str]) -> int:
    """Act as loginctl."""
    verb, *names = [word for word in words if not word.startswith("-")]
    for name in names:
        try:
            who = pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
            uid = who.pw_uid
        except KeyError:
            if not name.isdigit():
                print(f"Failed to look up user {name}: No such process", file=sys.stderr)
                return 1
            uid = int(name)
        note = f"/var/lib/systemd/linger/{name}"
        if verb == "terminate-user":
            pids = [pid for pid, owner in mine().items() if owner == uid]
            if not pids and not os.path.exists(note):
                print(f"Failed to terminate user {name}: User ID {uid} is not logged in or lingering", file=sys.stderr)
                return 1
            end(pids)
        elif verb == "disable-linger":
            with suppress(FileNotFoundError):
                os.unlink(note)
        elif verb == "enable-linger":
            os.makedirs(os.path.dirname(note), exist_ok=True)
            os.close(os.open(note, os.O_CREAT | os.O_WRONLY, 0o644))
        else:
            print(f"stand-in: no logind runs here that could {verb}", file=sys.stderr)
            return 99
    return 0


def processes() -> int:
    """Print the processes of this host."""
    print(*mine())
    return 0


OURS = {"processes": processes, "remember": remember, "boot": boot}
"""What the tests themselves call."""


def main() -> int:
    """Act as the program by whose name this was called; one at a time, as systemd does."""
    name = os.path.basename(sys.argv[0])
    if name in OURS:
        return OURS[name]()
    with open(f"{PLACE}/reloaded") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return loginctl(sys.argv[1:]) if name == "loginctl" else systemctl(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
