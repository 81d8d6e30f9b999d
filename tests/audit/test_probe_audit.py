"""What is recorded of changes to an engine, on hosts in memory."""

from pathlib import Path
from typing import Any

import pytest
from audit.audit_host import LINES, LINKS, LOADS, PLACES, host, raw, watch

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host import LimitExceeded
from hostcheck.host.answers import AuditRules, Stat
from hostcheck.model import Hole, OpenArray, Why
from hostcheck.schema import check, compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.audit import probe_audit as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_audit.facts.json"))
OBEYS = compile_schema(SCHEMA)
RULES = "/etc/audit/rules.d/50-docker.rules"
MAIN = "/etc/audit/audit.rules"
DENIED = PermissionError(13, "Permission denied", "/etc/audit")


def facts(files: dict[str, Any] | None = None, **more: Any) -> Any:
    told = stated(probe.collect, host(files, **more))
    assert OBEYS(told) is not False, told
    return told


def boot(files: dict[str, Any], **more: Any) -> Any:
    return facts(files, **more)["boot"]


def paths(told: Any) -> list[str]:
    return [rule["path"] for rule in told["rules"]]


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "probe_audit.facts.json")


def test_a_host_that_watches_all() -> None:
    told = facts({RULES: LINES})
    assert {key: told["kernel"][key] for key in ("present", "enabled", "pid", "others")} == {"present": True, "enabled": 1, "pid": 77, "others": 0}
    assert paths(told["kernel"]) == list(PLACES) == paths(told["boot"])
    assert told["daemon"] == {"installed": True, "enabled": True, "loader": "augenrules"}
    assert told["boot"]["paths"] == [RULES, "/etc/audit/rules.d/audit.rules"]
    assert (told["boot"]["root_owned"], told["boot"]["turned_off"], "stops" in told["boot"]) == (True, False, False)
    assert sorted(told["places"]) == sorted(PLACES)
    assert told["places"]["/run/containerd"] == {
        "kind": "socket",
        "engine": "containerd",
        "realpath": "/run/containerd",
        "tree": True,
        "made_later": True,
        "root_only": True,
    }
    trees = {rule["path"]: rule["tree"] for rule in told["boot"]["rules"]}
    assert trees["/etc/docker"] is True and trees["/run/containerd"] is False  # it is not there when the rules are loaded


def test_a_kernel_without_audit_is_known_and_one_that_may_not_be_asked_is_a_hole() -> None:
    assert facts(audit=FileNotFoundError(2, "no audit"))["kernel"] == {"present": False}
    for error, why in ((DENIED, Why.DENIED), (TimeoutError(110, "late"), Why.TIMEOUT), (LimitExceeded("more"), Why.LIMIT), (None, Why.UNSUPPORTED)):
        hole = facts(audit=error)["kernel"]
        assert isinstance(hole, Hole) and hole.why is why
    half = facts(audit=AuditRules(enabled=1, pid=1, rules=(b"x",)))["kernel"]
    assert isinstance(half, Hole) and half.why is Why.NONSENSE


def test_rules_about_other_things_are_counted() -> None:
    told = facts(audit=AuditRules(enabled=2, pid=0, rules=(raw((1, 3)), watch("/x"), raw(flags=1, action=0))))["kernel"]
    assert (told["enabled"], told["others"], [rule["list"] for rule in told["rules"]]) == (2, 1, ["exit", "task"])


def test_a_rule_leads_where_its_directories_lead_and_no_further() -> None:
    links = {"/usr/bin/runc": "/usr/bin/dockerd"}
    audit = AuditRules(enabled=1, pid=1, rules=(watch("/var/run/docker.sock"), watch("/usr/bin/runc"), watch("/home/ann/x"), watch("/none/x")))
    told = facts({"/home/ann/x": ""}, links=links, audit=audit, stats={"/home/ann": Stat(type="dir", uid=1000, gid=1000, mode=0o755)})
    assert paths(told["kernel"]) == ["/run/docker.sock", "/usr/bin/runc", "/home/ann/x", "/none/x"]
    assert told["places"]["/usr/bin/runc"]["realpath"] == "/usr/bin/dockerd"


@pytest.mark.parametrize(
    ("unit", "loader"),
    [
        (LOADS, "augenrules"),
        ("[Service]\nExecStartPost=-/sbin/augenrules --load\n", "augenrules"),
        ("[Service]\nExecStart=/sbin/auditctl -R /etc/audit/audit.rules\n", "auditctl"),
        ("[Service]\nExecStart=/usr/sbin/augenrules --check\n", "none"),
        ("[Service]\nExecStart=/usr/sbin/auditctl -R /etc/other\n", "none"),
        ("", "none"),
    ],
)
def test_what_loads_the_rules(unit: str, loader: str) -> None:
    told = facts({"/usr/lib/systemd/system/audit-rules.service": unit})
    assert told["daemon"]["loader"] == loader


def test_a_unit_that_nothing_starts_loads_nothing() -> None:
    alone = {"/usr/lib/systemd/system/auditd.service": "[Service]\nExecStart=/usr/sbin/auditd\n"}
    assert facts(alone)["daemon"]["loader"] == "none"
    wants = {"/etc/systemd/system/sysinit.target.wants/audit-rules.service": "/usr/lib/systemd/system/audit-rules.service"}
    assert facts(alone, links=wants)["daemon"]["loader"] == "augenrules"
    assert facts(links={"/etc/systemd/system/audit-rules.service": "/dev/null"})["daemon"]["loader"] == "none"
    taken_back = {"/etc/systemd/system/audit-rules.service.d/x.conf": "[Service]\nExecStart=\nExecStart=/sbin/auditctl -R /etc/audit/audit.rules\n"}
    assert facts(taken_back)["daemon"]["loader"] == "auditctl"


