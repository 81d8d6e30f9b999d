"""A plugin that was written against the first version of the contract still works; neither it nor this file is ever edited to make it so."""

import hashlib
import inspect
import json
from pathlib import Path

from vendors.wheels import AS_USER, hostcheck

from hostcheck import api, hookspecs

SITE = Path(__file__).parents[1] / "vendor_v1"
SNAPSHOT = Path(__file__).with_name("api_v1.json")


def test_nobody_edited_it() -> None:
    files = sorted(path for path in SITE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    told = "".join(f"{path.relative_to(SITE)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    assert hashlib.sha256(told.encode()).hexdigest() == "a36b6f189ec4dcb2c3fbecf92475c0ab0c5980b27029ef12753bfa407e114e8f"


def test_it_is_scanned_with_judged_and_written(tmp_path: Path) -> None:
    ran = hostcheck(tmp_path, "scan", "--format", "json=report.json", "--format", "acme-v1=out.txt", "--evidence", "evidence.json", site=SITE, prefix=AS_USER)
    assert ran.refused("acme-v1") == []
    stated = ran.evidence["probes"]["acme-v1.motd"]
    assert stated["version"] == 2 and "hosts" in stated["facts"]["names"] and [hole["pointer"] for hole in stated["holes"]] == ["/sockets"]
    results = {finding["rule"]: finding["result"] for finding in ran.report["findings"] if finding["benchmark"] == "acme-v1"}
    assert results.keys() == {"ACME-V1-1", "ACME-V1-2"} and results["ACME-V1-1"] in ("pass", "fail")
    assert (tmp_path / "out.txt").read_text() == f"{ran.report['host']['name']}: {ran.report['verdict']}\n"


def test_its_value_can_be_set_and_its_rule_can_be_explained(tmp_path: Path) -> None:
    argv = ("scan", "--format", "json=report.json", "--value", "acme_lines=-1", "--role", "server")
    ran = hostcheck(tmp_path, *argv, site=SITE, prefix=AS_USER)
    (found,) = (finding for finding in ran.report["findings"] if finding["rule"] == "ACME-V1-1")
    assert found["result"] == "fail" and found["because"].startswith("it has ")
    assert "The message of the day is short" in hostcheck(tmp_path, "explain", "ACME-V1-1", "report.json", site=SITE, prefix=AS_USER).out
    assert "acme-v1.motd" in hostcheck(tmp_path, "list", "probes", site=SITE, prefix=AS_USER).out


def shown(name: str) -> str:
    what = getattr(api, name)
    if callable(what):
        return str(inspect.signature(what)) if not inspect.isclass(what) or "__init__" in vars(what) else "class"
    return repr(what)


def test_what_a_plugin_may_import_only_grows() -> None:
    now = {name: shown(name) for name in api.__all__}
    now |= {f"hook {name}": str(inspect.signature(getattr(hookspecs, name))) for name in dir(hookspecs) if name.startswith("hostcheck_")}
    published = json.loads(SNAPSHOT.read_text())
    assert {name: now.get(name) for name in published} == published
    assert hookspecs.GROUP == "hostcheck"
