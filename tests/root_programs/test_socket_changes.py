"""What root changes of a socket after a boot, form by form, each with a twin that changes nothing.

That a booted systemd lets the same users in is compared in tests/hosts.
"""

from typing import Any

import pytest
from root_programs.root_host import facts, file

from hostcheck.model import Hole

ETC, LIB, SOCKET = "/etc/systemd/system", "/usr/lib/systemd/system", "/run/docker.sock"
DROP_IN = f"{ETC}/docker.service.d/x.conf"
TABLE = "/etc/cron.d/site"
UNITS = {
    "/usr/lib/systemd/systemd": "\x7fELF",
    "/run/systemd/system/x": "",
    "/etc/debian_version": "13\n",
    f"{ETC}/docker.socket": "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n",
    f"{ETC}/docker.service": "[Unit]\nRequires=docker.socket\n[Service]\nExecStart=/usr/sbin/dockerd -H fd://\n",
    f"{LIB}/rc-local.service": "[Service]\nExecStart=/etc/rc.local start\n",
}
LINKS = {f"{ETC}/sockets.target.wants/docker.socket": f"{ETC}/docker.socket"}
DENIED = PermissionError(13, "no")
BY_SCRIPT = f"[Service]\nExecStart=/opt/a.sh {SOCKET}\n"
CHMOD = f"{SOCKET} 0666"


def changes(files: dict[str, Any], **more: Any) -> Any:
    found = facts({**UNITS, **files}, links=LINKS, **more)["sockets"]
    assert list(found) in ([SOCKET], [])
    return found[SOCKET] if found else found


def said(found: Any) -> list[str]:
    """Return each change as place, path, and what it gives."""

    def one(change: Any) -> str:
        named = [f"{entry['tag']}:{entry['name']}" for entry in change["acl"]]
        owners = f"{change['user']}:{change['group']}"
        given = [change["mode"] if change["mode"] != "0000" else "", owners if owners != ":" else "", *named]
        return " ".join([change["place"], change["path"], *filter(None, given)])

    each = ["not known" if isinstance(change, Hole) else one(change) for change in found.values()]
    return each + (["hole"] if getattr(found, "hole", None) else [])


def post(*commands: str) -> dict[str, str]:
    return {DROP_IN: "[Service]\n" + "".join(f"ExecStartPost={command}\n" for command in commands)}


