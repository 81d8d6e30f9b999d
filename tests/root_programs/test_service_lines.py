"""What lines of services' settings name commands: each as the manual page of its service says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.root_programs.service_lines import SERVICES

PM2 = [(1, "node '/srv/a b.js'", "", True), (1, "/srv/c", "33", True)]
SEVERAL = 'vrrp_script a {\n script /bin/a\n user www\n}\nvrrp_instance b {\n notify_master "/bin/b x" ann\n notify /bin/c # all\n}\n'
MONIT = 'check program disk with path "/opt/check disk" as uid "www"\n if status != 0 then exec "/opt/tell"\ncheck process x with pidfile /run/x.pid\n'
XINETD = "service a\n{\n user = www\n server = /bin/a\n server_args = -x y\n disable = no\n}\nservice b\n{\n server = /bin/b\n disable = yes\n}\n"
BORG = 'repositories:\n  - path: /mnt\nbefore_backup:\n  - "/opt/dump all"\n  - echo x\nretention:\n  - /bin/no\n'


def read(service: str, text: str) -> Any:
    return [(one.line, one.text, one.user, one.sure) for one in SERVICES[service].read(text, "/etc/x")]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("extend test /bin/echo hello", "/bin/echo hello"),
        ("extend -cacheTime 5 1.3.6 test /bin/x", "/bin/x"),
        ("extend .1.3.6.1 test /bin/x a", "/bin/x a"),
        ("extend-sh test /bin/a; /bin/b", "/bin/a; /bin/b"),
        ("exec test /bin/x", "/bin/x"),
        ("pass .1.3.6.1 /bin/x", "/bin/x"),
        ("pass_persist -p 10 .1.3.6.1 /bin/x -y", "/bin/x -y"),
        ("extend test", None),
        ("# extend test /bin/x", None),
        ("", None),
    ],
)
def test_lines_of_snmpd(line: str, command: str | None) -> None:
    assert read("snmpd", line) == ([] if command is None else [(1, command, "", True)])


@pytest.mark.parametrize(
    ("service", "text", "expected"),
    [
        ("supervisord", "[program:a]\ncommand = %(here)s/a %(program_name)s %(process_num)02d ; runs\n", [(2, "/etc/x/a a 0", "", True)]),
        ("supervisord", "[program:a]\ncommand = %(ENV_HOME)s/a\n", []),
        ("supervisord", "[supervisord]\nuser = www\n[eventlistener:a]\ncommand=/bin/a\n[group:x]\n", [(4, "/bin/a", "www", True)]),
        ("supervisord", "[program:a]\ncommand=/bin/a\n  --more\n", [(2, "/bin/a --more", "", True)]),
        ("supervisord", "[inet_http_server]\ncommand=/bin/a\n;[program:a]\n", []),
        ("keepalived", SEVERAL, [(2, "/bin/a", "www", True), (6, "/bin/b x", "ann", True), (7, "/bin/c", "keepalived_script", True)]),
        ("keepalived", "! script /bin/a\nvrrp_instance b {\n}\n", []),
        ("monit", MONIT, [(1, "/opt/check disk", "www", True), (2, "/opt/tell", "", False)]),
        ("monit", '  start program = "/etc/init.d/x start"\n# exec /bin/no\n', [(1, "/etc/init.d/x start", "", False)]),
        ("openvpn", 'script-security 2\nup /opt/up\nuser nobody\ndown "/opt/down x"\n', [(2, "/opt/up", "", True), (4, "/opt/down x", "nobody", False)]),
        ("openvpn", "script-security 2\nauth-user-pass-verify /opt/check via-env\n", [(2, "/opt/check", "", False)]),
        ("openvpn", "up /opt/up\n", []),
        ("wg-quick", "[Interface]\nPrivateKey = x=\nPostUp = iptables -A x; /opt/up %i\n", [(3, "iptables -A x; /opt/up %i", "", True)]),
        ("certbot", "[renewalparams]\nrenew_hook = /opt/reload\npost-hook = /opt/b\n", [(2, "/opt/reload", "", True), (3, "/opt/b", "", True)]),
        (
            "inetd",
            "time stream tcp nowait root internal\nx stream tcp nowait.9 www.grp /bin/x x -y\n",
            [(1, "internal", "root", True), (2, "/bin/x -y", "www", True)],
        ),
        ("xinetd", XINETD, [(4, "/bin/a -x y", "www", True)]),
        ("incrond", "/srv/in IN_CLOSE_WRITE /opt/take $@/$#\n", [(1, "/opt/take $@/$#", "", True)]),
        ("rsnapshot", "#cmd_preexec\t/bin/no\nbackup_script\t/opt/dump.sh\tdb/\n", [(2, "/opt/dump.sh\tdb/", "", True)]),
        ("borgmatic", BORG, [(4, "/opt/dump all", "", True), (5, "echo x", "", True)]),
        ("smartd", "DEVICESCAN -m root -M exec /opt/tell\n", [(1, "/opt/tell", "", False)]),
        ("mdadm", "ARRAY /dev/md0\nPROGRAM /opt/tell\n", [(2, "/opt/tell", "", False)]),
        ("dnsmasq", "dhcp-script=/opt/lease\n#dhcp-script=/bin/no\n", [(1, "/opt/lease", "", True)]),
        ("acpid", "event=button/power.*\naction=/opt/off %e\n", [(2, "/opt/off %e", "", False)]),
        ("smbd", "[share]\n root preexec = /opt/mk %u\n preexec = /bin/no\n", [(2, "/opt/mk %u", "", False)]),
        ("zabbix_agentd", "Server=10.0.0.1\nAllowRoot=1\nUserParameter=a[*],/opt/a $1\n", [(3, "/opt/a $1", "", False)]),
        ("zabbix_agentd", "Server=10.0.0.1, 127.0.0.1\nUserParameter=a,/opt/a\n", [(2, "/opt/a", "zabbix", True)]),
        ("nrpe", "nrpe_user=root\ncommand[disk]=/opt/disk -w 5\n", [(2, "/opt/disk -w 5", "root", True)]),
        ("pm2", '[{"pm_exec_path": "/srv/a b.js", "exec_interpreter": "node"}, {"pm_exec_path": "/srv/c", "exec_interpreter": "none", "uid": 33}]', PM2),
        ("pm2", "[1, {}, []]", []),
        ("pm2", "[" * 5000, []),
        (
            "munin-node",
            "[disk]\nuser root\n[mysql*]\nuser ann\nenv.x y\n",
            [(2, "/etc/munin/plugins/disk", "root", True), (4, "/etc/munin/plugins/mysql*", "ann", True)],
        ),
        ("lxc-start", "lxc.hook.pre-start = /opt/a b\nlxc.hook.start = /bin/no\n", [(1, "/opt/a b", "", True)]),
        ("nrpe", "command[disk]=/opt/disk\n", [(1, "/opt/disk", "nagios", True)]),
    ],
)
def test_what_settings_name(service: str, text: str, expected: Any) -> None:
    assert read(service, text) == expected


@given(st.text(alphabet="[]{}=\"'%()#;!\n\t /abcuser-_:,", max_size=200))
def test_no_text_stops_a_reader(text: str) -> None:
    for name in SERVICES:
        assert all(one.text and 0 < one.line <= text.count("\n") + 1 for one in SERVICES[name].read(text, "/etc"))
