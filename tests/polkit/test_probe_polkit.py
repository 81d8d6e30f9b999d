import pytest
from polkit.polkit_host import DAEMON, ETC, EXEC, OLD_DAEMON, PKEXEC, host, polkit, program, rule
from polkit.stock_rules import PKLA, STOCK

from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.model import HoleError
from hostcheck.testing.probes import denials
from hostcheck_builtin.polkit import probe_polkit

ENTRY = "[a]\nIdentity=unix-group:staff\nAction=*\nResultAny=yes\n"
OLDER = {"/etc/polkit-1/localauthority/50-local.d/a.pkla": ENTRY, "/etc/polkit-1/localauthority.conf.d/a.conf": "[a]\nAdminIdentities=unix-group:sudo\n"}


@pytest.mark.parametrize(("daemon", "reads"), [(DAEMON, "rules"), ("/usr/libexec/polkit-1/polkitd", "rules"), (OLD_DAEMON, "pkla"), ("", "")])
def test_what_polkit_reads(daemon: str, reads: str) -> None:
    told = polkit(daemon=daemon)
    assert told["reads"] == reads and bool(told["actions"]) is bool(reads) and (list(told["pkexec"]) == [PKEXEC]) is bool(reads)


def test_without_polkit_little_is_asked() -> None:
    recorder = Recorder(host(rule("true"), daemon=""), keep=True)
    assert probe_polkit.collect(recorder) == {"reads": "", "pkexec": {}, "files": {}, "actions": {}}
    assert len(recorder.recording()["answers"]) <= 6


def test_in_a_user_namespace_nothing_is_said() -> None:
    with pytest.raises(HoleError):
        probe_polkit.collect(MemoryHost({DAEMON: ""}, links={"/proc/self/ns/user": "user:[1]"}))


def test_denying_anything_only_makes_holes() -> None:
    rules = {f"{ETC}/{name}": text for name, text in STOCK.items()} | {f"{ETC}/10-own.rules": rule(f'action.id == "{EXEC}"')}
    files = {**OLDER, "/usr/share/polkit-1/actions/run.policy": program("org.example.run", "/usr/bin/run")}
    for made in (host(rules, files), host({f"{ETC}/49-polkit-pkla-compat.rules": PKLA}, files), host(files=files, daemon=OLD_DAEMON)):
        for problem in denials(probe_polkit.collect, made):
            raise AssertionError(problem)
