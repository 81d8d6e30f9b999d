"""Programs of services' settings, and as whom they run; a real snmpd that was asked ran one as root where it was started with -u root."""

from typing import Any

import pytest
from root_programs.root_host import file, folder, listed

SCRIPT, LINK = "/opt/agent/osupdate", "/etc/systemd/system/multi-user.target.wants/{}"


def used(unit: str, command: str, settings: dict[str, str], **given: Any) -> Any:
    """Return as whom the script is run, how sure that is, and whether it is refused, by the place that says so; a unit starts the service."""
    text = f"[Service]\nExecStart={command}\n"
    files = {f"/etc/systemd/system/{unit}": text, LINK.format(unit): text, **settings, SCRIPT: "#!/bin/sh\n", command.split()[0]: "x"}
    stats = {SCRIPT: file(1000), **given.pop("stats", {})}
    found = dict(listed("units", files, stats=stats, **given)).get(SCRIPT, {"uses": {}})["uses"]
    return {use["place"]: (use["user"], use["certain"], "refused" in use) for use in found.values()}


def snmpd(options: str, line: str = f"extend osupdate {SCRIPT}") -> Any:
    return used("snmpd.service", f"/usr/sbin/snmpd -LOw {options} -f", {"/etc/snmp/snmpd.conf": f"rocommunity public 127.0.0.1\n{line}\n"})


@pytest.mark.parametrize(("options", "user"), [("-u root -g root", "root"), ("", "root"), ("-u Debian-snmp -g Debian-snmp", "Debian-snmp"), ("-uann", "ann")])
def test_as_whom_those_of_snmpd_run(options: str, user: str) -> None:
    assert snmpd(options) == {"/etc/snmp/snmpd.conf:2": (user, True, False)}


def test_what_names_no_program() -> None:
    assert snmpd("-u root", f"sysContact {SCRIPT}") == {}


CONF = "/etc/supervisor/supervisord.conf"


def supervisord(program: str, command: str = f"/usr/bin/supervisord -n -c {CONF}", **given: Any) -> Any:
    main = "[supervisord]\nlogfile=/var/log/x\n[include]\nfiles = /etc/supervisor/conf.d/*.conf\n"
    return used("supervisor.service", command, {CONF: main, "/etc/supervisor/conf.d/app.conf": program}, **given)


APP = "/etc/supervisor/conf.d/app.conf:2"


@pytest.mark.parametrize("command", [f"/usr/bin/supervisord -n -c {CONF}", "/usr/bin/supervisord", f"/usr/bin/supervisord --configuration={CONF}"])
def test_a_program_of_supervisord_runs_as_root(command: str) -> None:
    assert supervisord(f"[program:app]\ncommand={SCRIPT} --port 80\n", command) == {APP: ("root", True, False)}


def test_a_program_of_supervisord_that_is_found_by_its_directory() -> None:
    assert supervisord("[program:app]\ncommand=python3 osupdate\ndirectory=/opt/agent\n")[APP] == ("root", True, False)


def test_a_program_of_supervisord_that_runs_as_somebody_else() -> None:
    assert supervisord(f"[program:app]\ncommand={SCRIPT}\nuser=www\n") == {APP: ("www", True, False)}


def test_a_program_of_supervisord_that_does_not_start_by_itself() -> None:
    assert supervisord(f"[program:app]\ncommand={SCRIPT}\nautostart = false\n") == {APP: ("root", False, False)}


def test_settings_that_others_may_write_are_not_read() -> None:
    assert supervisord(f"[program:app]\ncommand={SCRIPT}\n", stats={"/etc/supervisor/conf.d/app.conf": file(1000)}) == {}


def test_settings_of_a_service_that_nothing_starts_are_not_read() -> None:
    text = f"[program:app]\ncommand={SCRIPT}\n"
    assert SCRIPT not in dict(listed("units", {"/etc/supervisor/conf.d/app.conf": text, SCRIPT: "x", "/usr/bin/supervisord": "x"}, stats={SCRIPT: file(1000)}))


def test_a_file_of_settings_that_an_option_names() -> None:
    given = {"/opt/etc/supervisord.conf": f"[program:app]\ncommand={SCRIPT}\n", CONF: f"[program:old]\ncommand={SCRIPT}\n"}
    assert list(used("s.service", "/usr/bin/supervisord -c /opt/etc/supervisord.conf", given)) == ["/opt/etc/supervisord.conf:2"]


@pytest.mark.parametrize(
    ("more", "user", "refused"),
    [("", "root", False), ("script_user root", "root", False), ("script_user ann", "ann", False), ("enable_script_security", "root", True)],
)
def test_scripts_of_keepalived(more: str, user: str, *, refused: bool) -> None:
    text = f'global_defs {{\n {more}\n}}\nvrrp_script check {{\n script "{SCRIPT} -q"\n interval 2\n}}\n'
    found = used("keepalived.service", "/usr/sbin/keepalived -n", {"/etc/keepalived/keepalived.conf": text})
    assert found == {"/etc/keepalived/keepalived.conf:5": (user, not refused, refused)}


