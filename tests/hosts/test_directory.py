"""A directory as sssd, winbind and OS Login give it to a host: it answers for a number or a name and lists nobody (DOMAIN: users of a name service).

The service is a real module of glibc's, built from directory.c. What it tells convicts, and nothing that it leaves out acquits.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts.planting import PYTHON, D, Plant, all_of, can, connects, end, engine, over, ready, shell
from hosts.rows_paths_by_programs import RULES, sudoers
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import DOCKER_GID

SOURCE = Path(__file__).with_name("directory.c")
ENGINEERS = 7900
OPTIONS = ("--role", "workstation")
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
SLEEPS = "import os, time; os.setgroups([]); os.setgid(7003); os.setuid(7003); print('ready', flush=True); time.sleep(600)"
AS = "import os, pwd, sys; u = pwd.getpwnam(sys.argv[1]); os.initgroups(u.pw_name, u.pw_gid); os.setgid(u.pw_gid); os.setuid(u.pw_uid); "


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the name service."""
    built = tmp_path_factory.mktemp("nss") / "libnss_directory.so.2"
    if shutil.which("gcc") is None:
        pytest.fail("this test needs a compiler for its name service: apt-get install gcc libc6-dev")
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", built, SOURCE], check=True)
    return built


@pytest.fixture
def world(module: Path) -> Iterator[RootlessWorld]:
    """Yield a host whose name service is the directory, beside the files."""
    host = RootlessWorld()
    folder = host.base / "lib"
    folder.mkdir(mode=0o755)
    shutil.copy(module, folder)
    (host.etc / "ld.so.conf.d/directory.conf").write_text(f"{folder}\n")
    host.run("ldconfig", "-X")
    over("/etc/nsswitch.conf", "passwd: files directory\ngroup: files directory\n")(host)
    yield host
    end(host)


def mode(how: str) -> Plant:
    """Return the planting of how the service answers."""
    return shell(f"mkdir -m 0755 /run/directory; echo '{how}' >/run/directory/mode")


def connects_as(world: RootlessWorld, user: str) -> bool:
    """Say whether a user of the directory connects to docker, with the groups that a login gives."""
    return can(world, "root", *PYTHON, AS + CONNECT.replace("sys.argv[1]", "sys.argv[2]"), user, D)


def told(seen: Scan, rule: str, subject: str = D) -> tuple[str, str]:
    """Return the result of a rule, and why."""
    return next((one["result"], one["because"]) for one in seen.report["findings"] if (one["rule"], one["subject"]) == (rule, subject))


def test_who_owns_the_socket_by_number_is_asked_for(world: RootlessWorld, scan: Scanner) -> None:
    """The group of the socket stands in no file."""
    all_of(engine(mode=0o660, group=ENGINEERS), mode("answers"))(world)
    assert [connects_as(world, user) for user in ("lena", "mara", "nils")] == [True, True, False] and connects()(world)
    seen = scan(world, *OPTIONS)
    result, because = told(seen, "HC-ACC-04")
    assert result == "fail"
    assert "called lena" in because and "called mara" in because and "nils" not in because
    result, because = told(scan(world, *OPTIONS, "--value", "approved_users=lena,mara"), "HC-ACC-04")
    assert result == "fail" and "members of group engineers" in because  # a directory may leave out members, and may have others tomorrow
    approved = scan(world, *OPTIONS, "--value", "approved_users=lena,mara,members of group engineers")
    assert told(approved, "HC-ACC-04")[0] == "pass"
    assert told(approved, "HC-ACC-20", "users of the directory directory")[0] == "error"


def test_what_the_directory_leaves_out_is_told_by_whom_else_it_is_asked_for(world: RootlessWorld, scan: Scanner) -> None:
    """As with ignore_group_members: the group comes without members, and a user who runs something has it all the same."""
    all_of(engine(mode=0o660, group=ENGINEERS), mode("leaves out"))(world)
    assert connects_as(world, "lena")
    result, because = told(scan(world, *OPTIONS), "HC-ACC-04")
    assert result == "fail" and "members of group engineers" in because and "lena" not in because
    ready(world, *PYTHON, SLEEPS.replace("7003", "7001"))
    result, because = told(scan(world, *OPTIONS), "HC-ACC-04")
    assert result == "fail" and "called lena" in because


def test_a_user_of_the_directory_has_the_name_and_not_the_group(world: RootlessWorld, scan: Scanner) -> None:
    all_of(engine(mode=0o660, owner="root", group=ENGINEERS), mode("answers"), lambda host: ready(host, *PYTHON, SLEEPS))(world)
    seen = scan(world, *OPTIONS)
    users = seen.evidence["probes"]["nss"]["facts"]["users"]
    assert users["nils"]["uid"] == 7003
    assert "nils" not in told(seen, "HC-ACC-04")[1]


@pytest.mark.parametrize(("how", "result"), [("hangs", "error"), ("lies", "fail")])
def test_a_directory_that_hangs_or_lies_acquits_nobody(world: RootlessWorld, scan: Scanner, how: str, result: str) -> None:
    """One that lies calls its users root and its groups docker; it is root that put it into nsswitch.conf, and it takes nobody away."""
    all_of(engine(mode=0o660, group=ENGINEERS), mode(how))(world)
    assert told(scan(world, *OPTIONS), "HC-ACC-04")[0] == result


@pytest.mark.parametrize("how", ["hangs", "lies", "leaves out", "answers"])
def test_what_the_files_say_fails_whatever_the_directory_does(world: RootlessWorld, scan: Scanner, how: str) -> None:
    all_of(engine(mode=0o660, group=DOCKER_GID), mode(how))(world)
    result, because = told(scan(world, *OPTIONS), "HC-ACC-04")
    assert result == "fail" and "alice (group docker)" in because


def test_a_rule_of_sudo_that_names_a_group_of_the_directory_is_told_with_its_line(world: RootlessWorld, scan: Scanner) -> None:
    all_of(mode("answers"), sudoers("%engineers ALL=(ALL) NOPASSWD: ALL"))(world)
    runs = AS + "os.execvp('sudo', ['sudo', '-n', 'true'])"
    assert [can(world, "root", *PYTHON, runs, user) for user in ("lena", "mara", "nils")] == [True, True, False]
    found = {one["subject"]: one["because"] for one in scan(world, *OPTIONS).report["findings"] if (one["rule"], one["result"]) == ("HC-ACC-20", "fail")}
    assert set(found) == {"lena", "mara", "members of group engineers"}
    assert all(f"as root with sudo, without a password ({RULES}, line 1, for %engineers)" in because for because in found.values())


def test_what_stays_open_is_said_once(world: RootlessWorld, scan: Scanner) -> None:
    all_of(engine(mode=0o660, group=ENGINEERS), mode("leaves out"))(world)
    scan(world, *OPTIONS, "--format", f"text={world.base}/said")
    text = " ".join((world.base / "said").read_text().partition("COULD NOT BE READ")[0].split())
    assert text.count("directory does not list its users, and was asked only for those whom this host names; look in that directory") == 2, (
        "of whom it is not known whether there is one, and in the one finding"
    )