def job(command: str) -> dict[str, str]:
    return {TABLE: f"@reboot root {command}\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, []),
        (post(f"/bin/chmod 666 {SOCKET}"), [f"{DROP_IN} {CHMOD}"]),
        (post("-+/bin/chmod 666 %t/docker.sock"), [f"{DROP_IN} {CHMOD}"]),
        (post(f"/bin/chmod 666 {SOCKET}.old", "/bin/chmod 666 /run/other.sock"), []),
        (post(f"/bin/sh -c 'sleep 1; chgrp users {SOCKET}'"), [f"{DROP_IN} {SOCKET} :users"]),
        (post(f"/usr/bin/setfacl -m u:bob:rw /var{SOCKET}"), [f"{DROP_IN} {SOCKET} user:bob"]),
        (post("/bin/chmod -R o+rwX /run"), [f"{DROP_IN} {SOCKET} 0007", f"{DROP_IN} /run 0007"]),
        ({**post(f"/bin/chmod 666 {SOCKET}"), f"{ETC}/docker.service.d/z.conf": "[Service]\nExecStartPost=\n"}, []),
        ({DROP_IN: f"[Service]\nUser=ann\nExecStartPost=/bin/chmod 666 {SOCKET}\n"}, []),
        ({DROP_IN: f"[Service]\nExecReload=/bin/chmod 666 {SOCKET}\n"}, []),
        ({f"{ETC}/docker.socket.d/x.conf": f"[Socket]\nExecStartPre=-/bin/chmod 666 {SOCKET}\n"}, []),
        ({f"{ETC}/docker.socket.d/x.conf": f"[Socket]\nExecStartPost=/bin/chmod 666 {SOCKET}\n"}, [f"{ETC}/docker.socket.d/x.conf {CHMOD}"]),
        ({f"{ETC}/o.service": f"[Service]\nExecStart=/bin/chmod 666 {SOCKET}\n"}, []),
        (job(f"chmod 666 {SOCKET}"), [f"{TABLE}:1 {CHMOD}"]),
        (job("cd /run && chmod 666 docker.sock"), [f"{TABLE}:1 {CHMOD}"]),
        (job("chmod 666 /run/*.sock"), [f"{TABLE}:1 {CHMOD}"]),
        (job("chmod 666 /run/{podman,docker}.sock"), [f"{TABLE}:1 {CHMOD}"]),
        (job(f"sudo nice chmod 666 {SOCKET}"), [f"{TABLE}:1 {CHMOD}"]),
        ({TABLE: f"@reboot ann chmod 666 {SOCKET}\n"}, []),
        ({**job(f"chmod 666 {SOCKET}"), "/usr/sbin/cron": None}, []),
        (job(f"if true; then chmod 666 {SOCKET}; fi"), ["not known"]),
        (job(f"while ! [ -S {SOCKET} ]; do sleep 1; done; chmod 666 {SOCKET}"), [f"{TABLE}:1 {CHMOD}"]),
        (job(f"for s in /run/podman.sock {SOCKET}; do chmod 666 $s; done"), ["not known"]),
        (job("for s in docker podman; do chmod 666 /run/$s.sock; done"), ["not known"]),
        (job("for s in docker podman; do chmod 666 /run/$s; done"), []),
        (job(f"S={SOCKET}; chmod 666 $S"), [f"{TABLE}:1 {CHMOD}"]),
        (job(f"S={SOCKET}; chmod 666 $(cat /etc/s)"), ["not known"]),
        (job("find /run -name docker.sock -exec chmod 666 {} +"), ["not known"]),
        (job("chmod --reference=/tmp/x /run/docker.sock"), ["not known"]),
        (job("setfacl -dm u:bob:rw /run"), ["not known"]),
        (job("docker -H unix:///run/docker.sock ps; chmod 755 /opt/x"), []),
        ({"/etc/udev/rules.d/a.rules": f'SUBSYSTEM=="net", RUN+="/bin/chmod 666 {SOCKET}"\n'}, [f"/etc/udev/rules.d/a.rules:1 {CHMOD}"]),
    ],
)
def test_a_command_that_root_runs(files: dict[str, Any], expected: list[str]) -> None:
    assert said(changes(files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/opt/a.sh": f"#!/bin/sh\nchmod 666 {SOCKET}\n"}, [f"/opt/a.sh:2 {CHMOD}"]),
        ({"/opt/a.sh": "#!/bin/sh\n/opt/b.sh\n", "/opt/b.sh": f"#!/bin/sh\n\nchmod 666 {SOCKET}\n"}, [f"/opt/b.sh:3 {CHMOD}"]),
        ({"/opt/a.sh": "#!/bin/sh\nif x; then /opt/b.sh; fi\n", "/opt/b.sh": f"#!/bin/sh\nchmod 666 {SOCKET}\n"}, ["not known"]),
        ({"/opt/a.sh": "#!/bin/sh\n/opt/a.sh; /opt/b.sh\n", "/opt/b.sh": "#!/bin/sh\n/opt/a.sh\n"}, []),
        ({"/opt/a.sh": '#!/bin/sh\nchmod 666 "$1"\n'}, ["not known"]),
        ({"/opt/a.sh": "#!/bin/sh\nchmod 666 /opt/x\n"}, []),
        ({"/opt/a.sh": "#!/usr/bin/python3\nimport os, sys\nos.chmod(sys.argv[1], 0o666)\n"}, ["not known"]),
        ({"/opt/a.sh": "#!/usr/bin/python3\nimport docker\n"}, []),
        ({"/opt/a.sh": DENIED}, ["hole"]),
        ({"/opt/a.sh": "#!/bin/sh\n/opt/b.sh\n", "/opt/b.sh": DENIED}, ["hole"]),
    ],
)
def test_a_script_that_root_runs(files: dict[str, Any], expected: list[str]) -> None:
    by_unit = {f"{ETC}/docker.service.d/x.conf": f"[Service]\nExecStartPost=/opt/a.sh {SOCKET}\n"}
    assert said(changes({**by_unit, **files})) == expected
    assert said(changes({**job(f"/opt/a.sh {SOCKET}"), **files})) == expected


