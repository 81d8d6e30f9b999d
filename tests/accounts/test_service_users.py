"""As whom services run, by the files of systemd and of OpenRC."""

import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts.service_users import service_users

UNIT = "/etc/systemd/system/web@.service"


def test_nobody_where_there_are_no_services() -> None:
    assert service_users(MemoryHost({})) == set()


@pytest.mark.parametrize(("written", "user"), [("operator", "operator"), ('"operator"', "operator"), ("%i", "ann"), ("%p", "web"), ("x-%I", "x-ann")])
def test_an_instance_that_is_enabled_has_its_name_put_in(written: str, user: str) -> None:
    files = {UNIT: f"[Service]\nUser={written}\n", "/etc/systemd/system/multi-user.target.wants/web@ann.service": ""}
    assert user in service_users(MemoryHost(files))


@pytest.mark.parametrize(
    "line", ["command_user=operator", 'command_user="operator"', "start-stop-daemon --user operator --exec x", "start-stop-daemon -u operator"]
)
def test_scripts_of_openrc_name_users(line: str) -> None:
    assert "operator" in service_users(MemoryHost({"/etc/init.d/web": f"#!/sbin/openrc-run\n{line}\n"}))
