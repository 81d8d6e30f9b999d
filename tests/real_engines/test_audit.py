"""Audit rules in a real kernel, by auditctl, and augenrules itself beside our order of files.

Audit is not turned on by any of this: rules of a key of their own are put in, and exactly those are taken out again. Where the kernel has no audit, or is
not to be asked, that itself is what must be told.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostcheck.host.local import LocalHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.audit import probe_audit
from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.coverage import watched
from hostcheck_builtin.audit.kernel_rules import rule
from hostcheck_builtin.audit.rule_lines import line, trimmed
from hostcheck_builtin.audit.rule_order import by_version, load, put_together
from hostcheck_builtin.audit.watched_places import EnginePlaces

KEY = f"hostcheck-{os.getpid()}"
MARK = KEY.encode()
RULES = (
    "-w /etc/docker -p wa",
    "-w /usr/bin/dockerd -p rwxa",
    "-w /etc/hostname -p x",
    "-w /run/hostcheck-later.sock -p wa",
    "-w /etc/ -p a",
    "-a always,exit -F dir=/etc/default -F perm=wa",
    "-a always,exit -F arch=b64 -F path=/usr/bin/runc -F perm=wa",
    "-a always,exit -F arch=b32 -F path=/usr/bin/runc -F perm=w",
    "-a always,exit -F arch=b64 -S chmod,fchmodat -F path=/usr/bin/runc",
    "-a always,exit -F path=/usr/bin/runc -F perm=wa -F auid>=1000 -F auid!=unset",
    "-a always,exit -F path=/usr/bin/runc -F perm=wa -F success=1",
    "-a never,exit -F arch=b64 -S adjtimex -F uid=33",
    "-a never,exit -F arch=b64 -S rename -F uid=33",
    "-a never,exit -F path=/usr/bin/crun -F exe=/usr/bin/podman",
    "-A always,exit -F path=/usr/bin/conmon -F perm=wa",
    "-a always,exit -F path=/usr/bin/runc -F perm=wa -C uid!=euid",
)
"""Each kind of rule that counts or does not; none takes away anything of what the machine records besides."""


def auditctl(*argv: str) -> str:
    done = subprocess.run(["auditctl", *argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout if done.returncode == 0 else ""


def ours() -> list[AuditRule]:
    """Return the rules of this test that the kernel has, as we read them."""
    told = LocalHost().audit_rules()
    return [rule(raw, number) for number, raw in enumerate(told.rules, 1) if raw.endswith(MARK)]


@pytest.fixture
def kernel() -> Iterator[None]:
    """Take out what a test put in, and see that all else is as it was."""
    if not auditctl("-s"):
        pytest.skip("this kernel was built without audit, or lets no container ask for it; tests/audit has what a scan says then")
    if "enabled 2" in auditctl("-s"):
        pytest.skip("the audit rules of this kernel are locked until it is booted again (auditctl -e 2), so that no test can add one")
    before = auditctl("-s").splitlines()[0], auditctl("-l")
    try:
        yield
    finally:
        auditctl("-D", "-k", KEY)
        assert (auditctl("-s").splitlines()[0], auditctl("-l")) == before


def is_same(one: AuditRule, other: AuditRule) -> bool:
    """Say whether two readings are of one rule; the kernel knows whether -w is about a directory."""
    tree = one.tree if other.tree is None else other.tree
    return one._replace(at="", tree=tree, only=tuple(sorted(one.only))) == other._replace(at="", tree=tree, only=tuple(sorted(other.only)))


@pytest.mark.parametrize("text", RULES)
@pytest.mark.usefixtures("kernel")
def test_the_kernel_has_what_a_line_says_and_auditctl_lists_it(text: str) -> None:
    words = text.replace("/usr/bin/", "/usr/sbin/../bin/") if "-p rwxa" in text else text
    subprocess.run(["auditctl", *words.split(), "-k", KEY], check=True, capture_output=True)
    (seen,) = ours()
    assert is_same(seen, line(words, "").rule or AuditRule("", "")), (seen, line(words, ""))
    (listed,) = [one for one in auditctl("-l").splitlines() if KEY in one]
    told = line(listed.replace("-F key=", "-k "), "").rule
    assert told is not None and is_same(seen, told), (seen, listed)


@pytest.mark.usefixtures("kernel")
def test_rules_are_told_in_the_order_in_which_they_count() -> None:
    for path in ("/etc/a", "/etc/b"):
        subprocess.run(["auditctl", "-w", path, "-p", "wa", "-k", KEY], check=True, capture_output=True)
    subprocess.run(["auditctl", "-A", "always,exit", "-F", "path=/etc/c", "-F", "perm=wa", "-k", KEY], check=True, capture_output=True)
    assert [one.path for one in ours()] == ["/etc/c", "/etc/a", "/etc/b"]


@pytest.mark.usefixtures("kernel")
def test_status_is_what_auditctl_says() -> None:
    said = dict(row.split(None, 1) for row in auditctl("-s").splitlines())
    told = LocalHost().audit_rules()
    assert (told.enabled, told.pid) == (int(said["enabled"]), int(said["pid"]))


@pytest.mark.parametrize(
    "broken",
    [
        "-w /nowhere/at/all -p wa",
        "-a always,exit -F dir=/nowhere -F perm=wa",
        "-w relative -p wa",
        '-w "/etc/passwd" -p wa',
        "-w /etc/passwd -p wz",
        "-w\t/etc/passwd -p wa",
        "-w /etc/passwd -p wa\r",
        "-F uid=0 -w /etc/passwd",
        "-w /etc/passwd -F uid=0",
        "-w /etc/passwd -S chmod",
        "-C uid!=euid -a always,exit -F path=/etc/passwd",
        "-p wa -w /etc/passwd",
        "-w /etc/passwd -a always,exit",
        "-a always,exit -p wa -F path=/etc/passwd",
        "-a always,exit -F path=/etc/default/ -F perm=wa",
        "-a always,exit -F dir=/etc/default/ -F perm=wa",
        "-a always,exit -F path=/etc/passwd -F dir=/etc/default",
        "-a always,exit -F frob=1 -F path=/etc/passwd",
        "-S all -a always,exit -F path=/etc/passwd",
        "-a always,exit -F path!=/etc/passwd",
        "-a always,nowhere -F path=/etc/passwd",
        "-a always -F path=/etc/passwd",
        "-z",
        "--frob",
        "word",
        "-F path=/etc/passwd",
        "-w /etc/passwd -w /etc/group",
        "",
        "# a comment",
        "   # a comment",
        "-a exit,possible -F path=/etc/passwd",
        "-w /etc/later -p wa",
        "-w /etc/a\\ b -p wa",
    ],
)
@pytest.mark.parametrize("option", ["", "-c"])
@pytest.mark.usefixtures("kernel")
def test_auditctl_loads_as_far_as_we_say(broken: str, option: str, tmp_path: Path) -> None:
    """The kernel then has the rules that we say are loaded, no more and no fewer."""
    broken += f" -k {KEY}" if "/" in broken else ""
    lines = [option, f"-w /etc/hostname -p wa -k {KEY}", broken, f"-w /etc/hosts -p wa -k {KEY}"]
    file = tmp_path / "audit.rules"
    file.write_text("\n".join(lines) + "\n", newline="")
    file.chmod(0o600)
    subprocess.run(["auditctl", "-R", str(file)], capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    loaded = load([(text, f"f:{number}") for number, text in enumerate(file.read_bytes().decode().split("\n"), 1)], EnginePlaces(LocalHost()).at_boot)
    assert [trimmed(one.path) for one in ours()] == [one.path for one in loaded.rules if one.counts]
    assert bool(loaded.stops) is (len(loaded.rules) == 1)


@pytest.mark.parametrize(
    "files",
    [
        {"audit.rules": "-D\n-b 8192\n-f 1\n", "9-a.rules": "-w /a\n", "10-b.rules": "-w /b\n", "99-finalize.rules": "-e 2\n", "x.conf": "-w /no\n"},
        {"50.rules": "# c\n   # d\n\n-w /a -p wa\r\n-e 1\n", "60.rules": "-e 0\n-D\n-w /b\n-D -k x\n-b 1\n", "a~.rules": "-w /c\n", "a.rules": "-w /d\n"},
        {"Z.rules": "-w /z\n", "a.rules": "-w /a\n", "a1.rules": "-w /1\n", "a01.rules": "-w /01\n", "a-1.rules": "-w /m\n", ".h.rules": "-w /h\n"},
        {},
    ],
)
def test_augenrules_puts_files_together_as_we_do(files: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "rules.d").mkdir()
    for name, text in files.items():
        (tmp_path / "rules.d" / name).write_text(text, newline="")
    inside = f"mount --bind {tmp_path} /etc/audit && augenrules >&2; augenrules --check >&2; cat /etc/audit/audit.rules"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", inside], capture_output=True, text=True, check=True)
    assert "No change" in done.stderr
    names = by_version(name for name in files if name.endswith(".rules") and name[0] != ".")
    lines = [(text, name) for name in names for text in files[name].removesuffix("\n").split("\n")]
    written = [text for text in done.stdout.splitlines() if text.strip() and not text.strip().startswith("#")]
    assert [text for text, _ in put_together(lines)] == written


def test_this_machine_is_told_or_says_why_not() -> None:
    told = probe_audit.collect(LocalHost())["kernel"]
    if isinstance(told, Hole):
        assert told.why is Why.DENIED
    else:
        assert told["present"] is False or told["enabled"] in (0, 1, 2)


def test_audit_is_a_hole_from_a_user_namespace_and_from_a_pid_namespace() -> None:
    """What is not to be asked there is denied; that it is empty is never said."""
    code = "from hostcheck.host.local import LocalHost; from hostcheck.api import attempt; print(getattr(attempt(LocalHost().audit_rules), 'why', 'told'))"
    for namespace in (("--user", "--map-root-user"), ("--pid", "--fork")):
        done = subprocess.run(["unshare", *namespace, sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "denied", namespace


@pytest.mark.usefixtures("kernel")
def test_what_the_fix_writes_is_loaded_and_watches_every_part_of_the_engines_here(tmp_path: Path) -> None:
    """The lines are those of the fix of HC-AUD-01, under the key of this test."""
    places = EnginePlaces(LocalHost()).found()
    lines = [f"-w {one['realpath']} -p wa -k {KEY}" for one in {one["realpath"]: one for one in places.values()}.values()]
    assert any(one["kind"] == "program" for one in places.values())
    file = tmp_path / "audit.rules"
    file.write_text("\n".join(lines) + "\n")
    file.chmod(0o600)
    subprocess.run(["auditctl", "-R", str(file)], capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=True)
    rules = [one.stated() for one in ours()]
    assert {path for path, one in places.items() if not watched(rules, one["realpath"], (32, 64), tree=one["tree"])[0]} == set()
    assert watched(rules, "/usr/bin/sleep", (32, 64), tree=False) == (False, "")


SAMPLES = Path("/usr/share/doc/auditd/examples/audit-rules")


def test_the_rules_that_come_with_audit_are_taken_and_only_one_file_takes_away() -> None:
    again = "apt-get install --reinstall -o Dpkg::Options::='--path-include=/usr/share/doc/auditd/*' auditd"
    assert SAMPLES.is_dir(), f"the samples of audit are missing, as where dpkg leaves documentation out: {again}"
    told = {(one.name, text): line(text, one.name) for one in sorted(SAMPLES.glob("*.rules")) for text in one.read_text().split("\n")}
    assert len(told) > 300 and [key for key, one in told.items() if one.wrong] == []
    takes = {name for (name, _), one in told.items() if one.rule and one.rule.counts and (one.rule.action == "never" or one.rule.filter == "exclude")}
    assert takes == {"10-no-audit.rules"}
