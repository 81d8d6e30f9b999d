"""What is pasted as a fix: of every rule that comes with hostcheck, on the hosts of its failing examples.

Nothing runs here; what the commands do is tried in tests/hosts/test_fixes.py.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from contract import test_rules
from contract.benchmark_source import SOURCE

from hostcheck.authoring.examples import documents
from hostcheck.authoring.shared_fixes import filled, spread
from hostcheck.because import PLACEHOLDER, Words, fill_steps, placeholders
from hostcheck.benchmark import Rule
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.told import Step
from hostcheck_builtin.groups.stale_sessions import NONE

SHIPPED = test_rules.TestContainerHost()
SHARED = SOURCE.head.get("fixes", {})
RULES = sorted(SHIPPED.benchmark.rules)
CONSTANTS = {
    *("DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK", "DOCKERD_ROOTLESS_ROOTLESSKIT_NET", "DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER"),
    *("ADD_EXTRA_GROUPS", "GROUPS"),
    "ALL",  # grubby: all kernels
    *("ENVIRON", "NR"),  # awk
    *("NOPASSWD", "PASSWD"),  # sudoers
    "TARGET",  # a column of findmnt
}
"""By hand: words in capitals that a command needs as they are."""


@cache
def rule_of(name: str) -> Rule:
    """Return a rule with the defaults of its values."""
    return SHIPPED.resolve(name)


def commands(name: str) -> list[str]:
    """Return the commands of a rule as they are written."""
    return [step["run"] for step in rule_of(name).document["fix"] if "run" in step]


@cache
def failures(name: str) -> list[dict[str, object]]:
    """Return the failed findings of a rule's failing examples."""
    examples = [document for result, _, document in documents(SOURCE.rules[name].get("examples", {}), SOURCE.hosts, name) if result == "fail"]
    return [finding for document in examples for finding in judge_rule(rule_of(name), Facts(document=document)) if finding["result"] == "fail"]


def pasted(name: str) -> list[str]:
    """Return the commands of these findings, each once."""
    return list(dict.fromkeys(step["run"] for finding in failures(name) for step in finding["fix"] if "run" in step))  # type: ignore[attr-defined]


def subjects(name: str) -> Iterator[tuple[Words, object]]:
    """Yield what the steps of a rule are filled from, for each failed finding of its examples."""
    rule = rule_of(name)
    for result, _, document in documents(SOURCE.rules[name].get("examples", {}), SOURCE.hosts, name):
        for finding in judge_rule(rule, Facts(document=document)) if result == "fail" else ():
            whole = Words(subject=finding["subject"], facts=document, document=document, lists=rule.told.lists)
            facts = whole.of(rule.each + "/" + finding["subject"].replace("~", "~0").replace("/", "~1")) if rule.each else document
            yield Words(subject=finding["subject"], facts=facts, document=document, lists=rule.told.lists), finding


def members(step: Step, words: Words) -> list[Words]:
    """Return what the placeholders of a step are filled from, once for each time that it is given."""
    if "each" in step.written:
        return words.members(step.written["each"], step.when)[0]
    return [words] if step.when is None or step.when.judge(words.facts) is True else []


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_what_to_do(name: str) -> None:
    fix = rule_of(name).document["fix"]
    assert fix and (commands(name) or any("note" in step for step in fix))
    assert all(finding.get("fix") for finding in failures(name))


@pytest.mark.parametrize("name", RULES)
def test_a_command_has_no_word_to_be_replaced(name: str) -> None:
    for command in commands(name):
        bare = PLACEHOLDER.sub("x", command)
        assigned = set(re.findall(r"(?<!\w)([A-Z][A-Z_]+)=", bare))
        assert set(re.findall(r"(?<![\w-])[A-Z][A-Z_]*[A-Z](?!\w)", bare)) <= CONSTANTS | assigned, command


