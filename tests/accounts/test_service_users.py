"""As whom services run, by the files of systemd and of OpenRC."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.service_users import service_users

NAMES = ("operator", "11")
UNIT = "/etc/systemd/system/web@.service"


def users_of(host: MemoryHost) -> set[str]:
    return service_users(host, NAMES)


def test_nobody_where_there_are_no_services() -> None:
    assert users_of(MemoryHost({})) == set()


@pytest.mark.parametrize(("written", "user"), [("operator", "operator"), ('"operator"', "operator"), ("%i", "ann"), ("%p", "web"), ("x-%I", "x-ann")])
def test_an_instance_that_is_enabled_has_its_name_put_in(written: str, user: str) -> None:
    files = {UNIT: f"[Service]\nUser={written}\n", "/etc/systemd/system/multi-user.target.wants/web@ann.service": ""}
    assert user in users_of(MemoryHost(files))


@pytest.mark.parametrize(
    "line", ["command_user=operator", 'command_user="operator"', "start-stop-daemon --user operator --exec x", "start-stop-daemon -u operator"]
)
def test_scripts_of_openrc_name_users(line: str) -> None:
    assert "operator" in users_of(MemoryHost({"/etc/init.d/web": f"#!/sbin/openrc-run\n{line}\n"}))


@pytest.mark.parametrize(("name", "text"), [("x.timer", "[Timer]\nUnit=web@ann.service\n"), ("x.service", "[Unit]\nWants=a.service web@ann.service\n")])
def test_an_instance_that_another_unit_names_is_looked_for(name: str, text: str) -> None:
    assert "ann" in users_of(MemoryHost({UNIT: "[Service]\nUser=%i\n", f"/etc/systemd/system/{name}": text}))


def test_a_template_that_runs_as_its_instance_leaves_it_open_who_runs_it() -> None:
    for user in ("%i", "oper%j", "1%I"):
        with pytest.raises(LimitExceeded, match="web@.service"):
            users_of(MemoryHost({UNIT: f"[Service]\nUser={user}\n"}))
    assert users_of(MemoryHost({UNIT: "[Service]\nUser=c-%i\nDynamicUser=yes\n"})) == {"c-"}  # capsule@.service of systemd 256
    assert users_of(MemoryHost({UNIT: "[Service]\nUser=web\n", "/usr/lib/systemd/system/user@.service": "[Service]\nUser=%i\n"})) == {"web", ""}


@pytest.mark.parametrize("line", ["user = operator", "\tuser\t= operator", "user=operator"])
def test_files_of_xinetd_name_users(line: str) -> None:
    assert "operator" in users_of(MemoryHost({"/etc/xinetd.d/web": f"service web\n{{\n{line}\n}}\n"}))


@pytest.mark.parametrize("user", ["operator", "operator.root", "operator:root"])
def test_lines_of_inetd_name_users(user: str) -> None:
    assert "operator" in users_of(MemoryHost({"/etc/inetd.conf": f"echo stream tcp nowait {user} /bin/cat cat\n"}))
