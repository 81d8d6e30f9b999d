"""Kinds of places by which root runs, or believes, a file of a user's: whatever that user lays there, it is that user who becomes root.

`{job}` is the file, in a directory of the user's; what reads the place is root's and refuses neither owner nor mode.
"""

from collections.abc import Callable

from hosts.planting import Plant, shell

ENABLED = "mkdir -p /etc/systemd/system/multi-user.target.wants; ln -s ../{name}.service /etc/systemd/system/multi-user.target.wants/{name}.service"
Place = Callable[[str, str], Plant]
"""Given the file and a name that no other place has, what plants it."""


def _text(path: str, text: str, *more: str) -> Place:
    """Return a place that is a text of root's."""

    def place(job: str, name: str) -> Plant:
        told = [word.replace("{job}", job).replace("{name}", name) for word in (path, text, *more)]
        written = f"mkdir -p $(dirname {told[0]}); cat >> {told[0]} <<'END'\n{told[1]}\nEND\nchmod 0644 {told[0]}"
        return shell(CRON, written, *told[2:])

    return place


CRON = "mountpoint -q /usr/local/sbin || mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/sbin; cp /bin/true /usr/local/sbin/cron"
TABLE = "/etc/cron.d/{name}"
UNIT = "/etc/systemd/system/{name}.service"
SCRIPT = "chmod 0755 /etc/site/{name}; echo '* * * * * root /etc/site/{name}' > /etc/cron.d/{name}"
PLACES: dict[str, Place] = {
    "a program of cron": _text(TABLE, "* * * * * root {job}"),
    "a script that root's script of cron reads": _text("/etc/site/{name}", "#!/bin/sh\n. {job}", SCRIPT),
    "a directory of jobs of cron": _text(TABLE, "* * * * * root run-parts {job}"),
    "a directory of cron's PATH": _text(TABLE, "PATH={job}:/usr/bin:/bin\n* * * * * root report"),
    "a program of anacron": _text("/etc/anacrontab", "1 5 {name} {job}"),
    "a program of a unit": _text(UNIT, "[Service]\nExecStart={job}", ENABLED),
    "a file with variables of a unit": _text(UNIT, "[Service]\nEnvironmentFile={job}\nExecStart=/bin/true", ENABLED),
    "a profile of everybody": _text("/etc/profile.d/{name}.sh", ". {job}"),
    "a program of udev": _text("/etc/udev/rules.d/{name}.rules", 'ACTION=="add", RUN+="{job}"'),
    "a program of modprobe": _text("/etc/modprobe.d/{name}.conf", "install {name} {job}"),
    "a directory of libraries": _text("/etc/ld.so.conf.d/{name}.conf", "{job}"),
    "a library of every login": _text("/etc/environment", "LD_PRELOAD={job}"),
    "a program of PAM": _text("/etc/pam.d/login", "session required pam_exec.so {job}"),
    "a program of dockerd's": _text("/etc/docker/daemon.json", '{"runtimes": {"p": {"path": "{job}"}}}'),
    "a library of the linker": _text("/etc/ld.so.preload", "{job}"),
}
"""By kind of place, what plants it."""