def test_a_user_for_the_scripts_of_keepalived() -> None:
    passwd = "root:x:0:0::/root:/bin/sh\nkeepalived_script:x:990:990::/var/empty:/bin/false\n"
    given = {"/etc/passwd": passwd, "/etc/keepalived/keepalived.conf": f"vrrp_script a {{\n script {SCRIPT}\n}}\n"}
    found = used("keepalived.service", "/usr/sbin/keepalived", given)
    assert found == {"/etc/keepalived/keepalived.conf:2": ("keepalived_script", True, False)}


def test_only_the_settings_of_a_tunnel_that_comes_up_count() -> None:
    texts = {f"/etc/wireguard/{name}.conf": f"[Interface]\nPostUp = {SCRIPT} %i\n" for name in ("wg0", "wg1")}
    assert used("tunnel.service", "/usr/bin/wg-quick up wg1", texts) == {"/etc/wireguard/wg1.conf:2": ("root", True, False)}


def test_a_job_of_cron_runs_what_settings_name() -> None:
    files = {"/etc/cron.d/backup": "0 3 * * * root /usr/bin/rsnapshot -q daily\n", "/etc/rsnapshot.conf": f"cmd_preexec\t{SCRIPT}\n", SCRIPT: "x"}
    stats = {SCRIPT: file(1000), "/opt/agent": folder(1000)}
    (use,) = dict(listed("units", {**files, "/usr/bin/rsnapshot": "x"}, stats=stats))[SCRIPT]["uses"].values()
    assert (use["place"], use["user"], use["when"], use["certain"]) == ("/etc/rsnapshot.conf:1", "root", "cron", True)


def test_includes_that_lead_in_a_circle_end() -> None:
    given = {CONF: f"[include]\nfiles = {CONF} ../supervisor/*.conf\n[program:app]\ncommand={SCRIPT}\n"}
    assert list(used("s.service", "/usr/bin/supervisord", given)) == [f"{CONF}:4"]


MODULES = "/etc/puppet/code/environments/production/modules"


@pytest.mark.parametrize(("command", "counts"), [("puppet apply /etc/site.pp", True), ("puppet agent -t", False), ("salt-call --local state.apply", False)])
@pytest.mark.parametrize("at", [MODULES, f"{MODULES}/profile"])
def test_modules_of_puppet_without_a_server(command: str, at: str, *, counts: bool) -> None:
    files = {"/etc/cron.d/a": f"*/30 * * * * root /usr/bin/{command}\n", f"/usr/bin/{command.split()[0]}": "x", f"{MODULES}/profile/manifests/base.pp": "x"}
    found = dict(listed("units", files, stats={at: folder(1000)}))
    told = [(path, use["how"], use["user"], use["certain"]) for path in found for use in found[path]["uses"].values()]
    assert ((at, "all", "root", True) in told) is counts


def test_states_of_salt_without_a_server() -> None:
    files = {"/etc/cron.d/a": "5 * * * * root salt-call --local state.apply\n", "/usr/bin/salt-call": "x", "/srv/salt/top.sls": "x"}
    assert "/srv/salt" in dict(listed("units", files, stats={"/srv/salt": folder(1000)}))


@pytest.mark.parametrize(("user", "found"), [("user=ann\n", True), ("", False), ("user=bob\n", False)])
def test_a_log_that_supervisord_opens_for_another_user(user: str, *, found: bool) -> None:
    text = f"[program:app]\ncommand=/usr/bin/app\n{user}stdout_logfile=/srv/logs/a.log\n"
    command = f"/usr/bin/supervisord -n -c {CONF}"
    files = {"/etc/systemd/system/s.service": f"[Service]\nExecStart={command}\n", LINK.format("s.service"): f"[Service]\nExecStart={command}\n", CONF: text}
    told = dict(listed("units", files, stats={"/srv/logs": folder(1000)})).get("/srv/logs", {"uses": {}})["uses"].values()
    assert [(use["how"], use["user"], use["certain"]) for use in told] == ([("opens", "root", True)] if found else [])


def test_settings_that_a_line_includes_and_others_may_write() -> None:
    unit = "[Service]\nExecStart=/usr/libexec/lxc/lxc-containers start\n"
    files = {
        "/etc/systemd/system/lxc.service": unit,
        LINK.format("lxc.service"): unit,
        "/var/lib/lxc/web/config": "lxc.include = /srv/lxc/site.conf\n",
        "/srv/lxc/site.conf": "",
    }
    (use,) = dict(listed("units", files, stats={"/srv/lxc/site.conf": file(1000)}))["/srv/lxc/site.conf"]["uses"].values()
    assert (use["how"], use["user"], use["certain"], use["place"]) == ("reads", "root", True, "/var/lib/lxc/web/config")


def test_a_plugin_that_munin_runs_as_root() -> None:
    unit, plugin = "[Service]\nExecStart=/usr/sbin/munin-node\n", "/etc/munin/plugins/own"
    files = {"/etc/systemd/system/m.service": unit, LINK.format("m.service"): unit, "/etc/munin/plugin-conf.d/own": "[own*]\nuser root\n", plugin: "x"}
    uses = dict(listed("units", files, stats={plugin: file(1000)}))[plugin]["uses"].values()
    assert (plugin, "root", True) in [(use["place"], use["user"], use["certain"]) for use in uses]