def test_a_service_that_is_masked_or_wanted_by_nothing_is_not_started() -> None:
    assert facts(links={"/etc/systemd/system/auditd.service": "/dev/null"})["daemon"]["enabled"] is False
    wanted = next(path for path in LINKS if "wants" in path)
    assert facts(without=(wanted,))["daemon"]["enabled"] is False
    assert facts(without=("/usr/sbin/auditd",))["daemon"]["installed"] is False
    other = facts({"/etc/init.d/auditd": ""}, without=("/usr/lib/systemd/system/aud", wanted))["daemon"]
    assert isinstance(other["enabled"], Hole) and isinstance(other["loader"], Hole)


def test_the_file_counts_as_it_is_where_augenrules_has_no_directory() -> None:
    assert boot({MAIN: "-w /etc/docker -p wa\r\n-w /etc/hostname\n"}, without=("/etc/audit/rules.d",))["stops"] == {
        "at": f"{MAIN}:1",
        "why": "has a perm with a letter that is not r, w, x or a",
    }
    assert paths(boot({MAIN: "-w /etc/docker\n"}, without=("/etc/audit/rules.d",))) == ["/etc/docker"]
    assert paths(boot({MAIN: "-w /etc/docker\n"})) == []  # augenrules writes it anew
    calls = {"/usr/lib/systemd/system/audit-rules.service": "[Service]\nExecStart=/sbin/auditctl -R /etc/audit/audit.rules\n"}
    assert paths(boot({MAIN: "-w /etc/docker\n", RULES: "-w /etc/hostname\n", **calls})) == ["/etc/docker"]


def test_augenrules_forgives_carriage_returns_and_moves_what_deletes() -> None:
    told = boot(
        {
            RULES: "-w /etc/docker -p wa\r\n",
            "/etc/audit/rules.d/90.rules": "-D\n-e 0\n",
            "/etc/audit/rules.d/.x.rules": "-w /x",
            "/etc/audit/rules.d/x": "-w /y",
        }
    )
    assert (paths(told), told["turned_off"]) == (["/etc/docker"], True)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-w /run/containerd/containerd.sock -p wa", "names a file in /run/containerd, which is not there at boot"),
        ("-a always,exit -F dir=/run/containerd -F perm=wa", "names /run/containerd, which is not there at boot"),
        ("-w /etc/sysconfig/docker", "names a file in /etc/sysconfig, which is not there at boot"),
        ("-a always,exit -F dir=/none", "names /none, which is not there at boot"),
    ],
)
def test_loading_ends_at_what_is_not_there_yet(line: str, why: str) -> None:
    told = boot({RULES: f"-w /etc/docker\n{line}\n-w /usr/bin/dockerd\n"})
    assert (paths(told), told["stops"]) == (["/etc/docker"], {"at": f"{RULES}:2", "why": why})
    assert paths(boot({RULES: f"-c\n-w /etc/docker\n{line}\n-w /usr/bin/dockerd\n"})) == ["/etc/docker", "/usr/bin/dockerd"]


def test_what_is_made_where_its_directory_is_can_be_watched_before() -> None:
    assert paths(boot({RULES: "-w /etc/later\n-w /var/run/other.sock\n"})) == ["/etc/later", "/run/other.sock"]


def test_files_that_are_not_read_leave_the_rules_open() -> None:
    told = boot({RULES: LINES, "/etc/audit/rules.d/60.rules": DENIED})
    assert isinstance(told["rules"], OpenArray) and told["rules"].hole.why is Why.DENIED
    assert isinstance(told["turned_off"], Hole)
    spaced = boot({RULES: LINES, "/etc/audit/rules.d/a b.rules": "-w /x"})
    assert isinstance(spaced["rules"], OpenArray)
    assert boot({RULES: LINES, "/etc/audit/rules.d/60.rules": DENIED, "/etc/audit/rules.d/70.rules": "-e 0"})["turned_off"] is True
    assert isinstance(facts(without=("/etc/audit",), stats={}, links={})["boot"], dict)


def test_files_that_others_can_change() -> None:
    told = boot({RULES: LINES}, stats={RULES: Stat(type="file", uid=1000, gid=0, mode=0o644)})
    assert told["root_owned"] is False
    assert boot({RULES: LINES}, stats={"/etc/audit/rules.d": Stat(type="dir", uid=0, gid=0, mode=0o777)})["root_owned"] is False


def test_too_many_lines_are_a_hole_and_none_is_quoted() -> None:
    told = boot({RULES: "-w /etc/docker\n" * 6000})
    assert isinstance(told["rules"], OpenArray) and told["rules"].hole.why is Why.LIMIT
    assert "s3cret" not in repr(boot({RULES: "-w s3cret\n-z s3cret\n"}))


def test_docker_keeps_its_data_where_it_is_told() -> None:
    where = {"/etc/docker/daemon.json": '{"data-root": "/srv/docker"}', "/srv/docker/x": ""}
    assert "/srv/docker" in facts(where)["places"] and "/var/lib/docker" not in facts(where)["places"]
    assert "/var/lib/docker" in facts({"/etc/docker/daemon.json": "{"})["places"]
    denied = facts({"/etc/docker/daemon.json": DENIED})["places"]
    assert isinstance(getattr(denied, "hole", None), Hole)