@pytest.mark.parametrize("name", RULES)
def test_a_placeholder_stands_outside_of_quotes(name: str) -> None:
    """What is filled in is quoted already: inside of quotes it would end them."""
    for command in commands(name):
        bare = re.sub(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.""", "", command)
        assert placeholders(bare) == placeholders(command), command
        assert not {"'", '"'} & set(bare), command


@pytest.mark.parametrize("name", RULES)
def test_a_command_is_one_that_a_shell_can_read(name: str) -> None:
    for command in pasted(name):
        checked = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, ""), command


@pytest.mark.parametrize("name", RULES)
def test_a_drop_in_is_read_after_that_of_systemctl_edit(name: str) -> None:
    """Of the settings in several files of a unit the last counts (systemd.unit(5)), and systemctl edit writes override.conf."""
    for command in commands(name):
        written = re.findall(r"\.d/([^/\s]+\.conf)", PLACEHOLDER.sub("x", command)) if "[Service]" in command or "[Socket]" in command else []
        assert all(one > "override.conf" for one in written), command


SHADOW = "shadow"
PACKAGES = {"gpasswd": SHADOW, "usermod": SHADOW, "groupmod": SHADOW, "setfacl": "acl", "setsid -w setpriv": "setpriv"}
"""By hand: the packages of Alpine that have the commands on access."""


@pytest.mark.parametrize("name", [name for name in RULES if name.startswith("HC-ACC")])
def test_on_alpine_a_note_names_the_package_of_a_command(name: str) -> None:
    for result, _, document in documents(SOURCE.rules[name].get("examples", {}), SOURCE.hosts, name):
        alpine = {**document, "host": {**document.get("host", {}), "os": {**document.get("host", {}).get("os", {}), "id": "alpine"}}}
        for finding in judge_rule(rule_of(name), Facts(document=alpine)) if result == "fail" else ():
            notes = " ".join(step.get("note", "") for step in finding.get("fix", ()))
            missing = {tool for step in finding.get("fix", ()) for tool in PACKAGES if tool in step.get("run", "")}
            assert not [tool for tool in missing if "Alpine" not in notes or PACKAGES[tool] not in notes], notes


@cache
def shown(name: str) -> set[str]:
    """Return the commands, as they are written, that the failing examples of a rule give."""
    steps = [step for step in rule_of(name).told.fix if "run" in step.written]
    return {step.written["run"] for words, _ in subjects(name) for step in steps if any("run" in filled for filled in fill_steps([step], words))}


def test_each_command_is_given_in_some_example() -> None:
    """One that no example shows may be one that is never given, as its condition or a pointer is wrong."""
    given = {command for rule in RULES for command in shown(rule)}
    own = {(rule, step["run"]) for rule in RULES for step in SOURCE.rules[rule]["fix"] if "run" in step}
    assert [(rule, command) for rule, command in sorted(own) if command not in given] == []


def uses(name: str, steps: list[Any]) -> list[Any]:
    """Return the steps that use the shared steps of that name, also by way of others."""
    found = [step for step in steps if step.get("use") == name]
    others = [(SHARED[step["use"]], step.get("with", {})) for step in steps if "use" in step and step["use"] != name]
    return found + [inner for shared, given in others for inner in uses(name, filled(shared, given))]


@pytest.mark.parametrize("name", sorted(SHARED))
def test_each_shared_command_is_given_in_an_example_of_some_rule(name: str) -> None:
    users = [(rule, step) for rule in RULES for step in uses(name, SOURCE.rules[rule]["fix"])]
    made = [[step.get("run", "") in {"", *shown(rule)} for step in spread([used], SHARED)] for rule, used in users]
    assert users and all(map(any, zip(*made, strict=True))), [list(map(any, zip(*made, strict=True)))]


@pytest.mark.parametrize("name", RULES)
def test_a_path_of_the_host_is_pasted_only_where_a_fact_says_that_root_alone_can_replace_it(name: str) -> None:
    """The core refuses it elsewhere, so that a command without `root_only` or `as` would never be given for a path."""
    for words, _ in subjects(name):
        for step in rule_of(name).told.fix:
            if "run" in step.written and not {"root_only", "as"} & step.written.keys():
                values = [member.of(one) for member in members(step, words) for one in placeholders(step.written["run"])]
                assert not [value for value in values if isinstance(value, str) and value.startswith("/")], step.written["run"]


@pytest.mark.parametrize("name", ["HC-RTL-06", "HC-RTL-07", "HC-RTL-09"])
def test_a_unit_of_the_system_that_runs_as_somebody_else_is_left_alone(name: str) -> None:
    """The pid of a listener that has ended may be that of another service."""
    units = {}
    for words, finding in subjects(name):
        unit = words.of("/unit")
        if isinstance(unit, dict) and unit["manager"] == "system":
            units[unit["name"]] = any(unit["name"] in step.get("run", "") for step in finding["fix"]) == unit["for_owner"]  # type: ignore[index]
    assert "postgresql.service" in units and len(units) > 1 and all(units.values())


def test_nobody_is_taken_out_of_a_group_that_gives_more_than_an_engine() -> None:
    seen = set()
    for words, finding in subjects("HC-RTL-01"):
        for key, one in words.of("/memberships").items():  # type: ignore[union-attr]
            steps = [text for step in finding["fix"] for text in step.values()]  # type: ignore[index]
            taken, told = any(f"-- {key}" in text for text in steps), any(f"group {key}," in text and "about that socket" in text for text in steps)
            assert (taken, told) == (one["for_engines"], not one["for_engines"])
            seen.add(key)
    assert seen == {"docker", "sudo"}


@pytest.mark.parametrize(
    ("name", "word"),
    [(name, "setsid -w runuser") for name in ("HC-VMX-02", "HC-VMX-03", "HC-VMX-04")] + [("HC-RTL-01", "gpasswd"), ("HC-RTL-05", "systemd")],
)
def test_on_alpine_it_is_said_before_the_command_what_has_to_be_installed(name: str, word: str) -> None:
    given = []
    for words, finding in subjects(name):
        steps = list(finding["fix"])  # type: ignore[index]
        said = [at for at, step in enumerate(steps) if "Alpine" in step.get("note", "") and word in step["note"]]
        assert bool(said) == (words.of("//host/os/id") == "alpine")
        given += [at < min(place for place, step in enumerate(steps) if "run" in step) for at in said]
    assert given and all(given)


def fixed(name: str, collection: str, **facts: Any) -> list[str]:
    """Return the texts of the fix of the first finding that fails of a rule, with other facts about its subject."""
    example = next(document for result, _, document in documents(SOURCE.rules[name]["examples"], SOURCE.hosts, name) if result == "fail")
    document = json.loads(json.dumps(example))
    for one in document["socket-access"][collection].values():
        one.update(facts)
    finding = next(finding for finding in judge_rule(rule_of(name), Facts(document=document)) if finding["result"] == "fail")
    return [text for step in finding["fix"] for text in step.values()]  # type: ignore[union-attr]


OPERATOR = {"operator (primary group root)": {"kind": "shipped", "name": "operator", "called": "", "uid": 11, "group": "root", "for_engines": False}}


@pytest.mark.parametrize(
    ("name", "collection", "facts"),
    [("HC-ACC-05", "engine_groups", {"gid": 0, "for_engines": False}), ("HC-ACC-16", "sockets", {"gid": 0, "granted": {"operator": {"name": "operator"}}})],
)
def test_an_account_that_is_shipped_with_roots_group_keeps_it_and_loses_what_somebody_acts_by(name: str, collection: str, facts: dict[str, Any]) -> None:
    fix = fixed(name, collection, reasons=OPERATOR, **facts)
    assert not [text for text in fix if "usermod" in text or "no command takes it" in text]
    assert [text for text in fix if "passwd -l operator" in text and "crontab" in text and "keys" in text]


def granting(group: str, engine: str, place: str) -> dict[str, Any]:
    one = {"group": group, "place": place, "engine": engine, "for_engines": False, "root_only": True, "personal": False, "socket": True}
    return {"group_grants": {f"group {group} on {place}": {**one, "users": {"bob": {"name": "bob"}}}}, "realpath": place, "engine": engine, "gid": 990}


def test_a_group_of_the_sites_own_may_give_nothing_else_and_stands_in_dockerds_settings_too() -> None:
    fix = fixed("HC-ACC-04", "sockets", **granting("dockeradmins", "docker", "/run/docker.sock"))
    (told,) = [at for at, text in enumerate(fix) if "may give more than this engine" in text and "gpasswd -d" in text]
    (settings,) = [at for at, text in enumerate(fix) if '"group" in /etc/docker/daemon.json' in text]
    assert told < settings < fix.index("chgrp root -- /run/docker.sock")


@pytest.mark.parametrize(
    ("place", "settings"),
    [
        ("/var/snap/microk8s/common/run/containerd.sock", "/var/snap/microk8s/current/args/containerd-template.toml"),
        ("/run/k3s/containerd/containerd.sock", "/var/lib/rancher/k3s"),
        ("/run/k0s/containerd.sock", "/etc/k0s/containerd.toml"),
        ("/run/containerd/containerd.sock", "in /etc/containerd/config.toml."),
    ],
)
def test_of_containerd_that_file_is_named_which_it_reads_and_a_command_comes_after_what_explains_it(place: str, settings: str) -> None:
    fix = fixed("HC-ACC-13", "sockets", **granting("microk8s", "containerd", place))
    assert [text.count(settings) for text in fix if "section [grpc]" in text] == [1]
    (told,) = [at for at, text in enumerate(fix) if "may give more than this engine" in text]
    assert told < fix.index(f"chgrp root -- {place}")


def test_of_many_processes_one_note_is_given_and_the_sessions_of_a_member_end_first() -> None:
    processes = {f"{pid} of ann": {"pid": pid, "name": "ann", "uid": 1000, "keeps": True, "member": True, "container": NONE} for pid in range(1300, 1306)}
    fix = fixed("HC-ACC-04", "sockets", processes=processes)
    assert sum("Processes keep the access" in text for text in fix) == 1 and not any(text.startswith("Process 13") for text in fix)
    first = next(at for at, text in enumerate(fix) if "kill -KILL" in text)
    assert fix.index("gpasswd -d ann -- docker") < fix.index("loginctl terminate-user ann") < first
    assert all("kill -KILL" in text for text in fix[first:])


@pytest.mark.parametrize("name", RULES)
def test_nobody_is_sent_to_what_no_output_shows(name: str) -> None:
    assert not re.search(r"\bthe (analysis|probe) [a-z-]+", json.dumps(rule_of(name).document))


@pytest.mark.parametrize(
    ("engine", "word", "others"),
    [("docker", "dockerd-rootless-setuptool.sh", "group incus"), ("incus", "group incus", "rootless"), ("lxd", "lose this engine", "rootless")],
)
def test_who_loses_an_engine_is_told_of_what_can_replace_that_one(engine: str, word: str, others: str) -> None:
    fix = " ".join(fixed("HC-ACC-04", "sockets", engine=engine))
    assert word in fix and others not in fix
    assert ("enable-linger" in fix) == (engine == "docker")


@pytest.mark.parametrize("name", ["HC-ACC-03", "HC-ACC-04", "HC-ACC-13", "HC-ACC-14", "HC-ACC-15", "HC-ACC-16"])
def test_why_a_rule_on_a_socket_does_not_apply_is_told_without_an_or_that_leaves_open_which(name: str) -> None:
    *_, last = rule_of(name).document["notapplicable"]
    assert ", or " not in last["is"] and "HC-ACC-01" in last["is"].partition(". ")[2]