LINES = {"/etc/tmpfiles.d/x.conf": f"z {SOCKET} 0666 - - -\na+ /var{SOCKET} - - - - u:bob:rw\nZ /run/other - - users\n"}


def test_lines_of_tmpfiles_d_count_where_they_are_read_after_the_socket_was_made() -> None:
    opened = [f"/etc/tmpfiles.d/x.conf:1 {CHMOD}", f"/etc/tmpfiles.d/x.conf:2 {SOCKET} user:bob"]
    assert said(changes({**LINES, **post("/usr/bin/systemd-tmpfiles --create")})) == opened
    assert said(changes({**LINES, **job("if x; then systemd-tmpfiles --create; fi")})) == ["not known", "not known"]
    assert said(changes({**LINES, **post("/usr/bin/systemd-tmpfiles --clean")})) == said(changes(LINES)) == []
    own = f"{LIB}/systemd-tmpfiles-setup.service"
    by_systemd = {
        own: "[Service]\nExecStart=systemd-tmpfiles --create --remove --boot\n",
        f"{LIB}/sysinit.target": "[Unit]\nWants=systemd-tmpfiles-setup.service\n",
    }
    assert said(changes({**LINES, **by_systemd})) == []
    assert said(changes({"/etc/tmpfiles.d/x.conf": DENIED, **post("/usr/bin/systemd-tmpfiles --create")})) == ["hole"]


def test_of_a_program_in_machine_language_it_is_not_known_what_it_does_beside_a_service() -> None:
    program = {"/opt/a": b"\x7fELF", "/usr/bin/a": b"\x7fELF"}
    assert said(changes({**post(f"/opt/a {SOCKET}"), **program})) == ["not known"]
    assert said(changes({**post("/opt/a", f"/usr/bin/a {SOCKET}"), **program})) == []
    assert said(changes({DROP_IN: f"[Service]\nExecStart=\nExecStart=/opt/a {SOCKET}\n", **program})) == []


def test_the_script_of_the_host_s_own_is_run_where_it_may_be_run() -> None:
    script = {"/etc/rc.local": f"#!/bin/sh\nchmod 666 {SOCKET}\n"}
    assert said(changes(script, stats={"/etc/rc.local": file(mode=0o755)})) == [f"/etc/rc.local:2 {CHMOD}"]
    assert said(changes(script, stats={"/etc/rc.local": file(mode=0o644)})) == []
    assert said(changes({"/etc/init.d/x": f"#!/bin/sh\nchmod 666 {SOCKET}\n"})) == ["not known"]


@pytest.mark.parametrize("place", [TABLE, DROP_IN, "/etc/udev/rules.d/a.rules", "/var/spool/cron/crontabs/root"])
def test_what_root_runs_and_cannot_be_read_leaves_all_open(place: str) -> None:
    assert "hole" in said(changes({place: DENIED}))


def test_what_a_users_file_keeps_from_being_read_is_that_users_alone() -> None:
    assert said(changes({"/home/ann/.profile": DENIED, "/var/spool/cron/crontabs/ann": DENIED})) == []


def test_very_many_commands_are_not_all_told() -> None:
    found = changes(post(*(f"/bin/chmod 66{number % 8} /run/docker.sock" for number in range(8)), *(f"/bin/chgrp g{number} {SOCKET}" for number in range(90))))
    assert len(found) == 51 and isinstance(found["more"], Hole)


def test_without_a_socket_nothing_is_looked_for() -> None:
    assert facts({**job(f"chmod 666 {SOCKET}")})["sockets"] == {}
